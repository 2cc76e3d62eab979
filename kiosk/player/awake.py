"""No sleep, no screen saver while the player runs; what was found is put back on leaving.

Each platform is asked in its own way and none of them can stop the loop: where nothing answers,
the log says so once. A Wayland kiosk compositor (cage) never blanks by itself.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import logging
import os
import sys
from collections.abc import Callable
from typing import Final

log = logging.getLogger("kiosk.player")

Undo = Callable[[], None]

ES_CONTINUOUS: Final = 0x80000000
ES_SYSTEM_REQUIRED: Final = 0x00000001
ES_DISPLAY_REQUIRED: Final = 0x00000002
REASON: Final = "the shop window is lit"
SERVICE: Final = "org.freedesktop.ScreenSaver"
SERVICE_PATH: Final = "/org/freedesktop/ScreenSaver"
CONNECTION: Final = "o2-kiosk-awake"


class Awake:
    """Holds every inhibition that could be had, until `release`."""

    def __init__(self) -> None:
        self._undo: list[Undo] = []

    def hold(self) -> list[str]:
        """Ask the platform to stay awake; the names of what agreed."""
        agreed: list[str] = []
        for name, ask in _ways():
            undo = ask()
            if undo is not None:
                self._undo.append(undo)
                agreed.append(name)
        log.info("kept awake by %s", ", ".join(agreed) or "nothing: sleep could not be inhibited")
        return agreed

    def release(self) -> None:
        """Put everything back as it was found."""
        while self._undo:
            self._undo.pop()()


def _ways() -> list[tuple[str, Callable[[], Undo | None]]]:
    if sys.platform == "win32":
        return [("SetThreadExecutionState", _windows)]
    if sys.platform.startswith("linux"):
        return [("X11 screen saver", _x11), ("desktop session", _session)]
    return []


def _windows() -> Undo | None:  # pragma: no cover - runs on Windows only
    kernel32 = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined,unused-ignore]
    wanted = ES_CONTINUOUS | ES_SYSTEM_REQUIRED | ES_DISPLAY_REQUIRED
    if not kernel32.SetThreadExecutionState(wanted):
        return None
    return lambda: kernel32.SetThreadExecutionState(ES_CONTINUOUS)


def _x11() -> Undo | None:
    """Switch the X server's own blanking and DPMS off (xset s off -dpms, without xset)."""
    if "DISPLAY" not in os.environ:
        return None
    try:
        x11, xext = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXext.so.6")
    except OSError:
        return None
    x11.XOpenDisplay.restype = ctypes.c_void_p
    opened = x11.XOpenDisplay(None)
    if not opened:
        return None
    display = ctypes.c_void_p(opened)
    found = [ctypes.c_int() for _ in range(4)]
    x11.XGetScreenSaver(display, *(ctypes.byref(value) for value in found))
    before = [value.value for value in found]
    x11.XSetScreenSaver(display, 0, 0, 0, 0)
    dpms = _dpms_off(xext, display)
    x11.XFlush(display)

    def undo() -> None:
        x11.XSetScreenSaver(display, *before)
        if dpms:
            xext.DPMSEnable(display)
        x11.XCloseDisplay(display)

    return undo


def _dpms_off(xext: ctypes.CDLL, display: ctypes.c_void_p) -> bool:
    """Whether DPMS was on and has been switched off."""
    event, error = ctypes.c_int(), ctypes.c_int()
    if not xext.DPMSQueryExtension(display, ctypes.byref(event), ctypes.byref(error)):
        return False
    if not xext.DPMSCapable(display):
        return False
    level, enabled = ctypes.c_uint16(), ctypes.c_ubyte()
    xext.DPMSInfo(display, ctypes.byref(level), ctypes.byref(enabled))
    asleep = level.value != 0  # `kiosk panel off` has done that: to disable DPMS would wake it
    if enabled.value and not asleep:
        xext.DPMSDisable(display)
    return bool(enabled.value) and not asleep


def _session() -> Undo | None:
    """Ask the desktop's own screen saver service, over a connection that is ours alone."""
    from PySide6.QtDBus import QDBusConnection, QDBusMessage

    bus = QDBusConnection.connectToBus(QDBusConnection.BusType.SessionBus, CONNECTION)
    call = QDBusMessage.createMethodCall(SERVICE, SERVICE_PATH, SERVICE, "Inhibit")
    call.setArguments(["O2 Kiosk", REASON])
    agreed = bus.call(call, timeout=1000).type() == QDBusMessage.MessageType.ReplyMessage

    # The service lets go when the connection ends. UnInhibit takes a uint32, and PySide6 sends
    # every int as an int32.
    def undo() -> None:
        QDBusConnection.disconnectFromBus(CONNECTION)

    if agreed:
        return undo
    undo()
    return None
