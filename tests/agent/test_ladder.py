"""When a player is started again and on what: every rung, up and down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.agent.ladder import FOOTINGS, How, Ladder, Patience, RunEnd

PATIENCE = Patience()
SHORT = RunEnd("crashed", on_glass_s=0.5)
LONG = RunEnd("crashed", on_glass_s=60)


def test_runs_that_do_not_stand_wait_longer_and_longer() -> None:
    ladder, waits, now = Ladder(), [], 0.0
    for _ in range(8):
        ladder, wait = ladder.ended(SHORT, now, PATIENCE)
        waits.append(wait)
        now += wait + 1
    assert waits == [0, 0, 1, 2, 5, 10, 30, 30]


def test_what_was_killed_while_it_was_shown_is_back_at_once() -> None:
    ladder, wait = Ladder(step=4).ended(RunEnd("killed", on_glass_s=0.1), 0, PATIENCE)
    assert (ladder.step, wait) == (0, 0)


def test_the_first_restart_after_a_good_run_is_at_once() -> None:
    ladder, _ = Ladder(step=4).ended(LONG, 0, PATIENCE)
    _, wait = ladder.ended(LONG, 0, PATIENCE)
    assert (ladder.step, wait) == (0, 0)


def test_three_crashes_in_ten_minutes_fall_back_one_footing() -> None:
    ladder = Ladder()
    footings = []
    for now in (0, 100, 200, 300, 400, 500, 600):
        ladder, _ = ladder.ended(LONG, now, PATIENCE)
        footings.append(ladder.footing)
    current, previous = ["current"] * 2, ["previous"] * 3
    assert footings == [*current, *previous, "evergreen", "evergreen"]


def test_crashes_far_apart_change_nothing() -> None:
    ladder = Ladder()
    for now in range(0, 6000, 301):
        ladder, _ = ladder.ended(LONG, now, PATIENCE)
    assert ladder.footing == "current"


def test_the_last_footing_is_never_left_downwards() -> None:
    ladder = Ladder(level=len(FOOTINGS) - 1)
    for now in range(20):
        ladder, wait = ladder.ended(SHORT, now, PATIENCE)
    assert (ladder.footing, wait) == ("evergreen", 30)


@pytest.mark.parametrize(
    ("how", "on_glass_s", "counts"),
    [
        ("killed", 60, False),  # somebody ended a player that worked
        ("killed", 0, True),  # it may have eaten all memory before it showed anything
        ("crashed", 60, True),
        ("hung", 60, True),
    ],
)
def test_what_counts_against_what_is_shown(how: How, on_glass_s: float, counts: bool) -> None:
    ladder, _ = Ladder().ended(RunEnd(how, on_glass_s), 0, PATIENCE)
    assert bool(ladder.crashes) is counts


def test_a_picture_tried_in_two_crashes_is_left_out() -> None:
    trying = RunEnd("crashed", 10, frozenset({"a", "b"}))
    ladder, _ = Ladder().ended(trying, 0, PATIENCE)
    assert ladder.without == ()
    ladder, _ = ladder.ended(RunEnd("crashed", 10, frozenset({"b"})), 700, PATIENCE)
    assert ladder.without == ("b",)


def test_a_picture_that_was_presented_has_a_clean_slate() -> None:
    ladder, _ = Ladder().ended(RunEnd("crashed", 10, frozenset({"a"})), 0, PATIENCE)
    ladder = ladder.presented(frozenset({"a"}))
    ladder, _ = ladder.ended(RunEnd("crashed", 10, frozenset({"a"})), 700, PATIENCE)
    assert ladder.without == ()


def test_going_back_up_is_tried_after_an_hour_then_ever_later() -> None:
    ladder, waits, now = Ladder(level=1), [], 0.0
    for _ in range(7):
        at = ladder.returns_at(PATIENCE)
        assert at is not None
        waits.append(at - now)
        now = at
        ladder = ladder.returned(now)
        assert ladder.footing == "current"
        for _ in range(PATIENCE.crashes):
            ladder, _ = ladder.ended(LONG, now, PATIENCE)
        assert ladder.footing == "previous"
    assert waits == [3600, 7200, 14_400, 28_800, 57_600, 86_400, 86_400]
    assert Ladder().returns_at(PATIENCE) is None


@pytest.mark.parametrize("how", ["hung", "crashed"])
def test_no_first_frame_speaks_against_the_graphics_card_before_the_pictures(how: How) -> None:
    unseen = RunEnd(how, 0.0, frozenset({"a"}))
    ladder, _ = Ladder().ended(unseen, 0, PATIENCE)
    assert (ladder.software, ladder.crashes, dict(ladder.blames)) == (True, (), {})
    ladder, _ = ladder.ended(unseen, 40, PATIENCE)
    ladder, _ = ladder.ended(unseen, 80, PATIENCE)
    assert (ladder.without, ladder.footing) == (("a",), "current")
    ladder = ladder.returned(5000)
    assert (ladder.software, ladder.without) == (False, ())
    assert ladder.renewed(6000).returns_at(PATIENCE) is None


def test_where_there_is_no_graphics_card_it_is_not_suspected() -> None:
    unseen = RunEnd("crashed", 0.0, frozenset({"a"}), software=True)
    ladder, _ = Ladder().ended(unseen, 0, PATIENCE)
    ladder, _ = ladder.ended(unseen, 40, PATIENCE)
    assert (ladder.software, ladder.without) == (False, ("a",))


def test_a_picture_that_was_left_out_is_tried_again() -> None:
    ladder = Ladder(blames={"a": 2, "b": 1}, changed_at=100)
    assert ladder.returns_at(PATIENCE) == 3700
    ladder = ladder.returned(3700)
    assert ladder.without == ()
    for _ in range(2):
        ladder, _ = ladder.ended(RunEnd("crashed", 10, frozenset({"a"})), 3800, PATIENCE)
    assert ladder.without == ("a",)
    assert ladder.returns_at(PATIENCE) == 3800 + 7200


def test_a_new_release_begins_with_a_clean_record() -> None:
    ladder = Ladder(level=2, crashes=(1.0,), returns=3, blames={"a": 2}).renewed(5)
    assert (ladder.footing, ladder.crashes, ladder.returns) == ("current", (), 0)
    assert ladder.without == ("a",)  # the same bytes would crash it again


ENDS = st.builds(
    RunEnd,
    st.sampled_from(["crashed", "hung", "killed"]),
    st.floats(0, 1000),
    st.frozensets(st.sampled_from("abc")),
)


@given(st.lists(st.tuples(ENDS, st.floats(0, 4000)), max_size=40))
def test_it_never_gives_up(ends: list[tuple[RunEnd, float]]) -> None:
    ladder, now = Ladder(), 0.0
    for end, passed in ends:
        now += passed
        ladder, wait = ladder.ended(end, now, PATIENCE)
        assert wait in PATIENCE.delays_s
        assert ladder.footing in FOOTINGS
        assert len(ladder.crashes) <= PATIENCE.crashes
        at = ladder.returns_at(PATIENCE)
        amiss = ladder.footing != "current" or ladder.without or ladder.software
        assert (at is None) is not bool(amiss)
