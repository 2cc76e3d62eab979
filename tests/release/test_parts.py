"""What is there in part, or behind: what has come is kept, and nothing wrong gets in."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kiosk.release.download import TRIES
from kiosk.release.origin import open_origin
from kiosk.release.sync import Rejected, Unchanged, Unreachable, Updated
from tests.release import answers
from tests.release.faults import Call, Fault, FaultServer, Hangup, Request, faulty
from tests.release.head_office import picture
from tests.release.world import (
    ALONE,
    BIG,
    MEDIA,
    TIGHT,
    World,
    assert_recovers,
    assert_whole,
    number,
    untouched,
)

pytestmark = ALONE


def cut_at(share: float) -> Fault:
    """A body that is cut at this share of the file, wherever it began."""

    def fault(call: Call) -> None:
        content, asked = call.content or b"", call.request.headers.get("range", "bytes=0-")
        begin, end = int(asked[6:-1]), int(len(call.content or b"") * share)
        if begin:
            call.head(
                "206 Partial Content",
                content_length=len(content) - begin,
                content_range=f"bytes {begin}-{len(content) - 1}/{len(content)}",
            )
        else:
            call.head("200 OK", content_length=len(content))
        call.body(content[begin:end])
        raise Hangup

    return fault


def big(server: FaultServer) -> list[Request]:
    """The requests for the large picture."""
    return [request for request in server.asked if request.path.endswith(".am1.svg")]


def test_a_picture_cut_off_is_gone_on_with(world: World) -> None:
    with faulty(world.second) as server:
        origin = open_origin(server.url, limits=TIGHT)
        server.fault, server.where = cut_at(0.6), MEDIA
        with untouched(world.shop):
            outcome = world.shop.poll(origin)
        assert isinstance(outcome, Unreachable)
        assert "half-way" in outcome.why
        assert [request.headers.get("range") is None for request in big(server)] == [
            True,
            *[False] * TRIES,
        ]
        server.fault = None
        server.asked.clear()
        assert_recovers(world.shop, world.shop.poll(origin))
        offset = int(big(server)[0].headers["range"].removeprefix("bytes=").removesuffix("-"))
        assert offset == int(len(picture("#123456", BIG)) * 0.6)
        assert server.sent < BIG + 2**20


@pytest.mark.parametrize(
    ("fault", "word"), [(answers.wrong_offset, "another part"), (answers.lying_offset, "")]
)
def test_a_wrong_part_never_gets_in(world: World, fault: Fault, word: str) -> None:
    with faulty(world.second) as server:
        origin = open_origin(server.url, limits=TIGHT)
        server.fault, server.where = cut_at(0.6), MEDIA
        world.shop.poll(origin)
        server.fault = fault
        outcome = world.shop.poll(origin)
        assert word in str(outcome)
        assert_whole(world.shop)
        server.fault = None
        if not isinstance(outcome, Updated):
            outcome = world.shop.poll(origin)
        assert_recovers(world.shop, outcome)


def test_a_portal_does_not_cost_what_had_come(world: World) -> None:
    with faulty(world.second) as server:
        origin = open_origin(server.url, limits=TIGHT)
        server.fault, server.where = cut_at(0.6), MEDIA
        world.shop.poll(origin)
        server.fault = answers.portal_page
        world.shop.poll(origin)
        server.fault = None
        server.asked.clear()
        assert_recovers(world.shop, world.shop.poll(origin))
        assert "range" in big(server)[0].headers


def test_a_range_ignored_ends_whole(world: World) -> None:
    with faulty(world.second) as server:
        origin = open_origin(server.url, limits=TIGHT)
        server.fault, server.where = cut_at(0.6), MEDIA
        world.shop.poll(origin)
        server.fault = answers.ignore_range
        server.asked.clear()
        assert_recovers(world.shop, world.shop.poll(origin))
        assert [("range" in request.headers) for request in big(server)] == [True]


def test_an_edge_that_is_behind_takes_nothing_back(world: World) -> None:
    with faulty(world.second) as server:
        assert_recovers(world.shop, world.shop.poll(open_origin(server.url, limits=TIGHT)))
    with faulty(world.first) as edge, untouched(world.shop):
        outcome = world.shop.poll(open_origin(edge.url, limits=TIGHT))
    assert isinstance(outcome, Rejected)
    assert "older" in outcome.why
    with faulty(world.second) as server:
        assert isinstance(world.shop.poll(open_origin(server.url, limits=TIGHT)), Unchanged)
    assert number(world.shop) == 2


def test_a_release_half_uploaded_is_waited_for(world: World, tmp_path: Path) -> None:
    half = Path(shutil.copytree(world.first, tmp_path / "half"))
    with faulty(half) as server:
        origin = open_origin(server.url, limits=TIGHT)
        for part in ("metadata/timestamp.json", "metadata/2.snapshot.json", "metadata/2.hq.json"):
            shutil.copyfile(world.second / part, half / part)
            with untouched(world.shop):
                outcome = world.shop.poll(origin)
            assert isinstance(outcome, Unreachable), outcome
            assert "is not at the origin" in outcome.why
        shutil.copytree(world.second, half, dirs_exist_ok=True)
        assert_recovers(world.shop, world.shop.poll(origin))
