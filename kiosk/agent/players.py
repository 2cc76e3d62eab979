"""The player on the glass, and the one that is to take over from it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from kiosk.agent import lines
from kiosk.agent.child import Child, how
from kiosk.agent.journal import Light
from kiosk.agent.ladder import Ladder, Patience
from kiosk.agent.log import Trickle
from kiosk.agent.panel import Switch
from kiosk.agent.run import Run

log = logging.getLogger("kiosk.agent")

Start = Callable[[Ladder], Child | None]
"""Starts a player as the ladder says; None where that is not possible."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a player may take; seconds."""

    patience: Patience = field(default_factory=Patience)
    first_frame_s: float = 30
    silence_s: float = 11
    """Two beats of the player, and a little."""
    leave_s: float = 5
    measure_s: float = 60


class Players:
    """Starts players and lets them go. Times are monotonic seconds.

    There are two at once while one takes over: the old picture stays until the new one's first
    frame, also where the old player hangs.
    """

    def __init__(
        self,
        start: Start,
        notify: Callable[[str], None],
        switch: Switch,
        timing: Timing,
        now: float,
    ) -> None:
        self._start_one, self._notify, self._timing = start, notify, timing
        self._switch = switch
        self.ladder = Ladder(changed_at=now)
        self.restarts = 0
        self.left = False
        """Whether a person has left the player."""
        self._runs: list[Run] = []
        self._start_at: float | None = now
        self._measure_at = now + timing.measure_s
        self._ready = False
        self._trickle = Trickle(lambda text: log.info("player: %s", text))

    @property
    def shown(self) -> Run | None:
        """The run whose picture is on the glass, as far as is known."""
        seen = [run for run in self._runs if run.first_frame is not None]
        return seen[-1] if seen else None

    def facts(self) -> tuple[object, ...]:
        """What is worth telling at once when it changes."""
        run = self.shown
        on_glass = (run.child.pid, run.release, run.look) if run is not None else None
        return on_glass, self.restarts, self.ladder.without

    def take_over(self, now: float) -> None:
        """Let a fresh player take the place of the one on the glass."""
        self._start_at = now

    def new_release(self, now: float) -> None:
        """A player that stood on an older release is to try the new one; others find it alone."""
        fell = self.ladder.level > 0
        self.ladder = self.ladder.renewed(now)
        if fell:
            self.take_over(now)

    def moments(self) -> list[float]:
        """When something is due, whatever is heard until then."""
        later = (self._start_at, self._return_at)
        runs = [self._silent_at(run) for run in self._runs]
        return [self._measure_at, *runs, *(at for at in later if at is not None)]

    def due(self, now: float) -> None:
        """Do what is due by now."""
        for run in [run for run in self._runs if now >= self._silent_at(run)]:
            self._fell_silent(run, now)
        if self._return_at is not None and now >= self._return_at:
            self.ladder = self.ladder.returned(now)
            log.info("trying again: the %s release", self.ladder.footing)
            self._start_at = now
        if self._start_at is not None and now >= self._start_at:
            self._start(now)
        if now >= self._measure_at:
            self._measure(now)

    def heard(self, child: Child, text: bytes, now: float, *, error: bool) -> bool:
        """Take in what a child said; whether it was one of ours."""
        run = self._of(child)
        if run is not None and error:
            self._trickle.line(text.decode("utf-8", "replace"), now)
        elif run is not None:
            self._said(run, lines.read(text), now)
        return run is not None

    def ended(self, child: Child, code: int, now: float) -> bool:
        """A child has ended; whether it was one of ours."""
        run = self._of(child)
        if run is None:
            return False
        self._runs.remove(run)
        if run.leaving_since is not None or run.hung:
            return True
        if code == 0:
            log.info("somebody left the player")
            self.left = True
            return True
        log.error("the player ended: %s, %.1f s on the glass", how(code), run.on_glass_s(now))
        self._fall(run, code, now)
        return True

    def leave(self, now: float) -> list[Child]:
        """Ask every player to leave; those that are still there."""
        for run in self._runs:
            self._part_with(run, now)
        return [run.child for run in self._runs]

    @property
    def _return_at(self) -> float | None:
        """When to climb back; not while a player is just starting."""
        if self._start_at is not None or any(run.first_frame is None for run in self._runs):
            return None
        return self.ladder.returns_at(self._timing.patience)

    def _of(self, child: Child) -> Run | None:
        return next((run for run in self._runs if run.child is child), None)

    def _silent_at(self, run: Run) -> float:
        if run.leaving_since is not None:
            return run.leaving_since + self._timing.leave_s
        return run.silent_at(self._timing.first_frame_s, self._timing.silence_s)

    def _start(self, now: float) -> None:
        self._start_at = None
        for run in self._runs:
            if run.first_frame is None:
                self._part_with(run, now)
        child = self._start_one(self.ladder)
        if child is None:
            self._start_at = now + self._timing.patience.delays_s[-1]
        else:
            self._runs.append(Run(child, self.ladder.footing, started=now, heard=now))

    def _said(self, run: Run, said: lines.Said | None, now: float) -> None:
        if said is None or run.leaving_since is not None:
            return
        tried, first = frozenset(run.trying), run.first_frame is None
        played = frozenset({run.playing})
        run.hear(said, now)
        match said:
            case Light():
                self._switch.said(said, now, datetime.now(UTC))
            case lines.Frame():
                self._switch.alive(now)
                self.ladder = self.ladder.presented(tried)
                if first:
                    self._on_air(run, now)
                self._notify("WATCHDOG=1")
            case lines.Playing():
                self.ladder = self.ladder.presented(played)
            case lines.Hidden():
                self._switch.alive(now)
                self._notify("WATCHDOG=1")

    def _on_air(self, run: Run, now: float) -> None:
        """Its first frame is there: the others may go."""
        took, what = now - run.started, f"{run.scene} of release {run.release}"
        log.info("on air after %.1f s: %s (%s footing)", took, what, run.footing)
        for other in self._runs:
            if other is not run:
                self._part_with(other, now)
        if not self._ready:
            self._ready = True
            self._notify("READY=1")

    def _part_with(self, run: Run, now: float) -> None:
        if run.leaving_since is None:
            run.leaving_since = now
            if run.hung:
                run.child.kill()
            else:
                run.child.say("leave")

    def _fell_silent(self, run: Run, now: float) -> None:
        """No frame in time, or it does not leave."""
        if run.leaving_since is not None or run.hung:
            run.child.kill()
            run.leaving_since = now  # asked again, should even that not end it
            return
        run.hung = True
        what = "no first frame" if run.first_frame is None else "no frame"
        log.error("the player is replaced: %s for %.0f s", what, now - run.heard)
        self._fall(run, None, now)
        if run.first_frame is None:
            self._part_with(run, now)
        else:
            run.heard = now

    def _fall(self, run: Run, code: int | None, now: float) -> None:
        """A run has failed: climb as the ladder says, and have the next one started."""
        before = self.ladder
        self.ladder, wait = before.ended(run.end(now, code), now, self._timing.patience)
        self.restarts += 1
        for sha in set(self.ladder.without) - set(before.without):
            log.error("picture %s is left out: the player failed with it twice", sha)
        if self.ladder.software and not before.software:
            log.error("drawing without the graphics card")
        if self.ladder.footing != before.footing:
            log.error("falling back to the %s release", self.ladder.footing)
        coming = any(r.first_frame is None and r.leaving_since is None for r in self._runs)
        if run.first_frame is None or not coming:
            self._start_at = now + wait

    def _measure(self, now: float) -> None:
        """Look at the player's memory, and begin afresh where it has grown too much."""
        self._measure_at = now + self._timing.measure_s
        run = self.shown
        memory = run.child.memory() if run is not None else None
        if run is None or memory is None or run.leaving_since is not None:
            return
        run.growth = run.growth.measured(memory, run.on_glass_s(now))
        if run.growth.too_much(datetime.now().astimezone().hour) and self._start_at is None:
            log.warning("the player has grown to %d MB; a fresh one takes over", memory >> 20)
            self._start_at = now
