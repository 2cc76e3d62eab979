"""Pictures are prepared off the GUI thread, against a deadline."""

from __future__ import annotations

import threading
from pathlib import Path

from PySide6.QtGui import QImage

from kiosk.player.desk import MOST_THREADS, Desk, Order, Prepared
from kiosk.player.pictures import Unreadable
from tests.player.conftest import Until
from tests.player.files import good

Answers = list[Prepared | Unreadable]


def _order(path: Path | None, side: int = 64) -> Order:
    return Order(path.name if path else "gone.jpg", path, (side, side), (0.5, 0.5))


def test_the_answer_comes_on_the_gui_thread_in_the_order_asked(
    tmp_path: Path, until: Until
) -> None:
    desk = Desk()
    answers: Answers = []
    threads: list[threading.Thread] = []

    def answer(outcome: Prepared | Unreadable) -> None:
        answers.append(outcome)
        threads.append(threading.current_thread())

    desk.prepare([_order(good(tmp_path / "a.png")), _order(good(tmp_path / "b.jpg"), 32)], answer)
    assert answers == []
    until(lambda: len(answers) == 1)
    assert not isinstance(answers[0], Unreadable)
    assert [image.width() for image in answers[0]] == [64, 32]
    assert threads == [threading.main_thread()]
    desk.close()


def test_the_first_refusal_names_its_picture(tmp_path: Path, until: Until) -> None:
    desk = Desk()
    answers: Answers = []
    desk.prepare([_order(good(tmp_path / "a.png")), _order(None)], answers.append)
    until(lambda: len(answers) == 1)
    assert answers == [Unreadable("gone.jpg: missing")]
    desk.close()


def test_a_slow_picture_is_refused_at_the_deadline_and_answered_once(
    tmp_path: Path, until: Until
) -> None:
    big = tmp_path / "big.png"
    image = QImage(6000, 6000, QImage.Format.Format_RGB32)
    image.fill(0)
    assert image.save(str(big))
    desk = Desk(deadline_s=0.01)
    answers: Answers = []
    desk.prepare([_order(big)], answers.append)
    until(lambda: len(answers) == 1)
    assert answers == [Unreadable("not ready within 0.01 s")]
    desk.close(20)
    until(lambda: True)
    assert len(answers) == 1


def test_stuck_decoders_are_bounded(tmp_path: Path, until: Until) -> None:
    big = tmp_path / "big.png"
    image = QImage(6000, 6000, QImage.Format.Format_RGB32)
    image.fill(0)
    assert image.save(str(big))
    desk = Desk()
    answers: Answers = []
    for _ in range(MOST_THREADS + 1):
        desk.prepare([_order(big)], answers.append)
    until(lambda: len(answers) == MOST_THREADS + 1)
    assert answers.count(Unreadable("not tried: all picture decoders are stuck")) == 1
    desk.close()
