"""One supervisor for one data folder; the system ends the claim with the process."""

from __future__ import annotations

import hashlib
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

Release = Callable[[], None]


class Taken(Exception):
    """Another supervisor has this data folder."""


def claim(data: Path) -> Release:
    """Have the data folder to oneself, or Taken. Works on a full and on a read-only disk."""
    name = hashlib.sha256(os.path.realpath(data).encode()).hexdigest()[:24]
    return _mutex(name) if sys.platform == "win32" else _socket(f"o2-kiosk-{name}", data)


def _socket(name: str, data: Path) -> Release:
    """Linux: an abstract name needs no file, so nothing is left behind and no disk is asked."""
    held = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        held.bind(f"\0{name}")
    except OSError as error:
        held.close()
        raise Taken(f"another kiosk run keeps {data} already") from error
    return held.close


def _mutex(name: str) -> Release:  # pragma: no cover - runs on Windows only
    import ctypes

    kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
    kernel32.CreateMutexW.restype = ctypes.c_void_p
    handle = kernel32.CreateMutexW(None, False, f"Global\\o2-kiosk-{name}")
    already_exists = 183
    if ctypes.get_last_error() == already_exists:  # type: ignore[attr-defined,unused-ignore]
        raise Taken("another kiosk run keeps this data folder already")
    return lambda: kernel32.CloseHandle(ctypes.c_void_p(handle))
