"""The window on a real display: all of it, the right one, whatever is done to the display."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PySide6.QtGui import QImage

from kiosk.door.needs import content_of_folder
from kiosk.door.refusal import EX_NOINPUT
from kiosk.player.blocks import Rect
from kiosk.release.folder import read_folder
from kiosk.studio.render import Frame as Drawn
from kiosk.studio.render import Studio
from kiosk.studio.scan import DECODERS, readers_of
from tests.places import stills
from tests.player.display import needs_xvfb, xvfb
from tests.player.pixels import pixels
from tests.player.playing import Player, playing
from tests.player.x11 import Area, Desktop, Frame

pytestmark = needs_xvfb

LANDSCAPE = (960, 540)
PORTRAIT = (540, 960)
ROUNDING = 4
"""Levels of 255 that blending a picture into a layer may be off by."""
WHOLE = Area(0, 0, *LANDSCAPE)
LEFT = Area(0, 0, 400, 540)
RIGHT = Area(400, 0, 560, 540)

Display = tuple[Mapping[str, str], Desktop]


@pytest.fixture
def display() -> Iterator[Display]:
    """A display of 960 x 540 that can be turned, and its environment."""
    with xvfb(960, 960) as environ, Desktop(environ) as client:
        client.set_mode(*LANDSCAPE)
        yield environ, client


class Expected:
    """What the player should show, drawn by the studio: the scene is known by its code."""

    def __init__(self, folder: Path | None = None) -> None:
        self._content = content_of_folder(read_folder(folder or stills()), "le-mans", None)
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

    def stands(self, picture: Frame, rounding: int = 0) -> bool:
        """Whether a picture is, in every pixel, a scene that has the glass to itself."""
        drawn = self.of(picture)
        if drawn is None:
            return False
        error = np.abs(pixels(drawn.image).astype(np.int16) - picture)
        return int(error.max()) <= rounding

    def close(self) -> None:
        self._studio.close()


@pytest.fixture
def expected() -> Iterator[Expected]:
    """What the demonstration should look like at O2 Le Mans."""
    made = Expected()
    yield made
    made.close()


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


def opened(player: Player, desktop: Desktop, beneath: int | None = None) -> int:
    """The player's window, once it is there: the highest one."""
    player.until(lambda: desktop.windows()[-1:] not in ([], [beneath]))
    return desktop.windows()[-1]


def leave(player: Player, desktop: Desktop) -> None:
    """Leave as a person does; nothing was complained about meanwhile."""
    desktop.press("Ctrl+Shift+Q")
    assert player.code() == 0
    assert player.complaints() == []


def test_every_pixel_of_the_display_is_the_scene(display: Display, expected: Expected) -> None:
    environ, desktop = display
    other = desktop.cover(Area(100, 100, 300, 300))
    with playing(environ) as player:
        window = opened(player, desktop, other)
        player.until(lambda: expected.stands(desktop.picture()))
        assert desktop.windows() == [other, window]
        assert desktop.area(window) == WHOLE
        motif_flags, decorations = 2, desktop.numbers(window, "_MOTIF_WM_HINTS")
        assert decorations[0] & motif_flags and decorations[2] == 0
        states = desktop.numbers(window, "_NET_WM_STATE")
        wanted = ("_NET_WM_STATE_ABOVE", "_NET_WM_STATE_FULLSCREEN")
        assert {desktop.atom(name) for name in wanted} <= set(states)
        assert not desktop.cursor().any()
        drawn = expected.of(desktop.picture())
        assert drawn is not None
        assert_codes_are_read(drawn, desktop.picture())
        leave(player, desktop)
    assert desktop.cursor().any()


def test_another_resolution_is_filled_at_once_and_so_is_the_first_again(
    display: Display, expected: Expected
) -> None:
    environ, desktop = display
    with playing(environ) as player:
        window = opened(player, desktop)
        player.until(lambda: expected.stands(desktop.picture()))
        for size in (PORTRAIT, LANDSCAPE):
            desktop.set_mode(*size)
            player.until(lambda: expected.stands(desktop.picture()))
            assert desktop.area(window) == (0, 0, *size)
            drawn = expected.of(desktop.picture())
            assert drawn is not None and drawn.image.size().toTuple() == size
            assert_codes_are_read(drawn, desktop.picture())
        leave(player, desktop)


def test_a_screen_without_power_for_a_while_shows_the_scene_again(
    display: Display, expected: Expected
) -> None:
    """Qt has no display at all meanwhile; the system may give the screen another mode then."""
    environ, desktop = display
    with playing(environ) as player:
        player.until(lambda: expected.stands(desktop.picture()))
        desktop.switch_off()
        desktop.set_mode(*PORTRAIT)
        player.until(lambda: expected.stands(desktop.picture()))
        leave(player, desktop)


def test_a_display_is_found_by_name_left_when_unplugged_and_taken_again(
    display: Display, expected: Expected
) -> None:
    environ, desktop = display
    desktop.plug("LEFT", LEFT, only=True)
    desktop.plug("RIGHT", RIGHT)
    with playing(environ, "--display", "RIGHT") as player:
        window = opened(player, desktop)
        player.until(lambda: expected.stands(RIGHT.of(desktop.picture())))
        assert desktop.area(window) == RIGHT
        assert not LEFT.of(desktop.picture()).any()
        desktop.unplug("RIGHT")
        player.until(lambda: expected.stands(LEFT.of(desktop.picture())))
        assert desktop.area(window) == LEFT
        smaller = Area(400, 60, 480, 480)
        desktop.plug("RIGHT", smaller)
        player.until(lambda: expected.stands(smaller.of(desktop.picture())))
        assert desktop.area(window) == smaller
        assert not LEFT.of(desktop.picture()).any()
        leave(player, desktop)


def test_with_no_display_named_the_window_follows_the_primary_one(
    display: Display, expected: Expected
) -> None:
    environ, desktop = display
    desktop.plug("RIGHT", RIGHT)
    desktop.plug("LEFT", LEFT, only=True)
    with playing(environ) as player:
        window = opened(player, desktop)
        player.until(lambda: expected.stands(RIGHT.of(desktop.picture())))
        assert desktop.area(window) == RIGHT
        desktop.make_primary()
        player.until(lambda: expected.stands(LEFT.of(desktop.picture())))
        assert desktop.area(window) == LEFT
        leave(player, desktop)


@pytest.mark.parametrize(("index", "area"), [("0", LEFT), ("1", RIGHT)])
def test_a_display_is_found_by_its_number(display: Display, index: str, area: Area) -> None:
    environ, desktop = display
    desktop.plug("LEFT", LEFT, only=True)
    desktop.plug("RIGHT", RIGHT)
    with playing(environ, "--display", index) as player:
        assert desktop.area(opened(player, desktop)) == area


@pytest.mark.parametrize("wanted", ["MIDDLE", "2", "-1"])
def test_a_display_that_is_not_there_is_refused_and_those_that_are_listed(
    display: Display, wanted: str
) -> None:
    environ, desktop = display
    desktop.plug("LEFT", LEFT, only=True)
    desktop.plug("RIGHT", RIGHT)
    with playing(environ, f"--display={wanted}") as player:
        assert player.code() == EX_NOINPUT
    connected = "0 = LEFT (400 x 540), 1 = RIGHT (560 x 540)"
    assert player.said == f"kiosk: display '{wanted}' is not connected; connected: {connected}\n"


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_panel_hung_turned_shows_the_upright_picture(
    display: Display, tmp_path: Path, turn: int
) -> None:
    """`rotation` is clockwise, so what the passer-by sees is the display's content turned back."""
    environ, desktop = display
    folder = tmp_path / "turned"
    shutil.copytree(stills(), folder)
    agency = folder / "agencies" / "le-mans.yaml"
    text = agency.read_text("utf-8").replace(
        "{diagonal_in: 43", f"{{rotation: {turn}, diagonal_in: 43"
    )
    agency.write_text(text, "utf-8")
    expected = Expected(folder)

    def upright() -> Frame:
        return np.ascontiguousarray(np.rot90(desktop.picture(), turn // 90))

    with playing(environ, folder=folder) as player:
        player.until(lambda: expected.stands(upright(), ROUNDING), through_s=0.2)
        drawn = expected.of(upright())
        assert drawn is not None
        assert drawn.image.size().toTuple() == (LANDSCAPE if turn == 180 else PORTRAIT)
        assert_codes_are_read(drawn, upright())
        assert drawn.composition.code is not None
        read = readers_of(
            image_of(desktop.picture()), drawn.composition.code.code.url, Rect(*WHOLE)
        )
        assert read == tuple(DECODERS)
        leave(player, desktop)
    expected.close()
