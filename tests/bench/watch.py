"""The watcher, a process of its own: every change of one row of a display, with its time.

`python -m tests.bench.watch FRAMEBUFFER ROW POINTS SECONDS OUT.npz` looks about 1000 times a
second, whatever else the machine does, and writes what it saw.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tests.bench.framebuffer import Framebuffer

PAUSE_S: Final = 0.0008
SETTLE_S: Final = 0.0001
MOST: Final = 200_000


def columns_of(width: int, points: int) -> NDArray[np.intp]:
    """`points` columns spread over a row."""
    return np.linspace(width * 0.02, width * 0.98, points).astype(np.intp)


def watch(framebuffer: Framebuffer, row: int, points: int, seconds: float, out: Path) -> None:
    """Look for `seconds`, then write times (s, monotonic), looks and the watcher's worst gap."""
    line = framebuffer.pixels[row]
    columns = columns_of(framebuffer.width, points)
    look = line[columns]
    before = look.tobytes()
    now = time.monotonic()
    end = now + seconds
    times, looks, worst = [now], [look], 0.0
    while now < end and len(times) < MOST:
        time.sleep(PAUSE_S)
        last, now = now, time.monotonic()
        worst = max(worst, now - last)
        if line[columns].tobytes() == before:
            continue
        time.sleep(SETTLE_S)
        look = line[columns]
        before = look.tobytes()
        times.append(now)
        looks.append(look)
    np.savez(out, times=np.array(times), looks=np.array(looks)[:, :, :3], worst=np.array(worst))


def hurry() -> None:
    """Ask to be woken on time on a busy machine; without the right to, go on as we are."""
    with suppress(PermissionError, OSError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))


if __name__ == "__main__":
    hurry()
    path, row, points, seconds, out = sys.argv[1:]
    watch(Framebuffer(Path(path)), int(row), int(points), float(seconds), Path(out))
