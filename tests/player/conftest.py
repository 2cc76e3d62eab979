"""Qt for the player's tests: what Qt or a slot complains about fails the test it happened in."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEventLoop, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QGuiApplication

from kiosk.player import scenery

SAID_BY_CLIPS = ("Using CPU conversion.", "Immediate exit requested")
"""A clip's pictures are converted by the CPU; what is wrong with one, its film says."""
Until = Callable[[Callable[[], bool]], None]


@pytest.fixture(scope="session")
def app() -> QGuiApplication:
    """The one application, offscreen."""
    return scenery.application(offscreen=True)


@pytest.fixture(autouse=True)
def complaints(app: QGuiApplication) -> Iterator[list[str]]:  # noqa: ARG001 - it must exist
    """Qt's warnings and the exceptions of slots, which `emit()` swallows."""
    heard: list[str] = []

    def listen(kind: QtMsgType, _: object, message: str) -> None:
        matters = kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg)
        if matters and not message.endswith(SAID_BY_CLIPS):
            heard.append(message)

    def catch(_: type[BaseException], error: BaseException, __: object) -> None:
        heard.append("".join(traceback.format_exception(error)))

    before = sys.excepthook
    sys.excepthook = catch
    qInstallMessageHandler(listen)
    yield heard
    QCoreApplication.processEvents()
    sys.excepthook = before
    qInstallMessageHandler(None)
    assert heard == []


@pytest.fixture
def until(app: QGuiApplication) -> Until:
    """Run Qt's loop until a condition holds; fail after a minute."""

    def wait(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline, "it never happened"
            app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)

    return wait
