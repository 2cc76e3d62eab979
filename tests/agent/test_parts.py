"""The agent's small parts: polls, memory, lines, log, status, claim, notify, children."""

from __future__ import annotations

import json
import logging
import os
import queue
import socket
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.agent import lines, post, status
from kiosk.agent.child import Child, Ended, Line, how
from kiosk.agent.growth import MB, Growth
from kiosk.agent.log import BYTES, FILE, LINES, WITHIN_S, BoundedFile, Trickle
from kiosk.agent.notify import notifier
from kiosk.agent.polls import FIRST_POLL_S, LONGEST_RETRY_S, Polls, phase
from kiosk.agent.run import Run
from kiosk.agent.single import Taken, claim

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="abstract names are Linux's")


# -- polls ----------------------------------------------------------------------------------


def test_the_first_poll_comes_soon_and_the_second_at_the_screens_own_phase() -> None:
    polls = Polls.start(300, now=1000)
    assert polls.due == 1000 + FIRST_POLL_S
    second = polls.answered("le-mans/vitrine", 1002, chance=0.9)
    assert second.due == pytest.approx(1002 + 300 * phase("le-mans/vitrine"))


@pytest.mark.parametrize(("chance", "wait"), [(0.0, 270), (0.5, 300), (0.999999, 330)])
def test_then_the_interval_within_a_tenth(chance: float, wait: float) -> None:
    polls = Polls.start(300, 0).answered("x", 10, 0.5).answered("x", 500, chance)
    assert polls.due - 500 == pytest.approx(wait, abs=0.01)


def test_phases_of_a_chain_are_spread() -> None:
    tenths = {int(10 * phase(f"agence-{n}/vitrine")) for n in range(600)}
    assert tenths == set(range(10))


def test_nobody_answers_half_a_minute_to_half_an_hour() -> None:
    polls, waits = Polls.start(300, 0), []
    for _ in range(9):
        polls = polls.unanswered(0, 0.5)
        waits.append(polls.due)
    assert waits == [30, 60, 120, 240, 480, 960, 1800, 1800, 1800]
    assert polls.answered("x", 0, 0.5).failures == 0


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_no_number_of_failures_stops_the_polls(failures: int, chance: float) -> None:
    polls = Polls(300, 0, failures=min(failures, 20)).unanswered(0, chance)
    assert 27 <= polls.due <= LONGEST_RETRY_S * 1.1


# -- memory ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settled", "now", "hour", "too_much"),
    [
        (None, 1499 * MB, 3, False),
        (None, 1501 * MB, 14, True),  # it never settled, and would take the machine
        (150 * MB, 288 * MB, 3, False),
        (150 * MB, 290 * MB, 3, True),  # 1.5 times and 64 MB more, at night
        (150 * MB, 290 * MB, 14, False),  # by day it may wait
        (150 * MB, 626 * MB, 14, True),
    ],
)
def test_when_a_fresh_player_takes_over(
    settled: int | None, now: int, hour: int, too_much: bool
) -> None:
    assert Growth(settled, now).too_much(hour) is too_much


def test_memory_counts_as_settled_after_ten_minutes() -> None:
    growth = Growth().measured(90 * MB, 599)
    assert growth == Growth(None, 90 * MB)
    growth = growth.measured(120 * MB, 600)
    assert growth.measured(130 * MB, 700) == Growth(120 * MB, 130 * MB)


# -- what a player says ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"event": "frame", "n": 3, "release": "r", "scene": "am1"}', lines.Frame(3, "r", "am1")),
        (b'{"event": "hidden"}', lines.Hidden()),
        (b'{"event": "trying", "object": "ab"}', lines.Trying("ab")),
        (b'{"event": "playing", "object": ""}', lines.Playing("")),
        (b'{"event": "look", "verdict": "same", "likeness": 1}', lines.Look("same", 1.0)),
        (
            b'{"event": "look", "verdict": "unknown", "likeness": null}',
            lines.Look("unknown", None),
        ),
        (b'{"event": "renderer", "kind": "x"}', lines.Note("renderer", (("kind", "x"),))),
        (b'{"event": "frame", "n": "three"}', None),
        (b'{"event": "frame"}', None),
        (b"[1]", None),
        (b"7", None),
        (b"[" * 50_000, None),
        (b"\xff\xfe", None),
        (b'{"event": "' + b"x" * 70_000 + b'"}', None),
    ],
)
def test_lines_are_read_or_ignored(line: bytes, said: lines.Said | None) -> None:
    assert lines.read(line) == said


@given(st.binary(max_size=200) | st.dictionaries(st.text(), st.integers()).map(json.dumps))
def test_no_line_can_hurt(line: bytes | str) -> None:
    lines.read(line if isinstance(line, bytes) else line.encode())
    assert post.read(line if isinstance(line, bytes) else line.encode()) is None


# -- log and status -------------------------------------------------------------------------


def _logger(folder: Path) -> tuple[logging.Logger, BoundedFile]:
    logger, handler = logging.Logger("essai"), BoundedFile(folder)
    logger.addHandler(handler)
    return logger, handler


def test_the_log_cannot_grow(tmp_path: Path) -> None:
    logger, handler = _logger(tmp_path)
    for n in range(20_000):
        logger.info("a line of a log, number %d, that is neither long nor short", n)
    handler.close()
    sizes = [file.stat().st_size for file in (tmp_path / "log").iterdir()]
    assert len(sizes) == 2
    assert max(sizes) <= BYTES
    assert "number 19999" in (tmp_path / FILE).read_text("utf-8")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full disk at hand")
def test_a_full_disk_costs_lines_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / FILE).symlink_to("/dev/full")
    logger, handler = _logger(tmp_path)
    logger.error("nobody will read this")
    assert capsys.readouterr() == ("", "")
    with suppress(OSError):  # as logging's own end of the program does
        handler.close()


def test_a_child_that_talks_too_much_is_counted() -> None:
    written: list[str] = []
    trickle = Trickle(written.append)
    for n in range(LINES + 40):
        trickle.line(f"line {n}", now=5)
    assert len(written) == LINES + 1
    trickle.line("later", now=6 + WITHIN_S)
    assert written[-2:] == ["40 further lines were left out", "later"]


def _status() -> status.Status:
    moment = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    return status.Status(
        version="1",
        written=moment,
        state="on air",
        pc="PC-LEMANS",
        agency="le-mans",
        screen=None,
        pid=7,
        started=moment,
        restarts=0,
        left_out=(),
        missing=(),
        problem=None,
        player=None,
        sync=status.SyncStatus("unchanged", 0, moment, None),
    )


def test_the_status_is_whole_json(tmp_path: Path) -> None:
    assert status.write(tmp_path / "new" / "folder", _status()) is None
    told: dict[str, Any] = json.loads((tmp_path / "new" / "folder" / status.FILE).read_bytes())
    assert told["state"] == "on air"
    assert told["sync"]["at"] == "2026-11-23T08:00:00+00:00"
    assert [file.name for file in (tmp_path / "new" / "folder").iterdir()] == [status.FILE]


def test_a_status_that_cannot_be_written_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert status.write(tmp_path / "file", _status()) in ("File exists", "Not a directory")


# -- one supervisor, and systemd ------------------------------------------------------------


@LINUX
def test_a_screen_has_one_supervisor(tmp_path: Path) -> None:
    release = claim(str(tmp_path))
    with pytest.raises(Taken, match="already"):
        claim(str(tmp_path))
    claim(str(tmp_path / "another"))()
    release()
    claim(str(tmp_path))()


@LINUX
def test_a_claim_ends_with_its_process(tmp_path: Path) -> None:
    holder = (
        "import sys; from kiosk.agent.single import claim;"
        "_ = claim(sys.argv[1]); print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(Taken):
            claim(str(tmp_path))
        process.kill()
    claim(str(tmp_path))()


@LINUX
@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_hears(tmp_path: Path, abstract: bool) -> None:
    place = f"@essai-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(place.replace("@", "\0"))
        systemd.settimeout(5)
        notify = notifier({"NOTIFY_SOCKET": place})
        notify("READY=1")
        assert systemd.recv(100) == b"READY=1"
    notify("WATCHDOG=1")  # nobody listens any more: no harm


def test_nothing_listens_where_there_is_no_systemd() -> None:
    notifier({})("READY=1")


# -- children -------------------------------------------------------------------------------


def _child(code: str, **more: Any) -> tuple[Child, queue.SimpleQueue[Line | Ended]]:
    heard: queue.SimpleQueue[Line | Ended] = queue.SimpleQueue()
    return Child([sys.executable, "-c", code], heard.put, os.environ, **more), heard


def test_a_child_is_heard_to_its_end() -> None:
    code = "import sys; print('one'); print('two', file=sys.stderr); print('ré'); sys.exit(3)"
    child, heard = _child(code, low=True)
    events = [heard.get(timeout=20) for _ in range(4)]
    ended = events.pop()
    texts = {(event.text, event.error) for event in events if isinstance(event, Line)}
    assert texts == {(b"one", False), (b"two", True), ("ré".encode(), False)}
    assert ended == Ended(child, 3)


def test_a_child_hears_and_can_be_ended() -> None:
    child, heard = _child("print(input()); input()")
    child.say("leave")
    said = heard.get(timeout=20)
    assert isinstance(said, Line)
    assert said.text == b"leave"
    child.kill()
    ended = heard.get(timeout=20)
    assert isinstance(ended, Line | Ended)
    child.say("too late")


def test_a_child_is_ended_at_its_deadline() -> None:
    child, heard = _child("input()", within_s=50)
    assert not child.end_at_deadline(child.deadline - 1)
    assert child.end_at_deadline(child.deadline)
    ended = heard.get(timeout=20)
    assert isinstance(ended, Ended)
    assert how(ended.code) in ("signal SIGKILL", "exit code 1")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (-11, "signal SIGSEGV"),
        (-300, "exit code -300"),
        (69, "exit code 69"),
        (0xC0000005, "exit code 0xC0000005"),
    ],
)
def test_an_end_in_words(code: int, words: str) -> None:
    assert how(code) == words


# -- what a run is held to -------------------------------------------------------------------


def test_a_clip_is_held_to_a_crash_for_as_long_as_it_is_decoded() -> None:
    said: queue.SimpleQueue[Line | Ended] = queue.SimpleQueue()
    child = Child([sys.executable, "-c", ""], said.put, os.environ)
    run = Run(child, "current", started=0.0, heard=0.0)
    run.hear(lines.Trying("picture"), 1)
    run.hear(lines.Frame(1, "r", "film"), 2)
    run.hear(lines.Playing("clip"), 2)
    run.hear(lines.Frame(2, "r", "film"), 7)
    assert run.end(8, -11).trying == {"clip"}
    run.hear(lines.Playing(""), 20)
    assert run.end(21, -11).trying == frozenset()
    while not isinstance(said.get(timeout=30), Ended):
        pass
