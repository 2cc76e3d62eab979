"""One clip of 20 s shown hundreds of times, one film after the other: is memory flat?"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np
import psutil
import shiboken6
from PySide6.QtCore import QLoggingCategory, QObject, QTimer, QUrl, Slot
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtQml import QQmlApplicationEngine
from PySide6.QtQuick import QQuickWindow

from kiosk.player import film_pane, renderer, scenery
from kiosk.player.film import Film
from tests import clips
from tests.bench.processes import own_bytes
from tests.drill.figures import GROWN, HANDLES, MB

CLIP_S: Final = 20
SIZE: Final = (640, 360)
RATE: Final = 16.0
"""How many times faster than life."""
LOOK_EVERY: Final = 25
"""Of so many pictures one is grabbed from the window and looked at."""
DARKEST: Final = 40
"""The brightest channel of every pixel of the clip is more; so is the ground's."""
GROUND: Final = 0xFF3366CC
HUNG_S: Final = 120.0
SCENE: Final = b"""
import QtQuick
import O2.Stage
Window {
    id: root
    property QtObject film: null
    color: "#3366CC"; width: 640; height: 360; visible: true
    FilmPane { anchors.fill: parent; film: root.film }
}
"""


@dataclass(frozen=True, slots=True)
class Row:
    """What the process costs after so many plays. Memory in MB: its own (USS), and anonymous."""

    play: int
    minute: float
    uss_mb: float
    anonymous_mb: float
    fds: int
    threads: int
    frames: int
    looks: int
    load: float

    def line(self) -> str:
        """A line of the table."""
        return ",".join(str(value) for value in asdict(self).values())


class Projector(QObject):
    """Shows the clip again and again: the next film is cued while the last picture stands."""

    def __init__(self, clip: Path, count: int, rate: float, folder: Path) -> None:
        super().__init__()
        self._clip, self._count, self._rate = clip, count, rate
        self.rows, self.harms = list[Row](), list[str]()
        self.plays = self.frames = self.looks = 0
        self._began = time.monotonic()
        self._process = psutil.Process()
        self._table = (folder / "clip.csv").open("w", buffering=1)
        self._table.write(",".join(field.name for field in fields(Row)) + "\n")
        self._on: Film | None = None
        self._hung = QTimer(self, interval=round(HUNG_S * 1000), singleShot=True)
        self._hung.timeout.connect(self._hangs)
        assert film_pane.QML_IMPORT_NAME == "O2.Stage"
        self._engine = QQmlApplicationEngine()
        self._engine.loadData(SCENE, QUrl())
        (window,) = self._engine.rootObjects()
        assert isinstance(window, QQuickWindow)
        self._window = window

    @Slot()
    def cue(self) -> None:
        """Load the next film."""
        self._coming = Film(self._clip, duration_s=CLIP_S, rate=self._rate)
        self._coming.ready.connect(self._play)
        self._coming.moved.connect(self._moved)
        self._coming.ended.connect(self._ended)
        self._coming.failed.connect(self._failed)
        self._hung.start()
        self._coming.cue()

    def close(self) -> None:
        """Take everything down."""
        self._window.setProperty("film", None)
        self._let_go()
        self._table.close()
        shiboken6.delete(self._engine)

    @Slot()
    def _play(self) -> None:
        self._window.setProperty("film", self._coming)
        self._let_go()
        self._on = self._coming
        self._look()
        self._on.play()

    def _let_go(self) -> None:
        if self._on is not None:
            self._on.stop()
            self._on.deleteLater()
            self._on = None

    @Slot()
    def _moved(self) -> None:
        self.frames += 1
        if self._on is not None and self.frames % LOOK_EVERY == 0:
            self._look()

    def _look(self) -> None:
        self.looks += 1
        image = self._window.grabWindow().convertToFormat(QImage.Format.Format_RGB32)
        levels = np.frombuffer(image.constBits(), np.uint32)
        bare = levels.size == 0 or bool((levels == GROUND).any())
        dark = bare or int(levels.view(np.uint8).reshape(-1, 4)[:, :3].max(axis=1).min()) < DARKEST
        if bare or dark:
            self._harm(f"play {self.plays}: {'an empty' if bare else 'a dark'} picture")

    @Slot()
    def _ended(self) -> None:
        self._look()
        self.plays += 1
        if self.plays % 5 == 0 or self.plays == 1:
            self.rows.append(self._row())
            self._table.write(self.rows[-1].line() + "\n")
        if self.plays < self._count:
            self.cue()
        else:
            QGuiApplication.exit(0)

    @Slot(str)
    def _failed(self, why: str) -> None:
        self._harm(f"play {self.plays}: {why}")
        self._ended()

    @Slot()
    def _hangs(self) -> None:
        self._harm(f"play {self.plays}: no end after {HUNG_S:g} s")
        QGuiApplication.exit(1)

    def _harm(self, what: str) -> None:
        print(f"HARM: {what}", flush=True)
        self.harms.append(what)

    def _row(self) -> Row:
        return Row(
            play=self.plays,
            minute=round((time.monotonic() - self._began) / 60, 2),
            uss_mb=round(self._process.memory_full_info().uss / MB, 2),
            anonymous_mb=round(own_bytes([os.getpid()]) / MB, 2),
            fds=self._process.num_fds(),
            threads=self._process.num_threads(),
            frames=self.frames,
            looks=self.looks,
            load=round(os.getloadavg()[0], 2),
        )


def thirds(rows: Sequence[Row], name: str) -> tuple[float, float, float]:
    """The middle value of a figure at the start, in the middle and at the end."""
    fifth = max(len(rows) // 5, 1)
    half = len(rows) // 2
    parts = (rows[:fifth], rows[half - fifth // 2 : half + fifth // 2 + 1], rows[-fifth:])
    first, second, last = (float(median(getattr(row, name) for row in part)) for part in parts)
    return first, second, last


def harms_of(rows: Sequence[Row]) -> list[str]:
    """What has grown: the last quarter against the second, as in a soak; the first warms up."""
    harms = []
    quarter = max(len(rows) // 4, 1)
    for name, limit in (
        ("uss_mb", None),
        ("anonymous_mb", None),
        ("fds", HANDLES),
        ("threads", HANDLES),
    ):
        early = float(median(getattr(row, name) for row in rows[quarter : 2 * quarter] or rows))
        late = float(median(getattr(row, name) for row in rows[-quarter:]))
        if late > (early * GROWN + 1 if limit is None else early + limit):
            harms.append(f"{name} grew from {early:.1f} to {late:.1f}")
    return harms


def run(count: int, folder: Path, rate: float = RATE) -> int:
    """Show the clip so often; the table is left in `folder`; 1 where a promise broke."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    QLoggingCategory.setFilterRules("qt.multimedia.*.info=false\nqt.multimedia.*.debug=false")
    app = scenery.application(offscreen=True)
    renderer.apply(renderer.choose("offscreen"))
    made = clips.make(folder / "clip.mp4", size=SIZE, fps=25, seconds=CLIP_S)
    projector = Projector(made, count, rate, folder)
    projector.cue()
    app.exec()
    rows = projector.rows
    harms = projector.harms + (harms_of(rows) if rows else ["nothing was played"])
    print(f"{projector.plays} plays, {projector.frames} pictures, {projector.looks} looked at")
    for name in ("uss_mb", "anonymous_mb", "fds", "threads") if rows else ():
        first, second, last = thirds(rows, name)
        print(f"{name:<13} start {first:g}, middle {second:g}, end {last:g}")
    print("\n".join(harms) or "no harm", flush=True)
    projector.close()
    return 1 if harms else 0
