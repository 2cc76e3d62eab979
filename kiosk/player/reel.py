"""The clip of one play: verified, its first frame decoded, run once; or given up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from kiosk.player.blocks import FilmBlock, TextBlock
from kiosk.player.desk import Desk
from kiosk.player.hush import hush_qt
from kiosk.player.pictures import Unreadable

if TYPE_CHECKING:
    from kiosk.player.film import Film


class Reel(QObject):
    """What becomes of a scene's clip.

    `settled` follows once, when its first frame is there or it was given up; `given_up(why)` may
    come at any moment. `says(texts)` tells what is to be read at each moment of it.
    """

    settled = Signal()
    given_up = Signal(str)
    says = Signal(object)

    def __init__(self, block: FilmBlock, path: Path, parent: QObject) -> None:
        super().__init__(parent)
        self.block = block
        """How it is laid out; another one after the screen has changed its size."""
        self.path = path
        self.is_settled = False
        self._film: Film | None = None
        self._closed = False
        self._saying: tuple[TextBlock, ...] = ()

    @property
    def film(self) -> Film | None:
        """The clip, if its first frame is there."""
        return self._film if self.is_settled else None

    def load(self, desk: Desk, intact: Callable[[Path], bool]) -> None:
        """Look at its bytes, then have its first frame decoded."""
        desk.verify(self.path, intact, self._verified)

    def play(self) -> None:
        """Run it, from the first frame to the last, which stays."""
        if self.film is not None:
            self.film.moved.connect(self._says)
            self._says(0.0)
            self.film.play()

    def freeze(self) -> None:
        """Hold the frame that is shown: the scene leaves."""
        if self.film is not None:
            self.film.pause()

    def close(self) -> None:
        """Let go of the file and the decoder. Nothing is told afterwards."""
        if not self._closed:
            self._closed = True
            self._let_go()
            self.deleteLater()

    def _verified(self, wrong: Unreadable | None) -> None:
        if self._closed:
            return
        if wrong is not None:
            self._give_up(wrong.why)
            return
        hush_qt()
        # Here: a campaign without clips needs no QtMultimedia. The pane's makes QML know it.
        import kiosk.player.film_pane  # noqa: F401
        from kiosk.player.film import Film

        self._film = Film(self.path, self, duration_s=self.block.duration_s)
        self._film.ready.connect(self._settle)
        self._film.failed.connect(self._give_up)
        self._film.cue()

    def _settle(self) -> None:
        if not self.is_settled:
            self.is_settled = True
            self.settled.emit()

    def _give_up(self, why: str) -> None:
        self._let_go()
        self.given_up.emit(why)
        self._settle()

    def _says(self, position_s: float) -> None:
        texts = self.block.said_at(position_s)
        if texts != self._saying:
            self._saying = texts
            self.says.emit(texts)

    def _let_go(self) -> None:
        film, self._film = self._film, None
        if film is not None:
            film.stop()
            film.deleteLater()
