"""What the player tells its supervisor, and how it does as it is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication

from kiosk.player.report import BEAT_MS, ORPHAN_MS, Beat, Pipe
from tests.places import ROOT
from tests.player.conftest import Until
from tests.player.theatre import Theatre, content_of, with_pictures


class Listener:
    """The reading end of a pipe that a player writes to."""

    def __init__(self) -> None:
        self._read, self.write = os.pipe()
        os.set_blocking(self._read, False)
        self._told = b""

    def told(self) -> list[dict[str, Any]]:
        """All the lines so far."""
        try:
            while chunk := os.read(self._read, 65_536):
                self._told += chunk
        except BlockingIOError:
            pass
        return [json.loads(line) for line in self._told.split(b"\n")[:-1]]

    def close(self) -> None:
        """Both ends."""
        os.close(self._read)
        os.close(self.write)


@pytest.fixture
def listener() -> Iterator[Listener]:
    """Somebody who listens."""
    listener = Listener()
    yield listener
    listener.close()


@pytest.fixture
def theatre(tmp_path: Path, app: QGuiApplication) -> Iterator[Theatre]:
    """A loop of two scenes."""
    theatre = Theatre(content_of(with_pictures(tmp_path, "un", "deux")))
    yield theatre
    theatre.close()
    app.processEvents()


def _beat(theatre: Theatre, listener: Listener) -> Beat:
    beat = Beat(theatre.view.window, theatre.director, Pipe(listener.write))
    theatre.director.standing.connect(beat.stood)
    return beat


def test_every_scene_that_stands_is_told_once(
    theatre: Theatre, listener: Listener, until: Until
) -> None:
    _keep = _beat(theatre, listener)
    theatre.director.begin()
    until(lambda: len(theatre.stood) >= 4)
    told = listener.told()
    assert [line["scene"] for line in told[:4]] == theatre.stood[:4]
    assert [line["n"] for line in told[:4]] == [1, 2, 3, 4]
    assert {line["release"] for line in told} == {theatre.content.release}
    assert {line["event"] for line in told} == {"frame"}


def test_while_a_scene_stands_frames_are_asked_for_and_told(
    theatre: Theatre, listener: Listener, until: Until
) -> None:
    theatre.director._hold = lambda _: 3600.0
    beat = _beat(theatre, listener)
    assert beat._timer.interval() == BEAT_MS
    theatre.director.begin()
    until(lambda: len(theatre.stood) == 1)  # before it, the window is told to be hidden
    beat._timer.setInterval(30)
    until(lambda: len(listener.told()) >= 4)
    assert len(theatre.stood) == 1
    assert {line["scene"] for line in listener.told()} == {theatre.stood[0]}


def test_a_window_that_no_display_shows_is_told_as_such(
    theatre: Theatre, listener: Listener, until: Until
) -> None:
    theatre.director._hold = lambda _: 3600.0
    beat = _beat(theatre, listener)
    theatre.director.begin()
    until(lambda: len(theatre.stood) == 1)
    theatre.view.window.hide()
    beat._timer.setInterval(30)
    until(lambda: {"event": "hidden"} in listener.told())
    theatre.view.window.show()
    shown = len(listener.told())
    until(lambda: any(line["event"] == "frame" for line in listener.told()[shown:]))


@pytest.mark.skipif(sys.platform == "win32", reason="pipes there have no such flag")
def test_a_supervisor_that_does_not_read_cannot_hold_up_the_picture(listener: Listener) -> None:
    pipe = Pipe(listener.write)
    for n in range(20_000):
        pipe.say("frame", n=n, release="r", scene="s" * 100)
    assert [line["n"] for line in listener.told()[:3]] == [0, 1, 2]


def test_a_supervisor_that_has_gone_is_no_harm() -> None:
    read, write = os.pipe()
    os.close(read)
    Pipe(write).say("frame", n=1)
    os.close(write)


# -- a real player --------------------------------------------------------------------------


@pytest.fixture
def player(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A supervised player with nothing to show but what is missing."""
    process = subprocess.Popen(
        [sys.executable, "-m", "kiosk", "play", "--supervised", "--always-lit"]
        + ["--data", str(tmp_path / "data")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with process:
        yield process
        process.kill()


def _first_frame(player: subprocess.Popen[bytes]) -> dict[str, Any]:
    assert player.stdout is not None
    for line in player.stdout:
        told: dict[str, Any] = json.loads(line)
        if told["event"] == "frame":
            return told
    raise AssertionError("it ended without a frame")


def test_without_anything_it_shows_what_is_missing(player: subprocess.Popen[bytes]) -> None:
    assert _first_frame(player)["scene"] == "standby"


def test_it_leaves_when_it_is_told_to(player: subprocess.Popen[bytes]) -> None:
    _first_frame(player)
    assert player.stdin is not None
    player.stdin.write(b"something else\nlea")
    player.stdin.write(b"ve\n")
    player.stdin.flush()
    assert player.wait(ORPHAN_MS / 1000 - 2) == 0


def test_an_orphan_plays_on_for_a_while_and_then_leaves(player: subprocess.Popen[bytes]) -> None:
    _first_frame(player)
    assert player.stdin is not None
    assert player.stdout is not None
    player.stdin.close()
    player.stdout.close()
    left = time.monotonic()
    assert player.wait(60) == 0
    assert time.monotonic() - left > ORPHAN_MS / 1000 - 1


def test_without_a_display_it_says_so_and_ends(tmp_path: Path) -> None:
    gone = ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
    environ = {name: value for name, value in os.environ.items() if name not in gone}
    run = subprocess.run(
        [sys.executable, "-m", "kiosk", "play", "--supervised"],
        cwd=tmp_path,
        env={**environ, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (run.returncode, run.stdout) == (69, "")
    assert "no display answers" in run.stderr
