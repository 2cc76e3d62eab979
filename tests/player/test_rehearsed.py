"""What a rehearsal says is what a real player, driven through the same day, puts on the glass.

The director, its window, its decoders and its fades are real; only the clock is not: it stands
while they work, jumps to the next timer when they rest, and counts a fade as what it is in a shop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QTimer

from kiosk.campaign.fields import Window
from kiosk.campaign.hold import hold_seconds
from kiosk.campaign.hours import Lit, Why
from kiosk.campaign.model import Blackout, Campaign, CampaignNotice, Scene
from kiosk.campaign.rehearsal import Rehearsal, rehearse
from kiosk.campaign.rotation import FADE_S, Coming, Glass
from kiosk.door.needs import content_of_folder
from kiosk.player.content import Content
from kiosk.player.director import Clock
from kiosk.player.regions import orientation_of
from kiosk.release.folder import read_folder
from tests.places import DEMONSTRATION
from tests.player.conftest import Until
from tests.player.theatre import Theatre

PARIS = ZoneInfo("Europe/Paris")
TUESDAY = datetime(2026, 11, 24, tzinfo=PARIS)
BUSY = (Glass.TO_SCENE, Glass.TO_STANDBY)


class Jumping:
    """A clock that a player's own timers move."""

    def __init__(self, begin: datetime) -> None:
        self.begin, self.seconds, self.fade_ends = begin.astimezone(UTC), 0.0, 0.0
        self.due: dict[QTimer, float] = {}

    def now(self) -> datetime:
        """The moment it shows."""
        return self.begin + timedelta(seconds=self.seconds)

    def arm(self, timer: QTimer, seconds: float) -> None:
        """A timer is set. In a shop Qt rounds it up to the next millisecond."""
        self.due[timer] = self.seconds + max(seconds, 0.0)

    def fading(self) -> None:
        """A fade begins."""
        self.fade_ends = self.seconds + FADE_S

    def faded(self) -> None:
        """It is over, and so is what was due in the meantime."""
        while self.due and min(self.due.values()) < self.fade_ends:
            self.jump()
        self.seconds = self.fade_ends

    def jump(self) -> None:
        """It is time for the next timer."""
        timer = min(self.due, key=lambda one: self.due[one])
        self.seconds = max(self.seconds, self.due.pop(timer))
        timer.timeout.emit()


class Day:
    """A player in its window, and what it says while it is driven from one moment on."""

    def __init__(self, content: Content, size: tuple[int, int], begin: datetime) -> None:
        self.clock = Jumping(begin)
        clock = Clock(self.clock.now, lambda: self.clock.seconds)
        self.theatre = Theatre(content, size=size, clock=clock)
        self.director = self.theatre.director
        self.director._hold = hold_seconds
        self.director._arm = self.clock.arm  # type: ignore[method-assign]
        self.lights: list[tuple[datetime, bool, Why]] = []
        self.director.light.connect(self._lit)
        self.theatre.view.stage.fade.connect(lambda _: self.clock.fading())
        self.theatre.view.stage.ended.connect(self.clock.faded)

    def _lit(self, light: Lit) -> None:
        self.lights.append((self.clock.now(), light.lit, light.why))

    def _rests(self) -> bool:
        state = self.director._state
        return state.glass not in BUSY and state.coming is not Coming.PREPARING

    def drive(self, until: Until, ends: datetime) -> None:
        """From the beginning to the end of it."""
        self.director.begin()
        if self._rests():
            self.director.open_with_standby()
            until(lambda: self.theatre.stood == ["standby"])
        until(self._rests)
        seconds = (ends - self.clock.begin).total_seconds()
        while min(self.clock.due.values()) <= seconds:
            self.clock.jump()
            until(self._rests)


@pytest.fixture
def driven(monkeypatch: pytest.MonkeyPatch, until: Until) -> Iterator[Callable[..., Day]]:
    """Drives a player from a moment to another."""
    monkeypatch.setattr("tests.player.theatre.FADE_S", 0.001)
    opened: list[Day] = []

    def drive(content: Content, size: tuple[int, int], begin: datetime, ends: datetime) -> Day:
        opened.append(Day(content, size, begin))
        opened[0].drive(until, ends)
        return opened[0]

    yield drive
    for day in opened:
        day.theatre.close()


def content_of(agency: str, hours: str | None = "as written", **campaign: object) -> Content:
    """The demonstration campaign as this agency's screen shows it in the street."""
    content = content_of_folder(read_folder(DEMONSTRATION), agency, None)
    shop = content.agency
    if hours != "as written":
        shop = shop.model_copy(update={"opening_hours": hours})
    played = content.campaign.model_copy(update=campaign)
    return replace(content, agency=shop, campaign=played, always_lit=False)


def scenes(campaign: Campaign, **changes: dict[str, object]) -> tuple[Scene, ...]:
    """The scenes, each held for some minutes, that a day may have few of them, some changed."""
    return tuple(
        scene.model_copy(update={"hold_s": 290 + 7 * number, **changes.get(scene.id, {})})
        for number, scene in enumerate(campaign.scenes)
    )


def rehearsed(content: Content, size: tuple[int, int], begin: datetime, hours: float) -> Rehearsal:
    """What is said of a player started at that moment."""
    ends = begin.astimezone(UTC) + timedelta(hours=hours)
    return rehearse(content, orientation_of(size), begin, ends, since=begin)


def agrees(day: Day, said: Rehearsal) -> None:
    """Same scenes, same order, same moments, same seconds; dark and lit at the same moments."""
    assert day.theatre.skipped == []
    over = [turn for turn in said.turns if turn.ended <= said.ends]
    assert [play.scene for play in day.theatre.plays] == [turn.scene for turn in over]
    for play, turn in zip(day.theatre.plays, over, strict=True):
        assert abs((play.began - turn.began).total_seconds()) < 0.001, turn
        assert abs(play.seconds - turn.seconds) < 0.001, turn
    assert day.lights == [(span.begins, span.lit, span.why) for span in said.spans()]


def test_christmas_eve_until_and_after_the_last_scene(driven: Callable[..., Day]) -> None:
    content, size = content_of("le-mans"), (640, 360)
    begin = datetime(2026, 12, 24, 18, 50, tzinfo=PARIS)
    said = rehearsed(content, size, begin, 24)
    agrees(driven(content, size, begin, said.ends), said)
    assert len(said.turns) > 100
    assert said.turns[-1].ended < begin.replace(hour=19, minute=30)


def test_a_day_with_hours_of_a_scene_and_a_blackout(driven: Callable[..., Day]) -> None:
    content, size = content_of("le-mans"), (640, 360)
    day = {"from": TUESDAY.date(), "until": TUESDAY.date(), "hours": "17:15-18:00"}
    order = Blackout.model_validate(day | {"why": "Tension sur le réseau"})
    shown = scenes(content.campaign, am1={"show": "10:00-16:02"}, ca1={"show": "Tu 08:00-19:00"})
    content = content_of("le-mans", scenes=shown, blackouts=(order,))
    said = rehearsed(content, size, TUESDAY, 24)
    agrees(driven(content, size, TUESDAY, said.ends), said)
    lights = [(span.lit, span.why) for span in said.spans()]
    assert (False, Why.BLACKOUT) in lights and (False, Why.NIGHT) in lights
    assert len(said.turns) > 90
    assert {turn.scene for turn in said.turns} == {scene.id for scene in content.campaign.scenes}


def test_a_day_of_a_square_screen_with_notices_and_a_long_lunch_break(
    driven: Callable[..., Day],
) -> None:
    hours, size = "Mo-Fr 09:00-12:00,14:30-18:00; PH off", (400, 400)
    written = content_of("annecy").campaign
    today = {"from": TUESDAY.date(), "until": TUESDAY.date()}
    told = [("L’agence ferme à 17 h.", "normal"), ("Entrée par la cour.", "urgent")]
    notices = tuple(
        CampaignNotice.model_validate(today | {"text": text, "priority": priority})
        for text, priority in told
    )
    content = content_of("annecy", hours, scenes=scenes(written), notices=notices)
    said = rehearsed(content, size, TUESDAY, 24)
    agrees(driven(content, size, TUESDAY, said.ends), said)
    assert [span.lit for span in said.spans()] == [False, False, False, True, False, True, False]
    assert len({turn.scene for turn in said.turns} - {scene.id for scene in written.scenes}) == 2
    assert len(said.turns) > 80


def test_a_scene_that_ends_at_midnight_while_the_screen_is_lit(driven: Callable[..., Day]) -> None:
    last = Window(until=date(2026, 11, 24))
    written = content_of("nantes").campaign
    shown = scenes(written, po1={"valid": last}, se1={"valid": last, "weight": 9})
    content, size = content_of("nantes", None, scenes=shown), (360, 640)
    begin = TUESDAY.replace(hour=20)
    said = rehearsed(content, size, begin, 11)
    agrees(driven(content, size, begin, said.ends), said)
    midnight = TUESDAY + timedelta(days=1)
    before = {turn.scene for turn in said.turns if turn.began < midnight}
    after = {turn.scene for turn in said.turns if turn.began > midnight}
    assert "se1" in before and not {"se1", "po1"} & after
    assert len(said.turns) > 50


def test_a_lone_scene_that_leaves_for_standby_and_comes_back(driven: Callable[..., Day]) -> None:
    written = content_of("le-mans").campaign
    lone = scenes(written)[0].model_copy(update={"show": "09:00-11:00,11:30-12:00"})
    content, size = content_of("le-mans", scenes=(lone,)), (640, 360)
    said = rehearsed(content, size, TUESDAY.replace(hour=8), 5)
    agrees(driven(content, size, TUESDAY.replace(hour=8), said.ends), said)
    assert [stretch.lit for stretch in said.empty()] == [True, True, True]
