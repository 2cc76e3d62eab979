"""Which panel standby is to be asked for, and when; nothing of it can stop the loop."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from kiosk.agent.child import Child
from kiosk.agent.journal import Entry, Journal, Light
from kiosk.agent.panels.way import Outcome

log = logging.getLogger("kiosk.agent")

Wish = Literal["on", "off"]
Start = Callable[[Wish, float], Child | None]
"""Starts `kiosk panel on` or `off`, given the seconds it has; None where that fails."""

WITHIN_S: Final = 30.0
"""More than every way's deadline together."""
AGAIN_S: Final = 10.0
"""Everything is asked twice: panels that wake may not hear it, and a player that has just
started wakes them by telling the X server to blank nothing."""
REASSERT_S: Final = 300.0
"""While dark: a mouse or a remote control may have woken the panel."""
SILENCE_S: Final = 120.0
"""Without a sign of a player for so long, its word counts no more: the panel is on."""
RETRY_S: Final = 30.0
"""A panel that did not come on is asked again after so long, then twice as long."""
NO_PLAYER: Final = "no player"
STOPPED: Final = "stopped"


@dataclass(frozen=True, slots=True)
class Panel:
    """What is wanted of the panel. Times are monotonic seconds.

    A panel is never off for longer than a player says so: `dark` is the word of a living one,
    None without it.
    """

    heard: float
    dark: bool | None = None
    asked: Wish | None = None
    at: float = math.inf
    failures: int = 0

    def said(self, dark: bool, now: float) -> Panel:
        """A player said so; the same again comes from a fresh player, or by another rule."""
        if dark != self.dark:
            return replace(self, heard=now, dark=dark, at=now, failures=0)
        return replace(self, heard=now, at=min(self.at, now + AGAIN_S))

    def alive(self, now: float) -> Panel:
        """A sign of a player."""
        return replace(self, heard=now)

    @property
    def moment(self) -> float:
        """When to ask next, unless something is heard before; infinite: there is no need."""
        doubtful = self.dark or (self.dark is None and self.asked != "on")
        return min(self.at, self.heard + SILENCE_S) if doubtful else self.at

    def due(self, now: float) -> Wish | None:
        """What is to be asked for now."""
        if now < self.moment:
            return None
        return "off" if self.dark and not self.silent(now) else "on"

    def silent(self, now: float) -> bool:
        """Whether no player has been heard for too long."""
        return now >= self.heard + SILENCE_S

    def ask(self, wish: Wish, now: float) -> Panel:
        """The panel is being asked for this."""
        wait = AGAIN_S if self.asked != wish else REASSERT_S if wish == "off" else math.inf
        dark = None if self.dark and wish == "on" else self.dark
        return replace(self, dark=dark, asked=wish, at=now + wait)

    def answered(self, worked: bool, now: float) -> Panel:
        """What became of it."""
        if worked:
            return replace(self, failures=0)
        if self.asked == "off":
            return self
        wait = min(RETRY_S * 2.0 ** min(self.failures, 10), REASSERT_S)
        return replace(self, failures=self.failures + 1, at=min(self.at, now + wait))


class Switch:
    """Carries the policy out with one-shot processes, and has each change journalled."""

    def __init__(self, start: Start, now: float) -> None:
        self.journal = Journal()
        self.panel = Panel(now)
        self._start = start
        self._child: Child | None = None
        self._said = b""
        self._outcomes: tuple[Outcome, ...] | None = None
        self._entry: Entry | None = None

    @property
    def dark(self) -> bool:
        """Whether a living player has gone dark."""
        return bool(self.panel.dark)

    def moments(self) -> list[float]:
        """When something is due, whatever is heard until then."""
        return [self._child.deadline if self._child is not None else self.panel.moment]

    def said(self, light: Light, now: float, at: datetime) -> None:
        """A player said what the light is; `at` is the moment on the clock."""
        self.panel = self.panel.said(light.lit is False, now)
        self._journal(light, at)

    def alive(self, now: float) -> None:
        """A player presented a frame, or said that it lives."""
        self.panel = self.panel.alive(now)

    def due(self, now: float, at: datetime) -> None:
        """Do what is due by now; `at` is the moment on the clock."""
        if self._child is not None:
            if self._child.end_at_deadline(now):
                log.error("the panel was not switched within %.0f s", WITHIN_S)
            return
        wish = self.panel.due(now)
        if wish is None:
            return
        if self._entry is not None and self._entry.light.lit is False and wish == "on":
            self._journal(replace(self._entry.light, lit=None, rule=NO_PLAYER, detail=""), at)
        self._ask(wish, now)

    def heard(self, child: Child, text: bytes, *, error: bool) -> bool:
        """Take in what a child said; whether it was ours. The answer is its last line."""
        if child is not self._child:
            return False
        self._said = self._said if error else text
        return True

    def ended(self, child: Child, code: int, now: float) -> bool:
        """A child has ended; whether it was ours."""
        if child is not self._child:
            return False
        self._child = None
        self._answered(answer(self._said), code == 0, now)
        return True

    def leave(self, now: float, at: datetime) -> Child | None:
        """Nobody keeps the screen from here on: light the panel if it is off; who does that."""
        if self._entry is not None:
            self._journal(replace(self._entry.light, lit=None, rule=STOPPED, detail=""), at)
        if self.panel.asked == "off":
            if self._child is not None:
                self._child.kill()
            self._ask("on", now)
        return self._child

    def _ask(self, wish: Wish, now: float) -> None:
        self.panel, self._said = self.panel.ask(wish, now), b""
        self._child = self._start(wish, WITHIN_S)
        if self._child is None:
            self.panel = self.panel.answered(False, now)

    def _answered(self, outcomes: tuple[Outcome, ...], worked: bool, now: float) -> None:
        self.panel = self.panel.answered(worked, now)
        offered = tuple(one for one in outcomes if one.state != "not offered")
        if offered != self._outcomes:
            told = "; ".join(map(str, offered)) or "black frame alone"
            log.log(
                logging.INFO if worked else logging.ERROR, "panel %s: %s", self.panel.asked, told
            )
        self._outcomes = offered
        entry = self._entry
        fits = entry is not None and (entry.light.lit is False) == (self.panel.asked == "off")
        if entry is not None and fits and offered and not entry.panel:
            self._entry = replace(entry, panel=offered)
            self.journal.write(self._entry)

    def _journal(self, light: Light, at: datetime) -> None:
        if self._entry is None or self._entry.light != light:
            self._entry = Entry(at.replace(microsecond=0), light)
            self.journal.write(self._entry)


def answer(said: bytes) -> tuple[Outcome, ...]:
    """What `kiosk panel --json` printed; empty where it printed nothing of the kind."""
    try:
        ways = json.loads(said)["ways"]
        return tuple(
            Outcome(str(way["way"]), way["state"], str(way["detail"])[:300]) for way in ways
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        return ()
