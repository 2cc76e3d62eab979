"""A picture file -> pixels of exactly the size drawn, or the reason why not; for any thread."""

from __future__ import annotations

import math
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColorSpace, QImage, QImageIOHandler, QImageReader

from kiosk.player.cut import cut

LARGEST_FILE: Final = 64 * 2**20
"""Bytes: a picture prepared for print is smaller, a mistake is not."""
LARGEST_SVG: Final = 4 * 2**20
LARGEST_SIDE: Final = 20_000
LARGEST_AREA: Final = 150_000_000
"""Pixels: 12,000 x 12,000 is read, 30,000 x 30,000 is refused before a byte is decoded."""
ALLOCATION_MB: Final = 700

_JPEG_END: Final = b"\xff\xd9"
_TAIL: Final = 2**20
_HEAD: Final = 4096


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a picture cannot be shown, as a short English phrase for one log line."""

    why: str


def load(path: Path, size: tuple[int, int], focus: tuple[float, float]) -> QImage | Unreadable:
    """Decode `path` to cover `size` (width, height in px), upright, in sRGB, cut around `focus`."""
    refusal = _refused_file(path)
    if refusal is not None:
        return Unreadable(refusal)
    kind = _kind(path)
    if kind is None:
        return Unreadable("not a picture")
    # By name: asked to find out, Qt connects objects, which takes locks (see bell.py).
    reader = QImageReader(str(path), kind)
    reader.setAutoDetectImageFormat(False)
    reader.setAutoTransform(True)
    QImageReader.setAllocationLimit(ALLOCATION_MB)
    refusal = _refused_header(reader)
    if refusal is not None:
        return Unreadable(refusal)
    upright = _upright(reader)
    _scale_while_reading(reader, upright, size)
    image = reader.read()
    if image.isNull():
        return Unreadable(f"damaged ({reader.errorString()})")
    return _cut(_in_srgb(image), size, focus)


def _refused_file(path: Path) -> str | None:
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            return "not a regular file"
        if facts.st_size == 0:
            return "empty"
        is_svg = path.suffix.lower() == ".svg"
        limit = LARGEST_SVG if is_svg else LARGEST_FILE
        if facts.st_size > limit:
            return f"{facts.st_size} bytes, more than {limit}"
        return _truncated_jpeg(path, facts.st_size)
    except OSError as error:
        return f"cannot be opened ({error.strerror})"


def _kind(path: Path) -> bytes | None:
    """Qt's name of the format, by the first bytes; None: it is none of ours."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return b"webp"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    known = {b"\xff\xd8": b"jpeg", b"\x89PNG": b"png", b"<": b"svg"}
    return next((kind for mark, kind in known.items() if text.startswith(mark)), None)


def _truncated_jpeg(path: Path, size: int) -> str | None:
    """Qt decodes a JPEG that stops half-way without an error and leaves the rest grey."""
    with path.open("rb") as file:
        if file.read(2) != b"\xff\xd8":
            return None
        file.seek(max(0, size - _TAIL))
        return None if _JPEG_END in file.read(_TAIL) else "truncated"


def _refused_header(reader: QImageReader) -> str | None:
    size = reader.size()
    if not size.isValid():
        return "not a picture"
    width, height = size.width(), size.height()
    if max(width, height) > LARGEST_SIDE or width * height > LARGEST_AREA:
        return f"absurdly large ({width} x {height})"
    return None


def _upright(reader: QImageReader) -> QSize:
    turned = reader.transformation() & QImageIOHandler.Transformation.TransformationRotate90
    return reader.size().transposed() if turned else reader.size()


def _scale_while_reading(reader: QImageReader, upright: QSize, size: tuple[int, int]) -> None:
    """Ask for vectors at their final size, and for a JPEG at the power of two just above it."""
    cover = max(size[0] / upright.width(), size[1] / upright.height())
    stored = reader.size()
    if bytes(reader.format().data()) in (b"svg", b"svgz"):
        reader.setScaledSize(
            QSize(math.ceil(stored.width() * cover), math.ceil(stored.height() * cover))
        )
        return
    steps = min(3, math.floor(math.log2(1 / cover))) if cover < 1 else 0
    if steps > 0:
        # libjpeg scales by 1/2, 1/4, 1/8 while it decodes; other formats ignore or emulate it.
        part = 2**steps
        reader.setScaledSize(
            QSize(math.ceil(stored.width() / part), math.ceil(stored.height() / part))
        )


def _in_srgb(image: QImage) -> QImage:
    space = image.colorSpace()
    srgb = QColorSpace(QColorSpace.NamedColorSpace.SRgb)
    if space.isValid() and space != srgb:
        image = image.convertedToColorSpace(srgb, QImage.Format.Format_RGB32)
    return image


def _cut(image: QImage, size: tuple[int, int], focus: tuple[float, float]) -> QImage:
    width, height = size
    part = image.copy(QRect(*map(round, cut((image.width(), image.height()), size, focus))))
    if part.size() != QSize(width, height):
        part = part.scaled(
            width,
            height,
            Qt.AspectRatioMode.IgnoreAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    has_alpha = part.hasAlphaChannel()
    part.convertTo(
        QImage.Format.Format_ARGB32_Premultiplied if has_alpha else QImage.Format.Format_RGB32
    )
    return part
