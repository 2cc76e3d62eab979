"""The window is above all others again, seen on the display itself."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickWindow

from kiosk.agent.quiet import quiet_errors
from kiosk.player.likeness import Look, Verdict
from kiosk.player.topmost import EVERY_MS, Topmost
from tests.player.conftest import Until
from tests.player.display import needs_xvfb, xvfb
from tests.player.test_mirror import HALF, SIZE, WHOLE, covered, shown
from tests.player.x11 import Area, Desktop, Frame

BLUE = "#2d6a8f"

Display = tuple[Mapping[str, str], Desktop]


@pytest.fixture
def display() -> Iterator[Display]:
    """A display of 960 x 540, and its environment."""
    with xvfb(*SIZE) as made, Desktop(made) as desktop:
        yield {name: value for name, value in made.items() if name != "WAYLAND_DISPLAY"}, desktop


@pytest.fixture
def shows(display: Display, until: Until) -> Callable[[Frame], None]:
    """Wait until the display shows exactly this."""
    return lambda frame: until(lambda: np.array_equal(display[1].picture(), frame))


def is_blue(frame: Frame, area: Area) -> bool:
    """Whether nothing but the other program's window can be seen there."""
    return bool((area.of(frame) == (0x8F, 0x6A, 0x2D)).all())


@needs_xvfb
@pytest.mark.parametrize("area", [WHOLE, HALF])
def test_a_covered_window_rises_when_told_to(
    display: Display, shows: Callable[[Frame], None], area: Area
) -> None:
    environ, desktop = display
    with shown(environ) as child:
        ours = desktop.picture()
        with covered(environ, area, BLUE):
            assert is_blue(desktop.picture(), area)
            child.do("rise")
            shows(ours)
            assert len(desktop.windows()) == 2, "the other window is still there, beneath"


@needs_xvfb
def test_it_rises_by_itself(display: Display, shows: Callable[[Frame], None]) -> None:
    environ, desktop = display
    with shown(environ) as child:
        ours = desktop.picture()
        with covered(environ, WHOLE, BLUE):
            assert is_blue(desktop.picture(), WHOLE)
            child.do("often")
            shows(ours)


@needs_xvfb
def test_what_the_mirror_sees_brings_the_window_back(
    display: Display, shows: Callable[[Frame], None]
) -> None:
    environ, desktop = display
    with shown(environ) as child:
        ours = desktop.picture()
        child.do("heed", "look")
        child.hears("last")
        with covered(environ, WHOLE, BLUE):
            child.do("look")
            assert child.hears("told")["told"] == "covered"
            shows(ours)
            assert child.looks_until("same") == 1.0


@pytest.fixture
def window(app: QGuiApplication) -> Iterator[QQuickWindow]:
    """A window of ours, shown offscreen."""
    made = QQuickWindow()
    made.resize(320, 180)
    made.show()
    app.processEvents()
    yield made
    made.hide()
    made.deleteLater()


def test_it_wakes_less_than_once_in_twenty_seconds(window: QQuickWindow) -> None:
    topmost = Topmost(window)
    timer = topmost._timer
    assert timer.isActive()
    assert timer.timerType() is Qt.TimerType.VeryCoarseTimer
    assert 1000 / timer.interval() < 0.05
    assert timer.interval() == EVERY_MS


@pytest.mark.parametrize("verdict", ["same", "frozen", "unknown", "covered", "black"])
def test_only_what_lies_over_it_makes_it_rise(verdict: Verdict, window: QQuickWindow) -> None:
    risen: list[str] = []

    class Counted(Topmost):
        def rise(self) -> None:
            risen.append(verdict)

    Counted(window).heed(Look(verdict, 0.5))
    assert risen == ([verdict] if verdict in ("covered", "black") else [])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has boxes to switch off")
def test_where_there_are_no_error_boxes_nothing_is_done() -> None:
    assert quiet_errors() == ()
