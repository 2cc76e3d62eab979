"""A window that follows a campaign's files as they are saved, scene by scene."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import shiboken6
from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QImage,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QRasterWindow,
    QResizeEvent,
    QWheelEvent,
)

from kiosk.studio.preview_film import Screening, Showing, showing
from kiosk.studio.preview_keys import Step, step_of
from kiosk.studio.preview_painter import GONE, Drawn, Painter
from kiosk.studio.preview_paper import Page, paint, plan
from kiosk.studio.preview_play import Play
from kiosk.studio.preview_read import Errand, Watch, read
from kiosk.studio.preview_view import Book, ContentOf, Sight, Trouble, View, sight
from kiosk.studio.preview_words import Panel, caption, falters, panel, refused, title

FIRST_SIZE: Final = (1600, 1000)
LEAST: Final = (640, 480)
FRAME: Final = (16, 48)
"""What a desktop puts around a window, at 96 dots an inch."""
SETTLE_MS: Final = 120
_LATER: Final = "Un instant…"
Key = Qt.Key


class Preview(QRasterWindow):
    """Shows a view of the folder `path`, and what is wrong with it. `closed` when it is left."""

    closed = Signal()

    def __init__(self, path: Path, view: View, content_of: ContentOf) -> None:
        super().__init__()
        self.path, self.view, self._content_of = path, view, content_of
        self.book: Book | None = None
        self.trouble: Trouble | None = None
        self.seen: Sight | None = None
        self.drawn: Drawn | None = None
        self._last: Drawn | None = None
        self._awaited = 0
        self._first = self._shown = 0
        self.play = Play(self)
        self.play.ticked.connect(self._played)
        self._painter = Painter(self)
        self._painter.drawn.connect(self._came)
        self._wanted: Showing | None = None
        self.screening = Screening(self)
        self.screening.moved.connect(self.update)
        self.screening.faltered.connect(self._draw)
        self._watch = Watch(self, path)
        self._watch.changed.connect(self.read_again)
        self._reading: Errand[Book | Trouble] = Errand(self, self._read)
        self._resized = QTimer(self)
        self._resized.setSingleShot(True)
        self._resized.timeout.connect(self._draw)
        self.setTitle(title(None))
        self.setMinimumWidth(LEAST[0])
        self.setMinimumHeight(LEAST[1])
        self.resize(*first_size(self.screen().availableGeometry().size(), self._scale()))

    def begin(self) -> None:
        """Read the folder, and follow it from now on."""
        self._painter.start()
        self._watch.look()
        self.read_again()

    def read_again(self) -> None:
        """Read the folder now."""
        path, content_of = self.path, self._content_of
        self._reading.run(lambda: read(path, content_of))

    def end(self) -> None:
        """Follow no more, and take down what was started, and the window. It is of no use then."""
        self._resized.stop()
        self._watch.close()
        self._reading.close()
        self.play.close()
        self.screening.clear()
        self._painter.close()
        # Now and here: what Python finds to be garbage dies on whatever thread finds it.
        shiboken6.delete(self)

    # -- what it shows ----------------------------------------------------------------------

    @property
    def panel(self) -> Panel | None:
        """What is wrong: with the folder, else with the scene's picture, else with its clip."""
        if self.trouble is not None:
            return panel(self.trouble, stands=self._last is not None)
        if self.drawn is not None and self.drawn.refused and self.seen is not None:
            why = self.drawn.refused
            french = "Le dessin s’est arrêté en route; R le relance" if why == GONE else why
            return refused(self.seen.place, french)
        film = self.screening
        if self.seen is not None and film.showing is not None and (film.why or film.misread):
            return falters(self.seen.place, film.showing.clip.name, film.why, film.misread)
        return None

    @property
    def page(self) -> Page:
        """All that is in the window now."""
        drawn, seen = self.drawn, self.seen
        misfits = drawn.misfits if drawn is not None else ()
        stands = self._last if self._may_stand() else None
        return Page(
            image=stands.image if stands else None,
            blank="" if self.panel else _LATER,
            caption=caption(seen, misfits, self._playing()),
            panel=self.panel,
            first=self._first,
            dark=seen is not None and seen.played and not seen.lit,
            still=self.screening.still,
        )

    def picture(self) -> QImage:
        """The window as it is painted now."""
        image = QImage(self.size(), QImage.Format.Format_RGB32)
        painter = QPainter(image)
        self._paint(painter)
        painter.end()
        return image

    def _may_stand(self) -> bool:
        """The last good picture stays, but not under the name of a scene that has none."""
        if self._last is None or self.drawn is None or not self.drawn.refused:
            return True
        now, then = self.drawn.order.scene, self._last.order.scene
        return now is not None and then is not None and now.id == then.id

    def _playing(self) -> str:
        if not self.play.on:
            return ""
        return f"Lecture ×{self.play.speed}" if self.play.ready else "Lecture : un instant…"

    def _paint(self, painter: QPainter) -> None:
        size = (self.width(), self.height())
        self._shown = paint(painter, size, self._scale(), self.page)

    def _scale(self) -> float:
        return max(1.0, self.screen().logicalDotsPerInch() / 96)

    # -- what happens -----------------------------------------------------------------------

    def _read(self, found: Book | Trouble) -> None:
        self._first = 0
        if isinstance(found, Trouble):
            self.trouble = found
            self._stop()
        else:
            self.book, self.trouble = found, None
            self.view = found.settled(self.view)
            if self.play.on:
                now = self.play.now if self.play.ready else self.view.at
                self.play.start(found, replace(self.view, at=now))
            self._look()
        self._draw()

    def _look(self) -> None:
        """See the view afresh."""
        if self.book is not None:
            self.seen = sight(self.book, self.view)

    def _played(self) -> None:
        seen = self.play.sight()
        if seen is None:
            return
        before, self.seen, self.view = self.seen, seen, seen.view
        if before is None or _facts(before) != _facts(seen):
            self._draw()
        else:
            self._show()

    def _draw(self) -> None:
        """Have the view drawn for the room there is; a clip that is no more wanted ends."""
        self._wanted = None if self.play.hurries else showing(self.seen)
        if self._wanted != self.screening.showing:
            self.screening.rest()
        self._show()
        if self.seen is None:
            return
        where = plan((self.width(), self.height()), self._scale(), panel=self.panel is not None)
        box = where.picture.width(), where.picture.height()
        seen = self.seen
        self._awaited = self._painter.order(seen.content, seen.scene, seen.size, box)

    def _came(self, drawn: Drawn) -> None:
        if drawn.order.number != self._awaited:
            return
        had = self.panel is not None
        self.drawn = drawn
        if not drawn.refused:
            self._last = drawn
        self._show()
        if had and self.panel is None:
            self._draw()  # there is more room again
        elif not drawn.refused:
            self._screen(drawn)

    def _screen(self, drawn: Drawn) -> None:
        """The picture is there: so may its clip be."""
        if self._wanted is None or drawn.composition is None:
            self.screening.clear()
        else:
            self.screening.begin(self._wanted, drawn.composition)

    def _show(self) -> None:
        self.setTitle(title(self.seen))
        self.update()

    # -- keys -------------------------------------------------------------------------------

    def press(self, key: int, *, shift: bool = False) -> None:
        """Do as a key says; other keys do nothing."""
        if key in (Key.Key_PageUp, Key.Key_PageDown):
            self._turn(1 if key == Key.Key_PageDown else -1)
        elif key == Key.Key_R:
            self.screening.rest()
            self.read_again()
        elif key == Key.Key_V:
            self.play.faster()
            self._draw()
        elif key == Key.Key_C and self._wanted is not None:
            self._again()
        elif key == Key.Key_Space:
            self._toggle()
        else:
            self._step(step_of(key, shift=shift))

    def _step(self, step: Step | None) -> None:
        if step is None or self.book is None:
            return
        self._stop()
        self.view = step(self.book, self.view)
        self._look()
        self._draw()

    def _again(self) -> None:
        """Show the clip once more."""
        self.screening.again()
        self._draw()

    def _toggle(self) -> None:
        if self.play.on:
            self._stop()
            self._look()
            self._draw()
        elif self.book is not None and self.trouble is None:
            self.play.start(self.book, self.view)
            self._show()

    def _stop(self) -> None:
        self.play.stop()

    def _turn(self, by: int) -> None:
        """Another page of the panel."""
        found = self.panel
        if found is not None:
            last = max(0, len(found.items) - 1)
            self._first = min(max(0, self._first + by * max(1, self._shown)), last)
            self._show()

    # -- what Qt asks -----------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        del event
        painter = QPainter(self)
        self._paint(painter)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._resized.start(SETTLE_MS)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.key() == Key.Key_Escape or (control and event.key() == Key.Key_Q):
            self.close()
        elif not control:
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.press(event.key(), shift=shift)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        by = -1 if event.angleDelta().y() > 0 else 1
        found = self.panel
        if found is not None and self._shown < len(found.items):
            self._first = min(max(0, self._first + by), len(found.items) - 1)
            self._show()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        super().closeEvent(event)
        self.closed.emit()


def first_size(room: QSize, scale: float) -> tuple[int, int]:
    """As large as is useful, and as a display's free room lets it be; px."""
    width, height = (round(edge * scale) for edge in FRAME)
    most = room.width() - width, room.height() - height
    return max(LEAST[0], min(FIRST_SIZE[0], most[0])), max(LEAST[1], min(FIRST_SIZE[1], most[1]))


def _facts(seen: Sight) -> tuple[object, ...]:
    """What makes another picture of it."""
    return seen.scene, seen.size, seen.played
