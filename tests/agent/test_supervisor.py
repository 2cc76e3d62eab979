"""The whole kiosk as it runs in a shop: supervisor, player and polls are real processes."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from kiosk.door.loopback import served
from kiosk.door.refusal import EX_TEMPFAIL
from tests.agent.keeping import Keeper, keeping
from tests.player.display import needs_xvfb, xvfb
from tests.player.x11 import Desktop
from tests.release.head_office import HeadOffice

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are a Unix's")

PAPER = (0xF0, 0xF5, 0xF7)
"""Blue, green, red of the brand's paper."""


@pytest.fixture
def office(tmp_path: Path) -> HeadOffice:
    """A head office of today that has published once."""
    office = HeadOffice(tmp_path / "office", datetime.now(UTC))
    office.publish()
    return office


@pytest.fixture
def kept(tmp_path: Path, office: HeadOffice) -> Iterator[Keeper]:
    """A screen that is on air."""
    with served(office.tree) as central:
        words = _settings(tmp_path, office, central)
        with keeping(tmp_path, tmp_path / "data", *words) as keeper:
            keeper.on_air()
            yield keeper


def _settings(tmp_path: Path, office: HeadOffice, central: str) -> tuple[str, ...]:
    (tmp_path / "root.json").write_bytes(office.anchor)
    (tmp_path / "kiosk.yaml").write_text(
        f"central: {central}\nagency: le-mans\nroot: {tmp_path}/root.json\npoll_s: 30\n"
        f"data: {tmp_path}/data\ndisk_reserve_mb: 0\n"
    )
    return ("--config", str(tmp_path / "kiosk.yaml"))


def test_a_new_screen_fetches_its_first_release_and_shows_it(kept: Keeper) -> None:
    kept.until(lambda: kept.status()["player"]["scene"] != "standby", "a scene")
    kept.until(lambda: kept.status()["sync"]["code"] == 0, "a poll")
    said = kept.said()
    assert re.search(r"sync: updated: release 1", said)
    assert "Traceback" not in said
    assert kept.stop() == 0
    assert not _alive(kept)


def test_a_player_that_is_killed_is_back(kept: Keeper) -> None:
    first = kept.player()
    first.kill()
    kept.until(lambda: kept.state() == "on air" and kept.pid() != first.pid, "back")
    assert kept.status()["restarts"] == 1
    assert "the player ended: signal SIGKILL" in kept.said()


def test_a_player_that_hangs_is_replaced_and_its_picture_stays_meanwhile(kept: Keeper) -> None:
    first = kept.player()
    first.send_signal(signal.SIGSTOP)
    kept.until(lambda: len(kept.players()) == 2, "another player")
    assert first.status() == psutil.STATUS_STOPPED  # it still holds its picture
    kept.until(lambda: [p.pid for p in kept.players()] != [first.pid] and not first.is_running())
    kept.until(lambda: kept.state() == "on air" and kept.pid() != first.pid, "on air")
    assert "the player is replaced: no frame for 11 s" in kept.said()


def test_a_supervisor_that_is_killed_leaves_its_picture_until_the_next_one_has_another(
    kept: Keeper,
) -> None:
    orphan = kept.player()
    kept.process.kill()
    kept.process.wait()
    kept.start()
    kept.until(lambda: kept.state() == "on air", "on air again")
    assert kept.pid() != orphan.pid
    kept.until(lambda: not orphan.is_running(), "the orphan leaves by itself")
    assert len(kept.players()) == 1


def test_a_changed_setting_takes_effect_without_a_dark_moment(kept: Keeper, tmp_path: Path) -> None:
    first = kept.player()
    settings = (tmp_path / "kiosk.yaml").read_text()
    (tmp_path / "kiosk.yaml").write_text(settings.replace("le-mans", "nantes"))
    kept.reload()
    kept.until(lambda: kept.status()["agency"] == "nantes", "the new agency")
    kept.until(lambda: kept.state() == "on air" and kept.pid() != first.pid, "on air")
    assert kept.status()["restarts"] == 0
    assert "state: starting" not in kept.said().partition("state: on air")[2]


def test_broken_settings_leave_those_in_force(kept: Keeper, tmp_path: Path) -> None:
    first = kept.player()
    (tmp_path / "kiosk.yaml").write_text("agency: [le-mans\n")
    kept.reload()
    kept.until(lambda: "the settings in force stay" in kept.said(), "it is said")
    assert (kept.state(), kept.pid()) == ("on air", first.pid)


def test_a_second_supervisor_is_refused(kept: Keeper, tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "kiosk", "run", "--always-lit"]
        + ["--config", str(tmp_path / "kiosk.yaml")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == EX_TEMPFAIL
    assert "another kiosk run keeps this screen already" in run.stderr
    assert kept.state() == "on air"


def test_without_settings_it_waits_for_them_on_the_glass(
    tmp_path: Path, office: HeadOffice
) -> None:
    data, home = tmp_path / "data", str(tmp_path)
    words = ("--data", str(data))
    with keeping(tmp_path, data, *words, HOME=home, XDG_CONFIG_DIRS=home) as keeper:
        keeper.until(lambda: keeper.state() == "set-up", "set-up")
        assert keeper.status()["missing"] == ["central", "agency", "root"]
        with served(office.tree) as central:
            _settings(tmp_path, office, central)
            keeper.until(lambda: keeper.state() == "on air", "on air")
            keeper.until(lambda: keeper.status()["sync"]["code"] == 0, "a poll")
        assert "Traceback" not in keeper.said()


def test_with_no_place_to_write_it_plays_all_the_same(tmp_path: Path, office: HeadOffice) -> None:
    _settings(tmp_path, office, office.tree.as_uri())
    (tmp_path / "data").write_text("this is a file, where a folder should be")
    with keeping(tmp_path, tmp_path / "data", "--config", str(tmp_path / "kiosk.yaml")) as keeper:
        keeper.until(lambda: "on air after" in keeper.said(), "on air")
        keeper.until(lambda: "sync: rejected" in keeper.said(), "a poll that cannot write")
        assert "no log is kept" in keeper.said()
        assert "status.json is not written" in keeper.said()
        assert "Traceback" not in keeper.said()
        assert keeper.stop() == 0


@needs_xvfb
def test_between_two_players_the_glass_is_paper_not_black(
    tmp_path: Path, office: HeadOffice
) -> None:
    with (
        xvfb(640, 360) as environ,
        Desktop(environ) as display,
        served(office.tree) as central,
    ):
        words = _settings(tmp_path, office, central)
        more = {"DISPLAY": environ["DISPLAY"], "QT_QPA_PLATFORM": "xcb"}
        with keeping(tmp_path, tmp_path / "data", *words, **more) as keeper:
            keeper.until(lambda: "kept awake by" in keeper.said(), "all that follows a start")
            keeper.process.send_signal(signal.SIGSTOP)  # so that nothing replaces the player
            keeper.player().kill()
            keeper.until(lambda: bool((display.picture() == PAPER).all()), "paper")


def _alive(keeper: Keeper) -> list[psutil.Process]:
    """What still runs with the keeper's data or settings."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if str(keeper.cwd) in " ".join(process.cmdline()):
                found.append(process)
    return found
