"""The supervisor: keeps a player on the glass and has head office asked; knows neither Qt nor
network, only processes, seconds and what the player says it has presented."""

from __future__ import annotations

import logging
import math
import os
import queue
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from kiosk.agent import status
from kiosk.agent.child import Child, Ended, Line
from kiosk.agent.ladder import Ladder
from kiosk.agent.log import BoundedFile
from kiosk.agent.office import Errands, News, Office
from kiosk.agent.panel import Switch, Wish
from kiosk.agent.players import Players, Timing
from kiosk.agent.post import Post
from kiosk.agent.run import Run
from kiosk.agent.single import Release, claim

log = logging.getLogger("kiosk.agent")

STATUS_S: Final = 60
JOURNAL_S: Final = 2.0
LONGEST_WAIT_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Commands:
    """The command lines of the children."""

    play: Callable[[Ladder, str | None], Sequence[str]]
    """As the ladder says, with a note for the set-up scene."""
    sync: Sequence[str]
    post: Sequence[str]
    panel: Callable[[Wish], Sequence[str]]
    environ: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stop:
    """Somebody wants the supervisor to end."""

    why: str


@dataclass(frozen=True, slots=True)
class Reload:
    """Somebody has changed the settings and does not want to wait."""


Event = Line | Ended | Stop | Reload


class Supervisor:
    """One screen's keeper."""

    def __init__(
        self,
        commands: Commands,
        notify: Callable[[str], None],
        version: str,
        pc: str,
        timing: Timing | None = None,
    ) -> None:
        self._commands, self._notify = commands, notify
        self._version, self._pc = version, pc
        self._timing = timing or Timing()
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._began, now = datetime.now(UTC), time.monotonic()
        self._switch = Switch(self._start_panel, now)
        self._players = Players(self._start_player, notify, self._switch, self._timing, now)
        self._office = Office(
            Errands(
                post=partial(self._spawn, commands.post),
                sync=partial(self._spawn, commands.sync, low=True),
            ),
            News(self._settled, self._take_over, self._updated),
            now,
        )
        self._status_at = now
        self._state = ""
        self._told: object = None
        self._disk_trouble: str | None = None
        self._claimed: list[Release] = []
        self._over = False

    def run(self) -> int:
        """Keep the screen alive until somebody leaves or stops it; the exit code.

        Taken: another supervisor keeps it already.
        """
        try:
            # The same command again is known at once; the same data folder, once the settings are.
            self._claimed.append(claim("\0".join(self._commands.post)))
            while not (self._over or self._players.left):
                now = time.monotonic()
                self._players.due(now)
                if self._office.post is None and self._players.shown is not None:
                    self._office.ask_first(now)
                self._office.due(now)
                self._switch.due(now, datetime.now(UTC))
                self._tell_status(now)
                self._wait()
        finally:
            self._end_all()
        return 0

    def stop(self, why: str) -> None:
        """Ask the supervisor to end; from a signal handler or any thread."""
        self._events.put(Stop(why))

    def reload(self) -> None:
        """Have the settings read again, now; from a signal handler or any thread."""
        self._events.put(Reload())

    def _wait(self) -> None:
        """Until something is heard, or something is due."""
        due = min(
            [
                self._status_at,
                *self._players.moments(),
                *self._office.moments(),
                *self._switch.moments(),
            ]
        )
        wait = min(max(due - time.monotonic(), 0.0), LONGEST_WAIT_S)
        try:
            event = self._events.get(timeout=wait)
        except queue.Empty:
            return
        self._take(event, time.monotonic())

    def _take(self, event: Event, now: float) -> None:
        match event:
            case Stop(why):
                log.info("stopped: %s", why)
                self._over = True
            case Reload():
                self._office.ask(now)
            case Line(child, text, error):
                if not (
                    self._players.heard(child, text, now, error=error)
                    or self._switch.heard(child, text, error=error)
                ):
                    self._office.heard(child, text, error=error)
            case Ended(child, code):
                if not (
                    self._players.ended(child, code, now) or self._switch.ended(child, code, now)
                ):
                    self._office.ended(child, code, now)

    # -- children ---------------------------------------------------------------------------

    def _start_player(self, ladder: Ladder) -> Child | None:
        post = self._office.post
        note = post.note if post else None
        return self._spawn(self._commands.play(ladder, note))

    def _start_panel(self, wish: Wish, within_s: float) -> Child | None:
        return self._spawn(self._commands.panel(wish), within_s)

    def _spawn(
        self, command: Sequence[str], within_s: float = math.inf, *, low: bool = False
    ) -> Child | None:
        environ = self._commands.environ
        try:
            return Child(command, self._events.put, environ, within_s=within_s, low=low)
        except OSError as error:
            # Out of memory or of processes, or the program is just being replaced.
            log.error("%s cannot be started: %s", command[0], error)
            return None

    # -- news -------------------------------------------------------------------------------

    def _settled(self, post: Post) -> None:
        """The first settings: this is our data folder, and nobody else's."""
        self._claimed.append(claim(str(post.data.resolve())))
        self._switch.journal.keep(post.data)
        try:
            logging.getLogger().addHandler(BoundedFile(post.data))
        except OSError as error:
            log.warning("no log is kept in %s: %s", post.data, error.strerror)
        log.info("kiosk %s keeps %s", self._version, post.seat if post.agency else "a new screen")
        if post.missing or post.problem:
            log.warning("settings: %s", post.problem or f"missing: {', '.join(post.missing)}")
        if post.note:
            self._take_over()

    def _take_over(self) -> None:
        self._players.take_over(time.monotonic())

    def _updated(self) -> None:
        self._players.new_release(time.monotonic())

    def _end_all(self) -> None:
        """Take everything down, the player politely."""
        self._notify("STOPPING=1")
        self._office.close()
        left = self._players.leave(time.monotonic())
        waking = self._switch.leave(time.monotonic(), datetime.now(UTC))
        left += [waking] if waking is not None else []
        until = time.monotonic() + self._timing.leave_s
        while left and time.monotonic() < until:
            try:
                event = self._events.get(timeout=max(until - time.monotonic(), 0.01))
            except queue.Empty:
                break
            if isinstance(event, Ended):
                left = [child for child in left if child is not event.child]
        for child in left:
            child.kill()
        self._switch.journal.close(JOURNAL_S)
        for release in self._claimed:
            release()

    # -- status -----------------------------------------------------------------------------

    def _tell_status(self, now: float) -> None:
        """Write status.json when the state has changed, and from time to time."""
        post, state = self._office.post, self._in_state()
        if post is None:
            self._status_at = now + STATUS_S
            return
        facts = (state, self._players.facts(), self._office.facts())
        if facts == self._told and now < self._status_at:
            return
        self._told = facts
        if state != self._state:
            log.info("state: %s", state)
        self._state, self._status_at = state, now + STATUS_S
        trouble = status.write(post.data, self._status(post, now))
        if trouble is not None and trouble != self._disk_trouble:
            log.warning("status.json is not written: %s", trouble)
        self._disk_trouble = trouble

    def _in_state(self) -> str:
        """One phrase; what the display really shows comes before what we mean it to show."""
        run, post = self._players.shown, self._office.post
        if run is None:
            return "starting"
        if self._switch.dark:
            return "dark"
        if run.hidden:
            return "no display"
        if run.look is not None and run.look.verdict in ("covered", "black", "frozen"):
            return run.look.verdict
        if post is not None and post.missing:
            return "set-up"
        return "on air" if run.footing == "current" else f"fallen back: {run.footing}"

    def _status(self, post: Post, now: float) -> status.Status:
        run = self._players.shown
        return status.Status(
            version=self._version,
            written=datetime.now(UTC),
            state=self._state,
            pc=self._pc,
            agency=post.agency,
            screen=post.screen,
            pid=os.getpid(),
            started=self._began,
            restarts=self._players.restarts,
            left_out=self._players.ladder.without,
            missing=post.missing,
            problem=post.problem,
            player=_player_status(run, now) if run is not None else None,
            sync=self._office.sync_status(now),
        )


def _player_status(run: Run, now: float) -> status.PlayerStatus:
    renderer = run.told.get("renderer", {})
    return status.PlayerStatus(
        pid=run.child.pid,
        footing=run.footing,
        renderer=f"{renderer['kind']} ({renderer['why']})" if renderer else None,
        release=run.release,
        scene=run.scene,
        frames=run.frames,
        last_frame=datetime.now(UTC) - timedelta(seconds=now - run.heard),
        hidden=run.hidden,
        look=run.look.verdict if run.look else None,
        memory=run.growth.now or None,
        handles=run.child.handles(),
    )
