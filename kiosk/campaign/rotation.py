"""The loop: one scene on the glass, the next one made ready behind it, as a table of rules.

`step` is pure. Whoever owns the clock and the screen hands in events and performs the effects, in
order. `Choose` always comes last, so it may be answered at once, by the next call of `step`.

- A scene stands until its hold is over and the next one is ready; an unready next never blanks it.
- It has left the glass by its `closes_at`: the fade away begins `FADE_S` before, to standby if
  need be. One that would stand less than `WORTH_S` is not shown.
- A fade is never interrupted. What it brings in and may no longer be shown leaves at its end, so
  `Opaque` is owed for every `Show`, even after `Failed`.
- Nothing is polled: where nothing may be shown, only `Changed` asks again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf
from typing import Any, Final, NamedTuple

FADE_S: Final = 0.6
WORTH_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Cue:
    """A scene cast for one play. Token 0 is standby; every other play has its own, above 0.

    `hold_s` is in seconds; `closes_at`, in monotonic seconds, is when it may no longer be seen.
    """

    token: int
    scene: str
    hold_s: float
    closes_at: float | None


STANDBY: Final = Cue(0, "", 0.0, None)
_NOBODY: Final = Cue(-1, "", 0.0, None)


# Events. Every `at` is in monotonic seconds.


@dataclass(frozen=True, slots=True)
class Begin:
    """The window is open, and standby is on the glass."""

    at: float


@dataclass(frozen=True, slots=True)
class Cast:
    """The answer to `Choose`: the scene to prepare, or None when nothing is allowed.

    A cue that comes too late is dropped unprepared. Every cue cast is dropped once, at its end.
    """

    cue: Cue | None


@dataclass(frozen=True, slots=True)
class Ready:
    """A scene is prepared: it can be shown at once."""

    token: int
    at: float


@dataclass(frozen=True, slots=True)
class Failed:
    """A scene cannot be prepared, or broke on the glass. It will not be cast again."""

    token: int
    at: float


@dataclass(frozen=True, slots=True)
class Opaque:
    """The fade has ended: the first fully opaque frame of this scene was presented."""

    token: int
    at: float


@dataclass(frozen=True, slots=True)
class Due:
    """A `Wake` came true."""

    at: float


@dataclass(frozen=True, slots=True)
class Changed:
    """From now on these scenes, by id, are allowed.

    `renewed`: they are of a new release, so what was prepared of the old one is outdated.
    """

    allowed: frozenset[str]
    at: float
    renewed: bool = False


Event = Begin | Cast | Ready | Failed | Opaque | Due | Changed
EVENTS: Final = (Begin, Cast, Ready, Failed, Opaque, Due, Changed)


# Effects.


@dataclass(frozen=True, slots=True)
class Choose:
    """Which scene is next? To be answered by one `Cast`."""


@dataclass(frozen=True, slots=True)
class Prepare:
    """Make this scene ready; to be answered by `Ready` or `Failed`."""

    cue: Cue


@dataclass(frozen=True, slots=True)
class Show:
    """Start the crossfade to this scene; to be answered by `Opaque`."""

    token: int


@dataclass(frozen=True, slots=True)
class Wake:
    """Say `Due` at this moment. It replaces the wake before it."""

    at: float


@dataclass(frozen=True, slots=True)
class Played:
    """A scene was on the glass, from its first opaque frame to the start of the next fade."""

    token: int
    began: float
    ended: float


@dataclass(frozen=True, slots=True)
class Drop:
    """This play is over or given up: its pictures and its slot may be freed."""

    token: int


Effect = Choose | Prepare | Show | Wake | Played | Drop


class Glass(StrEnum):
    """What a passer-by sees."""

    UNLIT = "unlit"
    STANDBY = "standby"
    SCENE = "scene"
    TO_SCENE = "to scene"
    TO_STANDBY = "to standby"


class Coming(StrEnum):
    """How far the next scene is."""

    NOTHING = "nothing"
    ASKED = "asked"
    PREPARING = "preparing"
    READY = "ready"


class Phase(NamedTuple):
    """A row of the table."""

    glass: Glass
    coming: Coming


@dataclass(frozen=True, slots=True)
class State:
    """Where the loop stands; `State()` is before `Begin`.

    `shown` is on the glass, and during a fade gives way to `target`; `cue` is coming. `allowed` is
    None until `Changed` tells. `doubt`: it told after `Choose`. `late`: scenes that came too near
    their end. `rest_until`: when standby asks again.
    """

    glass: Glass = Glass.UNLIT
    coming: Coming = Coming.NOTHING
    at: float = -inf
    shown: Cue = STANDBY
    target: Cue = _NOBODY
    cue: Cue = _NOBODY
    began: float = -inf
    hold_end: float = -inf
    wake: float | None = None
    rest_until: float | None = None
    allowed: frozenset[str] | None = None
    doubt: bool = False
    late: frozenset[str] = frozenset()
    broken: int = _NOBODY.token

    @property
    def phase(self) -> Phase:
        """The row of the table that holds now."""
        return Phase(self.glass, self.coming)


Outcome = tuple[State, tuple[Effect, ...]]
Rule = Callable[[State, Any], Outcome]


def step(state: State, event: Event) -> Outcome:
    """The state after `event`, and what to do, in order.

    ValueError for what only a faulty director says: an answer that was not asked for, a second
    `Begin`, a token that is taken.
    """
    told = state if isinstance(event, Cast) else replace(state, at=max(state.at, event.at))
    after, effects = TABLE[state.phase, type(event)](told, event)
    wakes = after.wake != state.wake or isinstance(event, Due)
    asks = state.coming is not Coming.ASKED or isinstance(event, Cast)
    return after, (
        *effects,
        *([Wake(after.wake)] if wakes and after.wake is not None else []),
        *([Choose()] if asks and after.coming is Coming.ASKED else []),
    )


# Rules: each notes what it was told, and lets `_settle` decide what the glass does.


def begin(state: State, event: Begin) -> Outcome:
    """Standby is on the glass: ask for the first scene."""
    del event
    return _settle(_ask(replace(state, glass=Glass.STANDBY)))


def cast(state: State, event: Cast) -> Outcome:
    """Prepare the answer; ask once more if it is outdated or too late; rest if there is none."""
    cue, doubt = event.cue, state.doubt
    state = replace(state, doubt=False)
    if cue is None:
        return _settle(state if doubt and state.allowed else _rest(state, None))
    if cue.token <= 0 or cue.token in (state.shown.token, state.target.token):
        raise ValueError(f"token {cue.token} is taken; give every play its own, above 0")
    if doubt and _withdrawn(state, cue):
        return _settle(state, Drop(cue.token))
    if _worth(state, cue):
        told = state.allowed if state.allowed is None else state.allowed | {cue.scene}
        state = replace(state, coming=Coming.PREPARING, cue=cue, allowed=told)
        return _settle(state, Prepare(cue))
    if cue.scene in state.late:
        return _settle(_rest(state, state.at + WORTH_S), Drop(cue.token))
    return _settle(replace(state, late=state.late | {cue.scene}), Drop(cue.token))


def ready(state: State, event: Ready) -> Outcome:
    """The coming scene waits for its turn, or has it."""
    return _settle(replace(state, coming=Coming.READY) if event.token == state.cue.token else state)


def failed(state: State, event: Failed) -> Outcome:
    """Drop the coming scene and ask again; a scene that breaks on the glass leaves it."""
    if event.token == state.cue.token:
        return _settle(_ask(state), Drop(event.token))
    standing = state.target if state.glass is Glass.TO_SCENE else state.shown
    if event.token != standing.token:
        return state, ()
    state = replace(state, broken=event.token)
    return _settle(_ask(state) if state.phase == (Glass.SCENE, Coming.NOTHING) else state)


def opaque(state: State, event: Opaque) -> Outcome:
    """The fade is over: free what it hid, and begin the play."""
    if event.token != state.target.token:
        return state, ()
    gone = (Drop(state.shown.token),) if state.shown != STANDBY else ()
    state = replace(state, shown=state.target, target=_NOBODY)
    if state.shown == STANDBY:
        return _settle(replace(state, glass=Glass.STANDBY), *gone)
    hold_end = state.at + state.shown.hold_s
    state = replace(state, glass=Glass.SCENE, began=state.at, hold_end=hold_end)
    return _settle(_ask(state), *gone)


def due(state: State, event: Due) -> Outcome:
    """It is time to move on; where nothing is coming, ask. Too early: wake again."""
    del event
    if state.wake is None or state.at < state.wake:
        return state, ()
    return _settle(_ask(state) if state.coming is Coming.NOTHING else state)


def note(state: State, event: Changed) -> Outcome:
    """Remember what is allowed."""
    return replace(state, allowed=event.allowed, late=frozenset(), rest_until=None), ()


def seek(state: State, event: Changed) -> Outcome:
    """Nothing was coming: ask again if anything is allowed. Leave what is withdrawn."""
    state, _ = note(state, event)
    return _settle(_ask(state) if event.allowed else state)


def doubt(state: State, event: Changed) -> Outcome:
    """The answer on its way may be outdated. Leave what is withdrawn."""
    state, _ = note(state, event)
    return _settle(replace(state, doubt=True))


def recheck(state: State, event: Changed) -> Outcome:
    """Drop the coming scene if it is withdrawn or outdated, and ask. Leave what is withdrawn."""
    state, _ = note(state, event)
    if event.renewed or _withdrawn(state, state.cue):
        return _settle(_ask(state), Drop(state.cue.token))
    return _settle(state)


def ignore(state: State, event: Event) -> Outcome:
    """Stale, or without meaning here: nothing happens."""
    del event
    return state, ()


def refuse(state: State, event: Event) -> Outcome:
    """The director broke its promise: ValueError."""
    raise ValueError(f"{event} does not belong here ({state.glass}, {state.coming} coming)")


# What the rules say it with.


def _ask(state: State) -> State:
    return replace(state, coming=Coming.ASKED, cue=_NOBODY)


def _rest(state: State, until: float | None) -> State:
    again = state.at + state.shown.hold_s if state.at >= state.hold_end else state.hold_end
    return replace(state, coming=Coming.NOTHING, hold_end=again, rest_until=until)


def _withdrawn(state: State, cue: Cue) -> bool:
    return state.allowed is not None and cue.scene not in state.allowed


def _worth(state: State, cue: Cue) -> bool:
    return cue.closes_at is None or cue.closes_at - state.at >= WORTH_S


def _leave_by(cue: Cue) -> float:
    return inf if cue.closes_at is None else cue.closes_at - FADE_S


def _must_leave(state: State) -> bool:
    broken = state.shown.token == state.broken
    return broken or _withdrawn(state, state.shown) or state.at >= _leave_by(state.shown)


def _settle(state: State, *done: Effect) -> Outcome:
    """What the glass does, now that everything is known."""
    if state.coming is Coming.READY and not _worth(state, state.cue):
        done += (Drop(state.cue.token),)
        state = _ask(replace(state, late=state.late | {state.cue.scene}))
    following = _following(state)
    if following is not None:
        state, shown = _show(state, following)
        done += shown
    return replace(state, wake=_wake(state)), done


def _following(state: State) -> Cue | None:
    """What has to be shown now; None where the glass stays as it is."""
    here = state.cue if state.coming is Coming.READY else None
    if state.glass is Glass.STANDBY:
        return here
    if state.glass is not Glass.SCENE:
        return None
    if _must_leave(state):
        return here or STANDBY
    return here if state.at >= state.hold_end else None


def _show(state: State, cue: Cue) -> Outcome:
    played = [Played(state.shown.token, state.began, state.at)] if state.shown != STANDBY else []
    if cue == STANDBY:
        state = replace(state, glass=Glass.TO_STANDBY, target=cue)
    else:
        coming = Coming.NOTHING
        state = replace(state, glass=Glass.TO_SCENE, target=cue, coming=coming, cue=_NOBODY)
    return state, (Show(cue.token), *played)


def _wake(state: State) -> float | None:
    if state.phase == (Glass.STANDBY, Coming.NOTHING):
        return state.rest_until
    if state.glass is not Glass.SCENE:
        return None
    leave_by = _leave_by(state.shown)
    first = min(state.hold_end, leave_by) if state.at < state.hold_end else leave_by
    return first if first < inf else None


# fmt: off
_ROWS: Final[dict[tuple[Glass, Coming], tuple[Rule, ...]]] = {
    #                                     Begin   Cast    Ready   Failed  Opaque  Due     Changed
    (Glass.UNLIT, Coming.NOTHING):        (begin,  refuse, refuse, refuse, refuse, refuse, note),
    (Glass.STANDBY, Coming.NOTHING):      (refuse, refuse, ignore, ignore, ignore, due,    seek),
    (Glass.STANDBY, Coming.ASKED):        (refuse, cast,   ignore, ignore, ignore, ignore, doubt),
    (Glass.STANDBY, Coming.PREPARING):    (refuse, refuse, ready,  failed, ignore, ignore, recheck),
    (Glass.SCENE, Coming.NOTHING):        (refuse, refuse, ignore, failed, ignore, due,    seek),
    (Glass.SCENE, Coming.ASKED):          (refuse, cast,   ignore, failed, ignore, due,    doubt),
    (Glass.SCENE, Coming.PREPARING):      (refuse, refuse, ready,  failed, ignore, due,    recheck),
    (Glass.SCENE, Coming.READY):          (refuse, refuse, ignore, failed, ignore, due,    recheck),
    (Glass.TO_SCENE, Coming.NOTHING):     (refuse, refuse, ignore, failed, opaque, ignore, note),
    (Glass.TO_STANDBY, Coming.NOTHING):   (refuse, refuse, ignore, ignore, opaque, ignore, seek),
    (Glass.TO_STANDBY, Coming.ASKED):     (refuse, cast,   ignore, ignore, opaque, ignore, doubt),
    (Glass.TO_STANDBY, Coming.PREPARING): (refuse, refuse, ready,  failed, opaque, ignore, recheck),
    (Glass.TO_STANDBY, Coming.READY):     (refuse, refuse, ignore, failed, opaque, ignore, recheck),
}
# fmt: on

TABLE: Final[dict[tuple[Phase, type[Event]], Rule]] = {
    (Phase(*phase), event): rule
    for phase, row in _ROWS.items()
    for event, rule in zip(EVENTS, row, strict=True)
}


def table() -> str:
    """The whole loop as text: a row per phase, a column per event, and what each rule does."""
    lines = [("ON THE GLASS", "COMING", *(event.__name__ for event in EVENTS))]
    lines += [(*phase, *(rule.__name__ for rule in row)) for phase, row in _ROWS.items()]
    grid = "\n".join("".join(f"{cell:<13}" for cell in line).rstrip() for line in lines)
    rules = dict.fromkeys(rule for row in _ROWS.values() for rule in row)
    legend = "\n".join(f"{rule.__name__:<13}{rule.__doc__}" for rule in rules)
    return f"{grid}\n\n{legend}\n"
