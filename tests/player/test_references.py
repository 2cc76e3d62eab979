"""No reference is lost or kept at a signal, a slot or a scene change.

PySide6 6.12.0 on Python 3.11 loses one reference to None or True at each call, and aborts the
process once the count reaches zero, after hours. What is counted here: the references to None,
True and False over thousands of the very emits and slot calls of the player, then the objects of
the process over hundreds of scene changes.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from kiosk.campaign.model import Brand
from kiosk.player import scenery
from kiosk.player.stage import SceneCard, Stage
from tests.player.conftest import Until
from tests.player.theatre import Theatre, content_of, with_pictures

EMITS: Final = 5_000
TOLERATED: Final = 100
"""References that other parts of the process may take or drop meanwhile: a loss of one at each
emit would be fifty times that."""


def drift(act: Callable[[], None], watched: object, times: int = EMITS) -> int:
    """How many references to `watched` are gained (or lost, below 0) over `times` acts."""
    act()
    gc.collect()
    before = sys.getrefcount(watched)
    for _ in range(times):
        act()
    gc.collect()
    return sys.getrefcount(watched) - before


@pytest.fixture
def stage(app: QGuiApplication) -> Iterator[Stage]:  # noqa: ARG001 - Qt must be there
    """A stage whose QML window listens to it."""
    props = scenery.props(Brand(name="O2"), 0, ())
    view = scenery.build(props)
    yield view.stage
    view.close()


def _acts(stage: Stage) -> dict[str, Callable[[], None]]:
    card: SceneCard = stage.card(0)
    return {
        "cut": lambda: stage.cut.emit(0),
        "ended": stage.faded,
        "leave": stage.asked_to_leave,
        "changed": card.changed.emit,
        "clear": card.clear,
        "property": lambda: stage.property("fadeMs") and None,
    }


@pytest.mark.parametrize("name", ["cut", "ended", "leave", "changed", "clear", "property"])
@pytest.mark.parametrize("watched", [None, True, False], ids=str)
def test_an_emit_neither_loses_nor_keeps_a_reference(
    stage: Stage, name: str, watched: object
) -> None:
    assert abs(drift(_acts(stage)[name], watched)) <= TOLERATED


def test_the_counter_sees_a_reference_lost_at_each_call() -> None:
    victim = object()
    held = [victim] * (EMITS + 10)
    lose = ctypes.pythonapi.Py_DecRef
    lose.argtypes = [ctypes.py_object]
    lose.restype = None
    assert drift(lambda: lose(victim), victim) == -EMITS
    give_back = ctypes.pythonapi.Py_IncRef
    give_back.argtypes = [ctypes.py_object]
    give_back.restype = None
    for _ in range(EMITS + 1):
        give_back(victim)
    assert len(held) == EMITS + 10


def test_300_scene_changes_leave_nothing_behind(tmp_path: Path, until: Until) -> None:
    theatre = Theatre(content_of(with_pictures(tmp_path, "am1", "ca1", "am2", "ca2")))
    theatre.director._hold = lambda _: 0.0
    theatre.director.begin()
    try:
        until(lambda: len(theatre.stood) >= 40)
        before = _living(theatre)
        until(lambda: len(theatre.stood) >= 340)
        after = _living(theatre)
    finally:
        theatre.close()
    assert after["QObjects"] <= before["QObjects"] + 4
    assert after["images"] <= before["images"] + 2
    assert after["casts"] <= 4
    assert after["threads"] <= 2
    assert after["objects"] - before["objects"] <= 2 * 300, "more than the test's own notes"


def _living(theatre: Theatre) -> dict[str, int]:
    gc.collect()
    return {
        "QObjects": len(theatre.view.engine.findChildren(QObject))
        + len(theatre.view.window.findChildren(QObject))
        + len(theatre.desk.findChildren(QObject)),
        "images": len(theatre.view.glass._images._images),
        "casts": len(theatre.director._casts),
        "threads": len(theatre.desk._threads),
        "objects": len(gc.get_objects()),
    }
