"""The sync bench's parts, small: what it builds is real, and what it counts is right."""

from __future__ import annotations

import io
import shutil
from functools import partial
from pathlib import Path
from urllib.request import urlopen

import pytest
from PIL import Image

from tests.bench.sync import counts, crowd, rates
from tests.bench.sync.crowd import Cost, Size
from tests.bench.sync.world import NGINX, Served, nginx, noise, photograph, with_photographs
from tests.release.head_office import HeadOffice

needs_nginx = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


@pytest.fixture
def office(tmp_path: Path) -> HeadOffice:
    """A head office of three agencies that published four photographs."""
    office = with_photographs(tmp_path / "office", 3, 4)
    office.publish()
    return office


def test_a_photograph_is_a_picture_of_about_300_kb_and_none_is_like_another() -> None:
    one, other = photograph(1), photograph(2)
    assert 250_000 < len(one) < 350_000
    assert one != other
    with Image.open(io.BytesIO(one)) as picture:
        picture.load()
        assert picture.size == (1200, 1600)


@needs_nginx
def test_the_log_counts_bodies_of_what_was_served_meanwhile_only(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    noise(tmp_path / "site" / "one.jpg", 70_001, 1)
    with nginx(tmp_path / "nginx", tmp_path / "site") as server:
        for _ in range(2):
            with server.recording() as served, urlopen(f"{server.url}/one.jpg") as answer:
                assert len(answer.read()) == 70_001
            (found,) = served
            assert (found.status, found.body, found.path) == (200, 70_001, "/one.jpg")
            assert found.sent > found.body
        assert server.cpu_s() >= 0.0


@needs_nginx
def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError, match="nonsense"),
        nginx(tmp_path / "nginx", tmp_path, "nonsense;"),
    ):
        pass


@needs_nginx
def test_a_poll_and_a_changed_picture_keep_their_limits(office: HeadOffice, tmp_path: Path) -> None:
    poll = counts.unchanged_poll(office, tmp_path / "poll", 3)
    assert poll.met
    assert list(poll.figures)[:2] == ["/metadata/2.root.json", "/metadata/timestamp.json"]
    zipped, plain, *files = counts.changed_picture(office, tmp_path / "change", 3)
    assert zipped.met
    assert plain.met
    assert zipped.figures["p03.jpg"] == plain.figures["p03.jpg"] == len(photograph(1_000))
    assert "p01.jpg" not in plain.figures
    assert [row.what.strip() for row in files] == list(plain.figures)


def test_a_cut_line_sends_nothing_twice(tmp_path: Path) -> None:
    finding = counts.cut_line(tmp_path, 1_000_003)
    assert finding.figures["sent"] == [600_001, 400_002]
    assert finding.met


def test_a_path_is_shown_without_its_hash() -> None:
    assert counts.short(f"/targets/media/portraits/{'0a' * 32}.p03.jpg") == "p03.jpg"
    assert counts.bodies([Served(200, 5, 300, "/a"), Served(404, 7, 300, "/b")]) == 12


def test_each_way_has_its_turn_to_be_first(tmp_path: Path) -> None:
    order: list[str] = []

    def way(name: str, data: Path) -> None:
        assert not list(data.iterdir())
        (data / name).touch()
        order.append(name)

    times = rates.in_turns({name: partial(way, name) for name in "abc"}, tmp_path / "data", 3)
    assert "".join(order) == "abcbcacab"
    assert {name: len(seconds) for name, seconds in times.items()} == {"a": 3, "b": 3, "c": 3}
    assert not (tmp_path / "data").exists()


@needs_nginx
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_both_ways_of_a_full_sync_arrive(tmp_path: Path) -> None:
    against_curl, verified = rates.full_sync(tmp_path, 2, 50_000, 1)
    assert against_curl.limit == ">= 0.8x"
    assert verified.met is None
    assert "2 x 0.05 MB, no limit" in verified.what


@needs_nginx
def test_a_crowd_polls_and_fetches_and_a_fleet_is_reckoned(
    office: HeadOffice, tmp_path: Path
) -> None:
    size = Size(agencies=3, polls=2, knocks=2, secure=2)
    (tmp_path / "screens").mkdir()
    asked, knocked, news, secure, *fleets = crowd.a_day(
        office, tmp_path, tmp_path / "screens", size
    )
    assert asked.figures["bodies"] == knocked.figures["bodies"]
    for polled in (asked, knocked, secure):
        assert (polled.figures["polls"], polled.figures["requests"]) == (2, 4)
    assert news.figures["polls"] == 3
    assert len(fleets) == 2 * len(crowd.FLEETS)
    assert Cost(2, 1_000, 0.001).for_each(50) == "100.0 requests/s, 0.40 Mbit/s, 0.050 cores"
