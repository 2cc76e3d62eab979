"""A new release: noticed when its pointer changes, read off the GUI thread, handed over once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QFileSystemWatcher, QObject, Qt, QTimer, Signal

from kiosk.player.bell import Bell, Rope
from kiosk.player.content import Content

LOOK_EVERY_MS: Final = 30_000
"""A watcher may miss a change (network folders); so often it is looked for anyway."""
SETTLE_MS: Final = 200
"""A release is several writes; one look after the last of them is enough."""


class News(QObject):
    """Tells `arrived(Content)` on the GUI thread. `look` is asked on a thread of its own."""

    arrived = Signal(object)

    def __init__(
        self,
        folder: Path,
        look: Callable[[], Content | None],
        hold: Callable[[tuple[int, ...]], None],
    ) -> None:
        super().__init__()
        self._folder, self._look, self.hold = folder, look, hold
        self._busy = self._again = False

    def watch(self) -> None:
        """Begin, in a running event loop: before there is one, a bell would never be heard."""
        self._bell = Bell()
        self._bell.rung.connect(self._done)
        self._watcher = QFileSystemWatcher([str(self._folder)], self)
        self._watcher.directoryChanged.connect(self._changed)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._read)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.setTimerType(Qt.TimerType.VeryCoarseTimer)
        self._timer.timeout.connect(self._read)
        self._timer.start()
        self._changed()

    def _changed(self) -> None:
        self._settle.start()

    def _read(self) -> None:
        if self._busy:
            self._again = True
            return
        self._busy = True
        threading.Thread(target=_ask, args=(self._bell.rope, self._look), daemon=True).start()

    def _done(self, content: Content | None) -> None:
        self._busy = False
        if content is not None:
            self.arrived.emit(content)
        if self._again:
            self._again = False
            self._read()


def _ask(rope: Rope, look: Callable[[], Content | None]) -> None:
    content: Content | None = None
    try:
        content = look()
    finally:
        rope.pull(content)
