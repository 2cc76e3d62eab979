"""Somebody before the shop window: looks ten times a second and notes when there is no picture."""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from tests.drill.likeness import Album, Kind, Seen, cells
from tests.player.x11 import Desktop, Frame

EVERY_S: Final = 0.1
STARVED_S: Final = 1.0
"""Two looks so far apart: the watcher itself was held up, and saw nothing in between."""
PICTURES: Final = 40
"""Of what should not have been seen, so many are kept."""


@dataclass(frozen=True, slots=True)
class Gap:
    """From the last true frame to the next, in monotonic seconds, and what was seen between."""

    began: float
    ended: float
    seen: frozenset[str]

    @property
    def seconds(self) -> float:
        """How long."""
        return self.ended - self.began


@dataclass(frozen=True, slots=True)
class Lie:
    """A frame that is nothing that may be seen, and the file it was kept in."""

    at: float
    name: str
    file: Path | None


class Watcher:
    """Watches the display of `environ` until it is told to leave."""

    def __init__(self, environ: Mapping[str, str], album: Album, pictures: Path) -> None:
        self._environ, self._album, self._pictures = environ, album, pictures
        self.gaps: list[Gap] = []
        self.lies: list[Lie] = []
        self.starved: list[float] = []
        """When it could not look for longer than `STARVED_S`."""
        self.looks = 0
        self._began = self.last_true = self.changed = time.monotonic()
        self.now = Seen("bare")
        self.scene = ""
        self._since: set[str] = set()
        self._over = threading.Event()
        self._moved = threading.Condition()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join(30)

    def until_true(self, after: float, within_s: float) -> bool:
        """Wait for a true frame that was seen after this moment."""
        with self._moved:
            return self._moved.wait_for(lambda: self._stood_after(after), within_s)

    def until(self, edition: str, within_s: float) -> bool:
        """Wait until a scene of this edition stands."""
        with self._moved:
            return self._moved.wait_for(lambda: self.scene.startswith(f"{edition}/"), within_s)

    def until_kind(self, kind: Kind, within_s: float) -> bool:
        """Wait until this is what is seen."""
        with self._moved:
            return self._moved.wait_for(lambda: self.now.kind == kind, within_s)

    def standing_s(self, now: float) -> float:
        """For how long there has been a true picture without a break."""
        back = self.gaps[-1].ended if self.gaps else self._began
        return now - back if self.now.true else 0.0

    def _stood_after(self, moment: float) -> bool:
        return self.now.true and self.last_true > moment

    def _watch(self) -> None:
        with Desktop(self._environ) as display:
            due = time.monotonic()
            while not self._over.wait(max(due - time.monotonic(), 0.0)):
                due = max(due + EVERY_S, time.monotonic())
                self._look(display)

    def _look(self, display: Desktop) -> None:
        at = time.monotonic()
        try:
            frame = display.picture()
        except (AssertionError, struct.error, ValueError):  # its size has just changed
            return
        seen = self._album.recognise(cells(frame), self.scene)
        if at - self.last_true > STARVED_S and self.now.true:
            self.starved.append(at)
        if seen.kind == "false":
            self._keep(at, seen, frame)
        with self._moved:
            self._note(at, seen)
            self._moved.notify_all()

    def _note(self, at: float, seen: Seen) -> None:
        self.looks += 1
        self.now = seen
        if not seen.true:
            self._since.add(f"{seen.kind} {seen.name}")
            return
        if self._since:
            self.gaps.append(Gap(self.last_true, at, frozenset(self._since)))
            self._since = set()
        self.last_true = at
        if seen.kind == "scene" and seen.name != self.scene:
            self.scene, self.changed = seen.name, at

    def _keep(self, at: float, seen: Seen, frame: Frame) -> None:
        file = None
        if len(self.lies) < PICTURES:
            self._pictures.mkdir(parents=True, exist_ok=True)
            file = self._pictures / f"false-{len(self.lies):03}.png"
            Image.fromarray(np.ascontiguousarray(frame[:, :, ::-1])).save(file)
        self.lies.append(Lie(at, seen.name, file))
