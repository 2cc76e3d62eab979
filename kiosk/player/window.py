"""The right display, the whole of it, and nothing else: placing the window and keeping it there."""

from __future__ import annotations

import logging
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtQuick import QQuickWindow

log = logging.getLogger("kiosk.player")

SETTLE_MS: Final = 250
"""A display that is plugged in or turned reports several sizes before the last one."""


class NoSuchScreen(ValueError):
    """The display asked for is not connected; the message lists those that are."""


def find_screen(wanted: str | None) -> QScreen:
    """The display of this name (HDMI-1) or index (0, 1 …); the primary one for None."""
    screens = QGuiApplication.screens()
    if wanted is None:
        return QGuiApplication.primaryScreen()
    for screen in screens:
        if screen.name() == wanted:
            return screen
    if wanted.isdigit() and int(wanted) < len(screens):
        return screens[int(wanted)]
    there = ", ".join(f"{n} = {_described(s)}" for n, s in enumerate(screens)) or "none"
    raise NoSuchScreen(f"display {wanted!r} is not connected; connected: {there}")


def _described(screen: QScreen) -> str:
    size = screen.geometry().size()
    return f"{screen.name()} ({size.width()} x {size.height()})"


class Placement(QObject):
    """Keeps `window` over the whole of one display through unplugging, resizing and turning.

    While the display is gone the window waits on whichever is left, and goes back when it returns.
    """

    resized = Signal(int, int)

    def __init__(self, window: QQuickWindow, wanted: str | None, screen: QScreen) -> None:
        super().__init__()
        self._window = window
        # A number means the display that has it now; a name, also one that is not there yet.
        self._wanted = screen.name() if wanted is not None and wanted.isdigit() else wanted
        self._screen: QScreen | None = None
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.timeout.connect(self.place)
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.screenAdded.connect(self._watch)
        app.screenRemoved.connect(self._displays_changed)
        app.primaryScreenChanged.connect(self._displays_changed)
        for each in QGuiApplication.screens():
            self._watch(each)
        window.setFlags(
            Qt.WindowType.Window
            | Qt.WindowType.FramelessWindowHint
            | Qt.WindowType.WindowStaysOnTopHint
        )
        window.setCursor(Qt.CursorShape.BlankCursor)
        window.widthChanged.connect(self._report)
        window.heightChanged.connect(self._report)

    def place(self) -> None:
        """Cover the display now."""
        screen = self._target()
        if screen is None:
            return
        if screen is not self._screen:
            log.info("on display %s", _described(screen))
        self._screen = screen
        self._window.setScreen(screen)
        # On X11 without a window manager showFullScreen() would keep the old size.
        self._window.setGeometry(screen.geometry())
        self._window.showFullScreen()
        self._window.raise_()

    def let_go(self) -> None:
        """The window is about to end: touch it no more."""
        self._settled.stop()
        self.blockSignals(True)
        self._window.widthChanged.disconnect(self._report)
        self._window.heightChanged.disconnect(self._report)

    def _target(self) -> QScreen | None:
        screens = QGuiApplication.screens()
        named = [screen for screen in screens if screen.name() == self._wanted]
        return named[0] if named else QGuiApplication.primaryScreen()

    def _watch(self, screen: QScreen) -> None:
        screen.geometryChanged.connect(self._displays_changed)
        self._displays_changed()

    def _displays_changed(self) -> None:
        if self._screen is not None:
            self._settled.start(SETTLE_MS)

    def _report(self) -> None:
        self.resized.emit(self._window.width(), self._window.height())
