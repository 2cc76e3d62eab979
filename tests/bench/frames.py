"""Distinct frames: from the looks a watcher took at one row to the fades it saw."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

QUIET_S: Final = 0.8
"""A display that has not changed for so long is between two fades."""
ONE_FRAME_S: Final = 0.004
"""Changes closer than this are one frame being copied to the display."""
MOVING: Final = (0.02, 0.98)
"""Shares of the coming scene between which every frame of an eased fade must look different:
before and after, one frame's step is less than one of 255 levels and cannot be seen."""


class Fade(NamedTuple):
    """One fade as it was on the display: seconds on the monotonic clock, frames, ms."""

    began: float
    ended: float
    frames: int
    per_second: float
    worst_gap_ms: float


def fades(
    times: NDArray[np.float64], looks: NDArray[np.uint8], fewest: int = 3
) -> tuple[Fade, ...]:
    """Every fade in a record of changes: `looks[i]` was first seen at `times[i]` (s).

    The first look is what stood there at the beginning. Fewer than `fewest` changes are a cut.
    """
    edges = np.flatnonzero(np.diff(times[1:]) > QUIET_S) + 2
    runs = np.split(np.arange(1, len(times)), edges - 1)
    return tuple(
        _fade(times[run], looks[run[0] - 1], looks[run]) for run in runs if len(run) >= fewest
    )


def _fade(times: NDArray[np.float64], before: NDArray[np.uint8], looks: NDArray[np.uint8]) -> Fade:
    shares = share_of_the_coming(before, looks)
    first = np.flatnonzero(np.diff(times, prepend=-1.0) > ONE_FRAME_S)
    starts = times[first]
    # The share a frame ends up with is that of its last change.
    ends = shares[np.append(first[1:], len(times)) - 1]
    moving = (ends >= MOVING[0]) & (ends <= MOVING[1])
    within = np.flatnonzero(moving)
    if len(within) < 2:
        return Fade(times[0], times[-1], len(within), 0.0, float(times[-1] - times[0]) * 1000)
    # The gaps to the frame before the first and to the one after the last count too.
    seen = starts[max(within[0] - 1, 0) : within[-1] + 2]
    gaps = np.diff(seen)
    return Fade(
        began=float(times[0]),
        ended=float(times[-1]),
        frames=len(within),
        per_second=float(1 / gaps.mean()),
        worst_gap_ms=float(gaps.max() * 1000),
    )


def share_of_the_coming(before: NDArray[np.uint8], looks: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How much of the last look is in each look: 0 is `before`, 1 is the last one."""
    old = before.astype(np.float64).ravel()
    step = looks[-1].astype(np.float64).ravel() - old
    length = float(step @ step)
    if length == 0:
        return np.ones(len(looks))
    shares: NDArray[np.float64] = (looks.reshape(len(looks), -1) - old) @ step / length
    return shares
