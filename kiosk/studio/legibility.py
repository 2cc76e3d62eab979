"""How well a text can be read: the height of its letters and its contrast, from drawn pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from kiosk.campaign.links import pixel_pitch_mm
from kiosk.campaign.model import Screen
from kiosk.player.blocks import Composition, Rect, TextBlock
from kiosk.player.typeset import CAP_HEIGHT

Pixels = NDArray[np.uint8]

LEAST_CONTRAST: Final = 4.5
"""WCAG 2.2, success criterion 1.4.3."""
_NEAR: Final = 40
"""Levels, of 255, by which a pixel of a letter may differ from the text's colour."""
_WORST: Final = 5
"""Percent of the ground's pixels that may be nearer to the ink than what is measured."""
_HEIGHT_LOST: Final = 0.12
"""Of a letter's height: what smoothing may leave too pale to be seen as ink."""


@dataclass(frozen=True, slots=True)
class Letters:
    """One text as drawn: cap height in mm for each metre of reading distance, and contrast."""

    text: TextBlock
    mm_per_m: float
    contrast: float


def letters_of(image: QImage, composition: Composition, screen: Screen) -> tuple[Letters, ...]:
    """Every text of a frame, the code's domain too."""
    frame = pixels_of(image)
    texts = (*composition.texts, *(code.domain for code in composition.codes))
    pitch = pixel_pitch_mm(screen, (composition.width, composition.height))
    scale = pitch / screen.scan_distance_m
    return tuple(
        Letters(text, cap_px(frame, text) * scale, contrast(frame, text))
        for text in texts
        if text.text.strip()
    )


def pixels_of(image: QImage) -> Pixels:
    """A frame as rows x columns x red, green, blue."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    # A copy: the pixels belong to `rgb`, which ends here.
    return rows[:, : rgb.width() * 3].reshape(rgb.height(), rgb.width(), 3).copy()


def cap_px(frame: Pixels, text: TextBlock) -> float:
    """The height of a capital as laid out, or what was drawn of it where that is less."""
    ink = _ink(_part(frame, text.area), text.colour)
    laid_out = text.px * CAP_HEIGHT
    rows = np.asarray(ink.any(axis=1))
    tallest = 0
    for top in range(0, len(rows), text.line_px):
        inked = np.flatnonzero(rows[top : top + text.line_px])
        tallest = max(tallest, int(inked[-1] - inked[0]) + 1 if inked.size else 0)
    return laid_out if tallest >= laid_out * (1 - _HEIGHT_LOST) else float(tallest)


def contrast(frame: Pixels, text: TextBlock) -> float:
    """Of the letters to what is around them, where that is worst; 1 where none are to be seen."""
    part = _part(frame, text.area)
    ink = _ink(part, text.colour).astype(np.uint8)
    if not ink.any():
        return 1.0
    near = max(2, text.px // 16)
    ring = _grown(ink, 3 * near) & ~_grown(ink, near)
    if not ring.any():
        return 1.0
    light = luminance(part)
    letters = float(np.median(light[ink.astype(bool)]))
    around = light[ring]
    ratios = (np.maximum(around, letters) + 0.05) / (np.minimum(around, letters) + 0.05)
    return float(np.percentile(ratios, _WORST))


def luminance(pixels: Pixels) -> NDArray[np.float64]:
    """Relative luminance of sRGB pixels (WCAG 2.2), 0 to 1."""
    levels = np.arange(256) / 255
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    red, green, blue = (linear[pixels[..., channel]] for channel in range(3))
    return np.asarray(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def _part(frame: Pixels, area: Rect) -> Pixels:
    return frame[max(0, area.y) : area.bottom, max(0, area.x) : area.right]


def _ink(part: Pixels, colour: str) -> NDArray[np.bool_]:
    wanted = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)], np.int16)
    return np.asarray((np.abs(part.astype(np.int16) - wanted) <= _NEAR).all(axis=2))


def _grown(mask: NDArray[np.uint8], by: int) -> NDArray[np.bool_]:
    return np.asarray(cv2.dilate(mask, np.ones((2 * by + 1, 2 * by + 1), np.uint8)) > 0)
