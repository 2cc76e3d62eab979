"""A player that looks into its mirror when told to, and another program's window to cover it.

Run as a program on a display. `python -m tests.player.watch_mirror play AGAIN_MS AFTER_MS TURN
[DISPLAY]` shows scenes of the demonstration and reads words: `look`, `next` (scene), `rise` (above
all others), `heed` (from now on, rise whenever covered), `often` (rise ten times a second). It
prints one JSON object a line: `stands` for each scene, `told` for what the mirror tells, and after
each `look` what it cost and `last`. `python -m tests.player.watch_mirror cover X Y WIDTH HEIGHT
COLOUR` is the other program; it prints a line once its window has been drawn.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import time

from PySide6.QtCore import QObject, QRect, QSocketNotifier, Qt, QTimer
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtQuick import QQuickWindow, QSGRendererInterface

from kiosk.player import scenery
from kiosk.player.likeness import Look
from kiosk.player.mirror import Mirror
from kiosk.player.topmost import Topmost
from kiosk.player.window import Placement, find_screen
from kiosk.release.folder import read_folder
from tests.places import DEMONSTRATION
from tests.player.watch_changes import scenes

FADE_S = 0.12


class Watched(QObject):
    """Scenes on the glass, one at each `next`, and what the mirror says of them."""

    def __init__(self, again_ms: int, after_ms: int, turn: int, display: str | None) -> None:
        super().__init__()
        screen = find_screen(display)
        width, height = screen.size().width(), screen.size().height()
        brand = read_folder(DEMONSTRATION).source.campaign.brand
        self.view = scenery.build(scenery.props(brand, turn, (), fade_s=FADE_S))
        self.placement = Placement(self.view.window, display, screen)
        self.view.glass.opening.connect(self.placement.place)
        window = self.view.window
        self.mirror = Mirror(window, again_ms=again_ms, after_ms=after_ms, pause_ms=0)
        self.mirror.looked.connect(lambda look: tell("told", look))
        self.view.stage.fade.connect(self.mirror.drop)
        self.view.glass.presented.connect(self.mirror.stands)
        self.view.glass.presented.connect(lambda token: say(stands=token))
        self.topmost = Topmost(window)
        seen = (height, width) if turn in (90, 270) else (width, height)
        self.scenes = itertools.cycle(scenes(seen))
        self.tokens = itertools.count(1)
        self._input = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read, parent=self)
        self._input.activated.connect(self._listen)

    def next(self) -> None:
        """Cross over to the next scene."""
        self.view.glass.show(next(self.tokens), *next(self.scenes))

    def look(self) -> None:
        """Look now, and say what it cost and what the last finished look was."""
        before = time.perf_counter()
        self.mirror.look()
        ms = (time.perf_counter() - before) * 1000
        tell("last", self.mirror.last or Look("unknown"), ms=round(ms, 1))

    def heed(self) -> None:
        """From now on, rise whenever covered."""
        self.mirror.looked.connect(self.topmost.heed)

    def often(self) -> None:
        """From now on, rise every tenth of a second."""
        timer = self.topmost._timer
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.setInterval(100)

    def _listen(self) -> None:
        words = os.read(sys.stdin.fileno(), 4096).decode().split()
        if not words:
            QGuiApplication.exit(0)
        acts = {
            "look": self.look,
            "next": self.next,
            "heed": self.heed,
            "often": self.often,
            "rise": self.topmost.rise,
        }
        for word in words:
            acts[word]()


def tell(what: str, look: Look, **more: float) -> None:
    """Print a look."""
    say(**{what: look.verdict, "likeness": look.likeness}, **more)


def say(**facts: object) -> None:
    """Print one JSON object."""
    print(json.dumps(facts), flush=True)


def play(again_ms: int, after_ms: int, turn: int, display: str | None = None) -> int:
    """Be the player, until standard input ends."""
    app = scenery.application(offscreen=False)
    watched = Watched(again_ms, after_ms, turn, display)
    QTimer.singleShot(0, watched.next)
    code = app.exec()
    watched.placement.let_go()
    watched.view.close()
    return code


def cover(area: QRect, colour: str) -> int:
    """Be the other program, until it is ended."""
    app = scenery.application(offscreen=False)
    QQuickWindow.setGraphicsApi(QSGRendererInterface.GraphicsApi.Software)
    window = QQuickWindow()
    window.setFlags(Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
    window.setColor(QColor(colour))
    window.setGeometry(area)
    window.frameSwapped.connect(lambda: say(covers=colour))
    window.show()
    return app.exec()


if __name__ == "__main__":
    _, part, *rest = sys.argv
    if part == "play":
        sys.exit(play(int(rest[0]), int(rest[1]), int(rest[2]), *rest[3:]))
    x, y, width, height = (int(number) for number in rest[:4])
    sys.exit(cover(QRect(x, y, width, height), rest[4]))
