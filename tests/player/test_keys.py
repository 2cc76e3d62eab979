"""Who may leave: the chord in every mode, Esc only in the demonstration, nobody else.

Once with real keys on a real display, and once in a window of our own, where a key can be followed
to the signal it gives.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest

from kiosk.campaign.model import Brand
from kiosk.player import scenery
from kiosk.player.scenery import LEAVE, LEAVE_DEMONSTRATION, Scenery
from tests.player.conftest import Until
from tests.player.display import needs_xvfb, xvfb
from tests.player.playing import playing
from tests.player.x11 import Desktop

Key = Qt.Key
CONTROL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
NONE = Qt.KeyboardModifier.NoModifier

REFUSED = ("Alt+F4", "F11", "Ctrl+Q", "Shift+Q", "Q", "Ctrl+W", "Alt+Tab", "Space")


@needs_xvfb
@pytest.mark.parametrize(
    ("more", "refused", "way_out"),
    [
        ([], (*REFUSED, "Esc"), "Ctrl+Shift+Q"),
        (["--demonstration"], REFUSED, "Ctrl+Shift+Q"),
        (["--demonstration"], REFUSED, "Esc"),
    ],
    ids=["shop", "demonstration", "demonstration-esc"],
)
def test_only_the_way_out_leaves_and_nothing_is_complained_about(
    more: list[str], refused: tuple[str, ...], way_out: str
) -> None:
    with (
        xvfb(960, 600) as environ,
        Desktop(environ) as desktop,
        playing(environ, *more) as player,
    ):
        player.until(lambda: bool(desktop.windows() and desktop.picture().any()))
        (window,) = desktop.windows()
        for chord in refused:
            desktop.press(chord)
        desktop.ask_to_close(window)
        # When the window has followed another mode, Qt has been through the keys before it.
        desktop.set_mode(540, 600)
        player.until(lambda: desktop.area(window) == (0, 0, 540, 600))
        desktop.press(way_out)
        assert player.code() == 0
        assert player.complaints() == []
        assert desktop.windows() == []


@pytest.fixture(params=[LEAVE, LEAVE_DEMONSTRATION], ids=["shop", "demonstration"])
def view(request: pytest.FixtureRequest, until: Until) -> Iterator[Scenery]:
    """A shown window in each mode."""
    made = scenery.build(scenery.props(Brand(name="O2"), 0, request.param))
    made.window.show()
    made.window.requestActivate()
    until(made.window.isActive)
    yield made
    made.close()


def _leaves(view: Scenery, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
    left: list[bool] = []
    view.stage.leave.connect(lambda: left.append(True))
    QTest.keyClick(view.window, key, modifiers)
    QCoreApplication.processEvents()
    return bool(left)


def test_the_chord_leaves_in_every_mode(view: Scenery) -> None:
    assert _leaves(view, Key.Key_Q, CONTROL | SHIFT)


def test_escape_leaves_the_demonstration_only(view: Scenery) -> None:
    demonstration = view.stage.property("leaveKeys") == list(LEAVE_DEMONSTRATION)
    assert _leaves(view, Key.Key_Escape, NONE) == demonstration


@pytest.mark.parametrize(
    ("key", "modifiers"),
    [
        (Key.Key_Q, CONTROL),
        (Key.Key_F4, ALT),
        (Key.Key_F11, NONE),
        (Key.Key_Tab, ALT),
        (Key.Key_Space, NONE),
        (Key.Key_W, CONTROL),
        (Key.Key_Return, NONE),
    ],
)
def test_no_other_key_does(view: Scenery, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
    assert not _leaves(view, key, modifiers)
    assert view.window.isVisible()


def test_the_window_refuses_to_be_closed(view: Scenery) -> None:
    assert not view.window.close()
    assert view.window.isVisible()
