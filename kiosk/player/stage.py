"""The one object QML sees: two slots to draw, and the facts QML reports back."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    Property,
    QAbstractListModel,
    QByteArray,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtQml import QmlElement, QmlUncreatable

from kiosk.player.blocks import Composition, Rect, ShapeBlock, TextBlock
from kiosk.player.images import code_source

QML_IMPORT_NAME = "O2.Stage"
QML_IMPORT_MAJOR_VERSION = 1

_NOWHERE = Rect(0, 0, 0, 0)
_INDEX = QModelIndex | QPersistentModelIndex


@dataclasses.dataclass(frozen=True, slots=True)
class DrawnPicture:
    """A picture whose pixels QML can have from `source`."""

    source: str
    area: Rect


class Blocks(QAbstractListModel):
    """A list of frozen records of one kind; every field is a role of the same name."""

    def __init__(self, kind: type, parent: QObject) -> None:
        super().__init__(parent)
        self._names = [field.name for field in dataclasses.fields(kind)]
        self._rows: tuple[Any, ...] = ()

    def show(self, rows: Sequence[Any]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: _INDEX | None = None) -> int:  # noqa: N802
        """Qt's call."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: _INDEX, role: int = 0) -> Any:
        """Qt's call."""
        value = getattr(self._rows[index.row()], self._names[role - Qt.ItemDataRole.UserRole])
        return _qrect(value) if isinstance(value, Rect) else value

    def roleNames(self) -> dict[int, QByteArray]:  # noqa: N802
        """Qt's call."""
        first = Qt.ItemDataRole.UserRole
        return {first + n: QByteArray(name.encode()) for n, name in enumerate(self._names)}


def _qrect(area: Rect) -> QRect:
    return QRect(area.x, area.y, area.width, area.height)


@QmlElement
@QmlUncreatable("made by the player")
class SceneCard(QObject):  # type: ignore[operator]
    """What one slot draws. The object stays; its facts are replaced as a whole."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._pictures = Blocks(DrawnPicture, self)
        self._shapes = Blocks(ShapeBlock, self)
        self._texts = Blocks(TextBlock, self)
        self._said = Blocks(TextBlock, self)
        self._film: QObject | None = None
        self._film_area, self._film_focus = _NOWHERE, QPointF(0.5, 0.5)
        self._ground = "#F7F5F0"
        self._code = ""
        self._tile = _NOWHERE

    def draw(
        self,
        composition: Composition,
        pictures: Sequence[str],
        code: str,
        film: QObject | None = None,
    ) -> None:
        """Take the facts of a composition whose pictures and code QML can have at these URLs.

        `film` is its clip, ready to be played; None: the pictures and words stand in for it.
        """
        block, strip = composition.code, composition.film
        running = film is not None and strip is not None
        self._ground = composition.ground
        self._code = code if block else ""
        self._tile = block.tile if block else _NOWHERE
        drawn = zip(pictures, composition.pictures, strict=True)
        codes = [DrawnPicture(code_source(other), other.tile) for other in composition.more]
        images = [DrawnPicture(source, picture.area) for source, picture in drawn]
        self._pictures.show([*images, *codes])
        self._shapes.show(composition.shapes)
        texts = strip.texts if strip is not None and running else composition.texts
        self._texts.show([*texts, *(code.domain for code in composition.codes)])
        self._said.show(())
        self._film = film if running else None
        if strip is not None:
            self._film_area, self._film_focus = strip.area, QPointF(*strip.focus)
        self.changed.emit()

    def say(self, texts: Sequence[TextBlock]) -> None:
        """Show these words of the clip, and none of those before."""
        self._said.show(texts)

    def clear(self) -> None:
        """Draw nothing and let go of the pixels."""
        self._code, self._tile, self._film = "", _NOWHERE, None
        for blocks in (self._pictures, self._shapes, self._texts, self._said):
            blocks.show(())
        self.changed.emit()

    def _get_pictures(self) -> QObject:
        return self._pictures

    def _get_shapes(self) -> QObject:
        return self._shapes

    def _get_texts(self) -> QObject:
        return self._texts

    def _get_said(self) -> QObject:
        return self._said

    def _get_film(self) -> QObject | None:
        return self._film

    def _get_film_area(self) -> QRect:
        return _qrect(self._film_area)

    def _get_film_focus(self) -> QPointF:
        return self._film_focus

    def _get_ground(self) -> str:
        return self._ground

    def _get_code(self) -> str:
        return self._code

    def _get_tile(self) -> QRect:
        return _qrect(self._tile)

    pictures = Property(QObject, _get_pictures, constant=True)
    shapes = Property(QObject, _get_shapes, constant=True)
    texts = Property(QObject, _get_texts, constant=True)
    said = Property(QObject, _get_said, constant=True)
    film = Property(QObject, _get_film, notify=changed)
    filmArea = Property(QRect, _get_film_area, notify=changed)  # noqa: N815
    filmFocus = Property(QPointF, _get_film_focus, notify=changed)  # noqa: N815
    ground = Property(str, _get_ground, notify=changed)
    code = Property(str, _get_code, notify=changed)
    tile = Property(QRect, _get_tile, notify=changed)


@QmlElement
@QmlUncreatable("made by the player")
class Stage(QObject):  # type: ignore[operator]
    """Two slots, one of them on the glass. Down go `cut` and `fade`, up comes `faded`."""

    cut = Signal(int, arguments=["slot"])
    fade = Signal(int, arguments=["slot"])
    ended = Signal()
    leave = Signal()
    changed = Signal()

    def __init__(self, ground: str, fade_ms: int, turn: int, leave_keys: Sequence[str]) -> None:
        super().__init__()
        self._cards = (SceneCard(self), SceneCard(self))
        self._ground = ground
        self._fade_ms = fade_ms
        self._turn = turn
        self._leave_keys = list(leave_keys)

    def card(self, slot: int) -> SceneCard:
        """The card of slot 0 or 1."""
        return self._cards[slot]

    def set_turn(self, degrees: int) -> None:
        """Turn the picture clockwise, for a panel turned without telling the system."""
        self._turn = degrees
        self.changed.emit()

    @Slot()
    def faded(self) -> None:
        """QML: the crossfade has run; the next frame shows the new scene alone."""
        self.ended.emit()

    @Slot()
    def asked_to_leave(self) -> None:
        """QML: the chord was pressed."""
        self.leave.emit()

    def _get_first(self) -> SceneCard:
        return self._cards[0]

    def _get_second(self) -> SceneCard:
        return self._cards[1]

    def _get_ground(self) -> str:
        return self._ground

    def _get_fade_ms(self) -> int:
        return self._fade_ms

    def _get_turn(self) -> int:
        return self._turn

    def _get_leave_keys(self) -> list[str]:
        return self._leave_keys

    first = Property(SceneCard, _get_first, constant=True)
    second = Property(SceneCard, _get_second, constant=True)
    ground = Property(str, _get_ground, constant=True)
    fadeMs = Property(int, _get_fade_ms, constant=True)  # noqa: N815
    turn = Property(int, _get_turn, notify=changed)
    leaveKeys = Property(  # noqa: N815
        "QVariantList",  # type: ignore[arg-type]
        _get_leave_keys,
        constant=True,
    )
