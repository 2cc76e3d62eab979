"""Whatever the line does: the poll ends in time, the release plays on, the next poll recovers."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.release.origin import NoContact, open_origin
from kiosk.release.sync import Outcome, Rejected, Unreachable
from tests.release import answers
from tests.release.answers import status
from tests.release.faults import Fault, faulty
from tests.release.head_office import SOON
from tests.release.world import ALONE, MEDIA, TIGHT, World, assert_recovers, untouched

pytestmark = ALONE
TIMESTAMP = "/metadata/timestamp.json"
SNAPSHOT = "/metadata/*.snapshot.json"
HQ = "/metadata/*.hq.json"
TEXT = "/targets/campaign/*.campaign.yaml"
ALL = "*"
WAIT = {"retry_after": 1_000_000_000}
REFUSALS: list[tuple[Fault, str, type[Outcome], str]] = [
    (answers.black_hole, ALL, Unreachable, "no answer"),
    (answers.black_hole, TIMESTAMP, Unreachable, "no answer"),
    (answers.black_hole, MEDIA, Unreachable, "no answer"),
    (answers.hang_up, ALL, Unreachable, "cut"),
    (answers.hang_up, MEDIA, Unreachable, "cut"),
    (answers.reset_mid_body, TIMESTAMP, Unreachable, "cut"),
    (answers.reset_mid_body, TEXT, Unreachable, "cut"),
    (answers.stall_mid_body, TIMESTAMP, Unreachable, "too slow"),
    (answers.stall_mid_body, TEXT, Unreachable, "too slow"),
    (answers.dribble, TIMESTAMP, Unreachable, "too slow"),
    (answers.dribble, MEDIA, Unreachable, "too slow"),
    (answers.dribble_headers, ALL, Unreachable, "no answer"),
    (answers.dribble_headers, MEDIA, Unreachable, "no answer"),
    (answers.dribble_chunked, TIMESTAMP, Unreachable, "too slow"),
    (answers.dribble_chunked, MEDIA, Unreachable, "too slow"),
    (answers.short_body, TIMESTAMP, Unreachable, "half-way"),
    (answers.short_body, TEXT, Unreachable, "half-way"),
    (answers.length_too_long, SNAPSHOT, Unreachable, "half-way"),
    (answers.length_too_long, MEDIA, Unreachable, "were signed"),
    (answers.length_too_short, SNAPSHOT, Rejected, "signatures"),
    (answers.length_too_short, MEDIA, Unreachable, "were signed"),
    (answers.wrong_offset, TIMESTAMP, Unreachable, "206"),
    (answers.wrong_offset, MEDIA, Unreachable, "206"),
    (answers.endless, TIMESTAMP, Unreachable, "longer than"),
    (answers.endless, MEDIA, Unreachable, "goes on"),
    (answers.endless_chunked, HQ, Unreachable, "longer than"),
    (answers.endless_chunked, MEDIA, Unreachable, "goes on"),
    (answers.gzip_bomb, TIMESTAMP, Unreachable, "longer than"),
    (answers.gzip_bomb, HQ, Unreachable, "longer than"),
    (answers.gzip_bomb, MEDIA, Unreachable, "compressed"),
    (answers.half_gzip, TIMESTAMP, Unreachable, "half-way"),
    (answers.brotli, TIMESTAMP, Unreachable, "not asked for"),
    (answers.gzipped, MEDIA, Unreachable, "compressed"),
    (answers.nonsense, ALL, Unreachable, ""),
    (answers.portal_redirect, ALL, Unreachable, "sign in"),
    (answers.portal_redirect, MEDIA, Unreachable, "redirected to 127.0.0.1"),
    (answers.heavy_redirect, ALL, Unreachable, "sign in"),
    (answers.heavy_redirect, MEDIA, Unreachable, "redirected"),
    (answers.senseless_redirect, ALL, Unreachable, "redirected to nowhere"),
    (answers.portal_page, ALL, Unreachable, "sign in"),
    (answers.portal_page, MEDIA, Unreachable, "web page"),
    (answers.portal_chunks, ALL, Unreachable, "sign in"),
    (answers.portal_chunks, MEDIA, Unreachable, "stopped after"),
    (status("304 Not Modified"), ALL, Unreachable, "304"),
    (status("304 Not Modified"), MEDIA, Unreachable, "304"),
    (status("204 No Content"), TIMESTAMP, Unreachable, "204"),
    (status("403 Forbidden", **WAIT), ALL, Unreachable, "403"),
    (status("404 Not Found", **WAIT), ALL, Unreachable, "404"),
    (status("429 Too Many Requests", **WAIT), ALL, Unreachable, "asked again in 1000000000 s"),
    (status("500 Internal Server Error", **WAIT), ALL, Unreachable, "500"),
    (status("503 Service Unavailable", **WAIT), TIMESTAMP, Unreachable, "503"),
    (status("503 Service Unavailable", **WAIT), MEDIA, Unreachable, "asked again in 1000000000 s"),
    (status("404 Not Found"), SNAPSHOT, Unreachable, "404"),
    (status("404 Not Found"), HQ, Unreachable, "404"),
    (status("404 Not Found"), TEXT, Unreachable, "404"),
    (status("404 Not Found"), MEDIA, Unreachable, "404"),
]


@pytest.mark.parametrize(("fault", "where", "kind", "word"), REFUSALS)
def test_a_fault_costs_nothing_but_time(
    world: World, fault: Fault, where: str, kind: type[Outcome], word: str
) -> None:
    with faulty(world.second) as server:
        origin = open_origin(server.url, limits=TIGHT)
        server.fault, server.where = fault, where
        with untouched(world.shop):
            outcome = world.shop.poll(origin)
        assert isinstance(outcome, kind), outcome
        assert word in str(outcome)
        assert len(str(outcome)) < 300
        assert "/portal" not in server.paths()
        server.fault = None
        assert_recovers(world.shop, world.shop.poll(origin))


HARMLESS: list[tuple[Fault, str]] = [
    (answers.page_for_missing, ALL),
    (answers.gzipped, "/metadata/*"),
    (answers.ignore_range, MEDIA),
    (answers.length_absurd, TEXT),
    (answers.hang_up_when_kept, ALL),
    (status("403 Forbidden"), "/metadata/*.root.json"),
]


@pytest.mark.parametrize(("fault", "where"), HARMLESS)
def test_what_does_no_harm(world: World, fault: Fault, where: str) -> None:
    with faulty(world.second) as server:
        server.fault, server.where = fault, where
        assert_recovers(world.shop, world.shop.poll(open_origin(server.url, limits=TIGHT)))


def test_a_connection_that_a_firewall_forgot_is_not_used_again(world: World) -> None:
    with faulty(world.second) as server:
        server.fault = answers.silent_when_kept
        origin = open_origin(server.url, limits=replace(TIGHT, idle_s=0.0))
        assert_recovers(world.shop, world.shop.poll(origin))


def test_connections_are_kept_from_file_to_file(world: World) -> None:
    with faulty(world.second) as server:
        world.shop.poll(open_origin(server.url, limits=TIGHT))
        assert [request.turn for request in server.asked] == list(range(1, len(server.asked) + 1))


def test_a_screen_with_nothing_yet_survives_them_too(tmp_path: Path, template: World) -> None:
    shop = replace(template.shop, root=tmp_path / "new")
    with faulty(template.second) as server:
        origin = open_origin(server.url, limits=TIGHT)
        server.fault = answers.portal_page
        assert isinstance(shop.poll(origin), Unreachable)
        assert shop.store.current() is None
        server.fault = None
        assert_recovers(shop, shop.poll(origin))


@pytest.mark.parametrize(
    ("fault", "word"), [(answers.gzip_bomb, "longer than"), (answers.heavy_redirect, "redirected")]
)
def test_a_bomb_takes_no_memory(world: World, fault: Fault, word: str) -> None:
    with faulty(world.second) as server:
        origin = open_origin(server.url, limits=SOON)
        server.fault = fault
        tracemalloc.start()
        try:
            with pytest.raises(NoContact, match=word):
                origin.fetch("metadata/1.hq.json", 5_000_000)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert len(server.asked) == 1
    assert peak < 50 * 2**20
