"""Pictures are prepared here, off the GUI thread and against a deadline."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QImage

from kiosk.player.content import always
from kiosk.player.pictures import Unreadable, load

DEADLINE_S: Final = 10.0
MOST_THREADS: Final = 4
"""Decoders that may be stuck at once; beyond that a picture is refused, not queued."""


@dataclass(frozen=True, slots=True)
class Order:
    """One picture to prepare: a file, the size drawn (width, height in px), the focus kept."""

    name: str
    path: Path | None
    size: tuple[int, int]
    focus: tuple[float, float]
    intact: Callable[[Path], bool] = always


Prepared = list[QImage]
Answer = Callable[[Prepared | Unreadable], None]


class _Bell(QObject):
    """Rung by a worker, heard on the GUI thread. All that a worker keeps alive: a QObject with
    timers must not die in the thread that happens to let go of it last."""

    done = Signal(int, object)


class Desk(QObject):
    """Takes orders on the GUI thread and answers there, once each."""

    def __init__(self, deadline_s: float = DEADLINE_S) -> None:
        super().__init__()
        self._deadline_ms = round(deadline_s * 1000)
        self._waiting: dict[int, tuple[Answer, QTimer]] = {}
        self._threads: list[threading.Thread] = []
        self._number = 0
        self._bell = _Bell()
        # Queued: an answer never comes inside the question, not even a refusal.
        self._bell.done.connect(self._finish, Qt.ConnectionType.QueuedConnection)

    def prepare(self, orders: list[Order], answer: Answer) -> None:
        """Decode every order, then call `answer` with the images in order or the first refusal."""
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        self._number += 1
        number = self._number
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(lambda: self._late(number))
        self._waiting[number] = (answer, timer)
        timer.start(self._deadline_ms)
        if len(self._threads) >= MOST_THREADS:
            self._bell.done.emit(number, Unreadable("not tried: all picture decoders are stuck"))
            return
        thread = threading.Thread(target=_work, args=(self._bell, number, orders), daemon=True)
        self._threads.append(thread)
        thread.start()

    def close(self, patience_s: float = 2.0) -> None:
        """Answer nobody any more and give running decoders a moment to end."""
        self._waiting.clear()
        for thread in self._threads:
            thread.join(patience_s)

    def _finish(self, number: int, outcome: Prepared | Unreadable) -> None:
        answer, timer = self._waiting.pop(number, (None, None))
        if answer is not None and timer is not None:
            timer.stop()
            timer.deleteLater()
            answer(outcome)

    def _late(self, number: int) -> None:
        self._finish(number, Unreadable(f"not ready within {self._deadline_ms / 1000:g} s"))


def _work(bell: _Bell, number: int, orders: list[Order]) -> None:
    images: Prepared = []
    for order in orders:
        image = _prepared(order)
        if isinstance(image, Unreadable):
            bell.done.emit(number, Unreadable(f"{order.name}: {image.why}"))
            return
        images.append(image)
    bell.done.emit(number, images)


def _prepared(order: Order) -> QImage | Unreadable:
    if order.path is None:
        return Unreadable("missing")
    if not order.intact(order.path):
        return Unreadable("not the bytes that were signed")
    return load(order.path, order.size, order.focus)
