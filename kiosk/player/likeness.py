"""What the display shows, judged from two pictures of few cells: ours, and the desktop's. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median_low
from typing import Final, Literal

Verdict = Literal["same", "covered", "black", "frozen", "unknown"]

COLUMNS: Final = 64
ROWS: Final = 36
TONE: Final = 32
"""Levels of 255 by which the whole of a grey may be another: a desktop in another colour space."""
NOISE: Final = 14
"""Levels of 255 by which a cell may be off besides."""
STEP: Final = 8
"""Greys so near to each other have one tone; less than `NOISE`."""
GLANCE: Final = 16
"""One cell of so many tells quickly that two pictures have nothing in common."""
ALIKE: Final = 0.99
"""The share of alike cells from which two pictures are one; less is a window over a corner."""
OTHER: Final = 0.9
"""Below this share two of our own frames are two scenes."""
BLACK: Final = 12


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen, and the share (0 to 1) of the display that is like our own frame.

    `covered`: something else is over the window, or a part of it. `frozen`: the display stands
    still on a former frame of ours. `unknown`: nothing can be seen from here, likeness is None.
    """

    verdict: Verdict
    likeness: float | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """Our own frame and the display at one time: `COLUMNS` x `ROWS` grey cells each."""

    own: bytes
    seen: bytes


def likeness(own: bytes, seen: bytes) -> float:
    """The share of cells that are alike, 0 to 1, whatever the display makes of each grey."""
    if own == seen:
        return 1.0
    tones = _tones(own, seen)
    alike = sum(abs(a + tones[a // STEP] - b) <= NOISE for a, b in zip(own, seen, strict=True))
    return alike / len(own)


def _tones(own: bytes, seen: bytes) -> dict[int, int]:
    """By how much most cells of each of our greys are lighter on the display."""
    steps: dict[int, list[int]] = {}
    for a, b in zip(own, seen, strict=True):
        steps.setdefault(a // STEP, []).append(b - a)
    medians = {grey: median_low(found) for grey, found in steps.items()}
    return {grey: tone if abs(tone) <= TONE else 0 for grey, tone in medians.items()}


def judge(
    own: bytes, seen: bytes, previous: Sight | None = None, former: Iterable[bytes] = ()
) -> Look:
    """What the display shows, judged from our frame, the look before and our `former` frames.

    A display that is black all over is `black` even when our frame is so too: no scene is.
    """
    share = likeness(own, seen)
    if max(seen) <= BLACK:
        return Look("black", share)
    if share >= ALIKE:
        return Look("frozen" if _came_round(own, seen, previous) else "same", share)
    stuck = any(_resembles(old, seen) and likeness(old, own) < OTHER for old in former)
    return Look("frozen" if stuck else "covered", share)


def _resembles(old: bytes, seen: bytes) -> bool:
    pairs = zip(old[::GLANCE], seen[::GLANCE], strict=True)
    far = sum(abs(a - b) > TONE + NOISE for a, b in pairs)
    return far * GLANCE <= len(old) * (1 - OTHER) and likeness(old, seen) >= ALIKE


def _came_round(own: bytes, seen: bytes, previous: Sight | None) -> bool:
    """Whether our loop has only come back to the scene at which the display stands still."""
    if previous is None:
        return False
    return likeness(previous.seen, seen) >= ALIKE and likeness(previous.own, own) < OTHER
