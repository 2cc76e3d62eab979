"""A rehearsal: any moment of any screen, from the player's rules and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from kiosk.campaign.fields import Window
from kiosk.campaign.hold import hold_seconds
from kiosk.campaign.hours import Why
from kiosk.campaign.model import Agency, Campaign, Programme
from kiosk.campaign.rehearsal import Rehearsal, rehearse, run_up
from kiosk.campaign.rotation import FADE_S
from kiosk.campaign.selection import Reason
from kiosk.campaign.showrunner import Showrunner
from tests.campaign import samples

PARIS = ZoneInfo("Europe/Paris")
HOURS = "Mo-Fr 09:00-12:30,14:00-18:30; PH off"
TUESDAY = datetime(2026, 11, 24, tzinfo=PARIS)
DAY = timedelta(days=1)


def scene(name: str, **more: object) -> Programme:
    """A scene that needs nobody's consent and no picture."""
    return samples.programme(name, link="booking", **more)


FOUR = (
    scene("f1", hold_s=60),
    scene("f2", hold_s=60),
    scene("c1", hold_s=60, audience="candidates"),
    scene("f3", hold_s=60, weight=2),
)


@dataclass(frozen=True)
class Bill:
    """A release as one screen sees it."""

    campaign: Campaign
    agency: Agency
    release: str = "release-1"
    present: Collection[str] = ()
    always_lit: bool = False
    contact: Callable[[], datetime | None] = lambda: None


def bill(*scenes: Programme, zone: str = "Europe/Paris", hours: str | None = HOURS) -> Bill:
    """These scenes in an agency with these hours."""
    agency = samples.agency(timezone=zone, opening_hours=hours)
    return Bill(samples.campaign(*(scenes or FOUR)), agency)


def of(what: Bill, begins: datetime, hours: float = 24, since: datetime | None = None) -> Rehearsal:
    """Some hours of it."""
    ends = begins.astimezone(UTC) + timedelta(hours=hours)
    return rehearse(what, "landscape", begins, ends, since=since)


def lights(told: Rehearsal, zone: ZoneInfo = PARIS) -> list[tuple[str, bool, Why]]:
    """When it goes on or off, as the clock on the wall shows it, and why."""
    return [(f"{s.begins.astimezone(zone):%H:%M:%S}", s.lit, s.why) for s in told.spans()]


def test_a_working_day() -> None:
    told = of(bill(), TUESDAY)
    assert lights(told) == [
        ("00:00:00", False, Why.CLOSED),
        ("01:00:00", False, Why.NIGHT),
        ("06:00:00", False, Why.CLOSED),
        ("08:00:00", True, Why.OPENING_HOURS),
        ("19:30:00", False, Why.CLOSED),
    ]
    first, last = told.turns[0], told.turns[-1]
    assert first.began == TUESDAY + timedelta(hours=8, seconds=FADE_S)
    assert last.ended <= TUESDAY + timedelta(hours=19, minutes=30) - timedelta(seconds=FADE_S)
    assert last.ended > TUESDAY + timedelta(hours=19, minutes=29)
    assert all(turn.seconds == hold_seconds(FOUR[0]) for turn in told.turns[:-1])
    assert all(
        abs((b.began - a.ended).total_seconds() - FADE_S) < 1e-5 for a, b in pairwise(told.turns)
    )
    assert all(a.scene != b.scene for a, b in pairwise(told.turns))
    assert told.after is None


def test_any_part_of_a_day_is_that_part_of_it() -> None:
    whole = of(bill(), TUESDAY, 48)
    begins = TUESDAY.replace(hour=18, minute=5)
    part = of(bill(), begins, 15)
    within = [t for t in whole.turns if t.began < part.ends and t.ended > part.begins]
    assert list(part.turns) == within
    assert part.after == next(turn for turn in whole.turns if turn.began >= part.ends)
    assert part.spans()[0].begins == begins


def test_where_a_screen_is_lit_at_midnight_the_day_before_matters() -> None:
    lit = bill(hours=None)
    begins = TUESDAY.replace(hour=12)
    assert run_up(begins, PARIS) == TUESDAY - DAY + timedelta(hours=3)
    whole = of(lit, TUESDAY - DAY + timedelta(hours=3), 48, since=TUESDAY - DAY * 1.5)
    assert list(of(lit, begins, 3).turns) == [
        turn
        for turn in whole.turns
        if turn.began < begins + timedelta(hours=3) and turn.ended > begins
    ]


def test_the_order_is_of_the_day_and_the_release() -> None:
    one, again = of(bill(), TUESDAY), of(bill(), TUESDAY)
    assert one == again
    orders = {
        tuple(turn.scene for turn in told.turns[:12])
        for told in (one, of(bill(), TUESDAY + DAY), of(replace(bill(), release="2"), TUESDAY))
    }
    assert len(orders) == 3


@pytest.mark.parametrize(
    ("zone", "begins", "lit_hours"),
    [
        ("Indian/Reunion", datetime(2026, 11, 24), 19),
        ("America/Martinique", datetime(2026, 11, 24), 19),
        ("Europe/Paris", datetime(2027, 3, 28), 19),
        ("Europe/Paris", datetime(2026, 10, 25), 19),
    ],
    ids=["Réunion", "Martinique", "spring", "autumn"],
)
def test_any_zone_and_both_changes_of_the_clock(
    zone: str, begins: datetime, lit_hours: int
) -> None:
    local = begins.replace(tzinfo=ZoneInfo(zone))
    ends = (local + DAY).astimezone(UTC)
    told = rehearse(bill(zone=zone, hours=None), "landscape", local, ends)
    assert [(mark, on) for mark, on, _ in lights(told, ZoneInfo(zone))] == [
        ("00:00:00", True),
        ("01:00:00", False),
        ("06:00:00", True),
    ]
    lit = sum((span.ends - span.begins).total_seconds() for span in told.spans() if span.lit)
    assert lit == lit_hours * 3600


def test_a_scene_has_its_hours_and_others_say_why_not() -> None:
    shown = scene("heures", show="10:00-16:00")
    over = scene("hier", valid=Window(until=date(2026, 11, 23)))
    told = of(bill(*FOUR, shown, over), TUESDAY)
    marks = [TUESDAY + timedelta(hours=hour) for hour in (0, 10, 16, 24)]
    outside, later, yesterday = told.absences()
    assert (outside.begins, outside.ends) == (marks[0], marks[1])
    assert (later.begins, later.ends) == (marks[2], marks[3])
    assert {outside.reason, later.reason} == {Reason.OUTSIDE_HOURS}
    assert (yesterday.scene, yesterday.reason) == ("hier", Reason.OVER)
    assert (yesterday.begins, yesterday.ends) == (told.begins, told.ends)
    turns = [turn for turn in told.turns if turn.scene == "heures"]
    assert len(turns) > 40
    assert all(marks[1] <= turn.began and turn.ended < marks[2] for turn in turns)


def test_what_is_on_the_glass_at_a_moment() -> None:
    told = of(bill(), TUESDAY)
    before = told.at(TUESDAY + timedelta(hours=7))
    assert (before.turn, before.follows, before.stretch.lit) == (None, told.turns[0], False)
    fading = told.at(TUESDAY + timedelta(hours=8, seconds=0.3))
    assert (fading.turn, fading.stretch.lit) == (told.turns[0], True)
    standing = told.at(told.turns[5].began + timedelta(seconds=1))
    assert (standing.turn, standing.follows) == told.turns[5:7]
    late = told.at(told.ends)
    assert (late.turn, late.follows, late.stretch.lit) == (None, None, False)


def test_lit_with_nothing_to_show_is_said() -> None:
    told = of(bill(scene("matin", show="08:00-12:00")), TUESDAY)
    (empty,) = told.empty()
    assert empty.begins == TUESDAY + timedelta(hours=12)
    assert empty.ends == TUESDAY + timedelta(hours=19, minutes=30)
    assert told.turns[-1].ended <= empty.begins


def test_the_last_play_is_whole_and_the_next_one_is_known() -> None:
    begins = TUESDAY.replace(hour=10, minute=2)
    held = bill(scene("seule", hold_s=600), scene("autre", hold_s=600))
    told = of(held, begins, 1 / 60)
    (turn,) = told.turns
    assert turn.began < begins and turn.seconds == 600
    assert told.after is not None
    assert told.after.began == turn.ended + timedelta(seconds=FADE_S)
    assert told.after.seconds == 600


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        of(bill(), datetime(2026, 11, 24))


def test_an_order_begun_afresh_does_not_repeat_what_is_on_the_glass() -> None:
    """A new release comes while the next scene of the old one is made ready."""
    for number in range(40):
        runner = Showrunner(bill())
        now = TUESDAY.replace(hour=10)
        standing = runner.choose(runner.look(now, "landscape"), now, 0.0)
        coming = runner.choose(runner.look(now, "landscape"), now, 0.0)
        assert standing is not None and coming is not None
        runner.adopt(replace(bill(), release=f"release-{number}"))
        runner.drop(coming.cue.token)
        fresh = runner.choose(runner.look(now, "landscape"), now, 0.0)
        assert fresh is not None and fresh.scene.id != standing.scene.id


def test_a_kept_answer_is_asked_again_when_it_may_have_changed() -> None:
    runner = Showrunner(bill())
    now = TUESDAY.replace(hour=10)
    seen = runner.look(now, "landscape")
    assert runner.look(now + timedelta(minutes=5), "landscape") is seen
    assert seen.ask_again is not None
    assert runner.look(seen.ask_again, "landscape").at == seen.ask_again
    assert runner.look(now - timedelta(seconds=1), "landscape").at < now, "a clock put back"
    assert runner.skip("f1", "broken") and not runner.skip("f1", "broken")
    assert "f1" not in [one.id for one in runner.look(now, "landscape").allowed]
    runner.adopt(bill())
    assert "f1" in [one.id for one in runner.look(now, "landscape").allowed]


def test_what_is_kept_is_not_kept_over_news_of_head_office() -> None:
    """A face left when its lease ended; it is back at once when head office is heard again."""
    now = TUESDAY.replace(hour=10)
    heard = [now - 8 * DAY]
    face = samples.portrait()
    shown = Bill(samples.campaign(face), samples.agency(), present=(face.picture,))
    runner = Showrunner(replace(shown, contact=lambda: heard[0]))
    assert runner.look(now, "landscape").allowed == ()
    heard[0] = now - DAY
    assert runner.look(now, "landscape").allowed == (face,)


def test_a_day_takes_seconds() -> None:
    began = time.process_time()
    assert len(of(bill(*(scene(f"s{n}", show="06:00-22:00") for n in range(40))), TUESDAY).turns)
    assert time.process_time() - began < 15
