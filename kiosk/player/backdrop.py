"""What is behind the window: where a player ends, the glass shows paper until the next one's frame.

On X11 without a desktop that is the root window, black by default.
"""

from __future__ import annotations

import ctypes
import logging
import os
import sys

log = logging.getLogger("kiosk.player")


def paint(colour: str) -> bool:
    """Give the X server's root window this colour (#rrggbb), to stay; whether that was done."""
    if not sys.platform.startswith("linux") or "DISPLAY" not in os.environ:
        return False
    try:
        x11 = ctypes.CDLL("libX11.so.6")
    except OSError:
        return False
    x11.XOpenDisplay.restype = ctypes.c_void_p
    opened = x11.XOpenDisplay(None)
    if not opened:
        return False
    display = ctypes.c_void_p(opened)
    x11.XDefaultRootWindow.restype = ctypes.c_ulong
    root = ctypes.c_ulong(x11.XDefaultRootWindow(display))
    depth = x11.XDefaultDepth(display, x11.XDefaultScreen(display))
    if depth == 24:  # a pixel is its colour
        x11.XSetWindowBackground(display, root, ctypes.c_ulong(int(colour[1:], 16)))
        x11.XClearWindow(display, root)
    x11.XCloseDisplay(display)
    return bool(depth == 24)
