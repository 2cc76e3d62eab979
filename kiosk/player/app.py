"""`kiosk play`: the window, from its first frame to the chord that closes it."""

from __future__ import annotations

import gc
import logging
import signal
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QSocketNotifier, QTimer
from PySide6.QtGui import QGuiApplication, QScreen

from kiosk.campaign import proof
from kiosk.campaign.hours import Lit
from kiosk.player import backdrop, scenery
from kiosk.player.awake import Awake
from kiosk.player.content import Content
from kiosk.player.desk import Desk
from kiosk.player.director import Clock, Director
from kiosk.player.likeness import Look
from kiosk.player.mirror import Mirror
from kiosk.player.news import News
from kiosk.player.report import Beat, Orders, Pipe
from kiosk.player.scenery import LEAVE, LEAVE_DEMONSTRATION, Scenery
from kiosk.player.topmost import Topmost
from kiosk.player.window import NoSuchScreen, Placement, find_screen

log = logging.getLogger("kiosk.player")

OPEN_WITHIN_MS: Final = 1000
"""The first scene has so long to be ready; then the brand's own scene opens the loop."""
SHORT_HOLD_S: Final = 1.0
"""How long a scene stands when nobody can see it."""

SYSTEM_CLOCK: Final = Clock(lambda: datetime.now(UTC), time.monotonic)


@dataclass(frozen=True, slots=True)
class Options:
    """How to play: on which display, who may leave, where plays and pictures are written, where
    new releases come from, and whom to tell what is really on the glass."""

    display: str | None = None
    demonstration: bool = False
    plays: Path | None = None
    pictures: Path | None = None
    news: News | None = None
    pipe: Pipe | None = None


def play(content: Content, options: Options) -> int:
    """Show `content` on a display until asked to leave; the exit code."""
    app = scenery.application(offscreen=False)
    screen = _screen(options)
    keys = LEAVE_DEMONSTRATION if options.demonstration else LEAVE
    geometry = screen.geometry()
    size = seen(content, geometry.width(), geometry.height())
    desk, awake = Desk(), Awake()
    props = scenery.props(content.campaign.brand, content.screen.rotation, keys)
    director = Director(content, size, props.glass, desk, SYSTEM_CLOCK)
    # The first picture is decoded while QML loads; what comes of it is told in the event loop.
    director.begin()
    view = scenery.build(props)
    log.info("renderer: %s (%s)", view.renderer.kind, view.renderer.why)
    placement = Placement(view.window, options.display, screen)
    mirror, topmost = Mirror(view.window), Topmost(view.window)
    # A clip's frames are never the same twice: only a still picture is looked at.
    director.standing.connect(lambda token: None if director.moves(token) else mirror.stands())
    view.stage.fade.connect(mirror.drop)
    mirror.looked.connect(topmost.heed)
    journal = _Journal(director, options.plays)
    view.glass.opening.connect(placement.place)
    QTimer.singleShot(OPEN_WITHIN_MS, collect_garbage_from_here)
    placement.resized.connect(lambda w, h: director.resize(seen(director.content, w, h)))
    view.stage.leave.connect(lambda: app.exit(0))
    signals = _leave_on_signals(app)
    reports = None
    if options.pipe is not None:
        reports = _Reports(options.pipe, director, view, app)
        mirror.looked.connect(reports.looked)
        paper = content.campaign.brand.paper
        QTimer.singleShot(2 * OPEN_WITHIN_MS, lambda: backdrop.paint(paper))
    if options.news is not None:
        follow(options.news, director, view)
        QTimer.singleShot(2 * OPEN_WITHIN_MS, options.news.watch)
    QTimer.singleShot(OPEN_WITHIN_MS, director.open_with_standby)
    QTimer.singleShot(2 * OPEN_WITHIN_MS, awake.hold)
    code = app.exec()
    director.stop()
    mirror.drop()
    awake.release()
    placement.let_go()
    del signals, journal, reports
    _close(desk, view)
    return code


def play_offscreen(content: Content, options: Options) -> int:
    """Play the same loop with no display until every scene has stood once; the exit code.

    Holds are cut to `SHORT_HOLD_S`. A picture of each scene is left in `options.pictures`.
    """
    app = scenery.application(offscreen=True)
    size = content.screen.seen_size()
    props = scenery.props(content.campaign.brand, 0, LEAVE)
    view = scenery.build(props)
    view.window.setWidth(size[0])
    view.window.setHeight(size[1])
    desk = Desk()
    director = Director(content, size, view.glass, desk, SYSTEM_CLOCK, hold=lambda _: SHORT_HOLD_S)
    journal = _Journal(director, options.plays)
    album = _Album(director, view, options.pictures, app)
    view.glass.opening.connect(view.window.show)
    QTimer.singleShot(OPEN_WITHIN_MS, collect_garbage_from_here)
    signals = _leave_on_signals(app)
    QTimer.singleShot(OPEN_WITHIN_MS, director.open_with_standby)
    director.begin()
    code = app.exec()
    director.stop()
    del signals, journal, album
    _close(desk, view)
    return code


def _screen(options: Options) -> QScreen:
    """The display to begin on; a supervised player does not wait for one that is switched off."""
    try:
        return find_screen(options.display)
    except NoSuchScreen as error:
        if options.pipe is None:
            raise
        log.warning("%s; showing on the primary one until it is", error)
        return QGuiApplication.primaryScreen()


def follow(news: News, director: Director, view: Scenery) -> None:
    """Take new releases as they come, and say which ones' files are still on the glass."""

    def take(content: Content) -> None:
        turned = content.screen.rotation != director.content.screen.rotation
        director.adopt(content)
        if turned:  # somebody turned the panel, and says so in the agency's file
            view.stage.set_turn(content.screen.rotation)
            director.resize(seen(content, view.window.width(), view.window.height()))

    news.arrived.connect(take)
    director.holding.connect(news.hold)


def seen(content: Content, width: int, height: int) -> tuple[int, int]:
    """The size a passer-by sees on a window of this size."""
    sideways = content.screen.rotation in (90, 270)
    return (height, width) if sideways else (width, height)


class _Album(QObject):
    """Keeps a picture of every scene that stands, and ends when each has had its turn."""

    def __init__(
        self, director: Director, view: Scenery, folder: Path | None, app: QGuiApplication
    ) -> None:
        super().__init__()
        self._director, self._view, self._folder, self._app = director, view, folder, app
        self._left = {scene.id for scene in director.allowed()}
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        director.standing.connect(self._stands)
        director.skipped.connect(lambda scene, _: self._had_turn(scene))

    def _stands(self, token: int) -> None:
        scene = self._director.scene_of(token)
        name = scene.id if scene is not None else "standby"
        if self._folder is not None and (scene is None or name in self._left):
            path = self._folder / f"{name}.png"
            self._view.window.grabWindow().save(str(path))
            with suppress(OSError, ValueError):  # nobody reads it any more
                print(f"{name}: {path}", flush=True)
        self._had_turn(name)

    def _had_turn(self, scene: str) -> None:
        self._left.discard(scene)
        if not self._left:
            QTimer.singleShot(0, lambda: self._app.exit(0))


class _Journal(QObject):
    """Appends one line of JSON for every scene that has really been on the glass."""

    def __init__(self, director: Director, path: Path | None) -> None:
        super().__init__()
        self._director, self._path = director, path
        if path is not None:
            director.played.connect(self._write)

    def _write(self, play_: proof.Play) -> None:
        assert self._path is not None
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(proof.record(play_) + "\n")
        except OSError as error:
            log.error("plays are no longer written to %s: %s", self._path, error)
            self._director.played.disconnect(self._write)


class _Reports:
    """Keeps the supervisor informed, and does as it says."""

    def __init__(self, pipe: Pipe, director: Director, view: Scenery, app: QGuiApplication) -> None:
        self._pipe, self._director = pipe, director
        pipe.say("renderer", kind=view.renderer.kind, why=view.renderer.why)
        self._beat = Beat(view.window, director, pipe)
        self._orders = Orders()
        director.standing.connect(self._beat.stood)
        director.skipped.connect(lambda scene, why: pipe.say("skipped", scene=scene, why=why))
        director.reels.faltered.connect(lambda scene, why: pipe.say("clip", scene=scene, why=why))
        director.reels.playing.connect(lambda name: pipe.say("playing", object=name))
        director.light.connect(self._light)
        if director.lit is not None:
            self._light(director.lit)
        self._orders.leave.connect(lambda: app.exit(0))
        self._orders.listen()

    def _light(self, light: Lit) -> None:
        content = self._director.content
        self._pipe.say(
            "light",
            lit=light.lit,
            rule=light.why,
            detail=light.detail,
            agency=content.agency.agency,
            screen=content.screen_name,
            release=content.release,
            zone=content.agency.timezone,
        )

    def looked(self, look: Look) -> None:
        """What the display shows has changed, compared with our own frame."""
        self._pipe.say("look", verdict=look.verdict, likeness=look.likeness)


class _Signals(QObject):
    """SIGTERM and SIGINT reach a sleeping Qt loop through a socket, without a polling timer."""

    def __init__(self, app: QGuiApplication) -> None:
        super().__init__()
        self._ends = socket.socketpair()
        for end in self._ends:
            end.setblocking(False)
        signal.set_wakeup_fd(self._ends[1].fileno())
        self._notifier = QSocketNotifier(
            self._ends[0].fileno(), QSocketNotifier.Type.Read, parent=self
        )
        self._notifier.activated.connect(self._drain)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: app.exit(0))

    def _drain(self) -> None:
        self._ends[0].recv(64)


def collect_garbage_from_here() -> None:
    """The door starts without garbage collection; what start-up made will stay anyway."""
    gc.freeze()
    gc.enable()


def _leave_on_signals(app: QGuiApplication) -> _Signals:
    return _Signals(app)


def _close(desk: Desk, view: Scenery) -> None:
    desk.close()
    view.close()
    signal.set_wakeup_fd(-1)
