"""The glass goes dark when no window may be lit, in time, and is lit again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtGui import QGuiApplication

from kiosk.campaign.hours import Lit, Why
from kiosk.player.director import Clock
from tests.player.conftest import Until
from tests.player.theatre import Theatre, content_of, with_pictures

PARIS = ZoneInfo("Europe/Paris")
CLOSING = datetime(2026, 11, 23, 19, 30, tzinfo=PARIS)
OPENING = datetime(2026, 11, 24, 8, 0, tzinfo=PARIS)


class Wall:
    """A clock that somebody sets, and that then runs."""

    def __init__(self, now: datetime) -> None:
        self.set(now)

    def set(self, now: datetime) -> None:
        """It is this moment now."""
        self._shift = now.astimezone(UTC) - datetime.now(UTC)

    def now(self) -> datetime:
        """What it shows, in UTC."""
        return datetime.now(UTC) + self._shift


Open = Callable[[datetime], tuple[Theatre, Wall]]


@pytest.fixture
def open_(tmp_path: Path, app: QGuiApplication) -> Iterator[Open]:
    """Opens a theatre with the hours of an agency, at a moment."""
    opened: list[Theatre] = []

    def at(moment: datetime) -> tuple[Theatre, Wall]:
        content = content_of(with_pictures(tmp_path, "un", "deux"))
        hours = "Mo-Fr 09:00-18:30"
        agency = content.agency.model_copy(update={"opening_hours": hours})
        wall = Wall(moment)
        lit = replace(content, agency=agency, always_lit=False)
        opened.append(Theatre(lit, clock=Clock(wall.now, time.monotonic)))
        return opened[0], wall

    yield at
    for theatre in opened:
        theatre.close()
    app.processEvents()


def black(theatre: Theatre) -> bool:
    """Whether every pixel of the window is."""
    picture = theatre.view.window.grabWindow()
    step = max(1, picture.width() // 40)
    return all(
        picture.pixelColor(x, y).name() == "#000000"
        for x in range(0, picture.width(), step)
        for y in range(0, picture.height(), step)
    )


def test_it_is_dark_at_the_moment_and_lit_again_at_the_next(open_: Open, until: Until) -> None:
    theatre, wall = open_(CLOSING - timedelta(seconds=4))
    told: list[Lit] = []
    theatre.director.light.connect(told.append)
    theatre.director._hold = lambda _: 3600.0
    theatre.director.begin()
    until(lambda: theatre.stood == ["un"])
    assert not black(theatre)
    until(lambda: theatre.director.shown[1] == "dark")
    assert black(theatre)
    assert abs((wall.now() - CLOSING).total_seconds()) < 3
    assert [(light.lit, light.why) for light in told] == [
        (True, Why.OPENING_HOURS),
        (False, Why.CLOSED),
    ]
    wall.set(OPENING)
    theatre.director._look_again()
    until(lambda: theatre.stood[-1] in ("un", "deux"))
    assert not black(theatre)
    assert told[-1].lit


def test_a_player_that_starts_in_the_dark_shows_nothing_first(open_: Open, until: Until) -> None:
    theatre, _ = open_(CLOSING + timedelta(hours=2))
    theatre.director.begin()
    theatre.director.open_with_standby()
    until(lambda: theatre.stood == ["standby"])
    assert black(theatre)
    assert theatre.director.shown[1] == "dark"
    theatre.director.resize((300, 400))
    assert black(theatre)


def test_what_is_asked_for_is_lit_whatever_the_hour(open_: Open, until: Until) -> None:
    theatre, _ = open_(CLOSING + timedelta(hours=2))
    theatre.director.adopt(replace(theatre.content, always_lit=True))
    theatre.director.begin()
    until(lambda: theatre.stood == ["un"])
    assert theatre.director.shown[1] == "un"
