"""The preview plays: what a screen would show from a moment on, in real time or faster."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from kiosk.campaign.rehearsal import Rehearsal, rehearse
from kiosk.campaign.today import as_of
from kiosk.player.regions import orientation_of
from kiosk.studio.preview_read import Errand
from kiosk.studio.preview_view import LAST, Book, Sight, View, sight

SPEEDS: Final = (1, 10)
AHEAD: Final = timedelta(minutes=30)
TICK_MS: Final = 200


class Play(QObject):
    """A clock that runs, and the plays of a rehearsal; it says `ticked` as it goes."""

    ticked = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.speed = SPEEDS[0]
        self.on = False
        self._told: Rehearsal | None = None
        self._since = datetime.min
        self._elapsed = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._errand: Errand[Rehearsal] = Errand(self, self._begin)
        self._book: Book | None = None
        self._view: View | None = None

    @property
    def ready(self) -> bool:
        """Whether the loop runs; it takes a moment to be known."""
        return self.on and self._told is not None

    @property
    def now(self) -> datetime:
        """The moment it is, in UTC."""
        return self._since + timedelta(milliseconds=self._elapsed.elapsed() * self.speed)

    @property
    def hurries(self) -> bool:
        """Whether it goes faster than a clip can."""
        return self.on and self.speed != SPEEDS[0]

    def start(self, book: Book, view: View) -> None:
        """Play from the view's moment on."""
        self.on, self._told, self._book, self._view = True, None, book, view
        self._timer.stop()
        content, shape = book.content(view), orientation_of(book.sizes(view)[view.size])
        ends = min(view.at + AHEAD, LAST + AHEAD)
        self._errand.run(lambda: rehearse(content, shape, view.at, ends))

    def stop(self) -> None:
        """Stand still."""
        self.on, self._told = False, None
        self._timer.stop()

    def faster(self) -> None:
        """The other speed, from now on."""
        if self.ready:
            self._since = self.now
            self._elapsed.start()
        self.speed = SPEEDS[(SPEEDS.index(self.speed) + 1) % len(SPEEDS)]

    def close(self) -> None:
        """End it."""
        self.stop()
        self._errand.close()

    def sight(self) -> Sight | None:
        """What is on the glass now; None before it is known."""
        if self._told is None or self._book is None or self._view is None:
            return None
        now = min(self.now, self._told.ends)
        found = self._told.at(now)
        turn = found.turn if found.stretch.lit else None
        view = replace(self._view, at=now, scene=turn.scene if turn else self._view.scene)
        seen = replace(sight(self._book, view), left_out=None, played=True, lit=found.stretch.lit)
        if turn is None:
            return replace(seen, scene=None)
        # It was cast before its first frame stood, with the words of that moment.
        at = max(turn.began, self._told.begins)
        scenes = {scene.id: scene for scene in self._book.scenes(view)}
        content = seen.content
        was = as_of(scenes[turn.scene], content.campaign, content.agency, at)[0]
        return replace(seen, scene=was)

    def _begin(self, told: Rehearsal) -> None:
        if not self.on:
            return
        self._told, self._since = told, told.begins
        self._elapsed.start()
        self._timer.start(TICK_MS)
        self.ticked.emit()

    def _tick(self) -> None:
        told, book, view = self._told, self._book, self._view
        if told is None or book is None or view is None:
            return
        self.ticked.emit()
        if self.on and self.now >= told.ends and told.ends < LAST:
            self.start(book, replace(view, at=told.ends))
