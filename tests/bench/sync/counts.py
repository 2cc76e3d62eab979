"""Bytes and requests, counted where they are sent: a poll, a changed picture, a cut line."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from kiosk.release.origin import open_origin
from kiosk.release.publish import Published
from kiosk.release.sync import Unchanged, Updated
from tests.bench.sync import Finding
from tests.bench.sync.world import (
    GZIP,
    Served,
    head_office,
    nginx,
    noise,
    photograph,
    portrait,
)
from tests.release.faults import Call, Hangup, faulty, well
from tests.release.head_office import HeadOffice, Shop

MOST_REQUESTS: Final = 2
MOST_POLL: Final = 1_000
"""Bytes of bodies in a poll where nothing changed."""
MOST_BESIDE: Final = 12_000
"""Bytes of bodies beside the picture that changed."""
MOST_TWICE: Final = 1_000_000
"""Bytes sent twice after a cut."""
CUT_AT: Final = 0.6
_HASH: Final = re.compile("[0-9a-f]{64}[.]")


def bodies(served: Sequence[Served]) -> int:
    """Bytes of all bodies."""
    return sum(answer.body for answer in served)


def short(path: str) -> str:
    """A served path's last part, without the hash in its name."""
    return _HASH.sub("", path).rpartition("/")[2]


def unchanged_poll(office: HeadOffice, folder: Path, agencies: int) -> Finding:
    """One poll of a screen that has the newest release."""
    shop = Shop(folder / "screen", office.anchor)
    with nginx(folder / "nginx", office.tree, *GZIP) as server:
        _updated(shop, server.url)
        with server.recording() as served:
            outcome = shop.poll(open_origin(server.url))
    if not isinstance(outcome, Unchanged):
        raise RuntimeError(f"a poll without news came to: {outcome}")
    size = bodies(served)
    return Finding(
        "poll",
        f"nothing changed, {agencies} agencies",
        f"{len(served)} requests, {size} B of bodies",
        f"{MOST_REQUESTS} requests, < {MOST_POLL} B",
        len(served) <= MOST_REQUESTS and size < MOST_POLL,
        {answer.path: answer.body for answer in served} | {"sent": sum(a.sent for a in served)},
    )


def changed_picture(office: HeadOffice, folder: Path, agencies: int) -> Iterator[Finding]:
    """What one screen fetches for one new picture, with the README's gzip and without."""
    plain, zipped = folder / "plain", folder / "zipped"
    origin = open_origin(office.tree.as_uri())
    Shop(plain, office.anchor).poll(origin)
    shutil.copytree(plain, zipped)
    picture = photograph(1_000)
    portrait(office, "p03").write_bytes(picture)
    if not isinstance(office.publish(), Published):
        raise RuntimeError("the new picture made no new release")
    fetched = {
        "gzip": _fetched(office, zipped, folder / "nginx-gzip", *GZIP),
        "no gzip": _fetched(office, plain, folder / "nginx-plain"),
    }
    for name, served in fetched.items():
        beside = bodies(served) - len(picture)
        yield Finding(
            "change",
            f"1 of 40 pictures ({len(picture):,} B), {agencies} agencies, {name}",
            f"the picture + {beside:,} B in {len(served)} requests",
            f"<= + {MOST_BESIDE:,} B",
            beside <= MOST_BESIDE,
            {short(answer.path): answer.body for answer in served},
        )
    for one, other in zip(*fetched.values(), strict=True):
        yield Finding("", f"   {short(one.path)}", f"{one.body:,} B gzip, {other.body:,} B without")


def _fetched(office: HeadOffice, screen: Path, folder: Path, *more: str) -> list[Served]:
    with nginx(folder, office.tree, *more) as server, server.recording() as served:
        _updated(Shop(screen, office.anchor), server.url)
    return served


def _updated(shop: Shop, url: str) -> None:
    outcome = shop.poll(open_origin(url))
    if not isinstance(outcome, Updated):
        raise RuntimeError(f"a screen that wanted news came to: {outcome}")


def cut_line(folder: Path, length: int) -> Finding:
    """An object whose first answer stops at 60 %: what the server sends twice."""
    office = head_office(folder / "office", 2, ["large"])
    noise(portrait(office, "large"), length, 7)
    office.publish()
    sent: list[int] = []

    def cut(call: Call) -> None:
        before = call.server.sent
        if sent:
            well(call)
        else:
            content = call.content or b""
            call.head("200 OK", content_length=len(content))
            call.body(content[: int(len(content) * CUT_AT)])
        sent.append(call.server.sent - before)
        if len(sent) == 1:
            raise Hangup

    with faulty(office.tree) as server:
        server.fault, server.where = cut, "/targets/media/*"
        _updated(Shop(folder / "screen", office.anchor), server.url)
    twice = sum(sent) - length
    return Finding(
        "resume",
        f"{length / 1e6:g} MB cut at {CUT_AT:.0%}",
        f"{twice:,} B sent twice ({' + '.join(f'{size:,}' for size in sent)} B)",
        f"< {MOST_TWICE:,} B",
        twice < MOST_TWICE,
        {"sent": sent, "twice": twice},
    )
