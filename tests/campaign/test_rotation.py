"""The loop: by example, rule by rule, and against a director that does anything at any time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kiosk.campaign.rotation import (
    EVENTS,
    FADE_S,
    TABLE,
    WORTH_S,
    Begin,
    Cast,
    Changed,
    Choose,
    Coming,
    Cue,
    Drop,
    Due,
    Effect,
    Event,
    Failed,
    Glass,
    Opaque,
    Phase,
    Played,
    Prepare,
    Ready,
    Show,
    State,
    Wake,
    refuse,
    step,
    table,
)


def cue(token: int, closes_at: float | None = None, hold_s: float = 12, scene: str = "") -> Cue:
    return Cue(token, scene or f"s{token}", hold_s, closes_at)


def run(*events: Event, state: State | None = None) -> tuple[State, list[Effect]]:
    """The state after these events, and the effects of the last one."""
    now, done = state or State(), list[Effect]()
    for event in events:
        now, effects = step(now, event)
        done = list(effects)
    return now, done


def standing(first: Cue) -> State:
    """`first` became opaque at 10.6 s, and the next scene is asked for."""
    state, _ = run(Begin(0), Cast(first), Ready(first.token, 10), Opaque(first.token, 10.6))
    assert state.phase == (Glass.SCENE, Coming.ASKED)
    return state


def allow(*scenes: str, at: float) -> Changed:
    return Changed(frozenset(scenes), at)


# The usual round.


def test_a_fade_lasts_six_tenths_of_a_second() -> None:
    assert FADE_S == 0.6


def test_standby_is_first_and_the_first_scene_is_chosen_at_once() -> None:
    assert run(Begin(0)) == (State(Glass.STANDBY, Coming.ASKED, at=0), [Choose()])


def test_the_first_scene_is_shown_as_soon_as_it_is_ready() -> None:
    first = cue(1)
    assert run(Begin(0), Cast(first))[1] == [Prepare(first)]
    assert run(Begin(0), Cast(first), Ready(1, 2))[1] == [Show(1)]
    _, effects = run(Begin(0), Cast(first), Ready(1, 2), Opaque(1, 2.6))
    assert effects == [Wake(14.6), Choose()]


def test_a_scene_stands_for_its_hold_and_makes_way() -> None:
    state, effects = run(Cast(cue(2)), Ready(2, 11), state=standing(cue(1)))
    assert effects == []
    state, effects = run(Due(22.6), state=state)
    assert effects == [Show(2), Played(1, 10.6, 22.6)]
    _, effects = run(Opaque(2, 23.2), state=state)
    assert effects == [Drop(1), Wake(35.2), Choose()]


def test_a_late_next_scene_never_blanks_the_glass() -> None:
    state, effects = run(Cast(cue(2)), Due(22.6), state=standing(cue(1)))
    assert effects == []
    _, effects = run(Ready(2, 40), state=state)
    assert effects == [Show(2), Played(1, 10.6, 40)]


@pytest.mark.parametrize("ready", [True, False])
def test_what_was_prepared_of_an_old_release_is_dropped_and_asked_anew(*, ready: bool) -> None:
    events: list[Event] = [Cast(cue(2)), *([Ready(2, 11)] if ready else [])]
    state, _ = run(*events, state=standing(cue(1)))
    state, effects = run(Changed(frozenset({"s1", "s2"}), 12, renewed=True), state=state)
    assert effects == [Drop(2), Choose()]
    _, effects = run(Cast(cue(3, scene="s2")), state=state)
    assert effects == [Prepare(cue(3, scene="s2"))]


def test_a_machine_that_slept_goes_on() -> None:
    state, _ = run(Cast(cue(2)), Ready(2, 11), state=standing(cue(1)))
    assert run(Due(90_000), state=state)[1] == [Show(2), Played(1, 10.6, 90_000)]
    state, _ = run(Cast(cue(2, closes_at=60)), Ready(2, 11), state=standing(cue(1, closes_at=80)))
    assert run(Due(90_000), state=state)[1] == [
        Drop(2),
        Show(0),
        Played(1, 10.6, 90_000),
        Choose(),
    ]


def test_a_wake_that_rings_early_is_set_again() -> None:
    state = standing(cue(1))
    again, effects = run(Due(22.5), state=state)
    assert effects == [Wake(22.6)]
    assert run(Cast(cue(2)), Ready(2, 22.55), Due(22.6), state=again)[1][0] == Show(2)


def test_the_same_scene_comes_again_under_a_new_token() -> None:
    state, effects = run(
        Cast(cue(2, scene="s1")), Ready(2, 11), Due(22.6), Opaque(2, 23.2), state=standing(cue(1))
    )
    assert effects == [Drop(1), Wake(35.2), Choose()]
    assert state.shown.scene == "s1"


def test_a_clock_that_goes_back_does_not_make_time_negative() -> None:
    state, _ = run(Cast(cue(2)), Due(22.6), state=standing(cue(1)))
    assert run(Ready(2, 3), state=state)[1] == [Show(2), Played(1, 10.6, 22.6)]


# Failures.


def test_a_scene_that_cannot_be_prepared_is_dropped_and_another_chosen() -> None:
    for begun in (run(Begin(0))[0], standing(cue(1))):
        state, effects = run(Cast(cue(2)), Failed(2, 11), state=begun)
        assert effects == [Drop(2), Choose()]
        assert state.coming is Coming.ASKED


def test_a_ready_scene_may_still_fail() -> None:
    state, _ = run(Cast(cue(2)), Ready(2, 11), state=standing(cue(1)))
    assert run(Failed(2, 12), state=state)[1] == [Drop(2), Choose()]


def test_a_scene_that_breaks_on_the_glass_leaves_it() -> None:
    state = standing(cue(1))
    assert run(Failed(1, 12), state=state)[1] == [Show(0), Played(1, 10.6, 12)]
    waiting, _ = run(Cast(cue(2)), Ready(2, 11), state=state)
    assert run(Failed(1, 12), state=waiting)[1] == [Show(2), Played(1, 10.6, 12)]
    resting, _ = run(Cast(None), state=state)
    assert run(Failed(1, 12), state=resting)[1] == [Show(0), Played(1, 10.6, 12), Choose()]


def test_a_scene_that_breaks_as_it_comes_leaves_when_the_fade_ends() -> None:
    state, effects = run(Begin(0), Cast(cue(1)), Ready(1, 5), Failed(1, 5.2))
    assert effects == []
    assert run(Opaque(1, 5.6), state=state)[1] == [Show(0), Played(1, 5.6, 5.6), Choose()]


def test_stale_words_are_ignored() -> None:
    for state in (standing(cue(3)), run(Cast(cue(4)), state=standing(cue(3)))[0]):
        for event in (Ready(1, 11), Failed(1, 11), Failed(0, 11), Opaque(1, 11), Opaque(3, 11)):
            after, effects = run(event, state=state)
            assert (after.phase, after.wake, effects) == (state.phase, state.wake, [])
    resting, _ = run(Cast(None), state=standing(cue(3)))
    assert run(Failed(1, 11), state=resting)[1] == []
    fading, _ = run(Cast(cue(4)), Ready(4, 11), Due(22.6), state=standing(cue(3)))
    for stale in (Opaque(3, 23), Opaque(0, 23), Failed(3, 23), Failed(0, 23), Due(23)):
        assert run(stale, state=fading)[1] == []
    assert run(Failed(0, 1), state=run(Begin(0), Cast(cue(1)))[0])[1] == []


# Nothing to show.


def test_with_nothing_allowed_standby_waits_and_asks_nobody() -> None:
    state, effects = run(Begin(0), Cast(None))
    assert effects == []
    for event in (Due(10), Due(10_000), allow(at=10_001)):
        assert run(event, state=state)[1] == []
    assert run(allow("s1", at=20_000), state=state)[1] == [Choose()]


def test_with_no_other_scene_the_one_on_the_glass_stays_and_asks_when_due() -> None:
    state, effects = run(Cast(None), state=standing(cue(1)))
    assert effects == []
    state, effects = run(Due(22.6), state=state)
    assert effects == [Choose()]
    state, effects = run(Cast(None), state=state)
    assert effects == [Wake(34.6)]
    state, effects = run(Due(34.6), state=state)
    assert effects == [Choose()]
    assert run(Cast(cue(2)), Ready(2, 35), state=state)[1] == [Show(2), Played(1, 10.6, 35)]


def test_a_scene_that_rests_early_keeps_its_hold() -> None:
    asked, _ = run(allow("s1", at=15), Cast(cue(2, scene="s9")), state=standing(cue(1)))
    state, effects = run(Cast(None), state=asked)
    assert effects == []
    assert state.wake == 22.6


def test_a_resting_scene_asks_when_something_else_comes() -> None:
    state, _ = run(Cast(None), state=standing(cue(1)))
    assert run(allow("s1", "s2", at=12), state=state)[1] == [Choose()]
    assert run(allow(at=12), state=state)[1] == [Show(0), Played(1, 10.6, 12)]


# Windows that close.


def test_a_scene_is_gone_when_it_closes() -> None:
    state = standing(cue(1, closes_at=20))
    assert state.wake == 20 - FADE_S
    state, effects = run(Cast(cue(2)), Due(20 - FADE_S), state=state)
    assert effects == [Show(0), Played(1, 10.6, 20 - FADE_S)]
    state, effects = run(Ready(2, 19.5), state=state)
    assert effects == []
    assert run(Opaque(0, 20), state=state)[1] == [Drop(1), Show(2)]


def test_a_closing_scene_makes_way_for_the_next_if_it_is_ready() -> None:
    state, _ = run(Cast(cue(2)), Ready(2, 11), state=standing(cue(1, closes_at=20)))
    assert run(Due(20 - FADE_S), state=state)[1][0] == Show(2)


def test_an_overdue_scene_still_leaves_when_it_closes() -> None:
    state, effects = run(Cast(cue(2)), Due(22.6), state=standing(cue(1, closes_at=30)))
    assert effects == [Wake(30 - FADE_S)]
    assert run(Due(30 - FADE_S), state=state)[1][0] == Show(0)


def test_an_overdue_scene_asked_for_leaves_when_it_closes() -> None:
    state, _ = run(Due(22.6), state=standing(cue(1, closes_at=30)))
    assert run(Due(30 - FADE_S), state=state)[1] == [Show(0), Played(1, 10.6, 30 - FADE_S)]


def test_a_resting_scene_leaves_when_it_closes() -> None:
    state, _ = run(Cast(None), state=standing(cue(1, closes_at=20)))
    state, effects = run(Due(20 - FADE_S), state=state)
    assert effects == [Show(0), Played(1, 10.6, 20 - FADE_S), Choose()]
    state, _ = run(Cast(None), state=state)
    assert run(Opaque(0, 20), state=state)[1] == [Drop(1)]


def test_a_fade_that_took_too_long_is_turned_round() -> None:
    state, _ = run(Begin(0), Cast(cue(1, closes_at=15)), Ready(1, 10))
    assert run(Opaque(1, 14.5), state=state)[1] == [Show(0), Played(1, 14.5, 14.5), Choose()]


def test_a_scene_about_to_close_is_not_worth_showing() -> None:
    begun, _ = run(Begin(0), Cast(cue(1, closes_at=10)))
    assert run(Ready(1, 10 - WORTH_S), state=begun)[1] == [Show(1)]
    assert run(Ready(1, 10.1 - WORTH_S), state=begun)[1] == [Drop(1), Choose()]
    waiting, _ = run(Cast(cue(2, closes_at=24)), Ready(2, 11), state=standing(cue(1)))
    state, effects = run(Due(22.6), state=waiting)
    assert effects == [Drop(2), Choose()]
    assert state.glass is Glass.SCENE


def test_a_scene_cast_too_late_is_not_prepared_and_not_asked_for_endlessly() -> None:
    state, effects = run(Begin(9), Cast(cue(1, closes_at=10)))
    assert effects == [Drop(1), Choose()]
    state, effects = run(Cast(cue(2, closes_at=10)), state=state)
    assert effects == [Drop(2), Choose()]
    state, effects = run(Cast(cue(3, closes_at=10, scene="s1")), state=state)
    assert effects == [Drop(3), Wake(12)]
    assert run(Due(11), state=state)[1] == [Wake(12)]
    assert run(Due(12), state=state)[1] == [Choose()]
    assert run(allow("s4", at=10), state=state)[1] == [Choose()]
    assert run(allow(at=10), Due(12), state=state)[1] == []
    dropped, _ = run(Begin(0), Cast(cue(1, closes_at=10)), Ready(1, 8))
    assert run(Cast(cue(2, closes_at=10, scene="s1")), state=dropped)[1] == [Drop(2), Wake(11)]
    glass, _ = run(Due(22.6), Cast(cue(2, closes_at=23)), state=standing(cue(1)))
    assert run(Cast(cue(3, closes_at=23, scene="s2")), state=glass)[1] == [Drop(3), Wake(34.6)]


# Changes.


def test_a_withdrawn_scene_leaves_at_once() -> None:
    state = standing(cue(1))
    assert run(allow("s2", at=12), state=state)[1] == [Show(0), Played(1, 10.6, 12)]
    ready_next, _ = run(Cast(cue(2)), Ready(2, 11), state=state)
    assert run(allow("s2", at=12), state=ready_next)[1] == [Show(2), Played(1, 10.6, 12)]
    both = run(allow("s3", at=12), state=ready_next)[1]
    assert both == [Drop(2), Show(0), Played(1, 10.6, 12), Choose()]


def test_a_withdrawn_coming_scene_is_dropped() -> None:
    for events in ((Cast(cue(2)),), (Cast(cue(2)), Ready(2, 11))):
        state, effects = run(*events, allow("s1", "s3", at=12), state=standing(cue(1)))
        assert effects == [Drop(2), Choose()]
        assert state.glass is Glass.SCENE
    assert run(Begin(0), Cast(cue(1)), allow("s2", at=1))[1] == [Drop(1), Choose()]


def test_a_change_that_touches_nothing_changes_nothing() -> None:
    state, _ = run(Cast(cue(2)), state=standing(cue(1)))
    assert run(allow("s1", "s2", at=12), state=state)[1] == []


def test_a_scene_withdrawn_while_it_comes_leaves_when_the_fade_ends() -> None:
    state, effects = run(Begin(0), Cast(cue(1)), Ready(1, 5), allow("s2", at=5.2))
    assert effects == []
    state, effects = run(Opaque(1, 5.6), state=state)
    assert effects == [Show(0), Played(1, 5.6, 5.6), Choose()]
    allowed_again, _ = run(Begin(0), Cast(cue(1)), Ready(1, 5), allow("s2", at=5.2))
    assert run(allow("s1", at=5.3), Opaque(1, 5.6), state=allowed_again)[1] == [
        Wake(17.6),
        Choose(),
    ]


def test_changes_are_heard_on_the_way_to_standby() -> None:
    leaving, _ = run(Cast(cue(2)), allow("s2", at=12), state=standing(cue(1)))
    assert leaving.phase == (Glass.TO_STANDBY, Coming.PREPARING)
    assert run(Failed(2, 12.1), state=leaving)[1] == [Drop(2), Choose()]
    assert run(allow("s3", at=12.1), state=leaving)[1] == [Drop(2), Choose()]
    held, _ = run(Ready(2, 12.1), state=leaving)
    assert run(Failed(2, 12.2), state=held)[1] == [Drop(2), Choose()]
    assert run(allow(at=12.2), state=held)[1] == [Drop(2), Choose()]
    asked, _ = run(Failed(2, 12.1), state=leaving)
    empty, _ = run(Cast(None), state=asked)
    assert run(allow("s3", at=12.3), state=empty)[1] == [Choose()]
    assert run(Cast(cue(3)), Opaque(0, 13), Ready(3, 14), state=asked)[1] == [Show(3)]


def test_an_answer_from_before_the_change_is_asked_again() -> None:
    asked, _ = run(allow("s1", "s2", at=11), state=standing(cue(1)))
    assert run(Cast(cue(3)), state=asked)[1] == [Drop(3), Choose()]
    assert run(Cast(None), state=asked)[1] == [Choose()]
    assert run(Cast(cue(2)), state=asked)[1] == [Prepare(cue(2))]
    nothing, _ = run(Begin(0), allow(at=1))
    assert run(Cast(None), state=nothing)[1] == []


def test_an_answer_to_a_later_question_is_believed() -> None:
    """The director may know of a scene before it has told of it."""
    asked, _ = run(allow("s1", at=11), Cast(cue(3)), state=standing(cue(1)))
    state, effects = run(Cast(cue(3)), state=asked)
    assert effects == [Prepare(cue(3))]
    state, effects = run(Ready(3, 12), Due(22.6), Opaque(3, 23.2), state=state)
    assert effects == [Drop(1), Wake(35.2), Choose()]


def test_what_is_allowed_may_be_told_before_the_beginning() -> None:
    assert run(allow("s1", at=0), Begin(1))[1] == [Choose()]


# The table.


def test_every_cell_is_filled() -> None:
    phases = {phase for phase, _ in TABLE}
    assert set(TABLE) == {(phase, event) for phase in phases for event in EVENTS}
    assert {phase.glass for phase in phases} == set(Glass)
    for glass in (Glass.SCENE, Glass.TO_STANDBY):
        assert {phase.coming for phase in phases if phase.glass is glass} == set(Coming)


def test_the_table_can_be_printed() -> None:
    text = table()
    grid, legend = text.split("\n\n")
    rows = [line.split() for line in grid.splitlines()]
    assert rows[0][-7:] == [event.__name__ for event in EVENTS]
    assert len(rows) == 1 + len(TABLE) // len(EVENTS)
    assert "scene        ready        refuse       refuse       ignore       failed" in grid
    named = {cell.__name__ for cell in TABLE.values()}
    assert {line.split()[0] for line in legend.splitlines()} == named


def test_broken_promises_are_refused() -> None:
    begun, _ = run(Begin(0))
    for state, event in (
        (State(), Cast(None)),
        (State(), Due(0)),
        (begun, Begin(1)),
        (run(Cast(None), state=begun)[0], Cast(cue(1))),
    ):
        with pytest.raises(ValueError, match="does not belong here"):
            step(state, event)
    for taken in (0, -1, 1):
        with pytest.raises(ValueError, match="is taken"):
            step(standing(cue(1)), Cast(cue(taken)))


# A director that does anything at any time.

SCENES: Final = ("s1", "s2", "s3", "s4")
SLACK: Final = 1e-9


class AnyDirector(RuleBasedStateMachine):
    """A simulated director, clock and screen; what they see is checked at every step."""

    def __init__(self) -> None:
        super().__init__()
        self.state = State()
        self.now = 100.0
        self.ends: dict[str, float | None] = {}
        self.told: frozenset[str] | None = None
        self.known_at_choose: frozenset[str] = frozenset()
        self.gave_up = False
        self.tokens = 0
        self.cues: dict[int, Cue] = {0: cue(0, scene="standby")}
        self.cast_tokens: set[int] = set()
        self.alive: dict[int, bool] = {}
        self.asked = False
        self.wake: float | None = None
        self.glass = 0
        self.began = self.now
        self.fading: int | None = None
        self.fade_ends = 0.0
        self.fade_s = FADE_S
        self.broken: set[int] = set()
        self.excused: set[int] = set()
        self.plays: list[Played] = []

    # The wires.

    def feed(self, event: Event) -> None:
        before = self.state
        self.state, effects = step(before, event)
        assert [e for e in effects if isinstance(e, Choose)] in (
            [],
            [effects[-1]] if effects else [],
        )
        shows = [e for e in effects if isinstance(e, Show)]
        was_scene = self.glass != 0 and self.fading is None
        for effect in effects:
            self.perform(effect)
        played = [e for e in effects if isinstance(e, Played)]
        if not isinstance(event, Opaque):
            assert len(played) == (1 if shows and was_scene else 0)

    def perform(self, effect: Effect) -> None:
        match effect:
            case Choose():
                assert not self.asked
                self.asked, self.known_at_choose = True, frozenset(self.ends)
            case Prepare(cue=prepared):
                assert prepared.token not in self.alive
                assert self.is_allowed(prepared.token)
                self.alive[prepared.token] = False
            case Show(token=token):
                self.show(token)
            case Wake(at=at):
                self.wake = at
            case Played(token=token, began=began, ended=ended):
                assert (token, began, ended) == (self.glass, self.began, self.now)
                assert began <= ended
                assert not self.plays or self.plays[-1].ended <= began
                self.plays.append(effect)
            case Drop(token=token):
                self.cast_tokens.remove(token)
                self.alive.pop(token, None)
                assert token not in (self.glass, self.fading)

    def show(self, token: int) -> None:
        assert self.fading is None, "a fade is never interrupted"
        leaving = self.glass != 0 and self.must_leave()
        if token == 0:
            assert leaving, "standby only replaces what must leave"
        else:
            assert self.alive[token], "only what is ready is shown"
            assert self.is_allowed(token)
            closes_at = self.cues[token].closes_at
            assert closes_at is None or closes_at - self.now >= WORTH_S
            hold_s = self.cues[self.glass].hold_s
            assert self.glass == 0 or leaving or self.now >= self.began + hold_s
        self.fading, self.fade_ends = token, self.now + self.fade_s

    def is_allowed(self, token: int) -> bool:
        return self.cues[token].scene in self.ends

    def must_leave(self) -> bool:
        closes_at = self.cues[self.glass].closes_at
        return (
            not self.is_allowed(self.glass)
            or self.glass in self.broken
            or (closes_at is not None and self.now >= closes_at - FADE_S)
        )

    def tell(self) -> None:
        self.told, self.gave_up = frozenset(self.ends), False
        self.feed(Changed(self.told, self.now))

    def becomes_opaque(self) -> None:
        assert self.fading is not None
        token, self.fading = self.fading, None
        self.glass, self.began = token, self.now
        self.feed(Opaque(token, self.now))

    def ring(self) -> None:
        """Whatever time has brought, in the order of its moments."""
        if self.fading is not None and self.fade_ends <= self.now:
            self.becomes_opaque()
        if self.wake is not None and self.wake <= self.now:
            self.wake = None
            self.feed(Due(self.now))
        closed = [s for s, end in self.ends.items() if end is not None and end <= self.now]
        if closed:
            self.ends = {s: end for s, end in self.ends.items() if s not in closed}
            self.tell()

    def next_moment(self) -> float:
        moments = [end for end in self.ends.values() if end is not None]
        moments += [self.wake] if self.wake is not None else []
        moments += [self.fade_ends] if self.fading is not None else []
        return min([m for m in moments if m > self.now], default=float("inf"))

    def cast(self, scene: str) -> None:
        self.tokens += 1
        hold_s = (12.0, 20.0, 5.5)[self.tokens % 3]
        self.cues[self.tokens] = Cue(self.tokens, scene, hold_s, self.ends.get(scene))
        self.asked = False
        self.cast_tokens.add(self.tokens)
        self.feed(Cast(self.cues[self.tokens]))

    def preparing(self) -> Sequence[int]:
        return [token for token, is_ready in self.alive.items() if not is_ready]

    # What happens.

    @initialize(
        fade_s=st.sampled_from([FADE_S, 0.1, 0.0]),
        ends=st.dictionaries(st.sampled_from(SCENES), st.sampled_from([None, None, 5.0, 30.0])),
        tells_first=st.booleans(),
    )
    def begin(self, fade_s: float, ends: dict[str, float | None], tells_first: bool) -> None:
        self.fade_s = fade_s
        self.ends = {s: end and self.now + end for s, end in ends.items()}
        if tells_first:
            self.tell()
        self.feed(Begin(self.now))

    @precondition(lambda self: self.asked)
    @rule(pick=st.integers(0, 3), outdated=st.booleans())
    def answer(self, pick: int, outdated: bool) -> None:
        """The director's choice, perhaps made before the last change."""
        scenes = sorted(self.known_at_choose if outdated else self.ends)
        if scenes:
            self.cast(scenes[pick % len(scenes)])
        else:
            self.asked, self.gave_up = False, True
            self.feed(Cast(None))

    @precondition(lambda self: self.asked)
    @rule()
    def give_up(self) -> None:
        self.asked, self.gave_up = False, True
        self.feed(Cast(None))

    @precondition(lambda self: self.preparing())
    @rule(works=st.sampled_from([True, True, True, False]))
    def prepared(self, works: bool) -> None:
        token = self.preparing()[0]
        if works:
            self.alive[token] = True
            self.feed(Ready(token, self.now))
        else:
            self.ends.pop(self.cues[token].scene, None)  # the director will not cast it again
            self.feed(Failed(token, self.now))

    @precondition(lambda self: self.alive)
    @rule(pick=st.integers(0, 2), tells=st.booleans())
    def breaks(self, pick: int, tells: bool) -> None:
        token = sorted(self.alive)[pick % len(self.alive)]
        self.broken.add(token)
        self.feed(Failed(token, self.now))
        if tells:
            self.ends.pop(self.cues[token].scene, None)
            self.tell()

    @rule(ends=st.dictionaries(st.sampled_from(SCENES), st.sampled_from([None, 1.0, 4.0, 25.0])))
    def change(self, ends: dict[str, float | None]) -> None:
        """A release: scenes that stay keep their end."""
        self.ends = {
            s: self.ends[s] if s in self.ends else end and self.now + end for s, end in ends.items()
        }
        self.tell()

    @rule(seconds=st.sampled_from([0.05, 0.3, 0.6, 2.0, 12.0, 60.0]))
    def time_passes(self, seconds: float) -> None:
        """Every moment is heard on time."""
        until = self.now + seconds
        while self.now < until:
            self.now = min(until, self.next_moment())
            self.ring()
            self.nothing_is_seen_after_it_closed()

    @rule(seconds=st.sampled_from([3.0, 40.0, 90_000.0]))
    def machine_sleeps(self, seconds: float) -> None:
        """Every moment is heard late."""
        self.excused |= set(self.alive)
        self.now += seconds
        self.ring()
        self.ring()

    @rule(token=st.integers(0, 40), kind=st.sampled_from([Ready, Failed, Opaque]))
    def stale_words(self, token: int, kind: type[Ready] | type[Failed] | type[Opaque]) -> None:
        if token not in self.alive and token != self.fading:
            before = self.state
            self.feed(kind(token, self.now))
            assert self.state.phase == before.phase

    @rule(early=st.sampled_from([0.0, 0.01, 5.0]))
    def false_alarm(self, early: float) -> None:
        self.feed(Due(self.now - early))

    # What is always true.

    def nothing_is_seen_after_it_closed(self) -> None:
        visible = {self.glass} if self.fading is None else {self.glass, self.fading}
        for token in visible - {0} - self.excused:
            closes_at = self.cues[token].closes_at
            assert closes_at is None or self.now <= closes_at + SLACK

    @invariant()
    def the_glass_agrees(self) -> None:
        assert self.state.shown.token == self.glass
        assert (self.fading is not None) == (self.state.target.token >= 0)
        if self.state.glass is Glass.SCENE:
            assert self.glass in self.alive
            assert self.glass not in self.broken
            here = self.cues[self.glass]
            assert self.state.allowed is None or here.scene in self.state.allowed
            assert here.closes_at is None or self.now < here.closes_at - FADE_S

    @invariant()
    def two_scenes_at_most_are_alive(self) -> None:
        assert len(self.alive) <= 2
        assert self.cast_tokens == set(self.alive)
        assert self.asked == (self.state.coming is Coming.ASKED)
        assert TABLE[self.state.phase, Begin] is refuse or self.state == State()

    @invariant()
    def nothing_ready_waits_without_need(self) -> None:
        if self.state.coming is not Coming.READY:
            return
        assert self.state.glass is not Glass.STANDBY
        if self.state.glass is Glass.SCENE:
            assert self.wake is not None or self.now < self.began + self.cues[self.glass].hold_s

    @invariant()
    def standby_is_not_idle_while_something_is_allowed(self) -> None:
        if self.state.phase == Phase(Glass.STANDBY, Coming.NOTHING) and self.told:
            assert self.gave_up or self.wake is not None

    def teardown(self) -> None:
        """Whatever happened, an allowed scene is on the glass a few events later."""
        if self.state.glass is Glass.UNLIT:
            return
        self.ends = {"last": None}
        self.tell()
        for _ in range(8):
            if self.glass and self.cues[self.glass].scene == "last" and self.fading is None:
                break
            if self.fading is not None:
                self.now = max(self.now, self.fade_ends)
                self.becomes_opaque()
            elif self.asked:
                self.cast("last")
            else:
                self.prepared(works=True)
        assert self.cues[self.glass].scene == "last"


TestAnyDirector = AnyDirector.TestCase
TestAnyDirector.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
