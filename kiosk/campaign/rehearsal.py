"""A rehearsal: what one screen will do, from the rules the player runs, with a clock of its own.

Everything is ready at once and every timer is exact: a fade takes `rotation.FADE_S`, and nothing
else takes any time at all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from math import inf
from typing import Final
from zoneinfo import ZoneInfo

from kiosk.campaign import rotation
from kiosk.campaign.hold import hold_seconds
from kiosk.campaign.hours import Why
from kiosk.campaign.model import Orientation, Scene
from kiosk.campaign.selection import LeftOut, Reason, Selection
from kiosk.campaign.showrunner import Bill, Showrunner, asks_in
from kiosk.campaign.wall import begin_of, moment

RUN_UP: Final = time(3)
"""Local time, of the day before: dark by law everywhere, so nothing from before is left."""
RUN_ON: Final = timedelta(minutes=30)
"""How far beyond its end a rehearsal looks, for the last play and the one that follows."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One play: from the first frame the scene has the glass to itself to the next fade."""

    scene: str
    began: datetime
    seconds: float

    @property
    def ended(self) -> datetime:
        """When the next fade starts."""
        return self.began + timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which nothing changes: the light, the scenes allowed, and why others are not."""

    begins: datetime
    ends: datetime
    lit: bool
    why: Why
    detail: str
    allowed: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class Absence:
    """A scene that is left out for one reason, from when to when."""

    scene: str
    reason: Reason
    detail: str
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """What is on the glass at one moment, and what comes next.

    `turn` is None in the dark and while standby stands; during a fade it is the one it brings in.
    """

    turn: Turn | None
    follows: Turn | None
    stretch: Stretch


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """All that happens from `begins` to `ends` (UTC).

    `turns` are those that are on the glass at any time of it, whole; `after` is the next one.
    """

    begins: datetime
    ends: datetime
    stretches: tuple[Stretch, ...]
    turns: tuple[Turn, ...]
    after: Turn | None

    def spans(self) -> tuple[Stretch, ...]:
        """When the screen is lit and dark, and by which rule; scenes are those it begins with."""
        return tuple(_joined(self.stretches, lambda one: (one.lit, one.why, one.detail)))

    def absences(self) -> tuple[Absence, ...]:
        """Why scenes are left out, other than because the screen is dark."""
        found: dict[tuple[str, Reason, str], list[Absence]] = {}
        for stretch in self.stretches:
            for left in stretch.left_out:
                so_far = found.setdefault((left.scene, left.reason, left.detail), [])
                if so_far and so_far[-1].ends == stretch.begins:
                    so_far[-1] = replace(so_far[-1], ends=stretch.ends)
                else:
                    why = (left.scene, left.reason, left.detail)
                    so_far.append(Absence(*why, stretch.begins, stretch.ends))
        every = [one for so_far in found.values() for one in so_far]
        first = {one.scene: number for number, one in reversed(list(enumerate(every)))}
        return tuple(sorted(every, key=lambda one: first[one.scene]))

    def empty(self) -> tuple[Stretch, ...]:
        """When the screen is lit and no scene may be shown: the brand's own stands."""
        return tuple(one for one in self.stretches if one.lit and not one.allowed)

    def at(self, moment_: datetime) -> Moment:
        """What is on the glass at a moment from `begins` to `ends`."""
        stretch = next((one for one in self.stretches if one.ends > moment_), self.stretches[-1])
        rest = [turn for turn in (*self.turns, self.after) if turn and turn.ended > moment_]
        fade = timedelta(seconds=rotation.FADE_S)
        if rest and rest[0].began <= moment_ + fade:
            return Moment(rest[0], next(iter(rest[1:]), None), stretch)
        return Moment(None, next(iter(rest), None), stretch)


def rehearse(
    bill: Bill,
    orientation: Orientation,
    begins: datetime,
    ends: datetime,
    *,
    since: datetime | None = None,
    hold: Callable[[Scene], float] = hold_seconds,
) -> Rehearsal:
    """What a screen held like this shows between two aware moments.

    Its player was started at `since`; without it long ago, as `run_up` has it. ValueError when a
    moment has no time zone.
    """
    for at in (begins, ends, since or begins):
        if at.utcoffset() is None:
            raise ValueError(f"{at.isoformat()} has no time zone; give an aware datetime")
    began = since or run_up(begins, ZoneInfo(bill.agency.timezone))
    show = _Show(bill, orientation, began.astimezone(UTC), hold)
    show.play(ends.astimezone(UTC))
    return show.told(begins.astimezone(UTC), ends.astimezone(UTC))


def run_up(begins: datetime, zone: ZoneInfo) -> datetime:
    """The moment to begin at, so that what happened before no longer matters.

    An order lasts a day, and all that it takes from the day before is the scene at midnight.
    """
    day = begins.astimezone(zone).date() - timedelta(days=1)
    return moment(datetime.combine(day, RUN_UP), zone, after=begin_of(day, zone))


@dataclass(slots=True)
class _Show:
    """The rules, driven as the player drives them; seconds are counted from `since`."""

    bill: Bill
    orientation: Orientation
    since: datetime
    hold: Callable[[Scene], float]
    clock: float = 0.0
    state: rotation.State = field(default_factory=rotation.State)
    events: deque[rotation.Event] = field(default_factory=deque)
    turns: dict[int, Turn] = field(default_factory=dict)
    seen: list[Stretch] = field(default_factory=list)
    wake: float = inf
    ask: float = inf
    opaque: tuple[float, int] = (inf, 0)
    answer: Selection | None = None
    showrunner: Showrunner = field(init=False)

    def __post_init__(self) -> None:
        self.showrunner = Showrunner(self.bill)

    def play(self, ends: datetime) -> None:
        """Run to `ends`, and a little more for what stands there."""
        self.tell(rotation.Begin(0.0))
        last = ends + RUN_ON
        while (due := min(self.opaque[0], self.wake, self.ask)) < inf:
            at = self._when(due)
            if at > ends and (at > last or not self._owes(ends)):
                break
            self.clock = max(self.clock, due)
            self.fire(due)

    def told(self, begins: datetime, ends: datetime) -> Rehearsal:
        """What was seen between two moments."""
        marks = [*(one.begins for one in self.seen[1:]), ends]
        stretches = [
            replace(one, begins=max(one.begins, begins), ends=min(mark, ends))
            for one, mark in zip(self.seen, marks, strict=True)
        ]
        turns = [self._whole(turn) for turn in self.turns.values() if turn.began != _NEVER]
        return Rehearsal(
            begins,
            ends,
            tuple(one for one in stretches if one.begins < one.ends),
            tuple(turn for turn in turns if turn.began < ends and turn.ended > begins),
            next((turn for turn in turns if turn.began >= ends), None),
        )

    # -- the clock --------------------------------------------------------------------------

    def _when(self, seconds: float) -> datetime:
        return self.since + timedelta(seconds=seconds)

    @property
    def now(self) -> datetime:
        """The moment it is."""
        return self._when(self.clock)

    def fire(self, due: float) -> None:
        """Let what is due happen: one thing at a time."""
        if self.opaque[0] == due:
            token, self.opaque = self.opaque[1], (inf, 0)
            self.stands(token)
        elif self.wake == due:
            self.wake = inf
            self.tell(rotation.Due(self.clock))
        else:
            allowed = frozenset(scene.id for scene in self.look().allowed)
            self.tell(rotation.Changed(allowed, self.clock))

    # -- the loop ---------------------------------------------------------------------------

    def tell(self, event: rotation.Event) -> None:
        """Go on by one event, and by all that follow from it at once."""
        self.events.append(event)
        if len(self.events) > 1:
            return
        while self.events:
            self.state, effects = rotation.step(self.state, self.events[0])
            for effect in effects:
                self.carry_out(effect)
            self.events.popleft()

    def carry_out(self, effect: rotation.Effect) -> None:
        """Do as the rotation says."""
        match effect:
            case rotation.Choose():
                chosen = self.showrunner.choose(self.look(), self.now, self.clock, self.hold)
                if chosen is not None:
                    self.turns[chosen.cue.token] = Turn(chosen.scene.id, _NEVER, 0.0)
                self.tell(rotation.Cast(chosen.cue if chosen else None))
            case rotation.Prepare(cue):
                self.tell(rotation.Ready(cue.token, self.clock))
            case rotation.Show(token):
                # The very first scene is simply there.
                fade = rotation.FADE_S if self.clock > 0 else 0.0
                self.opaque = self.clock + fade, token
            case rotation.Wake(at):
                self.wake = at
            case rotation.Played(token, began, ended):
                self.turns[token] = replace(self.turns[token], seconds=round(ended - began, 6))
            case rotation.Drop(token):
                self.showrunner.drop(token)
                if self.turns[token].began == _NEVER:
                    del self.turns[token]

    def stands(self, token: int) -> None:
        """A fade is over."""
        if token in self.turns:
            self.turns[token] = replace(self.turns[token], began=self.now)
        self.tell(rotation.Opaque(token, self.clock))

    def look(self) -> Selection:
        """Ask what may be shown, and note it."""
        selection = self.showrunner.look(self.now, self.orientation)
        self.ask = self.clock + asks_in(selection, self.now)
        if selection is self.answer:
            return selection
        self.answer = selection
        light, scenes = selection.light, tuple(scene.id for scene in selection.allowed)
        left = tuple(one for one in selection.left_out if one.reason is not Reason.DARK)
        told = Stretch(self.now, _NEVER, light.lit, light.why, light.detail, scenes, left)
        if not self.seen or replace(told, begins=self.seen[-1].begins) != self.seen[-1]:
            self.seen.append(told)
        return selection

    # -- the end ----------------------------------------------------------------------------

    def _whole(self, turn: Turn) -> Turn:
        """A play that is not over lasts until now."""
        on_glass = self.state.glass is rotation.Glass.SCENE
        if on_glass and turn is self.turns.get(self.state.shown.token):
            return replace(turn, seconds=round(self.clock - self.state.began, 6))
        return turn

    def _owes(self, ends: datetime) -> bool:
        """Whether the play that follows the end is not known, or not over."""
        lately = list(self.turns.values())[-2:]
        return not any(ends <= turn.began < _NEVER and turn.seconds for turn in lately)


_NEVER: Final = datetime.max.replace(tzinfo=UTC)


def _joined(stretches: Iterable[Stretch], same: Callable[[Stretch], object]) -> Iterator[Stretch]:
    """Neighbours that are the same, as one."""
    joined: Stretch | None = None
    for one in stretches:
        if joined is not None and same(joined) == same(one):
            joined = replace(joined, ends=one.ends)
            continue
        if joined is not None:
            yield joined
        joined = one
    if joined is not None:
        yield joined
