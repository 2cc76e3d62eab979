"""The reach ladder: what the reference reads, and what the demonstration's screens ask."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kiosk.campaign.links import QUIET_MODULES, encode
from kiosk.door.scan import add
from kiosk.player import scenery
from kiosk.player.backstage import composed
from kiosk.player.codes import tile
from kiosk.release.folder import read_folder
from kiosk.studio.check import contents_of
from kiosk.studio.reach import SEEDS, STEPS, Ladder, Reach, code_mm, reach_of
from kiosk.studio.reach_camera import PAVEMENT, seen
from kiosk.studio.reach_codes import Coded, codes_of
from kiosk.studio.reach_report import draw, least
from kiosk.studio.scan import Gray, gray_of
from kiosk.studio.tour import stops_shown
from tests.places import DEMONSTRATION
from tests.studio.broken.sample import NOW, write

URL = "https://o2.example/r/lmam1"
REFERENCE_MM = 99.0
REFERENCE_M = 1.74
BLUE, RED = (0, 92, 169), (179, 38, 30)


def drawn(url: str, module_px: int) -> Gray:
    """A code's tile."""
    return gray_of(tile(encode(url), module_px))


def reach(url: str, module_px: int) -> Reach:
    return reach_of(drawn(url, module_px), QUIET_MODULES * module_px, url)


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> tuple[Coded, ...]:
    """The one code of the small sample, three times."""
    return codes_of(contents_of(read_folder(write(tmp_path_factory.mktemp("few")))), NOW) * 3


def test_the_reference_reads_as_far_as_it_was_measured() -> None:
    """Version 2-M, 99 mm wide: to 1.74 m. Eight pixels a module of a 43-inch panel is that wide."""
    code = encode(URL)
    assert (code.version, code.level) == (2, "M")
    metres = reach(URL, 8).metres(REFERENCE_MM)
    # Differences under two steps are luck; this is at most one.
    assert abs(metres - REFERENCE_M) < 2.5 * REFERENCE_MM / 1000 + 0.01


def test_the_same_tile_has_the_same_reach() -> None:
    first = [seen(drawn(URL, 8), 32, step, seed) for step in STEPS for seed in range(SEEDS)]
    again = [seen(drawn(URL, 8), 32, step, seed) for step in STEPS for seed in range(SEEDS)]
    assert all(np.array_equal(one, two) for one, two in zip(first, again, strict=True))
    assert not np.array_equal(first[0], first[1])


def test_a_finer_code_of_the_same_size_is_read_from_nearer() -> None:
    long_url = URL.replace("/r/", "/rendez-vous-ici/")
    assert encode(long_url).version == 3
    assert reach(long_url, 7).ratio < reach(URL, 8).ratio


def test_what_the_camera_suffers_takes_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    worse = replace(PAVEMENT, defocus=2.0, reflection=0.6)
    monkeypatch.setattr("kiosk.studio.reach.PAVEMENT", worse)
    assert reach(URL, 8).ratio < 17.5


def test_another_address_is_no_reading() -> None:
    assert reach_of(drawn(URL, 8), 32, URL.replace("am1", "am2")) == Reach(0.0)


def test_a_tile_is_climbed_with_once(few: tuple[Coded, ...]) -> None:
    ladder = Ladder()
    block = few[0].block
    assert ladder.reach(block) is ladder.reach(replace(block, tile=block.panel))


def test_every_scene_of_the_demonstration_reaches_its_screens_distance() -> None:
    """One code stands for all of its size: `kiosk scan` climbs with each."""
    scenery.application(offscreen=True)
    sizes: dict[tuple[str, int, int], float] = {}
    scenes = 0
    for stop in stops_shown(contents_of(read_folder(DEMONSTRATION)), NOW):
        asked_m = stop.content.screen.scan_distance_m
        for block in composed(stop.content, stop.scene, stop.size).codes:
            px, url = block.geometry.module_px, block.code.url
            key = (stop.content.agency.agency, px, block.code.version)
            if key not in sizes:
                ratio = asked_m * 1000 / code_mm(block)
                found = reach_of(drawn(url, px), QUIET_MODULES * px, url, up_to=ratio)
                sizes[key] = found.metres(code_mm(block))
            assert sizes[key] >= asked_m, stop.name
            scenes += 1
    assert scenes >= 30
    assert len(sizes) >= 5


def test_a_report_says_what_falls_short(few: tuple[Coded, ...]) -> None:
    assert least(few).startswith("all 3 codes reach; nearest to its limit: le-mans/vitrine am1")
    assert least((few[0], replace(few[0], reach=Reach(0.0)))).startswith("1 of 2 codes fall short")
    assert least(()) == "no scene has a code"


def test_verdicts_name_what_is_wrong(few: tuple[Coded, ...]) -> None:
    coded = few[0]
    assert replace(coded, readers=("zxing",)).verdict == "unread"
    assert replace(coded, reach=Reach(0.0)).verdict == "short"
    small = replace(coded.block, geometry=replace(coded.block.geometry, module_mm=2.0))
    assert replace(coded, block=small).verdict == "small"


def test_the_picture_shows_a_bar_a_code(few: tuple[Coded, ...]) -> None:
    good = draw(few[:2])
    many = draw([*few[:2], replace(few[2], reach=Reach(0.0))])
    assert many.height > good.height
    assert BLUE in _colours(good)
    assert RED not in _colours(good)
    assert RED in _colours(many)
    assert draw([]).height > 0


def _colours(image: Image.Image) -> set[object]:
    return {colour for _, colour in image.getcolors(image.width * image.height) or ()}


def test_the_command_prints_a_table_and_draws(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    add(parser)
    root = write(tmp_path / "campaign")
    arguments = parser.parse_args([str(root), "--out", str(tmp_path / "reach.png")])
    assert arguments.run(arguments) == 0
    out = capsys.readouterr().out
    assert "am1" in out
    assert "all 1 codes reach" in out
    with Image.open(tmp_path / "reach.png") as picture:
        assert picture.format == "PNG"
    far = (root / "agencies" / "le-mans.yaml").read_text("utf-8").replace("_m: 1.0", "_m: 3.0")
    (root / "agencies" / "le-mans.yaml").write_text(far, "utf-8")
    arguments = parser.parse_args([str(root)])
    assert arguments.run(arguments) == 1
    assert "1 of 1 codes fall short" in capsys.readouterr().out
