"""The gate: before head office signs, each agency's every frame is drawn and its code read back.

What differs in nothing from a frame that has passed is not drawn again.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from kiosk.player.content import Content
from kiosk.studio.gate_memory import (
    GateError,
    Keys,
    engine_digest,
    engine_parts,
    pictures_of,
    recalled,
    remember,
)
from kiosk.studio.gate_worker import begin, parcel, problems_of
from kiosk.studio.tour import STANDBY, Stop, stops

MOST_WORKERS: Final = 8
"""Each takes 200 MB; more than this would ask too much of an office computer."""
AHEAD: Final = 4
"""Frames given out for each worker, so that none waits for the next."""

Problems = tuple[str, ...]
Seen = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that must not reach a screen; `scene` is "standby" for standby."""

    agency: str
    screen: str
    scene: str
    problem: str

    def __str__(self) -> str:
        return f"{self.agency}/{self.screen} {self.scene}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Gate:
    """What the gate found. `looked_at` counts all frames, `rendered` those not remembered."""

    findings: tuple[Finding, ...]
    looked_at: int
    rendered: int


@dataclass(frozen=True, slots=True)
class _Due:
    """A frame to draw: its place among all, and its key where it may be remembered."""

    number: int
    stop: Stop
    pictures: dict[str, Path | None]
    key: str | None

    @property
    def order(self) -> tuple[str, tuple[int, int], int]:
        """Frames of one scene at one size follow one another: they share the decoded picture."""
        return _scene_name(self.stop), self.stop.size, self.number


def pass_gate(
    contents: Sequence[Content],
    memory: Path,
    *,
    workers: int | None = None,
    seen: Seen = lambda _done, _total: None,
) -> Gate:
    """Draw and judge every frame of `contents` that the file `memory` does not know as passed.

    A frame is a scene that the agency may show, or standby, at the screen's own size.
    `workers` is the number of processes: by default one for each core, at most 8. `seen(done,
    total)` is called once for the frames remembered and after each one drawn. GateError where
    the memory cannot be used or a drawing process ends by itself.
    """
    frames = stops(contents, datetime.now(UTC))
    due = sorted(_due(frames, recalled(memory)), key=lambda each: each.order)
    found: dict[int, Problems] = {}

    def done(judged: Sequence[tuple[_Due, Problems]]) -> None:
        passed = [each.key for each, problems in judged if each.key and not problems]
        if passed:
            remember(memory, passed)
        for each, problems in judged:
            found[each.number] = problems
            seen(len(frames) - len(due) + len(found), len(frames))

    seen(len(frames) - len(due), len(frames))
    if due:
        wanted = min(os.cpu_count() or 1, MOST_WORKERS) if workers is None else workers
        _draw(due, min(wanted, len(due)), done)
    findings = (
        _finding(frames[number], problem) for number in sorted(found) for problem in found[number]
    )
    return Gate(tuple(findings), len(frames), len(due))


def _due(frames: Sequence[Stop], passed: frozenset[str]) -> list[_Due]:
    keys = Keys(engine_digest(engine_parts()))
    due: list[_Due] = []
    for number, stop in enumerate(frames):
        pictures = pictures_of(stop)
        key = keys.of(stop, pictures)
        if key is None or key not in passed:
            due.append(_Due(number, stop, pictures, key))
    return due


def _draw(
    due: Sequence[_Due], workers: int, done: Callable[[Sequence[tuple[_Due, Problems]]], None]
) -> None:
    """Have all drawn by so many processes; `done` hears of frames as soon as they are judged."""
    coming = iter(due)
    given: dict[Future[Problems], _Due] = {}
    # Spawned: Qt does not survive a fork.
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=begin)
    try:
        while True:
            with _ctrl_c_waits():
                for each in islice(coming, workers * AHEAD - len(given)):
                    given[pool.submit(problems_of, parcel(each.stop, each.pictures))] = each
            if not given:
                return
            judged, _ = wait(given, return_when=FIRST_COMPLETED)
            done([(given[future], future.result()) for future in judged])
            for future in judged:
                del given[future]
    except BrokenProcessPool as error:
        raise GateError(_died(list(given.values()))) from error
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _ctrl_c_waits() -> Iterator[None]:
    """Hold Ctrl+C back for a moment: a process begun meanwhile never hears it, we do after it."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _died(given: Sequence[_Due]) -> str:
    scenes = " or ".join(sorted({_scene_name(each.stop) for each in given})) or "its start"
    return (
        f"a drawing process ended by itself at {scenes}; is memory short, or a picture damaged?"
        " Run it again: what has passed is remembered"
    )


def _scene_name(stop: Stop) -> str:
    return stop.scene.id if stop.scene else STANDBY


def _finding(stop: Stop, problem: str) -> Finding:
    content = stop.content
    return Finding(content.agency.agency, content.screen_name, _scene_name(stop), problem)
