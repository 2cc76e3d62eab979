"""A clip's picture of one moment, painted in its place over the picture of its scene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QRegion

from kiosk.player.blocks import Composition, FilmBlock, Rect, TextBlock
from kiosk.player.cut import cut
from kiosk.player.typeset import FAMILY

OVERHANG: Final = 0.12
"""How far letters may stand out of their lines, in em."""


@dataclass(frozen=True, slots=True)
class Still:
    """The clip's picture, the scene it belongs to, and what is said at that moment."""

    image: QImage
    composition: Composition
    film: FilmBlock
    said: tuple[TextBlock, ...]


def paint_still(painter: QPainter, at: QRect, still: Still) -> None:
    """Paint it over the scene's picture, which fills `at`."""
    whole = still.composition
    painter.save()
    painter.setClipRect(at)
    painter.translate(at.topLeft())
    painter.scale(at.width() / whole.width, at.height() / whole.height)
    _wipe(painter, still)
    _picture(painter, still)
    for text in still.said:
        _text(painter, text)
    painter.restore()


def _wipe(painter: QPainter, still: Still) -> None:
    """Take away the words that only stand while the poster does."""
    for text in still.composition.texts:
        if text not in still.film.texts:
            over = text.px * OVERHANG
            area = _rect(text.area).adjusted(-over, -over, over, over)
            painter.fillRect(area, QColor(still.composition.ground))


def _picture(painter: QPainter, still: Still) -> None:
    """The clip's, beneath whatever plate lies over it."""
    area = _rect(still.film.area)
    free = QRegion(area.toRect())
    for shape in still.composition.shapes:
        free -= QRegion(_rect(shape.area).toRect())
    whole = still.image.width(), still.image.height()
    part = QRectF(*cut(whole, (area.width(), area.height()), still.film.focus))
    painter.save()
    painter.setClipRegion(free)
    painter.drawImage(area, still.image, part)
    painter.restore()


def _text(painter: QPainter, text: TextBlock) -> None:
    font = QFont(FAMILY)
    font.setPixelSize(text.px)
    font.setWeight(QFont.Weight(text.weight))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    painter.setFont(font)
    painter.setPen(QColor(text.colour))
    base = text.area.y + QFontMetricsF(font).ascent()
    for number, line in enumerate(text.text.split("\n")):
        painter.drawText(QPointF(text.area.x, base + number * text.line_px), line)


def _rect(area: Rect) -> QRectF:
    return QRectF(area.x, area.y, area.width, area.height)
