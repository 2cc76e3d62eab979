"""The drills, small: each promise once or a few times; the whole of them is `-m tests.drill`."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.drill import kills, ladder, stall
from tests.drill.figures import Row, harms_of
from tests.drill.intact import harms_at_rest
from tests.drill.kills import Kill, Killer, outcomes
from tests.drill.ladder import Climb
from tests.drill.likeness import Album, cells
from tests.drill.office import SIZE
from tests.drill.plot import svg
from tests.drill.shop import Open, Shop, furnished
from tests.drill.soak import Soak
from tests.drill.watcher import Gap
from tests.player.display import needs_xvfb
from tests.player.x11 import Area, Desktop, Frame

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc, X11 and signals")
PATIENCE_S = 60.0
SLOW = 3
"""The suite's machine may be so many times slower than what is promised."""
TWO_KINDS = {"one": 60, "other": 200}


def plain(level: int, *, spot: int | None = None) -> Frame:
    """A frame of two halves, so that no colour fills it, with a spot in a corner."""
    frame = np.full((540, 960, 3), level, np.uint8)
    frame[:, 480:] = 255 - level
    if spot is not None:
        frame[:40, :40] = spot
    return frame


@pytest.fixture(scope="module")
def album() -> Album:
    """Two pictures."""
    return Album.of({name: plain(level) for name, level in TWO_KINDS.items()})


def test_a_scene_a_fade_a_bare_display_and_a_lie_are_told_apart(album: Album) -> None:
    def seen(frame: Frame) -> str:
        return album.recognise(cells(frame), "one").kind

    assert album.recognise(cells(plain(60))).name == "one"
    assert seen(plain(130)) == "fade"
    assert seen(np.zeros((540, 960, 3), np.uint8)) == "bare"
    assert seen(plain(60, spot=0)) == "false"
    assert seen(plain(130, spot=0)) == "false"
    assert seen(plain(30)) == "false"  # lighter and darker than a mixture can be
    assert seen(plain(60)[:200]) == "bare"


def test_a_gap_belongs_to_the_last_kill_before_it_ends() -> None:
    times = [Kill("player", at, standing=True) for at in (10.0, 20.0, 21.0, 40.0)]
    black = frozenset({"bare"})
    gaps = [Gap(10.1, 12.0, black), Gap(20.1, 23.5, black)]
    found = [one.dark_s for one in outcomes(times, gaps)]
    assert found == pytest.approx([1.9, None, 2.5, 0.0])


def test_growth_restarts_and_a_large_log_are_harms() -> None:
    def row(minute: int, **changed: object) -> Row:
        own = dict.fromkeys(Row.__slots__, 0) | {"supervisors": 1, "minute": minute}
        return Row(**{**own, **changed})  # type: ignore[arg-type]

    assert harms_of([row(minute) for minute in range(40)]) == []
    growing = [row(minute, player_own_mb=50 + minute) for minute in range(40)]
    assert harms_of(growing) == ["player_own_mb grew from 64.5 to 84.5 MB"]
    leaking = [row(minute, player_fds=9 + minute) for minute in range(40)]
    assert harms_of(leaking) == ["player_fds grew from 24 to 44"]
    assert "log" in harms_of([row(0, log_kb=1025)])[0]
    assert "supervisor ended 2 times" in harms_of([row(0, supervisors=3)])[0]
    assert "started again 4 times" in harms_of([row(0, restarts=4)])[0]
    assert svg(growing, "growing").count("<polyline") == 8


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """A shop in which only the kiosk is not yet on."""
    root = tmp_path_factory.mktemp("shop")
    with furnished(root, root / "data") as opened:
        yield opened


@pytest.fixture
def shop(make: Open) -> Iterator[Shop]:
    """The shop with the kiosk on air, of which no lie must be seen."""
    with make((), {}) as opened:
        lies = len(opened.watcher.lies)
        yield opened
        assert opened.watcher.lies[lies:] == []


@needs_xvfb
def test_the_watcher_sees_what_covers_the_picture(make: Open) -> None:
    with make((), {}) as opened:
        watcher = opened.watcher
        lies, gaps = len(watcher.lies), len(watcher.gaps)
        with Desktop(opened.environ) as passer_by:
            passer_by.cover(Area(300, 200, 200, 100))
            assert watcher.until_kind("false", PATIENCE_S)
            passer_by.cover(Area(0, 0, *SIZE))
            assert watcher.until_kind("bare", PATIENCE_S)
        assert watcher.until_true(watcher.last_true, PATIENCE_S)
        assert len(watcher.lies) > lies
        (gap,) = watcher.gaps[gaps:]
        assert "bare #000000" in gap.seen
        del watcher.lies[lies:]


@needs_xvfb
def test_after_a_kill_the_picture_is_soon_back(shop: Shop) -> None:
    killer = Killer(shop, random.Random(1), longest_s=1.5)
    with kills.releasing(shop, 3.0):
        killer.run(6)
    assert killer.harms == []
    found = outcomes(killer.kills, shop.watcher.gaps)
    assert max(one.dark_s or 0.0 for one in found) < SLOW * kills.PROMISE_S
    assert shop.keeper.leave() == 0
    shop.sync().wait()
    assert harms_at_rest(shop.data, shop.presses) == []


@needs_xvfb
def test_a_player_that_hangs_is_replaced_without_a_dark_moment(shop: Shop) -> None:
    found = stall.stall(shop)
    assert found.replaced_s < SLOW * stall.PROMISE_S
    assert found.dark_s == 0


@needs_xvfb
def test_the_ladder_is_climbed_and_left_again(make: Open, tmp_path: Path) -> None:
    listed = tmp_path / "crashes-on"
    with make(ladder.PROGRAM, ladder.environ(listed)) as opened:
        assert Climb(opened, listed).run(crashes=4) == []


@needs_xvfb
def test_a_day_in_a_few_seconds_does_no_harm(shop: Shop, tmp_path: Path) -> None:
    soak = Soak(shop, tmp_path, tmp_path, hours=10 / 3600, mounts=False)
    soak.run()
    assert soak.harms + harms_of(soak.rows) == []
    assert {row.weather for row in soak.rows} > {"fair", "end"}
    assert len((tmp_path / "soak.csv").read_text("utf-8").splitlines()) == len(soak.rows) + 1
