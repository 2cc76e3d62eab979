"""The window stays above all others: said again now and then, and whenever something covers it."""

from __future__ import annotations

import ctypes
import sys
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickWindow

from kiosk.player.likeness import Look

EVERY_MS: Final = 30_000

HWND_TOPMOST: Final = -1
SWP_NOSIZE: Final = 0x0001
SWP_NOMOVE: Final = 0x0002
SWP_NOACTIVATE: Final = 0x0010


class Topmost(QObject):
    """Raises `window` every 30 s, and at once when a `Look` says that it is covered."""

    def __init__(self, window: QQuickWindow) -> None:
        super().__init__()
        self._window = window
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.VeryCoarseTimer)
        self._timer.timeout.connect(self.rise)
        self._timer.start(EVERY_MS)

    def rise(self) -> None:
        """Put the window above all others now, without taking the keyboard."""
        if not self._window.isVisible():
            return
        self._window.raise_()
        if sys.platform == "win32":
            _top_on_windows(int(self._window.winId()))
        elif QGuiApplication.platformName() == "xcb":
            # Qt keeps the request until it has more to send; an answer is waited for at once.
            self._window.screen().grabWindow(0, 0, 0, 1, 1)

    def heed(self, look: Look) -> None:
        """Take what the mirror has seen."""
        if look.verdict in ("covered", "black"):
            self.rise()


def _top_on_windows(window: int) -> None:  # pragma: no cover - runs on Windows only
    user32 = ctypes.WinDLL("user32")  # type: ignore[attr-defined,unused-ignore]
    above = SWP_NOMOVE | SWP_NOSIZE | SWP_NOACTIVATE
    user32.SetWindowPos(ctypes.c_void_p(window), ctypes.c_void_p(HWND_TOPMOST), 0, 0, 0, 0, above)
