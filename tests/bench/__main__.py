"""`./run bench`: the player against a minimal Chromium kiosk slideshow of the same scenes.

Both play on their own X display in memory, in turns, and are measured from outside: what is really
on the display, what /proc says of their whole tree of processes.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Final, NoReturn

from rich.console import Console

from tests.bench import figures
from tests.bench.contenders import CHROMIUM, PLAYER, Name, chromium_binary
from tests.bench.display import Size
from tests.bench.figures import Figures, Pace
from tests.bench.report import Results, print_table
from tests.bench.session import Gallery, SilentError, load_gallery

EX_MISSED: Final = 1
WIDTH: Final = 132
"""Columns of the table where it is not printed on a terminal."""
EX_UNAVAILABLE: Final = 69
EX_INTERRUPTED: Final = 130
HD: Final = (1920, 1080)
UHD: Final = (3840, 2160)
SMALL: Final = (960, 540)
"""For thousands of changes: a leak is per change, and small pictures are soon decoded."""
ATTEMPTS: Final = 2
"""A run that was given up is tried once more: the machine may have been disturbed."""

Part = Callable[[Name, Gallery, Pace], Figures]
PARTS: Final[dict[str, tuple[Part, Size, tuple[Name, ...]]]] = {
    "start": (figures.start, HD, (PLAYER, CHROMIUM)),
    "standing": (figures.standing, HD, (PLAYER, CHROMIUM)),
    "fades": (figures.fades, HD, (PLAYER, CHROMIUM)),
    "shop": (figures.shop_fades, HD, (PLAYER,)),
    "4k": (figures.fades_4k, UHD, (PLAYER, CHROMIUM)),
}
say = Console(stderr=True, highlight=False, soft_wrap=True).print


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for; 0 when every budget is met, 1 when one is missed."""
    options = _parser().parse_args(arguments)
    lacking = _lacking(alone=options.alone)
    if lacking:
        print(f"The bench needs {lacking}", file=sys.stderr)
        return EX_UNAVAILABLE
    signal.signal(signal.SIGTERM, _leave)
    results, interrupted = Results(_facts(options)), False
    try:
        with tempfile.TemporaryDirectory(prefix="o2-bench-pictures-") as folder:
            _measure(options, Path(folder), results)
    except KeyboardInterrupt:
        interrupted = True
        say("Interrupted; what was measured so far:")
    print_table(results, Console(width=None if sys.stdout.isatty() else WIDTH))
    if options.json:
        results.write(options.json)
    if interrupted:
        return EX_INTERRUPTED
    return EX_MISSED if results.missed() else 0


def _measure(options: argparse.Namespace, folder: Path, results: Results) -> None:
    galleries: dict[Size, Gallery] = {}

    def gallery(size: Size) -> Gallery:
        if size not in galleries:
            say(f"drawing the scenes at {size[0]} x {size[1]} ...")
            place = folder / f"{size[0]}x{size[1]}"
            place.mkdir()
            galleries[size] = load_gallery(size, place)
        return galleries[size]

    pace = figures.QUICK if options.quick else figures.FULL
    parts = options.only or (["start", "standing", "fades"] if options.quick else list(PARTS))
    if options.changes:
        _grow(gallery(SMALL), options, results)
        parts = options.only or []
    for part in parts:
        measure, size, names = PARTS[part]
        whom = [name for name in names if name == PLAYER or not options.alone]
        if part == "start":  # once for nothing: the first start reads the programs from the disk
            for name in whom:
                measure(name, gallery(size), pace)
        for turn in range(_runs(part, options)):
            for name in whom:
                figures.quiet(1.0, options.patience)
                label = f"{part} {turn + 1}, {name}"
                with _given_up(label):
                    results.add(name, _tried(label, partial(measure, name, gallery(size), pace)))


def _runs(part: str, options: argparse.Namespace) -> int:
    if options.runs:
        return int(options.runs)
    if options.quick:
        return 1
    return 9 if part == "start" else 3


def _grow(gallery: Gallery, options: argparse.Namespace, results: Results) -> None:
    grown = figures.growth(PLAYER, gallery, options.changes, say)
    results.add(PLAYER, grown)
    say(_line("changes, player", grown))
    if not options.alone:
        other = figures.growth(CHROMIUM, gallery, -round(grown["growth_seconds"]), say)
        other.pop("unexpected_lines")
        results.add(CHROMIUM, other)
        say(_line("changes, chromium", other))


def _tried(label: str, measure: Callable[[], Figures]) -> Figures:
    for attempt in range(ATTEMPTS):
        try:
            found = measure()
        except SilentError as why:
            say(f"{label}: {why}")
            if attempt + 1 == ATTEMPTS:
                raise
        else:
            say(_line(label, found))
            return found
    raise AssertionError("unreachable")


@contextmanager
def _given_up(label: str) -> Iterator[None]:
    try:
        yield
    except SilentError:
        say(f"{label}: given up")


def _line(label: str, found: Figures) -> str:
    clock = time.strftime("%H:%M:%S")
    return f"{clock} {label}: " + ", ".join(f"{key} {value:.4g}" for key, value in found.items())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./run bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="exit codes: 0 budgets met, 1 one missed, 69 a program missing, 130 interrupted",
    )
    parser.add_argument(
        "--only",
        type=_parts,
        metavar="PART,…",
        help=f"only these parts, of {', '.join(PARTS)} (default: all)",
    )
    parser.add_argument("-n", dest="runs", type=int, help="runs of each part and contender")
    parser.add_argument("--quick", action="store_true", help="one short run of each: a smoke test")
    parser.add_argument("--alone", action="store_true", help="the player only, without Chromium")
    parser.add_argument(
        "--changes",
        type=int,
        default=0,
        metavar="N",
        help="memory growth over so many scene changes instead (10000: about 15 minutes each)",
    )
    parser.add_argument(
        "--patience",
        type=float,
        default=20.0,
        metavar="S",
        help="wait so long for a quiet machine before each run (default: %(default)g s)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="leave every figure there too")
    return parser


def _parts(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in PARTS:
            raise argparse.ArgumentTypeError(f"no part {name!r}; there is {', '.join(PARTS)}")
    return names


def _lacking(*, alone: bool) -> str:
    """What is not installed, and how to install it; empty when all is there."""
    if sys.platform != "linux":
        return "Linux: it reads /proc."
    absent = [] if shutil.which("Xvfb") else ["xvfb"]
    absent += [] if alone or chromium_binary() else ["chromium"]
    return f"{' and '.join(absent)}: sudo apt-get install {' '.join(absent)}" if absent else ""


def _facts(options: argparse.Namespace) -> dict[str, str]:
    packages = ", ".join(f"{name} {version(name)}" for name in ("o2-kiosk", "pyside6"))
    facts = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": _machine(),
        "player": f"{packages}, Python {platform.python_version()}",
    }
    if not options.alone:
        said = subprocess.run(
            [str(chromium_binary()), "--version"], capture_output=True, text=True, check=False
        )
        facts["Chromium"] = said.stdout.strip()
    return facts


def _machine() -> str:
    cpus = Path("/proc/cpuinfo").read_text("utf-8")
    model = next((n.partition(":")[2].strip() for n in cpus.splitlines() if "model name" in n), "?")
    kilobytes = int(Path("/proc/meminfo").read_text("utf-8").split()[1])
    release = platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
    count = os.cpu_count()
    return f"{count} x {model}, {kilobytes / 2**20:.0f} GiB, {release}, no GPU used"


def _leave(number: int, frame: object) -> NoReturn:
    """SIGTERM ends the bench as Ctrl+C does: with everything it started."""
    del number, frame
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
