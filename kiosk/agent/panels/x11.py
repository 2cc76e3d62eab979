"""X11: the server's own DPMS, through libXext; verified by asking the server."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from kiosk.agent.panels.way import Order, Outcome, read

NAME: Final = "X11 DPMS"
ON: Final = 0
OFF: Final = 3
LEVELS: Final = {ON: "on", 1: "standby", 2: "suspend", OFF: "off"}
_OnError = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
_OnLoss = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)


def carry_out(display: str, order: Order) -> Outcome:
    """Switch every panel of this X display."""
    if not display:
        return Outcome(NAME, "not offered", "no X display")
    try:
        x11, xext = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXext.so.6")
    except OSError:
        return Outcome(NAME, "not offered", "libX11 or libXext is not installed")
    with _survivable(x11), _opened(x11, display) as connection:
        if connection is None:
            return Outcome(NAME, "failed", f"the display {display} cannot be opened")
        number = ctypes.c_int()
        where = ctypes.byref(number)
        known = xext.DPMSQueryExtension(connection, where, where) and xext.DPMSCapable(connection)
        if not known:
            return Outcome(NAME, "not offered", f"the display {display} knows no DPMS")
        if order == "off":
            _off(xext, connection)
        elif order == "on":
            _on(xext, connection)
        x11.XSync(connection, 0)
        return read(NAME, order, [_level(xext, connection)])


def _off(xext: ctypes.CDLL, connection: ctypes.c_void_p) -> None:
    """Off, and nothing but a key or a mouse wakes it, nor does a timer of the server's own."""
    xext.DPMSEnable(connection)
    xext.DPMSSetTimeouts(connection, 0, 0, 0)
    xext.DPMSForceLevel(connection, OFF)


def _on(xext: ctypes.CDLL, connection: ctypes.c_void_p) -> None:
    """On, and DPMS disabled as the player has it."""
    xext.DPMSForceLevel(connection, ON)
    xext.DPMSDisable(connection)


def _level(xext: ctypes.CDLL, connection: ctypes.c_void_p) -> str:
    level, enabled = ctypes.c_uint16(), ctypes.c_ubyte()
    xext.DPMSInfo(connection, ctypes.byref(level), ctypes.byref(enabled))
    return LEVELS.get(level.value, str(level.value)) if enabled.value else "on"


@contextmanager
def _opened(x11: ctypes.CDLL, display: str) -> Iterator[ctypes.c_void_p | None]:
    x11.XOpenDisplay.restype = ctypes.c_void_p
    opened = x11.XOpenDisplay(display.encode())
    connection = ctypes.c_void_p(opened) if opened else None
    try:
        yield connection
    finally:
        if connection is not None:
            x11.XCloseDisplay(connection)


@contextmanager
def _survivable(x11: ctypes.CDLL) -> Iterator[None]:
    """Xlib ends the process at any error, and always when its handler of a loss returns.

    So errors are passed over (the level is read back), and with a lost connection this thread
    waits until the process ends.
    """
    never = threading.Event()

    def pass_over(_connection: Any, _error: Any) -> int:
        return 0

    def wait(_connection: Any) -> int:
        never.wait()
        return 0

    on_error, on_loss = _OnError(pass_over), _OnLoss(wait)
    x11.XSetErrorHandler(on_error)
    x11.XSetIOErrorHandler(on_loss)
    try:
        yield
    finally:
        x11.XSetErrorHandler(None)
        x11.XSetIOErrorHandler(None)
