"""Where things stand on a scene of any shape: picture, sentence, aside, code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kiosk.campaign.links import pixel_pitch_mm
from kiosk.campaign.model import Orientation, Screen
from kiosk.player.blocks import Rect
from kiosk.player.typeset import CAP_HEIGHT

HEADLINE_MM_PER_M: Final = 8.3
"""Least cap height of the sentence, in mm for each metre of reading distance."""
SMALL_MM_PER_M: Final = 3.3
"""Least cap height of anything else."""


def orientation_of(size: tuple[int, int]) -> Orientation:
    """The shape of a scene of `size` (width, height)."""
    width, height = size
    if width == height:
        return "square"
    return "landscape" if width > height else "portrait"


@dataclass(frozen=True, slots=True)
class Measures:
    """Lengths of one screen, in pixels: `unit` is 1/1080 of its short side."""

    size: tuple[int, int]
    unit: float
    headline_floor: int
    small_floor: int

    @classmethod
    def of(cls, screen: Screen, size: tuple[int, int]) -> Measures:
        """The measures of `screen` when it shows `size` pixels over its whole diagonal."""
        pixels_per_m = screen.scan_distance_m / pixel_pitch_mm(screen, size) / CAP_HEIGHT
        return cls(
            size=size,
            unit=min(size) / 1080,
            headline_floor=-int(-HEADLINE_MM_PER_M * pixels_per_m // 1),
            small_floor=-int(-SMALL_MM_PER_M * pixels_per_m // 1),
        )

    def px(self, units: float) -> int:
        """So many units in whole pixels."""
        return round(units * self.unit)

    @property
    def margin(self) -> int:
        """The clear border around text and code."""
        return self.px(64)


@dataclass(frozen=True, slots=True)
class Regions:
    """The rectangles of a scene that has a picture beside its words; tile is the code's square."""

    picture: Rect | None
    head: Rect
    aside: Rect
    tile: Rect | None


def split(measures: Measures, picture_share: float, tile_px: int | None, domain_px: int) -> Regions:
    """Lay out a scene; `picture_share` of 0 leaves the picture out, `tile_px` None the code."""
    width, height = measures.size
    shape = orientation_of(measures.size)
    gap = measures.px(44)
    margin = measures.margin
    picture: Rect | None = None
    column = Rect(margin, margin, width - 2 * margin, height - 2 * margin)
    if picture_share and shape == "landscape":
        picture = Rect(0, 0, round(width * picture_share), height)
        left = picture.right + margin
        column = Rect(left, margin, width - margin - left, height - 2 * margin)
    elif picture_share and shape == "portrait":
        picture = Rect(0, 0, width, round(height * picture_share))
        top = picture.bottom + measures.px(52)
        column = Rect(margin, top, width - 2 * margin, height - margin - top)
    low = (tile_px or round(column.height * 0.42)) + (domain_px if tile_px else 0)
    low_top = column.bottom - low
    head = Rect(column.x, column.y, column.width, low_top - gap - column.y)
    if picture_share and shape == "square":
        picture = Rect(0, 0, round(width * 0.48), head.bottom)
        left = picture.right + measures.px(48)
        head = Rect(left, margin, width - margin - left, head.bottom - margin)
    aside_width = column.width - (tile_px + gap if tile_px else 0)
    aside = Rect(column.x, low_top, aside_width, low)
    tile = Rect(column.right - tile_px, low_top, tile_px, tile_px) if tile_px else None
    return Regions(picture, head, aside, tile)
