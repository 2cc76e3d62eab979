"""A contact sheet: all pictures of a tour on one page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from kiosk.player.typeset import FAMILY

CELL: Final = (480, 300)
GAP: Final = 24
CAPTION_PX: Final = 20
PAGE_WIDTH: Final = 2048


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """One small picture and the line beneath it."""

    image: QImage
    caption: str

    @classmethod
    def of(cls, image: QImage, caption: str) -> Thumbnail:
        """Shrink a whole frame into a cell."""
        small = image.scaled(
            *CELL,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        return cls(small, caption)


def contact_sheet(thumbnails: Sequence[Thumbnail]) -> QImage:
    """Draw every thumbnail in reading order."""
    columns = max(1, (PAGE_WIDTH - GAP) // (CELL[0] + GAP))
    rows = math.ceil(len(thumbnails) / columns)
    row_px = CELL[1] + CAPTION_PX * 2 + GAP
    sheet = QImage(PAGE_WIDTH, max(1, rows) * row_px + GAP, QImage.Format.Format_RGB32)
    sheet.fill(QColor("#D9D6CE"))
    painter = QPainter(sheet)
    font = QFont(FAMILY)
    font.setPixelSize(CAPTION_PX)
    painter.setFont(font)
    painter.setPen(QColor("#1D1D1B"))
    for number, thumbnail in enumerate(thumbnails):
        left = GAP + (number % columns) * (CELL[0] + GAP)
        top = GAP + (number // columns) * row_px
        image = thumbnail.image
        painter.drawImage(left, top + CELL[1] - image.height(), image)
        box = QRect(left, top + CELL[1] + 6, CELL[0], CAPTION_PX * 2)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft), thumbnail.caption)
    painter.end()
    return sheet
