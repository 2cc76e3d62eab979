"""The journal of light: on a real disk, torn, full, read-only, and read by days."""

from __future__ import annotations

import logging
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.agent import journal
from kiosk.agent.days import Stretch, stretches
from kiosk.agent.journal import BYTES, FILE, OLDER, Entry, Journal, Light, append, parse, read
from kiosk.agent.panels.way import Outcome

EVENING = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
DARK = Light(False, "closed", "Mo-Fr 09:30-18:30", "le-mans", "vitrine", "r1", "Europe/Paris")
LIT = Light(True, "opening hours", "Mo-Fr 09:30-18:30", "le-mans", "vitrine", "r1", "Europe/Paris")
OFF = (Outcome("X11 DPMS", "verified", "off"), Outcome("DDC/CI", "not offered", "no panel"))


def hours(entry: Entry, count: float, light: Light) -> Entry:
    return Entry(entry.at + timedelta(hours=count), light)


# -- lines ----------------------------------------------------------------------------------


def test_a_line_says_when_by_both_clocks_and_is_read_back_as_it_was() -> None:
    entry = Entry(EVENING, DARK, OFF)
    assert (
        b'"at": "2026-11-23T18:30:00+00:00", "local": "2026-11-23T19:30:00+01:00"' in entry.line()
    )
    assert parse(entry.line()) == entry


def test_the_line_is_the_agencys_civil_time_overseas_and_in_summer() -> None:
    reunion = Light(False, "night", zone="Indian/Reunion")
    summer = Entry(datetime(2026, 7, 1, 18, 30, tzinfo=UTC), DARK).line()
    assert b'"local": "2026-11-23T22:30:00+04:00"' in Entry(EVENING, reunion).line()
    assert b'"local": "2026-07-01T20:30:00+02:00"' in summer


@given(
    st.binary(max_size=80)
    | st.sampled_from([Entry(EVENING, DARK, OFF).line()[:n] for n in range(0, 300, 7)])
)
def test_no_line_can_hurt(line: bytes) -> None:
    found = parse(line)
    assert found is None or isinstance(found, Entry)


def test_an_unknown_zone_is_taken_for_utc() -> None:
    entry = Entry(EVENING, Light(False, "night", zone="../../etc/passwd"))
    assert b'"local": "2026-11-23T18:30:00+00:00"' in entry.line()


# -- the disk -------------------------------------------------------------------------------


def test_entries_come_back_in_order_and_the_panels_answer_replaces(tmp_path: Path) -> None:
    first, answered = Entry(EVENING, DARK), Entry(EVENING, DARK, OFF)
    morning = hours(first, 14, LIT)
    for entry in (first, answered, morning):
        append(tmp_path, entry)
    assert read(tmp_path) == [answered, morning]
    assert len((tmp_path / FILE).read_bytes().splitlines()) == 3


@pytest.mark.parametrize("torn", [b'{"at": "2026-11-2', b"\0" * 512, b"\xff"])
def test_a_torn_last_line_costs_itself_alone(tmp_path: Path, torn: bytes) -> None:
    first, second = Entry(EVENING, DARK), Entry(EVENING + timedelta(hours=14), LIT)
    append(tmp_path, first)
    with (tmp_path / FILE).open("ab") as file:
        file.write(torn)
    append(tmp_path, second)
    assert read(tmp_path) == [first, second]


def test_it_is_bounded(tmp_path: Path) -> None:
    line = Entry(EVENING, DARK, OFF).line()
    (tmp_path / FILE).write_bytes((line * (BYTES // len(line) + 1))[-BYTES:])
    full = (tmp_path / FILE).stat().st_size
    assert full <= BYTES
    append(tmp_path, hours(Entry(EVENING, DARK), 14, LIT))
    assert (tmp_path / OLDER).stat().st_size == full
    assert (tmp_path / FILE).stat().st_size < 1000
    assert [entry.light for entry in read(tmp_path)] == [DARK, LIT]


def test_writers_that_are_killed_lose_no_finished_line(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom datetime import *\nfrom pathlib import Path\n"
        "from kiosk.agent.journal import *\n"
        "at = datetime(2026, 1, 1, tzinfo=UTC)\n"
        "for n in range(100000):\n"
        " append(Path(sys.argv[1]), Entry(at + timedelta(minutes=n), Light(False, 'night')))\n"
        " print(n, flush=True)\n"
    )
    said = 0
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            for _ in range(20):
                writer.stdout.readline()
            writer.kill()
            said += 20 + len(writer.stdout.read().splitlines())
    assert said <= len(read(tmp_path)) <= said + 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full disk at hand")
def test_a_full_disk_costs_the_line_and_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / FILE).symlink_to("/dev/full")
    kept = Journal()
    kept.keep(tmp_path)
    for n in range(3):
        kept.write(hours(Entry(EVENING, DARK), n, LIT))
    assert kept.close(10)
    said = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(said) == 1
    assert "No space left" in said[0].getMessage()


def test_a_folder_that_cannot_be_costs_the_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("no folder")
    kept = Journal()
    kept.write(Entry(EVENING, DARK))
    kept.keep(tmp_path / "file")
    assert kept.close(10)
    assert "the journal of light is not written" in caplog.text


def test_what_is_said_before_the_folder_is_known_is_written(tmp_path: Path) -> None:
    kept = Journal()
    assert not kept.close(0)
    kept.write(Entry(EVENING, DARK))
    kept.keep(tmp_path / "data")
    kept.write(hours(Entry(EVENING, DARK), 14, LIT))
    assert kept.close(10)
    assert [entry.light for entry in read(tmp_path / "data")] == [DARK, LIT]


# -- days -----------------------------------------------------------------------------------


def shown(found: list[Stretch]) -> list[tuple[str, str, str, str]]:
    return [
        (f"{one.begin:%m-%d}", f"{one.begin:%H:%M}", f"{one.end:%H:%M}", one.state) for one in found
    ]


def test_days_are_cut_at_the_agencys_midnight() -> None:
    dark = Entry(EVENING, DARK, OFF)
    found = stretches([dark, hours(dark, 13, LIT)], EVENING + timedelta(hours=15), None)
    assert shown(found) == [
        ("11-23", "19:30", "00:00", "dark"),
        ("11-24", "00:00", "08:30", "dark"),
        ("11-24", "08:30", "10:30", "lit"),
    ]
    assert found[0].panel == "X11 DPMS verified"
    assert found[0].why == "closed (Mo-Fr 09:30-18:30)"
    assert [one.begin.day for one in stretches([dark], found[-1].end, date(2026, 11, 24))] == [24]


@pytest.mark.parametrize(("day", "length"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_a_day_of_the_clocks_change_is_shown_whole(day: date, length: int) -> None:
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=1)
    found = stretches([Entry(begin, DARK)], begin + timedelta(days=3), None)
    (whole,) = [one for one in found if one.begin.date() == day]
    assert whole.end.astimezone(UTC) - whole.begin.astimezone(UTC) == timedelta(hours=length)


def test_a_restart_that_says_the_same_makes_no_new_line() -> None:
    dark = Entry(EVENING, DARK)
    found = stretches([dark, hours(dark, 1, DARK)], EVENING + timedelta(hours=2), None)
    assert shown(found) == [("11-23", "19:30", "21:30", "dark")]


def test_a_clock_that_was_set_back_or_stood_in_1970_does_no_harm() -> None:
    dark = Entry(EVENING, DARK)
    back = stretches([dark, hours(dark, -5, LIT)], EVENING, None)
    assert [one.state for one in back] == ["lit"]
    long_ago = stretches([Entry(datetime(1970, 1, 1, tzinfo=UTC), DARK), dark], EVENING, None)
    assert len(long_ago) == 32


def test_without_a_player_nothing_is_claimed() -> None:
    gone = Entry(EVENING, Light(None, "no player", zone="Europe/Paris"))
    (one,) = stretches([gone], EVENING + timedelta(hours=1), None)
    assert (one.state, one.why, one.panel) == ("unknown", "no player", "-")
    assert journal.parse(gone.line()) == gone
