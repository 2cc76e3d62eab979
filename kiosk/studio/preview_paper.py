"""The preview's window as it is painted: the picture, the caption below, errors beside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QTextOption

from kiosk.player.typeset import FAMILY
from kiosk.studio.preview_still import Still, paint_still
from kiosk.studio.preview_words import Caption, Item, Panel

GROUND: Final = "#D9D6CF"
PAPER: Final = "#FFFFFF"
RULE: Final = "#B9B5AC"
INK: Final = "#1D1D1B"
QUIET: Final = "#5A5751"
WARN: Final = "#8A3B00"
GOOD: Final = "#1C6B3A"
TEXT_PX: Final = 17
"""At 96 dots an inch; all lengths follow from it."""
FAR: Final = 100_000.0

Size = tuple[int, int]
Style = tuple[QFont, str]


@dataclass(frozen=True, slots=True)
class Page:
    """All that the window shows. `blank` stands where there is no picture, `still` over one."""

    image: QImage | None
    blank: str
    caption: Caption
    panel: Panel | None
    first: int = 0
    dark: bool = False
    still: Still | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Where things are in a window of this size."""

    picture: QRect
    caption: QRect
    panel: QRect


def plan(size: Size, scale: float, *, panel: bool) -> Plan:
    """Lay out a window; `scale` is dots an inch by 96."""
    width, height = size
    pad, line = round(14 * scale), round(26 * scale)
    foot = 3 * line + pad
    beside = min(round(width * 0.42), max(round(420 * scale), round(width * 0.34))) if panel else 0
    body = max(1, height - foot)
    room = QRect(pad, pad, max(1, width - beside - 2 * pad), max(1, body - 2 * pad))
    return Plan(room, QRect(0, body, width, foot), QRect(width - beside, 0, beside, body))


def paint(painter: QPainter, size: Size, scale: float, page: Page) -> int:
    """Paint it all; how many of the panel's items are on it."""
    painter.setRenderHints(
        QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.TextAntialiasing
    )
    where = plan(size, scale, panel=page.panel is not None)
    painter.fillRect(QRect(0, 0, *size), QColor(GROUND))
    _picture(painter, where.picture, page, scale)
    _caption(painter, where.caption, page.caption, scale)
    if page.panel is None:
        return 0
    return _panel(painter, where.panel, page.panel, page.first, scale)


def _picture(painter: QPainter, room: QRect, page: Page, scale: float) -> None:
    if page.image is None or page.image.isNull():
        painter.setFont(_font(TEXT_PX + 2, scale))
        painter.setPen(QColor(QUIET))
        option = QTextOption(Qt.AlignmentFlag.AlignCenter)
        painter.drawText(QRectF(room), page.blank, option)
        return
    fits = page.image.size()
    if fits.width() > room.width() or fits.height() > room.height():
        fits = fits.scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
    at = QRect(room.topLeft(), _at_least_one(fits))
    at.moveCenter(room.center())
    if page.dark:
        painter.fillRect(at, QColor("black"))
    elif fits == page.image.size():
        painter.drawImage(at.topLeft(), page.image)
    else:
        painter.drawImage(at, page.image)
    if page.still is not None and not page.dark:
        paint_still(painter, at, page.still)
    painter.setPen(QColor(RULE))
    painter.drawRect(at.adjusted(-1, -1, 0, 0))


def _at_least_one(size: QSize) -> QSize:
    return QSize(max(1, size.width()), max(1, size.height()))


def _caption(painter: QPainter, room: QRect, caption: Caption, scale: float) -> None:
    painter.fillRect(room, QColor(PAPER))
    painter.fillRect(QRect(room.x(), room.y(), room.width(), 1), QColor(RULE))
    pad, line = 14 * scale, 26 * scale
    rows = (
        (caption.what, (_font(TEXT_PX, scale, bold=True), INK)),
        (caption.state, (_font(TEXT_PX, scale), GOOD if caption.good else WARN)),
        (caption.keys, (_font(TEXT_PX - 2, scale), QUIET)),
    )
    for number, (text, (font, colour)) in enumerate(rows):
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width() - 2 * pad)
        base = room.y() + pad / 2 + number * line + (line + metrics.capHeight()) / 2
        painter.drawText(QPointF(room.x() + pad, base), shown)


def _panel(painter: QPainter, room: QRect, panel: Panel, first: int, scale: float) -> int:
    painter.fillRect(room, QColor(PAPER))
    painter.fillRect(QRect(room.x(), room.y(), 1, room.height()), QColor(RULE))
    pad = 18 * scale
    text = QRectF(room).adjusted(pad, pad, -pad, -pad)
    y = _text(painter, text, text.y(), panel.heading, (_font(TEXT_PX + 5, scale, bold=True), WARN))
    y = _text(painter, text, y + 4 * scale, panel.below, (_font(TEXT_PX - 1, scale), QUIET))
    y += 14 * scale
    bottom, shown = text.bottom() - 24 * scale, 0
    for item in panel.items[first:]:
        high = _item(None, text, y, item, scale)
        if high > bottom and shown:
            break
        painter.save()
        painter.setClipRect(QRectF(text.x(), y, text.width(), bottom - y))
        y = _item(painter, text, y, item, scale) + 14 * scale
        painter.restore()
        shown += 1
    if shown < len(panel.items):
        last = f"{first + 1} à {first + shown} sur {len(panel.items)}   Pg↑ Pg↓ ou molette"
        _text(painter, text, bottom + 4 * scale, last, (_font(TEXT_PX - 2, scale), QUIET))
    return shown


def _item(painter: QPainter | None, room: QRectF, y: float, item: Item, scale: float) -> float:
    """Where it ends; it is painted where there is a painter."""
    if item.place:
        y = _text(painter, room, y, item.place, (_font(TEXT_PX - 1, scale, bold=True), INK))
    y = _text(painter, room, y, item.message, (_font(TEXT_PX, scale), INK))
    if item.remedy:
        y = _text(painter, room, y, f"→ {item.remedy}", (_font(TEXT_PX, scale), GOOD))
    return y


def _text(painter: QPainter | None, room: QRectF, y: float, text: str, style: Style) -> float:
    """Paint a paragraph from `y` on; where it ends."""
    font, colour = style
    box = QRectF(room.x(), y, room.width(), FAR)
    flags = Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere
    flags = Qt.TextFlag.TextWordWrap if _fits(text, font, room.width()) else flags
    high = QFontMetricsF(font).boundingRect(box, flags, text).height()
    if painter is not None:
        painter.setFont(font)
        painter.setPen(QColor(colour))
        painter.drawText(box, flags, text)
    return y + high


def _fits(text: str, font: QFont, width: float) -> bool:
    """Whether each word has a line of its own to stand on."""
    metrics = QFontMetricsF(font)
    return all(metrics.horizontalAdvance(word) <= width for word in text.split())


def _font(px: int, scale: float, *, bold: bool = False) -> QFont:
    font = QFont(FAMILY)
    font.setPixelSize(max(8, round(px * scale)))
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return font
