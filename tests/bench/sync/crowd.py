"""Hundreds of screens at once: their polls, the polls after a new picture, and what fleets cost."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from tuf.api.metadata import Root, Timestamp

from kiosk.release.origin import Missing, open_origin
from kiosk.release.roles import agency_role
from kiosk.release.sync import Seat
from kiosk.release.trust import LARGEST
from tests.bench.sync import Finding
from tests.bench.sync.counts import bodies
from tests.bench.sync.world import GZIP, Server, agency_names, nginx, photograph, portrait
from tests.release.authority import Authority
from tests.release.head_office import HeadOffice, Shop

WORKERS: Final = 2
EVERY_S: Final = 300
"""From one poll of a screen to its next."""
KNOCKED: Final = "Knocked"
FLEETS: Final = (600, 5_000, 50_000)

Screens = tuple[tuple[Path, str], ...]
"""Each screen's data folder and agency."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many agencies, polls by all of sync, and polls of which only the wire's part is done."""

    agencies: int = 600
    polls: int = 60
    knocks: int = 5_000
    secure: int = 200


@dataclass(frozen=True, slots=True)
class Job:
    """Which screens poll which server, or how often somebody asks only what a poll asks."""

    anchor: bytes
    now: datetime
    url: str = ""
    screens: Screens = ()
    knocks: int = 0
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Effort:
    """What polling took: CPU (s), when it began and ended (s), and what it came to."""

    cpu_s: float
    began: float
    ended: float
    outcomes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one poll costs: requests, bytes with headers, nginx's CPU (s)."""

    requests: float
    sent: float
    cpu_s: float

    def plus_cpu(self, cpu_s: float) -> Cost:
        """The same with so much more CPU."""
        return replace(self, cpu_s=self.cpu_s + cpu_s)

    def for_each(self, a_second: float) -> str:
        """What so many such polls a second ask of the server."""
        requests, mbits = self.requests * a_second, self.sent * 8 / 1e6 * a_second
        return f"{requests:,.1f} requests/s, {mbits:,.2f} Mbit/s, {self.cpu_s * a_second:.3f} cores"


# -- screens ------------------------------------------------------------------------------------


def prepare(
    office: HeadOffice, root: Path, agencies: Sequence[str]
) -> tuple[tuple[Path, str], ...]:
    """A screen of each agency that has the newest release: one synchronised, the rest like it.

    Their unchanging objects are hard links to the first one's.
    """
    first = Shop(root / agencies[0], office.anchor, Seat(agencies[0]))
    first.poll(open_origin(office.tree.as_uri()))
    for agency in agencies[1:]:
        _like(first, office, root / agency, agency)
    return tuple((root / agency, agency) for agency in agencies)


def _like(first: Shop, office: HeadOffice, root: Path, agency: str) -> None:
    shutil.copytree(first.root / "objects", root / "objects", copy_function=os.link)
    shutil.copytree(first.root / "tuf", root / "tuf")
    shop = Shop(root, office.anchor, Seat(agency))
    text = (office.folder / "agencies" / f"{agency}.yaml").read_bytes()
    path = shop.store.path(hashlib.sha256(text).hexdigest())
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text)
    files = dict(first.release.files)
    signed = files.pop(f"agencies/{first.seat.agency}.yaml")
    facts = {"sha256": path.name, "length": len(text)}
    files[f"agencies/{agency}.yaml"] = signed.model_copy(update=facts)
    with shop.store.locked():
        role = (office.tree / "metadata" / f"1.{agency_role(agency)}.json").read_bytes()
        shop.store.keep_metadata(agency_role(agency), role)
        shop.store.raise_floor(first.store.floor())
        shop.store.activate(
            first.release.model_copy(update={"agency": agency, "files": files}),
        )


# -- polling ------------------------------------------------------------------------------------


def poll_all(job: Job) -> Effort:
    """Every screen of the job polls once, with all that a poll does."""
    cpu, began = time.process_time(), time.monotonic()
    outcomes = []
    for root, agency in job.screens:
        shop = Shop(root, job.anchor, Seat(agency), job.now)
        outcomes.append(type(shop.poll(open_origin(job.url))).__name__)
    return Effort(time.process_time() - cpu, began, time.monotonic(), tuple(outcomes))


def knock_all(job: Job) -> Effort:
    """The wire's part of so many polls: a new connection and the two questions of each."""
    cpu, began = time.process_time(), time.monotonic()
    outcomes = []
    for _ in range(job.knocks):
        origin = open_origin(job.url, ca_file=job.ca_file)
        try:
            origin.fetch("metadata/2.root.json", LARGEST[Root.type])
        except Missing:
            origin.fetch("metadata/timestamp.json", LARGEST[Timestamp.type])
            outcomes.append(KNOCKED)
    return Effort(time.process_time() - cpu, began, time.monotonic(), tuple(outcomes))


def at_once(
    what: str, server: Server, job: Job, act: Callable[[Job], Effort], expected: str
) -> tuple[Finding, Cost]:
    """The job shared out to a few processes; RuntimeError where a poll comes to anything else."""
    job = replace(job, url=server.url)
    with (
        ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool,
        server.recording() as served,
    ):
        before = server.cpu_s()
        efforts = list(pool.map(act, _shares(job)))
        cpu = server.cpu_s() - before
    outcomes = [outcome for effort in efforts for outcome in effort.outcomes]
    if set(outcomes) != {expected}:
        raise RuntimeError(f"{what}: {len(outcomes)} polls came to {sorted(set(outcomes))}")
    sent, count = sum(answer.sent for answer in served), len(outcomes)
    cost = Cost(len(served) / count, sent / count, cpu / count)
    own, span = sum(effort.cpu_s for effort in efforts), _span(efforts)
    found = (
        f"{count:,} polls in {span:.1f} s, {len(served) / span:,.0f} requests/s; each:"
        f" {cost.requests:g} requests, {bodies(served) / count:,.0f} B of bodies,"
        f" {cost.sent:,.0f} B with headers, CPU {cost.cpu_s * 1e6:,.0f} µs of nginx"
        f" and {own / count * 1e3:.1f} ms of the screen"
    )
    figures = {"polls": count, "span_s": span, "nginx_cpu_s": cpu, "screens_cpu_s": own}
    figures |= {"requests": len(served), "sent": sent, "bodies": bodies(served)}
    return Finding("crowd", what, found, figures=figures), cost


def _shares(job: Job) -> list[Job]:
    return [
        replace(job, screens=job.screens[n::WORKERS], knocks=job.knocks // WORKERS)
        for n in range(WORKERS)
    ]


def _span(efforts: Sequence[Effort]) -> float:
    return max(effort.ended for effort in efforts) - min(effort.began for effort in efforts)


# -- a day --------------------------------------------------------------------------------------


def a_day(office: HeadOffice, folder: Path, memory: Path, size: Size) -> Iterator[Finding]:
    """Polls without news, then the polls after a new picture; then what fleets would cost."""
    authority = Authority(folder)
    authority.server()
    pem = next(folder.glob("127.0.0.1*.pem"))
    screens = prepare(office, memory, agency_names(size.agencies))
    job = Job(office.anchor, office.now, ca_file=authority.file)
    asking, knocking = replace(job, screens=screens[: size.polls]), replace(job, knocks=size.knocks)
    with nginx(folder / "nginx day", office.tree, *GZIP) as server:
        yield at_once("nothing new, all of sync", server, asking, poll_all, "Unchanged")[0]
        found, plain = at_once("nothing new, the wire's part", server, knocking, knock_all, KNOCKED)
        yield found
        portrait(office, "p01").write_bytes(photograph(2_000))
        office.publish()
        job = replace(job, screens=screens)
        found, after = at_once("after a new picture", server, job, poll_all, "Updated")
        yield found
    with nginx(folder / "nginx tls", office.tree, *GZIP, pem=pem) as server:
        knocking = replace(knocking, knocks=size.secure)
        found, secure = at_once(
            "nothing new, TLS, the wire's part", server, knocking, knock_all, KNOCKED
        )
        yield found
    yield from _fleets(plain, secure, after)


def _fleets(plain: Cost, secure: Cost, after: Cost) -> Iterator[Finding]:
    # A poll with news is as much dearer by TLS as one without: what a handshake costs.
    news = after.plus_cpu(max(secure.cpu_s - plain.cpu_s, 0.0))
    for count in FLEETS:
        a_second = count / EVERY_S
        figures = {"screens": count, "polls_per_s": a_second}
        for what, cost in (("nothing new", secure), ("5 minutes after a release", news)):
            found = cost.for_each(a_second)
            yield Finding("fleet", f"{count:,} screens, TLS, {what}", found, figures=figures)
