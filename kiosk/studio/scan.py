"""Three independent decoders read a rendered frame, as three makes of phone would."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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
    image = frame.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    whole = rows[:, : image.width()]
    if part is not None:
        whole = whole[part.y : part.bottom, part.x : part.right]
    # A copy: the pixels belong to `image`, which ends here.
    return whole.copy()


def readers_of(frame: QImage, url: str, near: Rect) -> tuple[str, ...]:
    """The decoders that read exactly `url` from the frame, pixel for pixel.

    Each is shown the code at `near` in up to three framings, as a hand moves a phone; what counts
    is the first text it reads. OpenCV's detector, alone of the three, depends on the framing.
    """
    framings = [gray_of(frame, part) for part in _framings(near, frame.width(), frame.height())]
    return tuple(name for name, read in DECODERS.items() if _first(read, framings) == url)


def _first(read: Callable[[Gray], str | None], framings: Sequence[Gray]) -> str | None:
    return next((text for text in map(read, framings) if text is not None), None)


def _framings(tile: Rect, width: int, height: int) -> Iterator[Rect]:
    """The tile with a quarter of its side around it, with the whole of its side, and everything."""
    for more in (tile.width // 4, tile.width, width + height):
        left, top = max(0, tile.x - more), max(0, tile.y - more)
        right, bottom = min(width, tile.right + more), min(height, tile.bottom + more)
        yield Rect(left, top, right - left, bottom - top)
