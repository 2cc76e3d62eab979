"""`python -m tests.bench.sync`: what a poll, a change and a full sync cost, counted at the server.

It needs Linux, nginx and curl; what lacks one of them is left out with a line. A full run takes
about four minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NoReturn

from rich.console import Console
from rich.table import Table

from tests.bench.sync import Finding, counts, crowd, rates
from tests.bench.sync.world import NGINX, with_photographs

EX_MISSED: Final = 1
PICTURES: Final = 40
LARGE: Final = 200_000_000
LIMITED: Final = 60_000_000
"""Bytes over a line of 100 Mbit/s: 200 MB would take 16 s each time."""
ROUNDS: Final = 5
WIDTH: Final = 160
"""Columns of the table where it is not printed on a terminal."""
MEMORY: Final = Path("/dev/shm")
say = Console(stderr=True, highlight=False, soft_wrap=True).print


def small(folder: Path) -> Iterator[Finding]:
    """Three agencies: a poll, a changed picture."""
    office = with_photographs(folder / "office", 3, PICTURES)
    office.publish()
    yield counts.unchanged_poll(office, folder / "poll", 3)
    yield from counts.changed_picture(office, folder / "change", 3)


def large(folder: Path) -> Iterator[Finding]:
    """Six hundred agencies: publishing, a poll, a changed picture, and all of them at once."""
    size = crowd.Size()
    office = with_photographs(folder / "office", size.agencies, PICTURES)
    yield from rates.publishing(office, size.agencies)
    yield counts.unchanged_poll(office, folder / "poll", size.agencies)
    yield from counts.changed_picture(office, folder / "change", size.agencies)
    # In memory: the screens' disks are not what is asked here.
    place = MEMORY if MEMORY.is_dir() else folder
    with tempfile.TemporaryDirectory(prefix="o2-bench-screens-", dir=place) as screens:
        yield from crowd.a_day(office, folder, Path(screens), size)


def resume(folder: Path) -> Iterator[Finding]:
    """A line that is cut at 60 % of a large object."""
    yield counts.cut_line(folder, LARGE)


def rate(folder: Path) -> Iterator[Finding]:
    """A full sync against curl."""
    yield rates.hash_finding()
    if rates.CURL is None:
        say("curl is not installed: no rates (sudo apt-get install curl)")
        return
    yield from rates.full_sync(folder / "forty", 40, LARGE // 40, ROUNDS)
    yield from rates.full_sync(folder / "one", 1, LARGE, ROUNDS)
    yield from rates.full_sync(folder / "limited", 1, LIMITED, ROUNDS, rates.LIMITED)


PARTS: Final[dict[str, Callable[[Path], Iterator[Finding]]]] = {
    "small": small,
    "large": large,
    "resume": resume,
    "rate": rate,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for; 0 when every limit is kept, 1 when one is missed."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _leave)
    findings: list[Finding] = []
    for part in options.only or PARTS:
        if NGINX is None and part != "resume":
            say(f"nginx is not installed: {part} is left out (sudo apt-get install nginx-light)")
            continue
        say(f"{part} ...")
        with tempfile.TemporaryDirectory(prefix="o2-bench-sync-") as folder:
            findings += PARTS[part](Path(folder))
    _print(findings)
    if options.json:
        whole = {"facts": _facts(), "findings": [asdict(finding) for finding in findings]}
        options.json.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return EX_MISSED if any(finding.met is False for finding in findings) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.sync", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=list(PARTS), help="the parts to measure")
    parser.add_argument("--json", type=Path, metavar="FILE", help="leave every figure in FILE")
    return parser


def _print(findings: Sequence[Finding]) -> None:
    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    for key, value in _facts().items():
        console.print(f"{key}: {value}")
    table = Table(title="What a sync costs; times are medians (min-max) of a shared machine")
    for heading in ("part", "what", "found", "limit", ""):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        word = {None: "", True: "[green]kept[/]", False: "[bold red]MISSED[/]"}[finding.met]
        table.add_row(finding.part, finding.what, finding.found, finding.limit, word)
    console.print(table)


def _facts() -> dict[str, str]:
    load = ", ".join(f"{share:.1f}" for share in os.getloadavg())
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{os.cpu_count()} processors, {platform.platform()}, load {load}",
        "python": platform.python_version(),
    }


def _leave(number: int, frame: object) -> NoReturn:
    """SIGTERM ends the bench as Ctrl+C does: with everything it started."""
    del number, frame
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
