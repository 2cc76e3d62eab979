"""The clip of the scene that is looked at: it runs once, and its last picture stays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from kiosk.campaign.document import Problem
from kiosk.campaign.model import Video
from kiosk.campaign.parse import Broken
from kiosk.player.blocks import Composition, TextBlock
from kiosk.player.hush import hush_qt
from kiosk.player.subtitled import read_subtitles
from kiosk.studio.preview_still import Still
from kiosk.studio.preview_view import Sight, Size

if TYPE_CHECKING:
    from kiosk.player.film import Film

NOT_THERE = "not in the folder; add it, or correct its name"


@dataclass(frozen=True, slots=True)
class File:
    """A file of a scene, and its state; one that is saved again is another. No path: missing."""

    name: str
    path: Path | None
    changed_ns: int = 0
    length: int = -1


@dataclass(frozen=True, slots=True)
class Showing:
    """A clip as it is to be seen: while this stays the same, it is not begun again."""

    scene: Video
    size: Size
    agency: str
    screen: str
    played: bool
    clip: File
    words: File | None


def showing(seen: Sight | None) -> Showing | None:
    """The clip of what is looked at; None where there is none."""
    if seen is None or not isinstance(seen.scene, Video):
        return None
    scene, view = seen.scene, seen.view
    clip = _file(seen, scene.clip)
    words = _file(seen, scene.subtitles) if scene.subtitles else None
    return Showing(scene, seen.size, view.agency, view.screen, seen.played, clip, words)


def _file(seen: Sight, name: str) -> File:
    path = seen.content.media(name)
    try:
        facts = path.stat() if path is not None else None
    except OSError:  # it goes away while it is looked at
        facts = None
    return File(name, path, facts.st_mtime_ns, facts.st_size) if facts else File(name, None)


class Screening(QObject):
    """Runs the clip of a showing. `moved` with every picture, `faltered` once there is a `why`."""

    moved = Signal()
    faltered = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.showing: Showing | None = None
        self.why = ""
        """What is wrong with the clip; its poster stands."""
        self.misread: tuple[Problem, ...] = ()
        """What is wrong with its subtitles; the quote stands in their place."""
        self._composition: Composition | None = None
        self._film: Film | None = None
        self._image = QImage()
        self._said: tuple[TextBlock, ...] = ()

    @property
    def still(self) -> Still | None:
        """What stands over the poster now."""
        whole = self._composition
        if whole is None or whole.film is None or self._image.isNull():
            return None
        return Still(self._image, whole, whole.film, self._said)

    @property
    def runs(self) -> bool:
        """Whether its file is open."""
        return self._film is not None

    def begin(self, showing: Showing, composition: Composition) -> None:
        """Run this clip once; one that runs already, or has run, is left alone."""
        if showing == self.showing:
            return
        self.clear()
        self.showing, self._composition = showing, composition
        self.misread = _misread(showing.words)
        self._run()
        if self.misread:
            self.faltered.emit()

    def again(self) -> None:
        """Run it once more; its last picture stays until the first one is there."""
        if self.showing is not None:
            self._let_go()
            self.why = ""
            self._run()

    def rest(self) -> None:
        """Something else is looked at: let go of the file; the picture stays until `clear`."""
        self._let_go()
        self.showing, self.why, self.misread = None, "", ()

    def clear(self) -> None:
        """Let go of everything."""
        self.rest()
        self._composition, self._image, self._said = None, QImage(), ()

    def _run(self) -> None:
        assert self.showing is not None
        path = self.showing.clip.path
        if path is None:
            self._give_up(NOT_THERE)
            return
        hush_qt()
        from kiosk.player.film import Film

        self._film = Film(path, self, duration_s=self.showing.scene.duration_s)
        self._film.ready.connect(self._film.play)
        self._film.frame_changed.connect(self._pictured)
        self._film.moved.connect(self._moved)
        self._film.ended.connect(self._let_go)
        self._film.failed.connect(self._give_up)
        self._film.cue()

    def _pictured(self) -> None:
        if self._film is not None:
            self._image = self._film.picture()

    def _moved(self, position_s: float) -> None:
        if self._composition is not None and self._composition.film is not None:
            self._said = self._composition.film.said_at(position_s)
        self.moved.emit()

    def _give_up(self, why: str) -> None:
        self._let_go()
        self._image, self._said, self.why = QImage(), (), why
        self.faltered.emit()

    def _let_go(self) -> None:
        film, self._film = self._film, None
        if film is not None:
            film.stop()
            film.deleteLater()


def _misread(words: File | None) -> tuple[Problem, ...]:
    if words is None:
        return ()
    if words.path is None:
        return (Problem(words.name, 1, 1, NOT_THERE),)
    try:
        found = read_subtitles(words.path, words.name)
    except OSError as error:
        return (Problem(words.name, 1, 1, f"cannot be opened ({error.strerror})"),)
    return found.problems if isinstance(found, Broken) else ()
