"""What the player tells its supervisor: one line of JSON on a pipe for every fact."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtQuick import QQuickWindow

from kiosk.player.bell import Bell

BEAT_MS: Final = 5000
"""A scene that stands draws no frame; so often one is asked for, to see that it comes."""
ORPHAN_MS: Final = 10_000
"""A player whose supervisor has gone plays on so long: the next one's picture covers it first."""


class Pipe:
    """The writing end. A supervisor that does not read cannot hold up the picture."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        if sys.platform != "win32":
            os.set_blocking(descriptor, False)

    @classmethod
    def of_stdout(cls) -> Pipe:
        """Take over standard output; what else is printed goes where the log goes."""
        own = os.dup(1)
        with suppress(OSError):
            os.dup2(2, 1)
        return cls(own)

    def say(self, event: str, **facts: Any) -> None:
        """Write one line, whole, or lose it."""
        line = json.dumps({"event": event, **facts}, ensure_ascii=False) + "\n"
        with suppress(OSError):  # full, or nobody is there
            os.write(self._descriptor, line.encode())


class Projectionist(Protocol):
    """Whoever knows what stands on the glass."""

    @property
    def shown(self) -> tuple[str, str]:
        """The release, and the scene or `standby`."""


class Beat(QObject):
    """Says `frame` for every scene that stands, and every few seconds that frames still come."""

    def __init__(self, window: QQuickWindow, director: Projectionist, pipe: Pipe) -> None:
        super().__init__()
        self._window, self._director, self._pipe = window, director, pipe
        self._frames = 0
        self._waiting = False
        self._timer = QTimer(self)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._ask)
        self._timer.start()

    def stood(self) -> None:
        """A scene has just been presented."""
        self._say()

    def _ask(self) -> None:
        if not self._window.isExposed():  # no display, or one that shows nothing
            self._pipe.say("hidden")
            return
        if not self._waiting:
            self._waiting = True
            self._window.frameSwapped.connect(self._swapped, Qt.ConnectionType.AutoConnection)
        self._window.update()

    def _swapped(self) -> None:
        if self._waiting:
            self._waiting = False
            self._window.frameSwapped.disconnect(self._swapped)
            self._say()

    def _say(self) -> None:
        self._frames += 1
        release, scene = self._director.shown
        self._pipe.say("frame", n=self._frames, release=release, scene=scene)


class Orders(QObject):
    """Listens to the supervisor: a line `leave` ends the player, its death does a little later."""

    leave = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._bell = Bell()
        self._bell.rung.connect(self._obey)

    def listen(self) -> None:
        """Begin, in a running event loop."""
        threading.Thread(target=_listen, args=(self._bell.rope.pull,), daemon=True).start()

    def _obey(self, word: str) -> None:
        if word == "leave":
            self.leave.emit()
        else:
            QTimer.singleShot(ORPHAN_MS, self.leave.emit)


def _listen(heard: Callable[[str], None]) -> None:
    """Pass on every line of standard input, and then that it has ended."""
    rest = b""
    while chunk := _chunk():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            heard(line.decode("utf-8", "replace").strip())
    heard("")


def _chunk() -> bytes:
    try:
        return os.read(0, 4096)
    except OSError:
        return b""
