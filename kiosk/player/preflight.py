"""What Qt needs of the system, tried before Qt is.

Qt calls abort(), with no Python exception, when a platform library or the display is missing.
Standard library only: the `run` script loads this file by its path before anything is installed.
"""

from __future__ import annotations

import ctypes
import socket
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

Display = Literal["offscreen", "screen"]

EX_UNAVAILABLE = 69
"""Exit code for a missing library or display (sysexits.h; Windows' `os` has no such name)."""

X_SOCKETS = "/tmp/.X11-unix"
CONNECT_SECONDS = 0.5


class Library(NamedTuple):
    """A shared library that Qt, or the studio, loads from the system."""

    soname: str
    package: str
    needed_for: str


# Every library outside the wheel that Qt's core, its plugins and its ffmpeg backend link, less what
# one of these packages depends on (libX11, freetype, most of libxcb): no line is missing without
# one of these being named. Two traps: without libXrandr only video dies, and silently; Debian's own
# Python brought libgssapi_krb5 until Debian 12.
LIBRARIES = (
    Library("libEGL.so.1", "libegl1", "offscreen"),
    Library("libGL.so.1", "libgl1", "offscreen"),
    Library("libXrandr.so.2", "libxrandr2", "offscreen"),
    Library("libdbus-1.so.3", "libdbus-1-3", "offscreen"),
    Library("libfontconfig.so.1", "libfontconfig1", "offscreen"),
    Library("libgthread-2.0.so.0", "libglib2.0-0", "offscreen"),
    Library("libgssapi_krb5.so.2", "libgssapi-krb5-2", "offscreen"),
    Library("libpulse.so.0", "libpulse0", "offscreen"),
    Library("libxkbcommon.so.0", "libxkbcommon0", "offscreen"),
    Library("libwayland-cursor.so.0", "libwayland-cursor0", "screen"),
    Library("libwayland-egl.so.1", "libwayland-egl1", "screen"),
    Library("libxcb-cursor.so.0", "libxcb-cursor0", "screen"),
    Library("libxcb-icccm.so.4", "libxcb-icccm4", "screen"),
    Library("libxcb-keysyms.so.1", "libxcb-keysyms1", "screen"),
    Library("libxcb-shape.so.0", "libxcb-shape0", "screen"),
    Library("libxcb-xkb.so.1", "libxcb-xkb1", "screen"),
    Library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "screen"),
)

STUDIO = (Library("libzbar.so.0", "libzbar0", "studio"),)
"""What pyzbar, one of the studio's three code readers, loads."""


def missing(display: Display) -> tuple[Library, ...]:
    """Return the libraries that the system does not have for this display."""
    return absent(lib for lib in LIBRARIES if lib.needed_for in ("offscreen", display))


def absent(libraries: Iterable[Library]) -> tuple[Library, ...]:
    """Return those that the dynamic loader does not find; always none outside Linux."""
    if sys.platform != "linux":
        return ()
    return tuple(library for library in libraries if not _loads(library.soname))


def _loads(soname: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def display_wanted(environ: Mapping[str, str]) -> Display:
    """Return the display that Qt would choose here."""
    platform = environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    drawn_elsewhere = platform not in ("", "xcb", "wayland", "wayland-egl")
    return "offscreen" if drawn_elsewhere or not display_available(environ) else "screen"


def display_available(environ: Mapping[str, str]) -> bool:
    """Tell whether a display server answers; always true outside Linux."""
    if sys.platform != "linux":
        return True
    return any(_answers(place) for place in _display_servers(environ))


def _display_servers(environ: Mapping[str, str]) -> Iterable[str | tuple[str, int]]:
    if wayland := environ.get("WAYLAND_DISPLAY"):
        yield str(Path(environ.get("XDG_RUNTIME_DIR", ""), wayland))
    host, colon, number = environ.get("DISPLAY", "").rpartition(":")
    number = number.partition(".")[0]
    if not colon or not number.isdecimal():
        return
    if host in ("", "unix"):
        # X servers listen on the abstract name too; inside a container it may be the only one.
        yield f"{X_SOCKETS}/X{number}"
        yield f"\0{X_SOCKETS}/X{number}"
    else:
        yield host.removeprefix("tcp/").strip("[]"), 6000 + int(number)


def _answers(place: str | tuple[str, int]) -> bool:
    try:
        if isinstance(place, tuple):
            socket.create_connection(place, CONNECT_SECONDS).close()
            return True
        with socket.socket(socket.AF_UNIX) as server:
            server.settimeout(CONNECT_SECONDS)
            server.connect(place)
            return True
    except (OSError, OverflowError, UnicodeError):  # refused, no such port, no such host name
        return False


def apt_line(missing: Iterable[Library]) -> str:
    """Return the command that installs the packages of these libraries."""
    packages = sorted({library.package for library in missing})
    return " ".join(["sudo apt-get install --no-install-recommends", *packages])


def advice(missing: Iterable[Library]) -> str:
    """Return what to tell someone whose system lacks these libraries."""
    libraries = tuple(missing)
    width = max((len(library.soname) for library in libraries), default=0)
    lines = [f"  {lib.soname:<{width}}  Debian package {lib.package}" for lib in libraries]
    header = f"Shared libraries missing on this system: {len(libraries)}"
    return "\n".join([header, *lines, "To install them:", f"  {apt_line(libraries)}"])
