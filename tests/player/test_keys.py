"""Who may leave: the chord in every mode, Esc only in the demonstration, nobody else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest

from kiosk.campaign.model import Brand
from kiosk.player import scenery
from kiosk.player.scenery import LEAVE, LEAVE_DEMONSTRATION, Scenery
from tests.player.conftest import Until

Key = Qt.Key
CONTROL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
NONE = Qt.KeyboardModifier.NoModifier


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
