"""What may be shown at a moment, why not the rest, and when the answer changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.campaign.model import Agency, Campaign, Orientation, Scene
from kiosk.campaign.notices import notices_of
from kiosk.campaign.selection import Reason, Selection, select
from tests.campaign.samples import (
    agency,
    campaign,
    figure,
    portrait,
    poster,
    programme,
    rights,
)

SHAPES: tuple[Orientation, ...] = ("landscape", "portrait", "square")
PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 9, 15, 12, tzinfo=PARIS)
SECOND = timedelta(seconds=1)
TICK = timedelta(microseconds=1)


def all_pictures(*scenes: Scene) -> frozenset[str]:
    return frozenset(p for scene in scenes for shape in SHAPES for p in scene.pictures_for(shape))


def ask(
    *scenes: Scene, now: datetime = NOON, zone: str = "Europe/Paris", **given_: Any
) -> Selection:
    """The selection of these scenes in a landscape window, with every picture present."""
    options = {"present": all_pictures(*scenes)} | {
        key: given_.pop(key) for key in ("present", "unplayable", "contact") if key in given_
    }
    shown = campaign(*scenes, **given_)
    return select(shown, agency(timezone=zone), "landscape", now, **options, always_lit=True)


def window(first: str | None = None, last: str | None = None) -> dict[str, date]:
    dates = {"from": first, "until": last}
    return {key: date.fromisoformat(day) for key, day in dates.items() if day is not None}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match=r"2026-09-15T12:00:00.*no time zone"):
        ask(poster(), now=datetime(2026, 9, 15, 12))


def test_an_undated_scene_is_always_allowed() -> None:
    answer = ask(poster())
    assert [scene.id for scene in answer.allowed] == ["po1"]
    assert answer.left_out == ()
    assert answer.closes == {}
    assert answer.ask_again is None
    assert answer.at == NOON
    assert answer.at.tzinfo is UTC


REASONS: list[tuple[Scene, dict[str, Any], Reason, str]] = [
    (
        portrait(rights=rights(withdrawn=True)),
        {},
        Reason.RIGHTS_WITHDRAWN,
        "Consent DAI-2026-014 was withdrawn.",
    ),
    (
        portrait(rights=rights(media=("web", "presse"))),
        {},
        Reason.RIGHTS_NOT_FOR_WINDOW,
        "Consent DAI-2026-014 covers web, presse, not vitrine.",
    ),
    (
        portrait(rights=rights(until=date(2026, 9, 14))),
        {},
        Reason.RIGHTS_OVER,
        "Consent DAI-2026-014 ended on 2026-09-14.",
    ),
    (
        portrait(rights=rights(from_=date(2026, 9, 16))),
        {},
        Reason.RIGHTS_NOT_YET,
        "Consent DAI-2026-014 begins on 2026-09-16.",
    ),
    (
        poster(rights=rights(withdrawn=True)),
        {},
        Reason.RIGHTS_WITHDRAWN,
        "Consent DAI-2026-014 was withdrawn.",
    ),
    (
        poster(agencies=("nantes", "paris")),
        {},
        Reason.OTHER_AGENCY,
        "Only for nantes, paris; this is le-mans.",
    ),
    (
        poster(),
        {"valid": window(None, "2026-09-14")},
        Reason.OVER,
        "The campaign ended on 2026-09-14.",
    ),
    (
        poster(valid=window("2026-08-01", "2026-09-14")),
        {},
        Reason.OVER,
        "The scene ended on 2026-09-14.",
    ),
    (poster(), {"present": ()}, Reason.PICTURE_MISSING, "The picture posters/po1.jpg is missing."),
    (
        poster(),
        {"unplayable": {"po1": "It could not be decoded."}},
        Reason.UNPLAYABLE,
        "It could not be decoded.",
    ),
    (
        poster(),
        {"valid": window("2026-09-16")},
        Reason.NOT_YET,
        "The campaign begins on 2026-09-16.",
    ),
    (poster(valid=window("2026-09-16")), {}, Reason.NOT_YET, "The scene begins on 2026-09-16."),
    (
        poster(show="Mo-Fr 14:00-18:00"),
        {},
        Reason.OUTSIDE_HOURS,
        "The hours Mo-Fr 14:00-18:00 are closed until 2026-09-15 14:00 (Europe/Paris).",
    ),
    (poster(show="off"), {}, Reason.OUTSIDE_HOURS, "The hours off never open again."),
]


@pytest.mark.parametrize(("scene", "given_", "reason", "detail"), REASONS)
def test_a_scene_is_left_out_for_a_reason(
    scene: Scene, given_: dict[str, Any], reason: Reason, detail: str
) -> None:
    answer = ask(scene, **given_)
    assert answer.allowed == ()
    (left_out,) = answer.left_out
    assert (left_out.scene, left_out.reason, left_out.detail) == (scene.id, reason, detail)


def test_the_most_serious_reason_is_given_first() -> None:
    """One cause after another is removed, and the next one shows."""
    consent = {"media": ("web",), "withdrawn": True, "until": date(2026, 9, 1)}
    scene: dict[str, Any] = {
        "agencies": ("nantes",),
        "valid": window(None, "2026-09-14"),
        "show": "off",
    }
    given_: dict[str, Any] = {"present": (), "unplayable": {"am1": "broken"}}
    given_["contact"] = NOON - timedelta(days=8)
    cures: list[tuple[Reason, dict[str, Any], dict[str, Any], str]] = [
        (Reason.RIGHTS_WITHDRAWN, consent, {"withdrawn": False}, ""),
        (Reason.RIGHTS_NOT_FOR_WINDOW, consent, {"media": ("Vitrine",)}, ""),
        (Reason.RIGHTS_OVER, consent, {"from_": date(2026, 10, 1), "until": date(2026, 12, 1)}, ""),
        (Reason.RIGHTS_NOT_YET, consent, {"from_": date(2026, 8, 1)}, ""),
        (Reason.LEASE_OVER, given_, {}, "contact"),
        (Reason.OTHER_AGENCY, scene, {"agencies": ("le-mans",)}, ""),
        (Reason.OVER, scene, {"valid": window("2026-09-16")}, ""),
        (Reason.PICTURE_MISSING, given_, {}, "present"),
        (Reason.UNPLAYABLE, given_, {}, "unplayable"),
        (Reason.NOT_YET, scene, {"valid": window()}, ""),
        (Reason.OUTSIDE_HOURS, scene, {"show": None}, ""),
    ]
    elsewhere = {Reason.DARK, Reason.NO_OFFER}  # no portrait can cure those
    settled = [reason for reason in Reason if reason not in elsewhere]
    assert [reason for reason, *_ in cures] == settled
    for reason, where, cure, drop in cures:
        answer = ask(portrait(rights=rights(**consent), **scene), **given_)
        assert [out.reason for out in answer.left_out] == [reason]
        where.update(cure)
        given_.pop(drop, None)
    assert ask(portrait(rights=rights(**consent), **scene), **given_).allowed


def test_only_the_picture_of_this_orientation_is_needed() -> None:
    scene = poster(picture={"landscape": "a.jpg", "portrait": "b.jpg"})
    shown = campaign(scene)
    wide = select(shown, agency(), "landscape", NOON, present=("a.jpg",))
    high = select(shown, agency(), "portrait", NOON, present=("a.jpg",))
    assert wide.allowed == (scene,)
    assert high.left_out[0].detail == "The picture b.jpg is missing."


def test_a_scene_closes_at_the_first_of_its_ends() -> None:
    scene = portrait(
        show="Mo-Fr 08:00-20:00",
        valid=window("2026-09-01", "2026-09-30"),
        rights=rights(until=date(2026, 9, 20)),
    )
    ends: dict[str, Any] = {"valid": window("2026-09-01", "2026-10-31")}
    assert ask(scene, **ends).closes == {"am1": utc("2026-09-15T18:00")}
    always = scene.model_copy(update={"show": None})
    assert ask(always, **ends).closes == {"am1": utc("2026-09-20T22:00")}
    free = programme(valid=window(None, "2026-09-30"))
    assert ask(free, **ends).closes == {"pr1": utc("2026-09-30T22:00")}
    assert ask(figure(), **ends).closes == {"ch1": utc("2026-10-31T23:00")}


def test_ask_again_is_the_first_change_of_any_scene() -> None:
    answer = ask(
        figure(),
        poster("po1", show="Mo-Fr 14:00-18:00"),
        poster("po2", valid=window("2026-09-16")),
        poster("po3", show="Mo-Fr 13:00-18:00", agencies=("nantes",)),
    )
    assert answer.ask_again == utc("2026-09-15T12:00")


def test_dates_without_end_never_close() -> None:
    scene = portrait(rights=rights(from_=date.min, until=date.max))
    answer = ask(scene, valid={"from": date.min, "until": date.max})
    assert (answer.allowed, answer.closes, answer.ask_again) == ((scene,), {}, None)
    assert ask(poster(valid=window("0001-01-01", "0001-01-01"))).left_out[0].reason is Reason.OVER
    late = ask(poster(valid=window("9999-12-31")))
    assert late.ask_again == utc("9999-12-30T23:00")


# Days on which the clock changes.


def shown_times(scene: Scene, start: datetime, hours: float, zone: str) -> list[tuple[str, bool]]:
    """The moments at which the scene comes and goes, by following `ask_again`."""
    end, now = start + timedelta(hours=hours), start
    seen: list[tuple[str, bool]] = []
    while now < end:
        answer = ask(scene, now=now, zone=zone)
        shown = bool(answer.allowed)
        if not seen or seen[-1][1] != shown:
            seen.append((answer.at.strftime("%d %H:%M"), shown))
        assert answer.ask_again is None or answer.ask_again > now
        now = answer.ask_again or end
    return seen


DAYS = [
    # Paris, 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC.
    (
        "02:30-10:00",
        "2026-03-29T00:00",
        [("29 00:00", False), ("29 01:00", True), ("29 08:00", False)],
    ),
    (
        "01:00-02:30",
        "2026-03-28T23:00",
        [("28 23:00", False), ("29 00:00", True), ("29 01:00", False)],
    ),
    ("02:10-02:50", "2026-03-29T00:00", [("29 00:00", False)]),
    ("00:00-02:10,02:50-24:00", "2026-03-28T23:00", [("28 23:00", True)]),
    # Paris, 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC; 02:30 is 00:30 and 01:30 UTC.
    ("24/7", "2026-10-25T00:00", [("25 00:00", True)]),
    ("00:00-24:00", "2026-10-25T00:59", [("25 00:59", True)]),
    ("22:00-03:00", "2026-10-24T20:00", [("24 20:00", True), ("25 02:00", False)]),
    (
        "02:30-10:00",
        "2026-10-25T00:00",
        [("25 00:00", False), ("25 00:30", True), ("25 01:00", False), ("25 01:30", True)],
    ),
    (
        "01:00-02:30",
        "2026-10-25T00:00",
        [("25 00:00", True), ("25 00:30", False), ("25 01:00", True), ("25 01:30", False)],
    ),
    (
        "02:15-02:45",
        "2026-10-25T00:50",
        [("25 00:50", False), ("25 01:15", True), ("25 01:45", False)],
    ),
    ("08:00-20:00", "2026-10-25T00:30", [("25 00:30", False), ("25 07:00", True)]),
]


@pytest.mark.parametrize(("show", "start", "seen"), DAYS)
def test_hours_are_those_of_the_clock_on_the_wall(
    show: str, start: str, seen: list[tuple[str, bool]]
) -> None:
    assert shown_times(poster(show=show), utc(start), 8.5, "Europe/Paris") == seen


MIDNIGHTS = [
    ("Europe/Paris", "2026-03-29", "2026-03-28T23:00", "2026-03-29T22:00"),
    ("Europe/Paris", "2026-10-25", "2026-10-24T22:00", "2026-10-25T23:00"),
    ("Indian/Reunion", "2026-10-25", "2026-10-24T20:00", "2026-10-25T20:00"),
    ("America/Havana", "2026-03-08", "2026-03-08T05:00", "2026-03-09T04:00"),  # no midnight
    ("America/Havana", "2026-11-01", "2026-11-01T04:00", "2026-11-02T05:00"),  # two midnights
    ("Asia/Beirut", "2018-10-27", "2018-10-26T21:00", "2018-10-27T22:00"),  # 24:00 back to 23:00
    ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00", "2011-12-30T10:00"),  # no such day
]


@pytest.mark.parametrize(("zone", "day", "opens", "closes"), MIDNIGHTS)
def test_a_date_runs_from_midnight_to_midnight(
    zone: str, day: str, opens: str, closes: str
) -> None:
    scene = poster(valid=window(day, day))
    before = ask(scene, now=utc(opens) - SECOND, zone=zone)
    assert before.left_out[0].reason is Reason.NOT_YET
    assert before.ask_again == utc(opens)
    begun = ask(scene, now=utc(opens), zone=zone)
    assert begun.closes == ({"po1": utc(closes)} if opens != closes else {})
    assert begun.ask_again == (utc(closes) if opens != closes else None)
    over = ask(scene, now=utc(closes), zone=zone)
    assert over.ask_again is None
    assert over.left_out[0].reason is Reason.OVER


# Hours that change without opening or closing.


def test_a_change_of_comment_is_not_a_closing() -> None:
    scene = poster(show='Mo-Fr 08:00-12:30 "matin", Mo-Fr 12:30-20:00 "soir"')
    assert ask(scene).closes == {"po1": utc("2026-09-15T18:00")}


def test_unknown_hours_are_closed() -> None:
    answer = ask(poster(show="Mo-Fr 08:00-13:00 unknown, 14:00-16:00"))
    assert answer.left_out[0].detail.endswith("until 2026-09-15 14:00 (Europe/Paris).")
    assert answer.ask_again == utc("2026-09-15T12:00")


def test_idle_changes_for_ever_are_not_followed_for_ever() -> None:
    shown = ask(poster(show='00:00-12:00 "matin", 12:00-24:00 "soir"'))
    assert shown.allowed
    assert shown.closes == {}
    assert shown.ask_again is not None
    assert shown.ask_again > shown.at + timedelta(days=40)
    hidden = ask(poster(show="00:00-12:00 unknown, 12:00-24:00 off"))
    assert "at least until" in hidden.left_out[0].detail


# Properties.

ZONES = ("Europe/Paris", "Indian/Reunion", "America/Havana", "Australia/Lord_Howe", "Asia/Beirut")
STARTS = (utc("2026-03-07T00:00"), utc("2026-03-28T00:00"), utc("2026-10-24T00:00"))


WEEK = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


class Hours(NamedTuple):
    """One weekly window, and what it says, worked out without the library."""

    days: tuple[int, ...]
    first: int
    last: int

    def text(self) -> str:
        names = ",".join(WEEK[day] for day in self.days)
        first, last = (f"{m // 60:02}:{m % 60:02}" for m in (self.first, self.last))
        return f"{names} {first}-{last}"

    def open_at(self, wall: datetime) -> bool:
        minute = wall.hour * 60 + wall.minute
        if self.first < self.last:
            return wall.weekday() in self.days and self.first <= minute < self.last
        yesterday = (wall.weekday() - 1) % 7
        return (wall.weekday() in self.days and minute >= self.first) or (
            yesterday in self.days and minute < self.last
        )


class World(NamedTuple):
    """A random campaign, and which weekly hours each of its scenes keeps."""

    campaign: Campaign
    hours: dict[str, Hours | None]
    agency: Agency
    present: frozenset[str]
    unplayable: dict[str, str]
    now: datetime

    def select(self, now: datetime) -> Selection:
        return select(
            self.campaign,
            self.agency,
            "landscape",
            now,
            present=self.present,
            unplayable=self.unplayable,
            always_lit=True,
        )

    def allows(self, scene: Scene, now: datetime) -> bool:
        """The rule, said again in one breath."""
        wall = now.astimezone(ZoneInfo(self.agency.timezone))
        consent, hours = scene.person_rights(), self.hours[scene.id]
        windows = [self.campaign.valid, scene.valid, *([consent] if consent else [])]
        return (
            (consent is None or (not consent.withdrawn and "vitrine" in consent.media))
            and all((w.from_ or date.min) <= wall.date() <= (w.until or date.max) for w in windows)
            and (scene.agencies is None or self.agency.agency in scene.agencies)
            and self.present.issuperset(scene.pictures_for("landscape"))
            and scene.id not in self.unplayable
            and (hours is None or hours.open_at(wall))
        )


@st.composite
def spans(draw: st.DrawFn, day: date) -> dict[str, date]:
    first, last = sorted(draw(st.tuples(*[st.integers(-3, 4)] * 2)))
    dates = {"from": day + timedelta(days=first), "until": day + timedelta(days=last)}
    return {key: dates[key] for key in dates if draw(st.booleans())}


weekly = st.builds(
    Hours,
    st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
    st.sampled_from([0, 15, 30, 60, 90, 110, 120, 150, 175, 480, 1200, 1320]),
    st.sampled_from([10, 60, 100, 120, 145, 165, 180, 600, 1080, 1439, 1440]),
).filter(lambda hours: hours.first != hours.last)


@st.composite
def scenes(draw: st.DrawFn, scene_id: str, day: date, hours: Hours | None) -> Scene:
    common: dict[str, Any] = {
        "valid": draw(spans(day)),
        "show": hours.text() if hours else None,
        "agencies": draw(st.sampled_from([None, None, ("le-mans",), ("nantes",)])),
    }
    kind = draw(st.sampled_from([portrait, poster, figure]))
    if kind is portrait:
        first, last = sorted(draw(st.tuples(*[st.integers(-3, 4)] * 2)))
        common["rights"] = rights(
            from_=day + timedelta(days=first),
            until=day + timedelta(days=last),
            withdrawn=draw(st.sampled_from([False, False, False, True])),
            media=draw(st.sampled_from([("vitrine",), ("web", "vitrine"), ("web",)])),
        )
    built: Scene = kind(scene_id, **common)
    return built


@st.composite
def worlds(draw: st.DrawFn) -> World:
    start = draw(st.sampled_from(STARTS))
    now = start + timedelta(
        minutes=draw(st.integers(0, 4 * 1440)),
        microseconds=draw(st.sampled_from([0, 1, 30_000_000])),
    )
    names = [f"s{n}" for n in range(draw(st.integers(1, 4)))]
    hours = {name: draw(st.one_of(st.none(), weekly)) for name in names}
    built = [draw(scenes(name, start.date(), hours[name])) for name in names]
    return World(
        campaign(*built, valid=draw(spans(start.date()))),
        hours,
        agency(timezone=draw(st.sampled_from(ZONES))),
        all_pictures(*built) - draw(st.sampled_from([frozenset(), frozenset({"posters/s0.jpg"})])),
        draw(st.sampled_from([{}, {}, {"s1": "broken"}])),
        now,
    )


def between(first: datetime, last: datetime | None) -> Iterator[datetime]:
    """Moments of [first, last[, or of the ten days that follow."""
    end = last or first + timedelta(days=10)
    yield end - TICK
    for n in range(1, 40):
        yield first + (end - first) * n / 40


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_every_scene_is_allowed_or_explained_in_written_order(world: World) -> None:
    answer = world.select(world.now)
    out = {left.scene for left in answer.left_out}
    written = world.campaign.scenes
    assert answer.allowed == tuple(scene for scene in written if scene.id not in out)
    assert [left.scene for left in answer.left_out] == [s.id for s in written if s.id in out]
    assert answer.allowed == tuple(s for s in written if world.allows(s, world.now))
    assert all(left.detail for left in answer.left_out)


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_the_whole_answer_stands_until_ask_again(world: World) -> None:
    answer = world.select(world.now)
    assert answer.ask_again is None or answer.ask_again > world.now
    for moment in between(answer.at, answer.ask_again):
        assert replace(world.select(moment), at=answer.at) == answer
        assert answer.allowed == tuple(s for s in world.campaign.scenes if world.allows(s, moment))


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_a_scene_is_allowed_until_the_moment_it_closes(world: World) -> None:
    answer = world.select(world.now)
    assert set(answer.closes) <= {scene.id for scene in answer.allowed}
    for scene in answer.allowed:
        closes = answer.closes.get(scene.id)
        for moment in between(answer.at, closes):
            assert world.allows(scene, moment)
            assert scene in world.select(moment).allowed
        if closes is not None:
            assert not world.allows(scene, closes)
            assert scene not in world.select(closes).allowed
            assert answer.ask_again is not None
            assert answer.ask_again <= closes


# -- the screen's own light -----------------------------------------------------------------


def test_while_no_window_may_be_lit_nothing_is_allowed_and_all_say_why() -> None:
    shown = campaign(poster(), portrait(rights=rights(withdrawn=True)))
    night = datetime(2026, 9, 15, 3, tzinfo=PARIS)
    answer = select(shown, agency(), "landscape", night, present=all_pictures(*shown.scenes))
    assert answer.allowed == ()
    assert [left.reason for left in answer.left_out] == [Reason.DARK, Reason.RIGHTS_WITHDRAWN]
    assert "dark: night (01:00-06:00)" in answer.left_out[0].detail
    assert not answer.light.lit
    assert answer.ask_again == datetime(2026, 9, 15, 6, tzinfo=PARIS)


def test_a_scene_leaves_when_the_screen_goes_dark() -> None:
    shown = campaign(poster())
    evening = datetime(2026, 9, 15, 23, tzinfo=PARIS)
    answer = select(shown, agency(), "landscape", evening, present=all_pictures(*shown.scenes))
    dark = datetime(2026, 9, 16, 1, tzinfo=PARIS)
    assert answer.closes == {shown.scenes[0].id: dark}
    assert answer.ask_again == dark


# -- the lease of faces ---------------------------------------------------------------------


def leased(now: datetime, contact: datetime | None, **fields: Any) -> Selection:
    """A portrait and a figure, with every picture there, after this contact."""
    shown = campaign(portrait(), figure(), **fields)
    pictures = all_pictures(*shown.scenes)
    return select(
        shown, agency(), "landscape", now, present=pictures, always_lit=True, contact=contact
    )


def test_a_face_leaves_so_many_days_after_the_last_contact_and_the_rest_plays_on() -> None:
    over = NOON + timedelta(days=7)
    before, after = leased(over - TICK, NOON), leased(over, NOON)
    assert [scene.id for scene in before.allowed] == ["am1", "ch1"]
    assert before.closes["am1"] == over
    assert "ch1" not in before.closes
    assert before.ask_again == over
    assert [scene.id for scene in after.allowed] == ["ch1"]
    assert [(left.scene, left.reason) for left in after.left_out] == [("am1", Reason.LEASE_OVER)]
    assert after.left_out[0].detail == (
        "Head office was last heard more than 7 days ago: faces left on 2026-09-22 12:00"
        " (Europe/Paris)."
    )
    assert after.ask_again == utc("2027-07-31T22:00")


def test_a_face_comes_back_with_the_next_contact() -> None:
    later = NOON + timedelta(days=30)
    assert "am1" not in [scene.id for scene in leased(later, NOON).allowed]
    assert [scene.id for scene in leased(later, later).allowed] == ["am1", "ch1"]


def test_the_campaign_says_how_long_and_a_plain_folder_keeps_no_lease() -> None:
    day = timedelta(days=1)
    short = leased(NOON + day, NOON, lease_days=1)
    assert short.left_out[0].detail.startswith("Head office was last heard more than 1 day ago")
    assert leased(NOON + day - TICK, NOON, lease_days=1).closes["am1"] == NOON + day
    assert not leased(NOON + 100 * day, None).left_out


def test_a_lease_of_whole_days_counts_hours_through_a_change_of_the_clock() -> None:
    contact = datetime(2026, 10, 20, 12, tzinfo=PARIS)
    over = datetime(2026, 10, 27, 11, tzinfo=PARIS)
    assert leased(contact, contact).closes["am1"] == over


def test_a_withdrawal_is_named_before_a_lease() -> None:
    shown = campaign(portrait(rights=rights(withdrawn=True)))
    late = NOON + timedelta(days=9)
    answer = select(shown, agency(), "landscape", late, present=(), contact=NOON)
    assert [left.reason for left in answer.left_out] == [Reason.RIGHTS_WITHDRAWN]


# -- notices --------------------------------------------------------------------------------


def notice(text: str, first: str, last: str, **fields: Any) -> dict[str, Any]:
    return {"text": text, **window(first, last), **fields}


def test_notices_of_the_agency_and_of_head_office_play_on_their_days_only() -> None:
    own = (notice("Fermée demain", "2026-09-15", "2026-09-15"),)
    wide = (
        notice("Partout", "2026-09-01", "2026-09-30", priority="urgent"),
        notice("À Nantes", "2026-09-01", "2026-09-30", agencies=("nantes",)),
        notice("Plus tard", "2026-09-16", "2026-09-17"),
    )
    shown, shop = campaign(poster(), notices=wide), agency(notices=own)

    def at(moment: datetime) -> list[str]:
        answer = select(
            shown, shop, "landscape", moment, present=("posters/po1.jpg",), always_lit=True
        )
        return [getattr(scene, "text", scene.id) for scene in answer.allowed]

    assert at(NOON) == ["po1", "Partout", "Fermée demain"]
    midnight = datetime(2026, 9, 16, tzinfo=PARIS)
    assert at(midnight - TICK) == ["po1", "Partout", "Fermée demain"]
    assert at(midnight) == ["po1", "Partout", "Plus tard"]
    assert at(datetime(2026, 10, 1, tzinfo=PARIS)) == ["po1"]


def test_a_notice_says_until_when_it_holds_and_why_it_is_left_out() -> None:
    shop = agency(notices=(notice("Fermée", "2026-09-15", "2026-09-15"),))
    today = select(campaign(figure()), shop, "landscape", NOON, present=(), always_lit=True)
    (scene,) = [scene for scene in today.allowed if scene.kind == "notice"]
    assert today.closes == {scene.id: datetime(2026, 9, 16, tzinfo=PARIS)}
    later = select(
        campaign(figure()), shop, "landscape", NOON + timedelta(days=1), present=(), always_lit=True
    )
    assert [(left.scene, left.reason) for left in later.left_out] == [(scene.id, Reason.OVER)]


def test_a_notice_keeps_its_name_and_said_twice_it_is_one() -> None:
    same = notice("Fermée", "2026-09-15", "2026-09-15")
    other = notice("Fermée", "2026-09-15", "2026-09-16")
    shown = campaign(figure(), notices=(same,))
    twice = notices_of(shown, agency(notices=(same, other)))
    assert len(twice) == 2
    assert twice == notices_of(campaign(notices=(other, same)), agency())[::-1]
    assert all(scene.id.startswith("avis.") for scene in twice)
