"""Times: publishing for every agency, and a full sync against curl in turns."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

from kiosk.release.folder import Folder
from kiosk.release.origin import open_origin
from kiosk.release.publish import publish
from kiosk.release.sync import Updated
from tests.bench.sync import Finding
from tests.bench.sync.world import head_office, nginx, noise, portrait
from tests.release.head_office import HeadOffice, Shop

LEAST: Final = 0.8
"""Times curl's rate."""
LIMITED: Final = "limit_rate 12m;"
"""A line of 100 Mbit/s."""
CURL: Final = shutil.which("curl")
Run = Callable[[Path], None]


def full_sync(
    folder: Path, pictures: int, length: int, rounds: int, limit: str = ""
) -> Iterator[Finding]:
    """So many objects of `length` bytes to an empty screen, `rounds` times each way in turns."""
    names = [f"b{number:02}" for number in range(pictures)]
    office = head_office(folder / "office", 2, names)
    for number, name in enumerate(names):
        noise(portrait(office, name), length, number)
    office.publish()
    with nginx(folder / "nginx", office.tree, *([limit] if limit else [])) as server:
        media = sorted((office.tree / "targets/media/portraits").iterdir())
        urls = {path.name: f"{server.url}/targets/media/portraits/{path.name}" for path in media}
        ways = {"sync": partial(_sync, office, server.url), "curl": partial(_curl, urls)}
        if not limit:
            ways["curl, sha256sum, sync"] = partial(_curl_verified, urls)
        times = in_turns(ways, folder / "data", rounds)
    what = f"{pictures} x {length / 1e6:g} MB" + (", 100 Mbit/s" if limit else ", no limit")
    for rival in list(ways)[1:]:
        yield _compared(what, times, rival, pictures * length)


def in_turns(ways: Mapping[str, Run], data: Path, rounds: int) -> dict[str, list[float]]:
    """Seconds of each way, round by round, each time in another order and an empty folder."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds):
        names = list(ways)
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            data.mkdir()
            began = time.perf_counter()
            ways[name](data)
            times[name].append(time.perf_counter() - began)
            # What is removed at once need not be written to the disk in the next one's time.
            shutil.rmtree(data)
    return times


def hash_rate() -> float:
    """MB/s of SHA-256 in memory: no verified download on one core is faster."""
    piece, rounds = bytes(2**20), 100
    began = time.perf_counter()
    for _ in range(rounds):
        hashlib.sha256(piece).digest()
    return rounds * len(piece) / 1e6 / (time.perf_counter() - began)


def hash_finding() -> Finding:
    """The median rate of SHA-256, to read the others by."""
    rates = [hash_rate() for _ in range(5)]
    return Finding(
        "rate", "SHA-256 in memory", f"{median(rates):.0f} MB/s", figures={"mb_s": rates}
    )


def _compared(what: str, times: Mapping[str, list[float]], rival: str, size: int) -> Finding:
    own, other = times["sync"], times[rival]
    ratios = [b / a for a, b in zip(own, other, strict=True)]
    middle = median(ratios)
    spread = f"{middle:.2f}x ({min(ratios):.2f}-{max(ratios):.2f})"
    rates = (f"{size / 1e6 / median(seconds):.0f}" for seconds in (own, other))
    judged = rival == "curl"
    return Finding(
        "rate",
        f"{what}: against {rival}",
        f"{spread}; {' against '.join(rates)} MB/s",
        f">= {LEAST}x" if judged else "",
        middle >= LEAST if judged else None,
        {"sync_s": own, "rival_s": other, "ratios": ratios},
    )


def _sync(office: HeadOffice, url: str, data: Path) -> None:
    outcome = Shop(data / "screen", office.anchor).poll(open_origin(url))
    if not isinstance(outcome, Updated):
        raise RuntimeError(f"a full sync came to: {outcome}")


def _curl(urls: Mapping[str, str], data: Path) -> None:
    command = [CURL or "curl", "-s", "--fail"]
    for name, url in urls.items():
        command += ["-o", str(data / name), url]
    subprocess.run(command, check=True)


def _curl_verified(urls: Mapping[str, str], data: Path) -> None:
    _curl(urls, data)
    files = [str(data / name) for name in urls]
    subprocess.run(["sha256sum", *files], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["sync", *files], check=True)


# -- publishing ---------------------------------------------------------------------------------


def publishing(office: HeadOffice, agencies: int) -> Iterator[Finding]:
    """The first release, and one with a changed word: signing and writing, no rendering."""
    yield _published(office, f"first, {agencies} agencies")
    path = office.folder / "campaign.yaml"
    path.write_text(path.read_text("utf-8").replace("Bonjour.", "Bonsoir.", 1), "utf-8")
    yield _published(office, f"one changed word, {agencies} agencies")


def _published(office: HeadOffice, what: str) -> Finding:
    began = time.perf_counter()
    folder = office.read()
    read = time.perf_counter()
    done = publish(office.repository(), folder, _pictures(folder))
    ended = time.perf_counter()
    return Finding(
        "publish",
        what,
        f"{ended - read:.2f} s, {done.sent.files:,} files, {done.sent.bytes:,} B"
        f" (and {read - began:.2f} s to read the folder)",
        figures={"read_s": read - began, "publish_s": ended - read, "files": done.sent.files},
    )


def _pictures(folder: Folder) -> dict[str, Path]:
    return {name: path for name in folder.present() if (path := folder.media(name))}
