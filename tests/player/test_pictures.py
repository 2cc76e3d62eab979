"""Real files in, pixels or a reason out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QColorSpace, QImage, QImageWriter, QTransform

from kiosk.player import pictures
from kiosk.player.pictures import Unreadable, load
from tests.places import DEMONSTRATION
from tests.player.files import BROKEN, drawn, good

MIDDLE = (0.5, 0.5)


def _image(path: Path, size: tuple[int, int], focus: tuple[float, float] = MIDDLE) -> QImage:
    outcome = load(path, size, focus)
    assert isinstance(outcome, QImage), outcome
    return outcome


def _near(colour: QColor, name: str) -> bool:
    wanted = QColor(name)
    return all(
        abs(a - b) < 24
        for a, b in (
            (colour.red(), wanted.red()),
            (colour.green(), wanted.green()),
            (colour.blue(), wanted.blue()),
        )
    )


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp"])
@pytest.mark.parametrize("size", [(100, 125), (333, 777), (1920, 1080), (50, 50)])
def test_it_covers_exactly_the_size_asked_for(
    tmp_path: Path, name: str, size: tuple[int, int]
) -> None:
    image = _image(good(tmp_path / name), size)
    assert (image.width(), image.height()) == size


def test_vectors_are_drawn_at_the_size_asked_for() -> None:
    image = _image(DEMONSTRATION / "portraits" / "claire.svg", (1728, 2160))
    small = _image(DEMONSTRATION / "portraits" / "claire.svg", (216, 270))
    blown_up = small.scaled(1728, 2160, mode=Qt.TransformationMode.SmoothTransformation)
    assert image.size() == blown_up.size()
    assert image != blown_up


@pytest.mark.parametrize(
    ("focus", "seen"), [((0.0, 0.5), ("red", "blue")), ((1.0, 0.5), ("green", "yellow"))]
)
def test_the_cut_keeps_the_focus(
    tmp_path: Path, focus: tuple[float, float], seen: tuple[str, str]
) -> None:
    image = _image(good(tmp_path / "a.png", 400, 400), (100, 200), focus)
    assert _near(image.pixelColor(50, 20), seen[0])
    assert _near(image.pixelColor(50, 180), seen[1])


def test_a_picture_taken_sideways_is_turned_upright(tmp_path: Path) -> None:
    path = tmp_path / "phone.jpg"
    writer = QImageWriter(str(path))
    writer.setTransformation(QImageWriter().transformation().TransformationRotate90)
    lying = drawn(300, 400).transformed(QTransform().rotate(-90))
    assert writer.write(lying)
    image = _image(path, (300, 400))
    assert _near(image.pixelColor(20, 20), "red")
    assert _near(image.pixelColor(280, 380), "yellow")


def test_other_colour_spaces_become_srgb(tmp_path: Path) -> None:
    path = tmp_path / "wide.png"
    wide = drawn(40, 40)
    wide.setColorSpace(QColorSpace(QColorSpace.NamedColorSpace.DisplayP3))
    wide.fill(QColor(100, 150, 100))
    assert wide.save(str(path))
    pixel = _image(path, (40, 40)).pixelColor(20, 20)
    assert pixel.red() < 95 and pixel.green() >= 150


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_a_broken_picture_is_a_reason_never_pixels(tmp_path: Path, kind: str, suffix: str) -> None:
    path = tmp_path / f"broken{suffix}"
    make, reason = BROKEN[kind]
    make(path)
    outcome = load(path, (100, 100), MIDDLE)
    assert isinstance(outcome, Unreadable)
    assert reason in outcome.why or (kind == "truncated" and "damaged" in outcome.why)


def test_a_file_larger_than_any_picture_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "film.jpg"
    with path.open("wb") as file:
        file.truncate(pictures.LARGEST_FILE + 1)
    outcome = load(path, (100, 100), MIDDLE)
    assert isinstance(outcome, Unreadable) and "more than" in outcome.why


def test_a_drawing_that_is_not_xml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.svg"
    path.write_text("<svg viewBox='0 0 10 10'><rect")
    assert isinstance(load(path, (100, 100), MIDDLE), Unreadable)


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_every_decoder_is_loaded_before_a_worker_needs_it() -> None:
    code = (
        "from kiosk.player import scenery; scenery.application(offscreen=True);"
        "print(open('/proc/self/maps').read())"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert all(f"libq{name}.so" in run.stdout for name in ("jpeg", "webp", "svg"))
