"""Three independent decoders read a rendered frame, as three makes of phone would."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray
from PySide6.QtGui import QImage
from pyzbar import pyzbar

from kiosk.player.blocks import Rect

Gray = NDArray[np.uint8]


_QR: Final = zxingcpp.barcode_formats_from_str("QRCode")


def _zxing(gray: Gray) -> str | None:
    found = zxingcpp.read_barcodes(gray, formats=_QR)
    return found[0].text if len(found) == 1 else None


def _zbar(gray: Gray) -> str | None:
    found = pyzbar.decode(gray, symbols=[pyzbar.ZBarSymbol.QRCODE])
    return found[0].data.decode("utf-8", "replace") if len(found) == 1 else None


def _opencv(gray: Gray) -> str | None:
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(gray)
    return text or None


DECODERS: Final[Mapping[str, Callable[[Gray], str | None]]] = {
    "zxing": _zxing,
    "zbar": _zbar,
    "opencv": _opencv,
}


def gray_of(frame: QImage, part: Rect | None = None) -> Gray:
    """The luminance of a frame, or of a part of it, as rows x columns of 0..255."""
    if part is not None:
        frame = frame.copy(part.x, part.y, part.width, part.height)
    image = frame.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    # A copy: the pixels belong to `image`, which ends here.
    return rows[:, : image.width()].copy()


def readers_of(frame: QImage, url: str, near: Rect, enough: int = len(DECODERS)) -> tuple[str, ...]:
    """The decoders that read exactly `url` from the frame, pixel for pixel; `enough` of them do.

    Each is shown the code at `near` in up to three framings, as a hand moves a phone; what counts
    is the first text it reads. OpenCV's detector, alone of the three, depends on the framing.
    """
    found: dict[str, str] = {}
    for part in _framings(near, frame.width(), frame.height()):
        gray = gray_of(frame, part)
        for name, read in DECODERS.items():
            text = None if name in found else read(gray)
            if text is not None:
                found[name] = text
            right = tuple(name for name in DECODERS if found.get(name) == url)
            if len(right) >= enough:
                return right
        if len(found) == len(DECODERS):
            break
    return tuple(name for name in DECODERS if found.get(name) == url)


def _framings(tile: Rect, width: int, height: int) -> Iterator[Rect]:
    """The tile with a quarter of its side around it, with the whole of its side, and everything."""
    for more in (tile.width // 4, tile.width, width + height):
        left, top = max(0, tile.x - more), max(0, tile.y - more)
        right, bottom = min(width, tile.right + more), min(height, tile.bottom + more)
        yield Rect(left, top, right - left, bottom - top)
