"""What a cut leaves of a picture: whether the face is whole in it, and how far it is enlarged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kiosk.player.blocks import Rect
from kiosk.player.cut import cut

FACE: Final = (0.15, 0.20)
"""Half a face's width and height, as shares of the picture's short side."""
MOST_ENLARGED: Final = 2.0
"""Pixels of the screen that one of the picture is drawn over, along a side, at most."""
SOFT: Final = 1.25
MUCH_CUT: Final = 1 / 3
"""Share of the picture that is cut away, from which a face must be marked."""


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a picture, in its own pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def inside(self, other: Box) -> bool:
        """Whether it lies wholly in `other`, but for the half pixel that rounding takes."""
        return (
            other.left - 0.5 <= self.left
            and other.top - 0.5 <= self.top
            and self.right <= other.right + 0.5
            and self.bottom <= other.bottom + 0.5
        )


@dataclass(frozen=True, slots=True)
class Crop:
    """A picture of `size` that covers `area` of a screen and is cut around `focus`."""

    size: tuple[int, int]
    area: Rect
    focus: tuple[float, float]

    @property
    def enlarged(self) -> float:
        """Pixels of the screen for each of the picture, along a side."""
        return max(self.area.width / self.size[0], self.area.height / self.size[1])

    @property
    def box(self) -> Box:
        """What is left of the picture."""
        area = self.area.width, self.area.height
        left, top, width, height = cut(self.size, area, self.focus)
        return Box(left, top, left + width, top + height)

    @property
    def lost(self) -> float:
        """The share of the picture that is cut away."""
        box = self.box
        kept = (box.right - box.left) * (box.bottom - box.top)
        return 1 - kept / (self.size[0] * self.size[1])

    @property
    def face(self) -> Box:
        """The face: what stands around the focus."""
        short = min(self.size)
        x, y = self.focus[0] * self.size[0], self.focus[1] * self.size[1]
        half, tall = FACE[0] * short, FACE[1] * short
        return Box(x - half, y - tall, x + half, y + tall)

    @property
    def keeps_face(self) -> bool:
        """Whether the cut leaves the face whole."""
        return self.face.inside(self.box)

    def on_screen(self, box: Box) -> Rect:
        """Where a part of the picture stands on the screen."""
        scale, cut = self.enlarged, self.box
        left, top = (
            self.area.x + (box.left - cut.left) * scale,
            self.area.y + (box.top - cut.top) * scale,
        )
        right, bottom = left + (box.right - box.left) * scale, top + (box.bottom - box.top) * scale
        return Rect(round(left), round(top), round(right - left), round(bottom - top))
