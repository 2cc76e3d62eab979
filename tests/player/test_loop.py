"""The loop, with real pictures in a real (offscreen) window."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from kiosk.player.content import Content
from kiosk.player.desk import Desk
from kiosk.player.director import Clock
from tests.player.conftest import Until
from tests.player.files import BROKEN, good
from tests.player.theatre import HOLD_S, Theatre, content_of, folder, with_pictures

Stage = Callable[..., Theatre]


@pytest.fixture
def theatre() -> Iterator[Stage]:
    """Opens theatres and closes them after the test."""
    opened: list[Theatre] = []

    def build(content: Content, **more: object) -> Theatre:
        opened.append(Theatre(content, **more))  # type: ignore[arg-type]
        return opened[-1]

    yield build
    for each in opened:
        each.close()


def test_the_first_thing_on_the_glass_is_a_scene(
    tmp_path: Path, theatre: Stage, until: Until
) -> None:
    stage = theatre(content_of(with_pictures(tmp_path, "am1", "am2")))
    stage.director.begin()
    until(lambda: len(stage.stood) == 1)
    assert stage.stood[0] in ("am1", "am2")


def test_scenes_follow_one_another_and_each_play_is_recorded(
    tmp_path: Path, theatre: Stage, until: Until
) -> None:
    began = datetime.now(UTC)
    stage = theatre(content_of(with_pictures(tmp_path, "am1", "ca1", "am2", "ca2")))
    stage.director.begin()
    until(lambda: len(stage.plays) >= 8)
    shown = [play.scene for play in stage.plays]
    assert set(shown) == {"am1", "am2", "ca1", "ca2"}
    assert all(a != b for a, b in pairwise(shown))
    assert shown == stage.stood[: len(shown)]
    assert [play.counter for play in stage.plays] == list(range(1, len(shown) + 1))
    assert all(play.seconds >= HOLD_S for play in stage.plays)
    starts = [play.began for play in stage.plays]
    assert starts == sorted(starts) and began <= starts[0] <= datetime.now(UTC)


def test_broken_pictures_are_skipped_named_once_and_the_loop_plays_on(
    tmp_path: Path, theatre: Stage, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    root = folder(
        tmp_path,
        {"ok1": "ok1.png"} | {kind: f"{kind}.jpg" for kind in BROKEN} | {"ok2": "ok2.png"},
    )
    for kind, (make, _) in BROKEN.items():
        make(root / "portraits" / f"{kind}.jpg")
    for name in ("ok1", "ok2"):
        good(root / "portraits" / f"{name}.png")
    content = content_of(root)
    everything = frozenset(f"portraits/{kind}.jpg" for kind in BROKEN) | content.present
    content = replace(content, present=everything, media=lambda name: root / name)
    stage = theatre(content)
    with caplog.at_level(logging.WARNING, "kiosk.player"):
        stage.director.begin()
        until(lambda: len(stage.plays) >= 12 and len(stage.skipped) == len(BROKEN))
    assert {play.scene for play in stage.plays} == {"ok1", "ok2"}
    assert "standby" not in stage.stood
    assert sorted(scene for scene, _ in stage.skipped) == sorted(BROKEN)
    for kind, (_, reason) in BROKEN.items():
        lines = [r.getMessage() for r in caplog.records if f"scene {kind} " in r.getMessage()]
        assert len(lines) == 1, kind
        assert f"portraits/{kind}.jpg: " in lines[0] and reason in lines[0]


def test_a_picture_that_is_not_there_is_named_once(
    tmp_path: Path, theatre: Stage, until: Until
) -> None:
    root = with_pictures(tmp_path, "am1", "ca1")
    (root / "portraits" / "ca1.png").unlink()
    stage = theatre(content_of(root))
    stage.director.begin()
    until(lambda: len(stage.plays) >= 3)
    assert [scene for scene, _ in stage.skipped] == ["ca1"]
    assert "portraits/ca1.png" in stage.skipped[0][1]


def test_when_nothing_is_left_the_standby_scene_stands(
    tmp_path: Path, theatre: Stage, until: Until
) -> None:
    root = folder(tmp_path, {"am1": "a.jpg", "ca1": "b.jpg"})
    for name in ("a.jpg", "b.jpg"):
        BROKEN["not-a-picture"][0](root / "portraits" / name)
    stage = theatre(content_of(root))
    stage.director.begin()
    stage.director.open_with_standby()
    until(lambda: len(stage.skipped) == 2 and bool(stage.stood))
    assert stage.stood == ["standby"]
    assert stage.plays == []
    frame = stage.view.window.grabWindow()
    assert frame.pixelColor(5, 5).name().upper() == "#F7F5F0"


def test_the_old_scene_stays_until_a_slow_one_is_given_up(
    tmp_path: Path, theatre: Stage, until: Until
) -> None:
    root = with_pictures(tmp_path, "am1", "ca1")
    good(root / "portraits" / "ca1.png", 9000, 9000)
    stage = theatre(content_of(root), desk=Desk(deadline_s=0.4))
    stage.director.begin()
    until(lambda: len(stage.skipped) == 1 and len(stage.plays) >= 2)
    assert stage.skipped[0][0] == "ca1" and "not ready within" in stage.skipped[0][1]
    assert {play.scene for play in stage.plays} == {"am1"}
    assert set(stage.stood) <= {"am1", "standby"}


def test_a_scene_withdrawn_by_a_new_release_leaves_at_once(
    tmp_path: Path, theatre: Stage, until: Until
) -> None:
    root = with_pictures(tmp_path, "am1", "ca1", "am2")
    stage = theatre(content_of(root))
    stage.director._hold = lambda _: 3600.0
    stage.director.begin()
    until(lambda: len(stage.stood) == 1)
    gone = stage.stood[0]
    left = [name for name in ("am1", "ca1", "am2") if name != gone]
    folder(root, {name: f"{name}.png" for name in left})
    stage.director.adopt(content_of(root))
    assert [play.scene for play in stage.plays] == [gone]
    until(lambda: stage.stood[-1] in left)
    assert stage.stood[1:] in ([stage.stood[-1]], ["standby", stage.stood[-1]])


def test_a_scene_leaves_when_its_window_closes(
    tmp_path: Path, theatre: Stage, until: Until
) -> None:
    """The wall clock stands five seconds before eight in the evening, when `show` ends."""
    root = with_pictures(tmp_path, "am1")
    folder(root, {"am1": "am1.png"}, more='    show: "Mo-Su 08:00-20:00"\n')
    start = time.monotonic()
    before = datetime(2026, 11, 23, 18, 59, 55, tzinfo=UTC)
    clock = Clock(lambda: before + timedelta(seconds=time.monotonic() - start), time.monotonic)
    stage = theatre(content_of(root), clock=clock)
    stage.director._hold = lambda _: 3600.0
    stage.director.begin()
    until(lambda: stage.stood == ["am1", "standby"])
    (play,) = stage.plays
    left = play.began + timedelta(seconds=play.seconds)
    assert left <= datetime(2026, 11, 23, 19, 0, tzinfo=UTC)


def test_another_size_is_laid_out_at_once_and_the_loop_goes_on(
    tmp_path: Path, theatre: Stage, until: Until
) -> None:
    stage = theatre(content_of(with_pictures(tmp_path, "am1", "ca1", "am2")))
    stage.director._hold = lambda _: 3600.0
    stage.director.begin()
    until(lambda: len(stage.stood) == 1)
    stage.view.window.setWidth(360)
    stage.view.window.setHeight(640)
    stage.director.resize((360, 640))
    tile = stage.view.stage.card(1)._tile
    assert tile.right <= 360 and tile.bottom <= 640
    stage.director._hold = lambda _: HOLD_S
    frame = stage.view.window.grabWindow()
    assert (frame.width(), frame.height()) == (360, 640)
    assert frame.pixelColor(20, 20) != frame.pixelColor(355, 630)
