"""What a check measures: cuts around a face, letters on a frame, and memory that stays."""

from __future__ import annotations

import gc
import tracemalloc

import pytest
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from kiosk.campaign.model import Screen
from kiosk.campaign.parse import Broken, parse_source
from kiosk.player import scenery
from kiosk.player.blocks import Composition, Rect, TextBlock
from kiosk.player.typeset import CAP_HEIGHT, FAMILY, REGULAR
from kiosk.studio.crops import Crop
from kiosk.studio.legibility import contrast, letters_of, pixels_of
from tests.campaign import samples

AREA = Rect(20, 20, 500, 120)


@pytest.mark.parametrize(
    ("size", "area", "focus", "whole"),
    [
        ((720, 900), (864, 1080), (0.5, 0.4), True),
        ((720, 900), (864, 1080), (0.5, 0.1), False),
        ((720, 900), (864, 1080), (0.05, 0.4), False),
        ((1600, 900), (864, 1080), (0.15, 0.5), True),
        ((1600, 900), (864, 1080), (0.05, 0.5), False),
        ((900, 1600), (3840, 600), (0.5, 0.5), False),
    ],
)
def test_a_face_is_whole_or_cut(
    size: tuple[int, int], area: tuple[int, int], focus: tuple[float, float], whole: bool
) -> None:
    assert Crop(size, Rect(0, 0, *area), focus).keeps_face is whole


def test_a_cut_is_known_in_pixels_of_the_picture_and_of_the_screen() -> None:
    crop = Crop((400, 200), Rect(100, 0, 200, 200), (1.0, 0.5))
    assert crop.enlarged == 1
    assert (crop.box.left, crop.box.right, crop.lost) == (200, 400, 0.5)
    assert crop.on_screen(crop.box) == Rect(100, 0, 200, 200)
    assert Crop((100, 50), Rect(0, 0, 200, 200), (0.5, 0.5)).enlarged == 4


def frame(
    ink: str, paper: str, px: int = 60, said_px: int | None = None
) -> tuple[QImage, TextBlock]:
    """A line drawn as the glass does, and what the layout says of it."""
    scenery.application(offscreen=True)
    image = QImage(560, 160, QImage.Format.Format_RGB32)
    image.fill(QColor(paper))
    painter = QPainter(image)
    font = QFont(FAMILY)
    font.setPixelSize(px)
    painter.setFont(font)
    painter.setPen(QColor(ink))
    painter.drawText(AREA.x, AREA.y + 80, "Hello O2")
    painter.end()
    return image, TextBlock("Hello O2", AREA, said_px or px, 120, REGULAR, ink)


@pytest.mark.parametrize(
    ("ink", "paper", "ratio"),
    [("#000000", "#FFFFFF", 21.0), ("#767676", "#FFFFFF", 4.54), ("#FFFFFF", "#005CA9", 6.7)],
)
def test_contrast_is_that_of_the_standard(ink: str, paper: str, ratio: float) -> None:
    image, text = frame(ink, paper)
    assert contrast(pixels_of(image), text) == pytest.approx(ratio, rel=0.02)


def test_text_that_is_not_to_be_seen_has_no_contrast() -> None:
    image, text = frame("#808080", "#808080")
    assert contrast(pixels_of(image), text) == 1.0
    image.fill(QColor("#FFFFFF"))
    assert contrast(pixels_of(image), text) == 1.0


def test_contrast_is_taken_where_the_ground_is_worst() -> None:
    image, text = frame("#000000", "#FFFFFF")
    painter = QPainter(image)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Darken)
    painter.fillRect(20, 20, 60, 120, QColor("#555555"))
    painter.end()
    assert contrast(pixels_of(image), text) < 3.5


@pytest.mark.parametrize(("said_px", "seen_px"), [(60, 60.0), (100, 60.0)])
def test_letters_are_as_high_as_they_were_drawn(said_px: int, seen_px: float) -> None:
    image, text = frame("#000000", "#FFFFFF", 60, said_px)
    composition = Composition(560, 160, "#FFFFFF", (), (), (text,), None, ())
    screen = Screen(diagonal_in=20, scan_distance_m=2.0)
    (letters,) = letters_of(image, composition, screen)
    pitch = 20 * 25.4 / (560**2 + 160**2) ** 0.5
    # An ascender is a little higher than a capital.
    assert letters.mm_per_m == pytest.approx(seen_px * CAP_HEIGHT * pitch / 2, rel=0.12)


def test_broken_files_leave_nothing_in_memory() -> None:
    text = samples.CAMPAIGN_YAML.replace("Mo-Sa 08:00-20:00", "Lu 8h")
    files = samples.files(campaign=text)

    def held_after(count: int) -> int:
        for _ in range(count):
            assert isinstance(parse_source(files), Broken)
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        before = held_after(10)
        assert held_after(30) - before < 60_000
    finally:
        tracemalloc.stop()
