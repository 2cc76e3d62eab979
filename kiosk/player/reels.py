"""The clips of the scenes at hand: which of them run, and for which their picture stands in."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Final

from PySide6.QtCore import QObject, Signal

from kiosk.player.cast import Cast
from kiosk.player.desk import Desk
from kiosk.player.reel import Reel

log = logging.getLogger("kiosk.player")

MOST_FALTERS: Final = 3
"""A clip that could not be played so often is not tried again until the next release."""


class Reels(QObject):
    """Loads the reel of each cast that has a clip.

    `settled(token)`: the first frame is there, or the clip was given up. `given_up(token)`: its
    picture stands in from now on. `says(token, texts)`: what is to be read at this moment of it.
    `faltered(scene, why)` is for the log; `playing(name)` says which file is being decoded on the
    glass, empty where none is.
    """

    settled = Signal(int)
    given_up = Signal(int)
    says = Signal(int, object)
    faltered = Signal(str, str)
    playing = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._falters: Counter[str] = Counter()

    def renew(self) -> None:
        """A new release: whatever could not be played is tried again."""
        self._falters.clear()

    def load(self, token: int, cast: Cast) -> None:
        """Have the first frame of its clip decoded, if it has one that can be played."""
        film, scene = cast.composition.film, cast.scene
        if film is None or scene is None or self._falters[film.name] >= MOST_FALTERS:
            return
        path = cast.content.media(film.name)
        if path is None:
            self._falter(scene.id, film.name, "missing")
            return
        reel = cast.reel = Reel(film, path, self)
        reel.settled.connect(lambda: self.settled.emit(token))
        reel.says.connect(lambda texts: self.says.emit(token, texts))

        def given_up(why: str) -> None:
            self._falter(scene.id, film.name, why)
            self.given_up.emit(token)

        reel.given_up.connect(given_up)
        reel.load(self._desk, cast.content.intact)

    def play(self, cast: Cast) -> None:
        """The scene has the glass to itself: let its clip run."""
        if cast.reel is not None and cast.film is not None:
            self.playing.emit(cast.reel.path.name)
            cast.reel.play()

    def freeze(self, cast: Cast) -> None:
        """The scene leaves: its clip stands still."""
        if cast.reel is not None:
            cast.reel.freeze()
            self.playing.emit("")

    def part_with(self, cast: Cast) -> None:
        """The scene has left: let go of its clip."""
        reel, cast.reel = cast.reel, None
        if reel is not None:
            reel.close()

    def _falter(self, scene: str, clip: str, why: str) -> None:
        self._falters[clip] += 1
        log.warning("scene %s: its picture stands in for %s: %s", scene, clip, why)
        self.faltered.emit(scene, why)
