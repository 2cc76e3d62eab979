"""Pictures are prepared here, off the GUI thread and against a deadline."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QImage

from kiosk.player.bell import Bell, Rope
from kiosk.player.content import always, untold
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
    trying: Callable[[Path], None] = untold


Prepared = list[QImage]
Answer = Callable[[Prepared | Unreadable], None]
Verdict = Callable[[Unreadable | None], None]
Work = Callable[[], object]


class Desk(QObject):
    """Takes orders on the GUI thread and answers there, once each."""

    def __init__(self, deadline_s: float = DEADLINE_S) -> None:
        super().__init__()
        self._deadline_ms = round(deadline_s * 1000)
        self._waiting: dict[int, tuple[Callable[[Any], None], QTimer]] = {}
        self._threads: list[threading.Thread] = []
        self._number = 0
        # An answer never comes inside the question, not even a refusal.
        self._bell = Bell()
        self._bell.rung.connect(self._done)

    def prepare(self, orders: list[Order], answer: Answer) -> None:
        """Decode every order, then call `answer` with the images in order or the first refusal."""
        self._put_to_work(partial(_images, orders), answer)

    def verify(self, path: Path, intact: Callable[[Path], bool], verdict: Verdict) -> None:
        """Look at a file's bytes, then call `verdict` with what is wrong, or None."""
        self._put_to_work(partial(_verified, path, intact), verdict)

    def _put_to_work(self, work: Work, answer: Callable[[Any], None]) -> None:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        self._number += 1
        number = self._number
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(lambda: self._late(number))
        self._waiting[number] = (answer, timer)
        timer.start(self._deadline_ms)
        if len(self._threads) >= MOST_THREADS:
            refusal = Unreadable("not tried: all picture decoders are stuck")
            self._bell.rope.pull((number, refusal))
            return
        thread = threading.Thread(target=_work, args=(self._bell.rope, number, work), daemon=True)
        self._threads.append(thread)
        thread.start()

    def close(self, patience_s: float = 2.0) -> None:
        """Answer nobody any more and give running decoders a moment to end."""
        self._waiting.clear()
        for thread in self._threads:
            thread.join(patience_s)

    def _done(self, brought: tuple[int, object]) -> None:
        self._finish(*brought)

    def _finish(self, number: int, outcome: object) -> None:
        answer, timer = self._waiting.pop(number, (None, None))
        if answer is not None and timer is not None:
            timer.stop()
            timer.deleteLater()
            answer(outcome)

    def _late(self, number: int) -> None:
        self._finish(number, Unreadable(f"not ready within {self._deadline_ms / 1000:g} s"))


def _work(rope: Rope, number: int, work: Work) -> None:
    rope.pull((number, work()))


def _images(orders: list[Order]) -> Prepared | Unreadable:
    images: Prepared = []
    for order in orders:
        image = _prepared(order)
        if isinstance(image, Unreadable):
            return Unreadable(f"{order.name}: {image.why}")
        images.append(image)
    return images


def _prepared(order: Order) -> QImage | Unreadable:
    if order.path is None:
        return Unreadable("missing")
    order.trying(order.path)
    return _verified(order.path, order.intact) or load(order.path, order.size, order.focus)


def _verified(path: Path, intact: Callable[[Path], bool]) -> Unreadable | None:
    return None if intact(path) else Unreadable("not the bytes that were signed")
