"""What a display shows, told from the pictures that it may show. Values in, values out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, Self

import numpy as np
from numpy.typing import NDArray

from tests.player.x11 import Frame

Cells = NDArray[np.float32]
Kind = Literal["scene", "fade", "bare", "false"]

EVERY: Final = 12
"""Pixels: one row of pixels in so many is looked at, in cells so wide."""
ALIKE: Final = 10.0
"""Levels of 255 by which any cell of a scene may be off."""
MIXED: Final = 14.0
"""The same in a fade: two roundings more."""
PLAIN: Final = 3.0


@dataclass(frozen=True, slots=True)
class Seen:
    """One look: a scene by name, a mixture of two, nothing but one plain colour, or none of it."""

    kind: Kind
    name: str = ""

    @property
    def true(self) -> bool:
        """Whether a person would see the campaign."""
        return self.kind in ("scene", "fade")


def cells(frame: Frame) -> Cells:
    """A frame as means of pieces of few of its rows."""
    rows = frame[EVERY // 2 :: EVERY]
    height, width, _ = rows.shape
    pieces = rows[:, : width // EVERY * EVERY].reshape(height, -1, EVERY, 3)
    means: Cells = pieces.mean(axis=2, dtype=np.float32).ravel()
    return means


@dataclass(frozen=True)
class Album:
    """Every picture that may be on the glass."""

    names: tuple[str, ...]
    pictures: NDArray[np.float32]
    """One row of cells for each."""

    @classmethod
    def of(cls, frames: dict[str, Frame]) -> Self:
        """An album of these frames, by name."""
        return cls(tuple(frames), np.stack([cells(frame) for frame in frames.values()]))

    def recognise(self, seen: Cells, before: str = "") -> Seen:
        """What this is; `before` is the scene that was last seen whole."""
        if seen.shape != self.pictures.shape[1:]:
            return Seen("bare", "another size")
        worst = np.abs(self.pictures - seen).max(axis=1)
        best = int(worst.argmin())
        if worst[best] <= ALIKE:
            return Seen("scene", self.names[best])
        colours = seen.reshape(-1, 3)
        if np.abs(colours - colours[0]).max() <= PLAIN:
            return Seen("bare", "#" + bytes(colours[0][::-1].astype(np.uint8)).hex())
        if before in self.names and (name := self._mixed(seen, self.names.index(before))):
            return Seen("fade", name)
        named = (self._mixed(seen, one) for one in range(len(self.names)))
        found = next((name for name in named if name), None)
        return Seen("fade", found) if found else Seen("false", f"like {self.names[best]}")

    def _mixed(self, seen: Cells, one: int) -> str | None:
        """The name of the picture that is seen through the picture `one`, or it through that."""
        whole = self.pictures[one]
        ways = self.pictures - whole
        squares = np.maximum((ways * ways).sum(axis=1), 1.0)
        parts = np.clip(((seen - whole) * ways).sum(axis=1) / squares, 0.0, 1.0)
        worst = np.abs(whole + parts[:, None] * ways - seen).max(axis=1)
        best = int(worst.argmin())
        return f"{self.names[one]} > {self.names[best]}" if worst[best] <= MIXED else None
