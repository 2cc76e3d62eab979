"""Draws the picture of a film: it covers its area, cut around a point, by the CPU on any renderer.

Converted by Qt and drawn as an image: `QVideoFrame.paint` takes half as long again, for it lays a
ground and draws what is cut away.
"""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import (
    Property,
    QObject,
    QPointF,
    QRectF,
    Signal,
    Slot,
)
from PySide6.QtGui import QPainter
from PySide6.QtQml import QmlElement
from PySide6.QtQuick import QQuickItem, QQuickPaintedItem

from kiosk.player.cut import cut
from kiosk.player.film import Film

QML_IMPORT_NAME = "O2.Stage"
QML_IMPORT_MAJOR_VERSION = 1


@QmlElement
class FilmPane(QQuickPaintedItem):
    """The picture of `film`, with `aim` (0..1 across, 0..1 down) as near the middle as can be.

    Where there is no picture, what lies beneath is seen. (An item's own `focus` is the keyboard's.)
    """

    changed = Signal()

    def __init__(self, parent: QQuickItem | None = None) -> None:
        super().__init__(parent)
        self._film: Film | None = None
        self._aim = QPointF(0.5, 0.5)

    def paint(self, painter: QPainter) -> None:
        """Qt's call, on its render thread while the GUI thread waits."""
        image = self._film.picture() if self._film is not None else None
        if image is None or image.isNull():
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        area, aim = (self.width(), self.height()), (self._aim.x(), self._aim.y())
        part = QRectF(*cut((image.width(), image.height()), area, aim))
        painter.drawImage(QRectF(0, 0, *area), image, part)

    def _get_film(self) -> QObject | None:
        return self._film if self._film is not None and shiboken6.isValid(self._film) else None

    def _set_film(self, film: QObject | None) -> None:
        before = self._get_film()
        if isinstance(before, Film):
            before.frame_changed.disconnect(self.refresh)
        self._film = film if isinstance(film, Film) else None
        if self._film is not None:
            self._film.frame_changed.connect(self.refresh)
        self.refresh()
        self.changed.emit()

    def _get_aim(self) -> QPointF:
        return self._aim

    def _set_aim(self, aim: QPointF) -> None:
        self._aim = aim
        self.refresh()
        self.changed.emit()

    @Slot()  # in name: one that PySide adds on the way is not always called on QML's own objects
    def refresh(self) -> None:
        """Draw the film's picture of now."""
        self.update()

    film = Property(QObject, _get_film, _set_film, notify=changed)
    aim = Property(QPointF, _get_aim, _set_aim, notify=changed)
