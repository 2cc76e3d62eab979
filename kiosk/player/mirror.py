"""Does the display show our picture? A few strips of the desktop, held against our own frame."""

from __future__ import annotations

import ctypes
import logging
import os
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from PySide6.QtCore import QDeadlineTimer, QObject, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QImage, QScreen
from PySide6.QtQuick import QQuickWindow

from kiosk.player.likeness import ALIKE, COLUMNS, ROWS, Look, Sight, judge, likeness

log = logging.getLogger("kiosk.player")

TALL: Final = 4
"""Pixels: a cell is the mean of a piece of a strip so high."""
REMEMBERED: Final = 64
"""So many of our former frames are known again, 2 kB each."""
AFTER_MS: Final = 3000
AGAIN_MS: Final = 2000
"""With `AFTER_MS` well within the shortest time a scene stands."""
PAUSE_MS: Final = 60_000

DESKTOP_READOBJECTS: Final = 1
UOI_NAME: Final = 2


class Mirror(QObject):
    """Looks at the display while a scene stands. `looked(Look)` says what has changed.

    Whatever is wrong is told when a second look, two seconds later, says the same of the same
    scene. While all is well there is at most one look a minute.
    """

    looked = Signal(object)

    def __init__(
        self,
        window: QQuickWindow,
        *,
        after_ms: int = AFTER_MS,
        again_ms: int = AGAIN_MS,
        pause_ms: int = PAUSE_MS,
    ) -> None:
        super().__init__()
        self.last: Look | None = None
        self._window, self._pause_ms = window, pause_ms
        self._rest = QDeadlineTimer(0)
        self._previous: Sight | None = None
        self._former: deque[bytes] = deque(maxlen=REMEMBERED)
        self._doubt: tuple[Sight | None, Look] | None = None
        self._soon = self._timer(after_ms)
        self._soon.timeout.connect(self.look)
        self._again = self._timer(again_ms)
        self._again.timeout.connect(self._look_again)

    def stands(self) -> None:
        """A scene has the glass to itself: look in a few seconds, if a look is due."""
        if self._rest.hasExpired():
            self._soon.start()

    def drop(self) -> None:
        """The scene leaves: look no more until the next one stands."""
        self._soon.stop()
        self._again.stop()
        self._doubt = None

    def look(self) -> None:
        """Look now. To be called while a scene stands."""
        self.drop()
        sight = self._sight()
        look = self._judged(sight)
        if look.verdict == "same" or (self.last and self.last.verdict == look.verdict):
            self._settle(sight, look)
        else:
            self._doubt = (sight, look)
            self._again.start()

    def _look_again(self) -> None:
        if self._doubt is None:
            return
        (before, doubted), self._doubt = self._doubt, None
        sight = self._sight()
        look = self._judged(sight)
        if before and sight and likeness(before.own, sight.own) < ALIKE:
            return
        if look.verdict in ("same", doubted.verdict):
            self._settle(sight, look)

    def _judged(self, sight: Sight | None) -> Look:
        if sight is None:
            return Look("unknown")
        return judge(sight.own, sight.seen, self._previous, self._former)

    def _settle(self, sight: Sight | None, look: Look) -> None:
        before, self.last, self._previous = self.last, look, sight
        if sight and sight.own not in self._former:
            self._former.append(sight.own)
        if look.verdict in ("same", "unknown"):
            self._rest.setRemainingTime(self._pause_ms)
        if before is None or before.verdict != look.verdict:
            log.log(*_told(look))
            self.looked.emit(look)

    def _sight(self) -> Sight | None:
        """Both pictures; None where, or while, they cannot be had."""
        screen, area = self._window.screen(), self._window.geometry()
        # Qt has no display at all while the only one is without power.
        if screen is None or not screen.geometry().contains(area):  # type: ignore[redundant-expr]
            return None
        if not self._window.isVisible() or not _can_see():
            return None
        # The display first: our own grab may send it a frame.
        seen = _cells(_strips_of(screen, area.translated(-screen.geometry().topLeft())))
        own = _cells(_strips(self._window.grabWindow())) if seen else None
        return Sight(own, seen) if own and seen else None

    def _timer(self, interval_ms: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval_ms)
        return timer


def _told(look: Look) -> tuple[int, str]:
    if look.likeness is None:
        return logging.INFO, "the display cannot be seen from here: nobody watches the picture"
    if look.verdict == "same":
        return logging.INFO, "the display shows our picture"
    share = f"{look.likeness:.0%} of it is our picture"
    return logging.WARNING, f"the picture on the display is {look.verdict}: {share}"


def _strips_of(screen: QScreen, area: QRect) -> Iterator[QImage]:
    """Strips of what a display shows there; fetched one by one where that costs least."""
    if QGuiApplication.platformName() != "xcb":  # on Windows each fetch waits for the compositor
        whole = screen.grabWindow(0, area.x(), area.y(), area.width(), area.height())
        yield from _strips(whole.toImage())
        return
    for y in _tops(area.height()):
        strip = screen.grabWindow(0, area.x(), area.y() + y, area.width(), TALL)
        yield strip.toImage()


def _strips(image: QImage) -> Iterator[QImage]:
    return (image.copy(0, y, image.width(), TALL) for y in _tops(image.height()))


def _tops(height: int) -> list[int]:
    """Where the strips begin; the last ends within the picture."""
    return [(2 * row + 1) * max(height - TALL, 0) // (2 * ROWS) for row in range(ROWS)]


def _cells(strips: Iterable[QImage]) -> bytes | None:
    """The strips as grey cells; None if one could not be fetched."""
    cells = bytearray()
    for strip in strips:
        if strip.isNull():
            return None
        few = strip.scaled(
            COLUMNS,
            1,
            Qt.AspectRatioMode.IgnoreAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        # Qt's own greys differ from format to format. The pixels end with their image, even while
        # a view of them is held.
        plain = few.convertToFormat(QImage.Format.Format_RGB888)
        bits = bytes(plain.constBits())[: 3 * COLUMNS]
        pixels = zip(bits[::3], bits[1::3], bits[2::3], strict=True)
        cells += bytes((2 * red + 5 * green + blue) // 8 for red, green, blue in pixels)
    return bytes(cells)


def _can_see() -> bool:
    if sys.platform == "win32":
        return _desktop_is_ours()
    # Beneath a Wayland compositor X shows its own clients on black, and other windows not at all.
    return QGuiApplication.platformName() != "xcb" or "WAYLAND_DISPLAY" not in os.environ


def _desktop_is_ours() -> bool:  # pragma: no cover - runs on Windows only
    """Whether the desktop before the user is the ordinary one: not locked, no consent prompt."""
    user32 = ctypes.WinDLL("user32")  # type: ignore[attr-defined,unused-ignore]
    user32.OpenInputDesktop.restype = ctypes.c_void_p
    opened = user32.OpenInputDesktop(0, False, DESKTOP_READOBJECTS)
    if not opened:
        return False
    desktop, name = ctypes.c_void_p(opened), ctypes.create_unicode_buffer(64)
    user32.GetUserObjectInformationW(desktop, UOI_NAME, name, ctypes.sizeof(name), None)
    user32.CloseDesktop(desktop)
    return name.value == "Default"
