"""`python -m tests.bench.bundle`: the built bundle against the same from source and Chromium.

How large it is, how soon its first portrait stands on the display, and what all its processes hold
in memory while a scene stands (PSS is lower while other programs share the same libraries, as tests
from the same .venv do). Build it first: packaging/build --deb.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

from rich.console import Console
from rich.table import Table

from kiosk.door.demonstrate import ThrowAway
from kiosk.door.loopback import served
from tests.bench import figures
from tests.bench.contenders import CHROMIUM, chromium_binary, shop_command
from tests.bench.content import AGENCY, FOLDER, ROOT
from tests.bench.figures import FULL, QUICK, Pace
from tests.bench.session import Gallery, SilentError, load_gallery, session

BUNDLE, SUPERVISED, SOURCE = "bundle", "bundle, kiosk run", "source"
START_RATIO: Final = 0.6
MEMORY_RATIO: Final = 0.25
"""DESIGN section 13, against Chromium."""
HD: Final = (1920, 1080)
WIDTH: Final = 110
Measured = dict[str, list[float]]
Command = Callable[[Path], list[str]]
say = Console(stderr=True, highlight=False, soft_wrap=True).print


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 0 when both budgets are met, 1 when one is missed, 69 where something is missing."""
    options = _parser().parse_args(arguments)
    program = options.bundle / "kiosk"
    absent = [name for name in ("Xvfb",) if not shutil.which(name)]
    absent += [] if chromium_binary() else ["chromium"]
    absent += [] if program.is_file() else [f"{program} (packaging/build makes it)"]
    if absent:
        print(f"The bench needs {', '.join(absent)}", file=sys.stderr)
        return 69
    with tempfile.TemporaryDirectory(prefix="o2-bench-bundle-") as name:
        place = Path(name)
        (place / "pictures").mkdir()
        gallery = load_gallery(HD, place / "pictures")
        with _release(program, place) as supervised:
            commands: dict[str, Command] = {
                BUNDLE: lambda _: [str(program), "play", str(FOLDER), "--agency", AGENCY],
                SUPERVISED: lambda _: supervised,
                SOURCE: lambda _: shop_command(),
            }
            starts, memory = _measured(commands, gallery, options)
    return _told(options, starts, memory)


def _measured(
    commands: dict[str, Command], gallery: Gallery, options: argparse.Namespace
) -> tuple[Measured, Measured]:
    """Seconds to the first picture and MB standing, of each, in turns."""
    starts: Measured = {}
    memory: Measured = {}
    pace = QUICK if options.quick else FULL
    for turn in range(-1, options.runs):  # once for nothing: it reads the programs from the disk
        for name, command in commands.items():
            _add(starts, name, turn, partial(_start, gallery, command))
        _add(starts, CHROMIUM, turn, partial(_chromium_start, gallery, pace))
    for turn in range(max(1, options.runs // 3)):
        for name, command in commands.items():
            _add(memory, name, turn, partial(_standing, gallery, command, pace))
        _add(memory, CHROMIUM, turn, partial(_chromium_standing, gallery, pace))
    return starts, memory


def _add(found: Measured, name: str, turn: int, measure: Callable[[], float]) -> None:
    """Keep one figure; a run that came to nothing is told and left out."""
    if not figures.quiet(1.0, 20.0):
        say("the machine is busy with something else: times are longer than they would be")
    try:
        value = measure()
    except SilentError as why:
        say(f"{name}: {why}")
        return
    say(f"{name} {turn + 1}: {value:.4g}")
    if turn >= 0:
        found.setdefault(name, []).append(value)


def _start(gallery: Gallery, command: Command) -> float:
    with session(gallery, command) as playing:
        return playing.first_picture()


def _standing(gallery: Gallery, command: Command, pace: Pace) -> float:
    """MB of the whole tree of processes, a while after the first picture, before the next."""
    with session(gallery, command) as playing:
        playing.first_picture()
        playing.wait(pace.rest_s)
        return playing.pss() / 1e6


def _chromium_start(gallery: Gallery, pace: Pace) -> float:
    return figures.start(CHROMIUM, gallery, pace)["first_picture_s"]


def _chromium_standing(gallery: Gallery, pace: Pace) -> float:
    return figures.standing(CHROMIUM, gallery, pace)["memory_standing_mb"]


@contextmanager
def _release(program: Path, place: Path) -> Iterator[list[str]]:
    """The campaign published, served and synced: the command that keeps a screen alive with it."""
    office = ThrowAway(place)
    for step in (office.init(), office.publish(FOLDER)):
        _run([sys.executable, "-m", "kiosk", *step])
    with served(office.site) as address:
        seat = ["--data", str(place / "data"), "--agency", AGENCY, "--central", address]
        seat += ["--root", str(office.anchor)]
        _run([str(program), "sync", *seat])
        yield [str(program), "run", "--always-lit", *seat]


def _run(command: list[str]) -> None:
    subprocess.run(command, cwd=ROOT, check=True, timeout=300, capture_output=True)


def _size(folder: Path) -> tuple[float, int]:
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return sum(path.stat().st_size for path in files) / 1e6, len(files)


def _told(options: argparse.Namespace, starts: Measured, memory: Measured) -> int:
    """Print the table; the exit code."""
    megabytes, count = _size(options.bundle)
    packages = sorted(options.bundle.parent.glob("o2-kiosk_*.deb"))
    table = Table(title="The bundle: medians (min-max), ratios to Chromium in the same run")
    for heading in ("figure", "who", "value", "ratio", "budget", ""):
        table.add_column(heading, justify="left" if heading in ("figure", "who") else "right")
    table.add_row("bundle", "", f"{megabytes:.1f} MB", "", "", f"{count} files")
    for package in packages:
        table.add_row("package", package.name, f"{package.stat().st_size / 1e6:.1f} MB", "", "", "")
    met = [_rows(table, "first portrait after exec", "s", starts, START_RATIO)]
    met += [_rows(table, "memory (PSS), a scene stands", "MB", memory, MEMORY_RATIO)]
    Console(width=None if sys.stdout.isatty() else WIDTH).print(table)
    if options.json:
        whole = {"bundle_mb": megabytes, "files": count, "start_s": starts, "memory_mb": memory}
        options.json.write_text(json.dumps(whole, indent=1) + "\n", "utf-8")
    return 0 if all(met) else 1


def _rows(table: Table, what: str, unit: str, found: Measured, limit: float) -> bool:
    """One row for each; whether the bundle, alone and supervised, keeps the budget."""
    all_met = bool(found.get(BUNDLE)) and bool(found.get(CHROMIUM))
    for name, values in found.items():
        ratio, budget, word = "", "", ""
        if name != CHROMIUM and found.get(CHROMIUM):
            times = median(values) / median(found[CHROMIUM])
            ratio = f"{times:.2f}x"
            if name != SOURCE:
                budget, word = f"≤ {limit:g}x", "hit" if times <= limit else "MISSED"
                all_met = all_met and times <= limit
        spread = f"{median(values):.3g} ({min(values):.3g}-{max(values):.3g}) {unit}"
        table.add_row(what, name, spread, ratio, budget, word)
    return all_met


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.bundle",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "bundle", type=Path, nargs="?", default=ROOT / "dist" / "o2-kiosk", metavar="BUNDLE"
    )
    parser.add_argument("-n", dest="runs", type=int, default=9, help="runs of each (default: 9)")
    parser.add_argument("--quick", action="store_true", help="shorter rests")
    parser.add_argument("--json", type=Path, metavar="FILE", help="leave every figure there too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
