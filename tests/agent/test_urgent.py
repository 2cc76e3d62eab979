"""While an urgent notice is in force a screen asks more often: a real `kiosk run` and its polls."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.agent.polls import LEAST_S, SPREAD, Polls, phase, urgent_s
from kiosk.door.loopback import served
from tests.agent.keeping import Keeper, keeping
from tests.release.head_office import HeadOffice

SEAT = "le-mans/vitrine"
ORDINARY_S, URGENT_S = 3600, 60


@pytest.mark.parametrize(
    ("asked", "every"), [(None, 300), (60, 60), (5, LEAST_S), (0, LEAST_S), (7200, 300)]
)
def test_what_is_urgent_shortens_a_wait_within_bounds(asked: float | None, every: float) -> None:
    polls = Polls.start(300, 0).answered("x", 0, 0.5)
    for chance in (0.0, 0.5, 0.999):
        wait = polls.answered("x", 1000, chance, asked).due - 1000
        assert wait == pytest.approx(every * (1 + SPREAD * (2 * chance - 1)))
    assert polls.answered("x", 0, 0.5, asked).answered("x", 0, 0.5).due == 300


def test_a_screen_may_ask_more_often_than_is_urgent() -> None:
    assert Polls.start(30, 0).answered("x", 0, 0.5).answered("x", 0, 0.5, 60).due == 30


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("poll: 60 s, while an urgent notice is in force", 60),
        ("poll: 0 s", 0),
        ("unchanged: release 2 is the newest", None),
        ("poll: soon", None),
        ("poll: 1e3 s", None),
        ("poll: 123456 s", None),
        ("", None),
    ],
)
def test_the_line_of_a_poll(line: str, seconds: float | None) -> None:
    assert urgent_s(line) == seconds


@pytest.mark.skipif(sys.platform == "win32", reason="signals are a Unix's")
def test_a_screen_asks_each_minute_until_the_notice_is_over(tmp_path: Path) -> None:
    office = HeadOffice(tmp_path / "office", datetime.now(UTC))
    office.publish()
    (tmp_path / "root.json").write_bytes(office.anchor)
    with served(office.tree) as central:
        settings = (
            f"central: {central}\nagency: le-mans\nscreen: vitrine\nroot: root.json\ndata: data\n"
            f"poll_s: {ORDINARY_S}\ndisk_reserve_mb: 0\n"
        )
        (tmp_path / "kiosk.yaml").write_text(settings)
        with keeping(tmp_path, tmp_path / "data", f"--config={tmp_path}/kiosk.yaml") as keeper:
            first = phase(SEAT)
            assert _wait_of(keeper, 1) == pytest.approx(first * ORDINARY_S, abs=2)
            file = office.folder / "agencies" / "le-mans.yaml"
            quiet = file.read_text("utf-8")
            file.write_text(quiet + _notice(date.today()), "utf-8")
            office.publish()
            _ask_at_once(keeper, settings, 120)
            assert _wait_of(keeper, 2) == pytest.approx(first * URGENT_S, abs=2)
            file.write_text(quiet + _notice(date.today() - timedelta(days=3)), "utf-8")
            office.publish()
            _ask_at_once(keeper, settings, 121)
            assert _wait_of(keeper, 3) == pytest.approx(first * ORDINARY_S, abs=2)


def _notice(begins: date) -> str:
    """A notice of two days."""
    until = begins + timedelta(days=1)
    return (
        f'notices: [{{text: "Agence fermée", from: {begins}, until: {until}, priority: urgent}}]\n'
    )


def _ask_at_once(keeper: Keeper, settings: str, deadline_s: int) -> None:
    """Change a setting that makes no difference: the next poll comes soon after."""
    (keeper.cwd / "kiosk.yaml").write_text(f"{settings}deadline_s: {deadline_s}\n")
    keeper.reload()


def _wait_of(keeper: Keeper, release: int) -> float:
    """Once the poll that brought this release has ended: the seconds to the next one."""
    brought = f"updated: release {release} "
    keeper.until(
        lambda: str((keeper.status().get("sync") or {}).get("outcome")).startswith(brought), brought
    )
    told = keeper.status()["sync"]
    wait = datetime.fromisoformat(told["next"]) - datetime.fromisoformat(told["at"])
    return wait.total_seconds()
