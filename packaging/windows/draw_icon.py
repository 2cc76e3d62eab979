"""Draws kiosk.ico from the brand's drawing: `.venv/bin/python packaging/windows/draw_icon.py`."""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

HERE: Final = Path(__file__).resolve().parent
DRAWING: Final = HERE.parents[1] / "assets" / "brand" / "icon.svg"
SIZES: Final = (16, 20, 24, 32, 40, 48, 64, 128, 256)
"""What Windows asks for from a title bar at 100 % to the largest icons."""


def picture(drawing: QSvgRenderer, side: int) -> bytes:
    """The drawing as a PNG of `side` pixels, drawn at that size."""
    image = QImage(side, side, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    drawing.render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def icon(pictures: dict[int, bytes]) -> bytes:
    """An .ico file of these PNGs, by side."""
    entries, offset = b"", 6 + 16 * len(pictures)
    for side, data in pictures.items():
        small = side % 256  # a byte, in which 0 stands for 256
        entries += struct.pack("<BBBBHHII", small, small, 0, 0, 1, 32, len(data), offset)
        offset += len(data)
    return struct.pack("<HHH", 0, 1, len(pictures)) + entries + b"".join(pictures.values())


def main() -> int:
    """Draw it."""
    drawing = QSvgRenderer(str(DRAWING))
    if not drawing.isValid():
        print(f"{DRAWING} cannot be drawn", file=sys.stderr)
        return 1
    (HERE / "kiosk.ico").write_bytes(icon({side: picture(drawing, side) for side in SIZES}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
