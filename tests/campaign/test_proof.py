"""The record of a play."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.campaign.proof import Play, parse_record, record

PLAY = Play(
    counter=17,
    release="2026-09-15.2",
    agency="le-mans",
    screen="vitrine",
    scene="am1",
    kind="portrait",
    audience="families",
    began=datetime(2026, 9, 15, 12, 0, 0, 250_999, tzinfo=ZoneInfo("Europe/Paris")),
    seconds=20.12345,
)
LINE = (
    '{"counter":17,"release":"2026-09-15.2","agency":"le-mans","screen":"vitrine","scene":"am1",'
    '"kind":"portrait","audience":"families","began":"2026-09-15T10:00:00.250Z","seconds":20.123}'
)


def changed(**facts: Any) -> str:
    return json.dumps(json.loads(LINE) | facts)


def test_a_play_is_one_line_that_never_changes_its_form() -> None:
    assert record(PLAY) == LINE


def test_a_line_is_read_back() -> None:
    began = datetime(2026, 9, 15, 10, 0, 0, 250_000, tzinfo=UTC)
    play = parse_record(LINE)
    assert play == replace(PLAY, began=began, seconds=20.123)
    assert play.began.tzinfo is UTC
    assert record(play) == LINE
    assert parse_record(f" {LINE}\n") == play
    assert parse_record(changed(seconds=20)).seconds == 20


@settings(max_examples=100, deadline=None)
@given(
    st.builds(
        Play,
        counter=st.integers(0, 2**63),
        release=st.text(max_size=20),
        agency=st.text(max_size=20),
        screen=st.text(max_size=20),
        scene=st.text(max_size=20),
        kind=st.text(max_size=20),
        audience=st.text(max_size=20),
        began=st.datetimes(
            min_value=datetime(1970, 1, 2),
            timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))]),
        ).filter(lambda at: at.year < 9999),
        seconds=st.floats(0, 1e6),
    )
)
def test_any_play_survives_the_trip(play: Play) -> None:
    line = record(play)
    assert line.isascii()
    assert line.isprintable()
    back = parse_record(line)
    assert timedelta(0) <= play.began - back.began < timedelta(milliseconds=1)
    assert abs(back.seconds - play.seconds) <= 0.0005 + 1e-9
    assert replace(back, began=play.began, seconds=play.seconds) == play
    assert record(back) == line


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "not one line of JSON"),
        (LINE[:-5], "not one line of JSON"),
        (LINE + LINE, "not one line of JSON"),
        ("[" * 1900, "not one line of JSON"),
        ("9" * 1900, "exactly counter, release"),
        ("x" * 2001, "2001 characters, more than 2000"),
        ("[]", "exactly counter, release"),
        ("null", "exactly counter, release"),
        (changed(face="seen"), "exactly counter, release"),
        (json.dumps({"counter": 1}), "exactly counter, release"),
        (changed(counter="17"), "counter is '17'"),
        (changed(counter=True), "counter is True"),
        (changed(counter=1.0), "counter is 1.0"),
        (changed(counter=-1), "counter .-1. is below 0"),
        (changed(scene=None), "scene is None"),
        (changed(seconds="20"), "seconds is '20'"),
        (changed(seconds=False), "seconds is False"),
        (changed(seconds=-0.1), "seconds .-0.1. must be from 0"),
        (changed(seconds=float("nan")), "seconds .nan. must be from 0"),
        (changed(seconds=float("inf")), "seconds .inf. must be from 0"),
        (changed(seconds=10**400), "must be from 0"),
        (changed(began=1), "began is 1, not like"),
        (changed(began="2026-09-15T10:00:00Z"), "not like 2026-09-15T10:00:00.250Z"),
        (changed(began="2026-09-15T10:00:00.250+00:00"), "not like"),
        (changed(began="2026-13-15T10:00:00.250Z"), "month must be in"),
    ],
)
def test_anything_else_is_refused_with_a_reason(line: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_record(line)


def test_facts_that_cannot_be_true_are_refused() -> None:
    with pytest.raises(ValueError, match=r"began .2026-09-15T10:00:00. has no time zone"):
        replace(PLAY, began=datetime(2026, 9, 15, 10))
    with pytest.raises(ValueError, match="below 0"):
        replace(PLAY, counter=-1)
    with pytest.raises(ValueError, match="must be from 0 to a year"):
        replace(PLAY, seconds=-0.001)
