"""How a worker reaches the GUI thread without a call into Qt."""

from __future__ import annotations

import socket
from contextlib import suppress
from queue import SimpleQueue

from PySide6.QtCore import QObject, QSocketNotifier, Signal


class Rope:
    """All that a worker keeps alive. A QObject must not die in the thread that happens to let go
    of it last, and a worker that takes one of Qt's locks while it holds Python's may wait for ever
    for a GUI thread that has them in the opposite order."""

    def __init__(self) -> None:
        self.brought: SimpleQueue[object] = SimpleQueue()
        self.bell_end, self._own_end = socket.socketpair()
        for end in (self.bell_end, self._own_end):
            end.setblocking(False)

    def __del__(self) -> None:
        for end in (self.bell_end, self._own_end):
            end.close()

    def pull(self, what: object) -> None:
        """Hand `what` to the GUI thread; on any thread."""
        self.brought.put(what)
        with suppress(OSError):  # full: it has been rung often enough, and is not yet answered
            self._own_end.send(b"\0")


class Bell(QObject):
    """Tells `rung(what)` on the GUI thread for every pull at its rope, in their order."""

    rung = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.rope = Rope()
        read = QSocketNotifier.Type.Read
        self._notifier = QSocketNotifier(self.rope.bell_end.fileno(), read, parent=self)
        self._notifier.activated.connect(self._answer)

    def _answer(self) -> None:
        with suppress(OSError):
            self.rope.bell_end.recv(4096)
        while not self.rope.brought.empty():
            self.rung.emit(self.rope.brought.get())
