"""One supervisor for one screen; the system ends the claim with the process."""

from __future__ import annotations

import hashlib
import socket
import sys
from collections.abc import Callable
from typing import Final

Release = Callable[[], None]

TAKEN: Final = "another kiosk run keeps this screen already"


class Taken(Exception):
    """Another supervisor has it."""


def claim(what: str) -> Release:
    """Have this to oneself, or Taken. Works on a full and on a read-only disk."""
    name = hashlib.sha256(what.encode()).hexdigest()[:24]
    return _mutex(name) if sys.platform == "win32" else _socket(name)


def _socket(name: str) -> Release:
    """Linux: an abstract name needs no file, so nothing is left behind and no disk is asked."""
    held = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        held.bind(f"\0o2-kiosk-{name}")
    except OSError as error:
        held.close()
        raise Taken(TAKEN) from error
    return held.close


def _mutex(name: str) -> Release:  # pragma: no cover - runs on Windows only
    import ctypes

    kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
    kernel32.CreateMutexW.restype = ctypes.c_void_p
    handle = kernel32.CreateMutexW(None, False, f"Global\\o2-kiosk-{name}")
    already_exists = 183
    if ctypes.get_last_error() == already_exists:  # type: ignore[attr-defined,unused-ignore]
        raise Taken(TAKEN)
    return lambda: kernel32.CloseHandle(ctypes.c_void_p(handle))
