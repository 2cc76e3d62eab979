"""The window on a real display: all of it, the right one, whatever is done to the display."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PySide6.QtGui import QGuiApplication, QImage

from kiosk.player.blocks import Rect
from kiosk.player.content import Content
from kiosk.release.folder import read_folder
from kiosk.studio.render import Frame as Drawn
from kiosk.studio.render import Studio
from kiosk.studio.scan import DECODERS, readers_of
from tests.places import DEMONSTRATION
from tests.player.display import needs_xvfb, xvfb
from tests.player.playing import Player, playing
from tests.player.x11 import Area, Desktop, Frame

pytestmark = needs_xvfb

LANDSCAPE = (960, 540)
PORTRAIT = (540, 960)
WHOLE = Area(0, 0, *LANDSCAPE)
LEFT = Area(0, 0, 400, 540)
RIGHT = Area(400, 0, 560, 540)


@pytest.fixture
def desktop() -> Iterator[tuple[Mapping[str, str], Desktop]]:
    """A display of 960 x 540 that can be turned, and its environment."""
    with xvfb(960, 960) as environ, Desktop(environ) as client:
        client.set_mode(*LANDSCAPE)
        yield environ, client


class Expected:
    """What the player should show, drawn by the studio: the scene is known by its code."""

    def __init__(self, folder: Path = DEMONSTRATION) -> None:
        read = read_folder(folder)
        agency = read.source.agency("le-mans")
        self._content = Content(
            release=read.release,
            campaign=read.source.campaign,
            agency=agency,
            screen_name="vitrine",
            screen=agency.screen(),
            present=read.present(),
            media=read.media,
        )
        self._studio = Studio(self._content)
        self._drawn: dict[tuple[str, tuple[int, int]], Drawn] = {}

    def of(self, picture: Frame) -> Drawn | None:
        """The scene whose code is in a picture, at the picture's size; None if there is none."""
        found = zxingcpp.read_barcodes(np.ascontiguousarray(picture))
        if len(found) != 1:
            return None
        height, width = picture.shape[:2]
        key = (found[0].text, (width, height))
        if key not in self._drawn:
            name = found[0].text.rpartition("/")[2].removeprefix("lm")
            scene = self._content.campaign.scene(name)
            self._drawn[key] = self._studio.draw(self._content, scene, (width, height))
        return self._drawn[key]

    def stands(self, picture: Frame) -> bool:
        """Whether a picture is, in every pixel, a scene that has the glass to itself."""
        drawn = self.of(picture)
        return drawn is not None and np.array_equal(frame_of(drawn.image), picture)

    def close(self) -> None:
        self._studio.close()


@pytest.fixture
def expected(app: QGuiApplication) -> Iterator[Expected]:
    """What the demonstration should look like at O2 Le Mans."""
    made = Expected()
    yield made
    made.close()


def frame_of(image: QImage) -> Frame:
    """The pixels of an image."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    return rows[:, :, :3].copy()


def image_of(frame: Frame) -> QImage:
    """An image with these pixels."""
    rows = np.full((*frame.shape[:2], 4), 255, np.uint8)
    rows[:, :, :3] = frame
    height, width = frame.shape[:2]
    return QImage(rows.tobytes(), width, height, 4 * width, QImage.Format.Format_RGB32).copy()


def assert_codes_are_read(drawn: Drawn, picture: Frame) -> None:
    """The picture's code stands on whole pixels and every decoder reads it."""
    code = drawn.composition.code
    assert code is not None
    tile = Area(code.tile.x, code.tile.y, code.tile.width, code.tile.height)
    module = code.geometry.module_px
    modules = tile.of(picture)[::module, ::module]
    assert np.array_equal(tile.of(picture), modules.repeat(module, 0).repeat(module, 1))
    near = Rect(*tile)
    assert readers_of(image_of(picture), code.code.url, near) == tuple(DECODERS)


def window_of(player: Player, desktop: Desktop) -> int:
    """The player's window, once it is there."""
    others = set(desktop.windows())
    player.until(lambda: len(desktop.windows()) > len(others))
    (window,) = set(desktop.windows()) - others
    return window
