"""Which scene comes next: shares, weights, no repeats, few figures, the same every time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.campaign.mix import PLAYS_PER_NOTICE, PLAYS_PER_URGENT, MixState, choose, start
from kiosk.campaign.model import AUDIENCES, Audience, Mix, Scene
from tests.campaign.samples import figure, notice_scene, poster

DAY = date(2026, 9, 15)
SIXTY_FORTY = Mix(families=60, candidates=40)


def scenes(audience: Audience, *weights: int, figures: Sequence[int] = ()) -> list[Scene]:
    """Scenes f0, f1 … or c0, c1 … of these weights, then figures named fig-f0 …"""
    initial = audience[0]
    return [
        *(poster(f"{initial}{n}", audience=audience, weight=w) for n, w in enumerate(weights)),
        *(figure(f"fig-{initial}{n}", audience=audience, weight=w) for n, w in enumerate(figures)),
    ]


def play(
    allowed: Sequence[Scene], mix: Mix, plays: int, state: MixState | None = None
) -> tuple[list[Scene], MixState]:
    now, seen = state or start("r1", "le-mans", DAY), []
    for _ in range(plays):
        scene, now = choose(now, allowed, mix)
        seen.append(scene)
    return seen, now


def names(seen: Sequence[Scene]) -> list[str]:
    return [scene.id for scene in seen]


def widest_window(turns: Sequence[bool], share: Fraction) -> Fraction:
    """The most, over every window at once, that the turns differ from their share, in plays."""
    drift = list(accumulate((turn - share for turn in turns), initial=Fraction(0)))
    return max(drift) - min(drift)


weights = st.lists(st.integers(1, 100), min_size=2, max_size=5)
figure_weights = st.lists(st.integers(1, 100), max_size=3)
states = st.builds(
    start,
    st.text(max_size=4),
    st.sampled_from(["le-mans", "nantes", "paris"]),
    st.dates(date(2026, 1, 1), date(2027, 1, 1)),
)
mixes = st.one_of(
    st.builds(Mix, families=st.integers(1, 12), candidates=st.integers(1, 12)),
    st.builds(Mix, families=st.integers(1, 1000), candidates=st.integers(1, 1000)),
)


@st.composite
def fields(draw: st.DrawFn, least: int = 0) -> list[Scene]:
    """Scenes of both audiences, `least` of each at least, and perhaps figures; never none."""
    some = st.lists(st.integers(1, 20), min_size=least, max_size=4)
    both = [
        scene
        for audience in AUDIENCES
        for scene in scenes(audience, *draw(some), figures=draw(figure_weights))
    ]
    return draw(st.permutations(both or scenes("families", 1)))


def test_nothing_allowed_is_refused() -> None:
    with pytest.raises(ValueError, match="no scene is allowed"):
        choose(start("r1", "le-mans", DAY), (), SIXTY_FORTY)


def test_three_families_for_two_candidates() -> None:
    seen, _ = play(scenes("families", 1, 1, 1) + scenes("candidates", 1, 1), SIXTY_FORTY, 20)
    turns = "".join(scene.audience[0] for scene in seen)
    assert turns in "ffcfc" * 6
    assert set(Counter(names(seen)).values()) == {4}


@settings(max_examples=100, deadline=None)
@given(states, mixes, fields(least=2))
def test_every_window_is_within_one_play_of_its_share(
    state: MixState, mix: Mix, field: list[Scene]
) -> None:
    seen, _ = play(field, mix, 250, state)
    share = Fraction(mix.families, mix.families + mix.candidates)
    assert widest_window([s.audience == "families" for s in seen], share) < 1


@settings(max_examples=60, deadline=None)
@given(states, mixes, weights)
def test_an_audience_of_one_scene_comes_as_near_as_the_rule_permits(
    state: MixState, mix: Mix, others: list[int]
) -> None:
    alone = scenes("families", 1)
    seen, _ = play(alone + scenes("candidates", *others), mix, 200, state)
    share = min(Fraction(mix.families, mix.families + mix.candidates), Fraction(1, 2))
    assert widest_window([s.audience == "families" for s in seen], share) <= 1
    assert all(a != b for a, b in pairwise(names(seen)))


def test_two_lone_scenes_take_turns() -> None:
    seen, _ = play(scenes("families", 1) + scenes("candidates", 1), SIXTY_FORTY, 10)
    assert names(seen) in (["f0", "c0"] * 5, ["c0", "f0"] * 5)


@settings(max_examples=80, deadline=None)
@given(states, mixes, fields())
def test_no_scene_twice_in_a_row_while_another_may_play(
    state: MixState, mix: Mix, field: list[Scene]
) -> None:
    """Only a lone scene beside figures is repeated: figures wait their ten plays."""
    seen, _ = play(field, mix, 60, state)
    others = [s for s in field if s.kind != "figure"]
    lone = len(others) == 1 or len(field) == 1
    for before, after in pairwise(seen):
        assert before.id != after.id or (lone and after in (others or field))


@settings(max_examples=80, deadline=None)
@given(states, mixes, fields())
def test_figures_are_one_play_in_ten_at_most(state: MixState, mix: Mix, field: list[Scene]) -> None:
    seen, _ = play(field, mix, 120, state)
    shown = [scene.kind == "figure" for scene in seen]
    if any(scene.kind != "figure" for scene in field):
        assert all(sum(shown[n : n + 10]) <= 1 for n in range(len(shown)))
    else:
        assert all(shown)


def test_figures_of_both_audiences_have_their_tenth_by_weight() -> None:
    field = [
        *scenes("families", 1, 1, figures=(1, 2)),
        *scenes("candidates", 1, 1, figures=(1,)),
    ]
    count = Counter(names(play(field, SIXTY_FORTY, 3000)[0]))
    assert 240 <= sum(count[name] for name in ("fig-f0", "fig-f1", "fig-c0")) <= 300
    assert abs(count["fig-f1"] - 2 * count["fig-f0"]) <= 2
    assert count["fig-c0"] >= 60


@pytest.mark.parametrize(("lone", "other"), [AUDIENCES, AUDIENCES[::-1]])
def test_an_audience_of_figures_leaves_its_share_to_the_other(
    lone: Audience, other: Audience
) -> None:
    """And not all of the tenth play is its own: the other's figures keep their part of it."""
    field = scenes(lone, figures=(1, 1)) + scenes(other, 1, 1, figures=(1,))
    ours, theirs = (f"fig-{audience[0]}0" for audience in (lone, other))
    for share, fair in ((60, 36), (99, 1), (1, 190)):
        mix = Mix.model_validate({lone: share, other: 100 - share})
        count = Counter(names(play(field, mix, 2000)[0]))
        assert abs(count[ours] - count[ours.replace("0", "1")]) <= 1
        assert count[f"{other[0]}0"] + count[f"{other[0]}1"] >= 1800
        assert fair - 4 <= count[theirs] <= fair + 4
        assert 175 <= 2 * count[ours] + count[theirs] <= 200
    alone = scenes(lone, figures=(1,)) + scenes(other, 1, 1)
    assert 190 <= Counter(names(play(alone, SIXTY_FORTY, 2000)[0]))[ours] <= 200


def test_figures_that_are_few_keep_to_their_weight() -> None:
    for audience, other in (AUDIENCES, AUDIENCES[::-1]):
        field = scenes(audience, 10, 9, figures=(1,)) + scenes(other, 1, 1)
        count = Counter(names(play(field, Mix(families=1, candidates=1), 2000)[0]))
        assert 45 <= count[f"fig-{audience[0]}0"] <= 51


def test_a_day_does_not_begin_with_figures() -> None:
    field = scenes("families", 1, 1, figures=(100,))
    for n in range(50):
        seen, _ = play(field, SIXTY_FORTY, 9, start("r1", "le-mans", DAY + timedelta(days=n)))
        assert all(scene.kind != "figure" for scene in seen)


def test_an_audience_without_a_share_waits_for_all_others() -> None:
    nobody = Mix(families=1, candidates=0)
    both = scenes("families", 1) + scenes("candidates", 1, 1)
    assert set(names(play(both, nobody, 10)[0])) == {"f0"}
    alone = scenes("candidates", 1, 1)
    assert Counter(names(play(alone, nobody, 10)[0])) == {"c0": 5, "c1": 5}


@settings(max_examples=60, deadline=None)
@given(states, st.lists(st.integers(1, 9), min_size=2, max_size=6), st.integers(1, 10))
def test_scenes_follow_their_weights(state: MixState, heavy: list[int], families: int) -> None:
    """As far as they can: alone in the window, no scene has more than half the plays."""
    mix = Mix(families=families, candidates=10)  # families never play twice in a row
    seen, _ = play(scenes("families", *heavy) + scenes("candidates", 1, 1), mix, 300, state)
    turns = [scene.id for scene in seen if scene.audience == "families"]
    for n, weight in enumerate(heavy):
        shown = [name == f"f{n}" for name in turns]
        assert widest_window(shown, Fraction(weight, sum(heavy))) <= len(heavy)


@settings(max_examples=60, deadline=None)
@given(states, st.lists(st.integers(1, 9), min_size=3, max_size=6))
def test_weights_alone_in_the_window(state: MixState, heavy: list[int]) -> None:
    rest = sum(heavy) - max(heavy)
    top = heavy.index(max(heavy))
    fair = [Fraction(min(w, rest) if n == top else w) for n, w in enumerate(heavy)]
    seen, _ = play(scenes("families", *heavy), SIXTY_FORTY, 400, state)
    count = Counter(names(seen[100:]))
    for n, share in enumerate(fair):
        assert abs(count[f"f{n}"] - 300 * share / sum(fair)) <= 2 * len(heavy)


def test_the_order_is_the_same_every_time() -> None:
    field = scenes("families", 1, 2, 3, figures=(1,)) + scenes("candidates", 1, 1)
    assert play(field, SIXTY_FORTY, 100) == play(field, SIXTY_FORTY, 100)
    assert hash(play(field, SIXTY_FORTY, 100)[1]) == hash(play(field, SIXTY_FORTY, 100)[1])
    assert (
        " ".join(names(play(field, SIXTY_FORTY, 12)[0]))
        == "c0 f2 f1 c1 f0 c0 f2 f1 c1 fig-f0 c0 f2"
    )


def test_days_agencies_and_releases_start_differently() -> None:
    field = scenes("families", 1, 1, 1) + scenes("candidates", 1, 1)
    days = [start("r1", "le-mans", DAY + timedelta(days=n)) for n in range(20)]
    shops = [start("r1", f"agence-{n}", DAY) for n in range(20)]
    releases = [start(f"r{n}", "le-mans", DAY) for n in range(20)]
    for group in (days, shops, releases):
        assert len({tuple(names(play(field, SIXTY_FORTY, 6, state)[0])) for state in group}) >= 8


def test_a_day_does_not_begin_with_what_is_on_the_glass() -> None:
    field = scenes("families", 1, 1) + scenes("candidates", 1)
    for scene in field:
        for n in range(20):
            state = start("r1", "le-mans", DAY + timedelta(days=n), last=scene.id)
            assert play(field, SIXTY_FORTY, 1, state)[0] != [scene]


def test_a_choice_is_taken_back_by_keeping_the_state_before_it() -> None:
    field = scenes("families", 1, 1, 1)
    seen, state = play(field, SIXTY_FORTY, 7)
    broken, _ = choose(state, field, SIXTY_FORTY)
    other, _ = choose(state, [s for s in field if s != broken], SIXTY_FORTY)
    assert len({seen[-1].id, broken.id, other.id}) == 3


# When the allowed scenes change.


@settings(max_examples=60, deadline=None)
@given(states, weights, st.integers(0, 40))
def test_scenes_untouched_by_a_change_keep_their_turn(
    state: MixState, heavy: list[int], before: int
) -> None:
    """Candidates come and go; the families' order does not notice."""
    families, mix = scenes("families", *heavy), Mix(families=4, candidates=6)
    all_, fewer = scenes("candidates", 1, 1, 1), scenes("candidates", 1, 1)
    steady, _ = play(families + all_, mix, before + 40, state)
    begun, changed = play(families + all_, mix, before, state)
    ended, _ = play(families + fewer, mix, 40, changed)
    turns = [[s.id for s in seen if s.audience == "families"] for seen in (steady, begun + ended)]
    assert turns[0] == turns[1]


@settings(max_examples=60, deadline=None)
@given(states, st.integers(1, 5), st.integers(1, 9), st.integers(0, 200))
def test_a_newcomer_does_not_burst_in(state: MixState, others: int, top: int, before: int) -> None:
    """It has its share at once, and no arrears, even beside a scene that is owed for ever."""
    settled = scenes("families", top, *[1] * others)
    _, changed = play(settled, SIXTY_FORTY, before, state)
    newcomer = poster("new", weight=1)
    seen, _ = play([*settled, newcomer], SIXTY_FORTY, 8 * (others + 2), changed)
    assert 1 <= names(seen).count("new") <= 8 + 2


@settings(max_examples=40, deadline=None)
@given(states, mixes, st.integers(0, 30), st.integers(1, 30), st.sampled_from(AUDIENCES))
def test_an_audience_that_was_alone_owes_nothing(
    state: MixState, mix: Mix, before: int, alone: int, staying: Audience
) -> None:
    """Its share goes on where it was when the other went away."""
    both = scenes("families", 1, 1) + scenes("candidates", 1, 1)
    begun, now = play(both, mix, before, state)
    _, now = play([scene for scene in both if scene.audience == staying], mix, alone, now)
    ended, _ = play(both, mix, 60, now)
    share = Fraction(mix.families, mix.families + mix.candidates)
    assert widest_window([s.audience == "families" for s in begun + ended], share) < 1


def test_a_leaver_is_forgotten() -> None:
    two, three = scenes("families", 1, 1), scenes("families", 1, 1, 50)
    _, heavy = play(three, SIXTY_FORTY, 31)
    _, without = play(two, SIXTY_FORTY, 1, heavy)
    assert "f2" not in repr(without)
    seen, _ = play(three, SIXTY_FORTY, 20, without)
    assert 8 <= names(seen).count("f2") <= 11


@settings(max_examples=60, deadline=None)
@given(states, st.data())
def test_nothing_grows_whatever_comes_and_goes(state: MixState, data: st.DataObject) -> None:
    everything = [
        *scenes("families", 1, 7, 100, figures=(3, 50)),
        *scenes("candidates", 100, 2, figures=(9,)),
    ]
    heaviest = 2 * sum(scene.weight for scene in everything)
    for _ in range(data.draw(st.integers(1, 12))):
        allowed = data.draw(st.lists(st.sampled_from(everything), min_size=1, unique=True))
        mix = data.draw(mixes)
        seen, state = play(allowed, mix, data.draw(st.integers(1, 60)), state)
        assert set(seen) <= set(allowed)
        for claim in (state.families, *state.figures):
            assert Fraction(-1, 2) < claim <= Fraction(1, 2)
            assert claim.denominator < 10**12
        assert set(dict(state.credit)) <= {scene.id for scene in allowed}
        assert all(abs(credit) <= 2 * heaviest for _, credit in state.credit)
        assert state.quiet <= 10


# Notices.


def told(urgent: int, normal: int) -> list[Scene]:
    """So many notices, named u0, u1 … and n0, n1 …"""
    return [
        *(notice_scene(f"u{n}", urgent=True) for n in range(urgent)),
        *(notice_scene(f"n{n}", urgent=False) for n in range(normal)),
    ]


def shape(seen: Sequence[Scene]) -> str:
    """u for an urgent notice, n for another, a point for a scene."""
    return "".join(scene.id[0] if scene.kind == "notice" else "." for scene in seen)


def test_an_urgent_notice_comes_first_and_again_every_third_play() -> None:
    field = scenes("families", 1, 1, 1) + scenes("candidates", 1, 1) + told(1, 0)
    assert shape(play(field, SIXTY_FORTY, 13)[0]) == "u..u..u..u..u"


def test_urgent_notices_take_turns_in_every_third_play() -> None:
    seen, _ = play(scenes("families", 1, 1) + told(2, 0), SIXTY_FORTY, 60)
    assert shape(seen) == "u.." * 20
    assert Counter(names(seen[::3])) == {"u0": 10, "u1": 10}
    assert all(a != b for a, b in pairwise(names(seen[::3])))


def test_an_urgent_notice_that_comes_later_comes_next() -> None:
    field = scenes("families", 1, 1, 1)
    for plays in range(1, 8):
        _, state = play(field, SIXTY_FORTY, plays)
        assert shape(play(field + told(1, 0), SIXTY_FORTY, 4, state)[0]) == "u..u"


def test_normal_notices_share_every_sixth_play() -> None:
    seen, _ = play(scenes("families", 1, 1, 1) + told(0, 3), SIXTY_FORTY, 180)
    assert shape(seen) == ".....n" * 30
    assert Counter(names(seen[5::6])) == {"n0": 10, "n1": 10, "n2": 10}


def test_urgent_and_normal_notices_leave_most_plays_to_the_scenes() -> None:
    seen, _ = play(scenes("families", 1, 1, 1) + told(2, 2), SIXTY_FORTY, 90)
    assert shape(seen) == "u..u..u.nu..u..u.n" * 5


@settings(max_examples=80, deadline=None)
@given(states, mixes, fields(), st.integers(0, 3), st.integers(0, 3))
def test_without_its_notices_a_round_is_what_it_was(
    state: MixState, mix: Mix, field: list[Scene], urgent: int, normal: int
) -> None:
    """So each audience has its share, figures their tenth, and no scene follows itself."""
    with_notices, _ = play(field + told(urgent, normal), mix, 120, state)
    others = [scene for scene in with_notices if scene.kind != "notice"]
    assert others == play(field, mix, len(others), state)[0]
    assert shape(with_notices).count("u") == (40 if urgent else 0)


@settings(max_examples=40, deadline=None)
@given(states, mixes, fields(), st.integers(0, 3), st.integers(0, 3))
def test_no_notice_bursts_in(
    state: MixState, mix: Mix, field: list[Scene], urgent: int, normal: int
) -> None:
    told_ = shape(play(field + told(urgent, normal), mix, 90, state)[0])
    for n in range(len(told_)):
        assert told_[n : n + PLAYS_PER_URGENT].count("u") <= 1
        quiet = told_[n:].replace("u", "")[:PLAYS_PER_NOTICE]
        assert quiet.count("n") <= 1


def test_where_there_is_nothing_but_notices_they_take_turns() -> None:
    assert names(play(told(1, 0), SIXTY_FORTY, 3)[0]) == ["u0"] * 3
    for urgent, normal in ((1, 1), (2, 1), (1, 2), (0, 2), (3, 0)):
        seen = names(play(told(urgent, normal), SIXTY_FORTY, 40)[0])
        assert all(a != b for a, b in pairwise(seen)), (urgent, normal, seen)
        assert set(seen) == {scene.id for scene in told(urgent, normal)}


def test_midnight_does_not_repeat_the_notice_on_the_glass() -> None:
    field = scenes("families", 1, 1) + told(1, 0)
    state = start("r1", "le-mans", DAY, last="avis.0badcafe")
    assert shape(play(field, SIXTY_FORTY, 4, state)[0]) == "..u."
