"""One contender on one display: started, looked at, weighed, taken down."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.bench.contenders import Run, home_folder, running
from tests.bench.display import Display, Size, display
from tests.bench.framebuffer import Pixels, grid, telling_row
from tests.bench.frames import Fade, fades
from tests.bench.processes import cpu_seconds, end, own_bytes, pss_bytes, tree
from tests.bench.watch import columns_of

LOOK_S: Final = 0.002
FIRST_PICTURE_S: Final = 30.0
SAME: Final = 6
"""Levels of 255 a shown picture may be away from the drawn one."""
POINTS: Final = 96


class SilentError(RuntimeError):
    """A contender did not do in time what it was started for."""


@dataclass(frozen=True, slots=True)
class Gallery:
    """The scenes' pixels at one size, by id."""

    size: Size
    folder: Path
    order: tuple[str, ...]
    pictures: dict[str, Pixels]

    def row(self) -> int:
        """The row to watch fades at."""
        shown = [self.pictures[name] for name in sorted(set(self.order))]
        return telling_row(shown, columns_of(self.size[0], POINTS))


@dataclass(frozen=True, slots=True)
class Session:
    """A contender that runs, and since when (s, monotonic)."""

    began: float
    run: Run
    display: Display
    gallery: Gallery

    def first_picture(self) -> float:
        """Wait until a scene is on the display; seconds since the start."""
        rows, columns = grid(*self.gallery.size)
        drawn = np.stack([p[rows, columns] for p in self.gallery.pictures.values()]).astype(int)
        framebuffer, deadline = self.display.framebuffer, self.began + FIRST_PICTURE_S
        while (now := time.monotonic()) < deadline:
            look = framebuffer.at(rows, columns).astype(int)
            if (np.abs(drawn - look).max(axis=(1, 2)) <= SAME).any():
                return now - self.began
            self.alive()
            time.sleep(LOOK_S)
        raise SilentError(f"no picture within {FIRST_PICTURE_S:g} s\n{self.last_words()}")

    def alive(self) -> None:
        """SilentError when the contender has ended."""
        code = self.run.process.poll()
        if code is not None:
            raise SilentError(f"ended with exit code {code}\n{self.last_words()}")

    def last_words(self) -> str:
        """The end of what it wrote on stderr."""
        return self.run.stderr.read_text("utf-8", "replace")[-2000:]

    def wait(self, seconds: float) -> None:
        """Let it play for so long."""
        time.sleep(seconds)
        self.alive()

    def changes(self, wanted: int, seconds: float) -> float:
        """Wait until so many scenes have followed the first; seconds that took.

        Two looks at the display 0.3 s apart that are equal, and unlike the last such, are a scene.
        """
        rows, columns = grid(*self.gallery.size, 12)
        began, seen = time.monotonic(), 0
        before = standing = self.display.framebuffer.at(rows, columns)
        while seen < wanted:
            if time.monotonic() - began > seconds:
                raise SilentError(f"{seen} of {wanted} changes within {seconds:g} s")
            self.wait(0.3)
            look = self.display.framebuffer.at(rows, columns)
            if np.array_equal(look, before) and not np.array_equal(look, standing):
                seen, standing = seen + 1, look
            before = look
        return time.monotonic() - began

    def tree(self) -> tuple[int, ...]:
        """Its processes now."""
        return tree(self.run.pid)

    def own(self) -> int:
        """Bytes of all its processes now that no file stands behind."""
        return own_bytes(self.tree())

    def pss(self) -> int:
        """Bytes of all its processes now."""
        return pss_bytes(self.tree())


@dataclass(frozen=True, slots=True)
class Series:
    """Something counted over time: times (s, monotonic) and the count."""

    times: NDArray[np.float64]
    counts: NDArray[np.float64]

    def between(self, began: float, ended: float) -> float:
        """How much was added between two moments."""
        first, last = np.interp([began, ended], self.times, self.counts)
        return float(last - first)


@dataclass(frozen=True, slots=True)
class Watched:
    """What was seen and spent while the display was watched."""

    fades: tuple[Fade, ...]
    own: Series
    server: Series
    watcher_gap_ms: float


@contextmanager
def session(gallery: Gallery, command: Callable[[Path], list[str]]) -> Iterator[Session]:
    """Start the command that `command` makes for a new home, on a new display."""
    with display(gallery.size) as shown, home_folder() as home:
        words = command(home)
        began = time.monotonic()
        with running(words, shown, home) as run:
            yield Session(began, run, shown, gallery)


def watch(of: Session, seconds: float) -> Watched:
    """Watch the display for so long, and count the CPU of the contender and of the X server."""
    pids, server = of.tree(), (of.display.pid,)
    times, own, xs = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "looks.npz")
        watcher = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.bench.watch", str(of.display.path)),
                *(str(of.gallery.row()), str(POINTS), str(seconds), str(out)),
            ],
            start_new_session=True,
        )
        try:
            deadline = time.monotonic() + seconds + 20
            while watcher.poll() is None and time.monotonic() < deadline:
                times.append(time.monotonic())
                own.append(cpu_seconds(pids))
                xs.append(cpu_seconds(server))
                of.wait(0.1)
        finally:
            end(watcher)
        if watcher.returncode != 0:
            raise SilentError("the watcher failed")
        with np.load(out) as saw:
            seen, worst = fades(saw["times"], saw["looks"]), float(saw["worst"])
    clock = np.array(times)
    return Watched(seen, Series(clock, np.array(own)), Series(clock, np.array(xs)), worst * 1000)


def load_gallery(size: Size, folder: Path) -> Gallery:
    """Have the scenes drawn at `size` into `folder`, and read them."""
    subprocess.run(
        [sys.executable, "-m", "tests.bench.pictures", str(size[0]), str(size[1]), str(folder)],
        check=True,
        timeout=300,
    )
    order = tuple(json.loads((folder / "order.json").read_text("utf-8")))
    pictures = {path.stem: _read(path) for path in sorted(folder.glob("*.png"))}
    return Gallery(size, folder, order, pictures)


def _read(path: Path) -> Pixels:
    return np.asarray(cv2.imread(str(path)), np.uint8)
