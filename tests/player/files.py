"""Real picture files for the tests, good and broken."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtGui import QColor, QImage, QPainter


def drawn(width: int, height: int) -> QImage:
    """Four quarters of different colours: red, green / blue, yellow."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    for number, name in enumerate(("red", "green", "blue", "yellow")):
        x, y = (number % 2) * width // 2, (number // 2) * height // 2
        painter.fillRect(x, y, width - x, height - y, QColor(name))
    painter.end()
    return image


def good(path: Path, width: int = 400, height: int = 500) -> Path:
    """A picture that can be read; the format follows the name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    assert drawn(width, height).save(str(path))
    return path


def _truncated(path: Path) -> None:
    good(path, 800, 800)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _not_a_picture(path: Path) -> None:
    path.write_text("<!DOCTYPE html><title>Connexion au portail</title>")


def _huge(path: Path) -> None:
    """A PNG header that promises 30,000 x 30,000 pixels in a few hundred bytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 90_001)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    path.write_bytes(png)


def _missing(path: Path) -> None:
    path.unlink(missing_ok=True)


def _endless(path: Path) -> None:
    """A pipe nobody writes to: opening it blocks for ever."""
    os.mkfifo(path)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


BROKEN: Final[dict[str, tuple[Callable[[Path], None], str]]] = {
    "missing": (_missing, "cannot be opened (No such file or directory)"),
    "truncated": (_truncated, "truncated"),
    "not-a-picture": (_not_a_picture, "not a picture"),
    "huge": (_huge, "absurdly large (30000 x 30000)"),
    "empty": (_empty, "empty"),
    "pipe": (_endless, "not a regular file"),
}
"""By name: how to make it, and what the log line says of it."""
