"""No way to the host, or a host that says nothing: the poll ends in time."""

from __future__ import annotations

import pytest

from kiosk.release.origin import open_origin
from kiosk.release.sync import Unreachable
from tests.release.faults import closed_port, faulty
from tests.release.world import ALONE, TIGHT, World, assert_recovers, untouched

pytestmark = ALONE


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("http://host.invalid", ""),
        ("http://192.0.2.1", ""),
        ("http://[100::1]:9", ""),
        ("http://127.0.0.1:{closed}", "refused"),
        ("https://127.0.0.1:{closed}", "refused"),
        (f"http://{'x' * 70}.example", ""),
    ],
)
def test_no_way_there(world: World, url: str, word: str) -> None:
    origin = open_origin(url.format(closed=closed_port()), limits=TIGHT)
    with untouched(world.shop):
        outcome = world.shop.poll(origin)
    assert isinstance(outcome, Unreachable)
    assert word in outcome.why
    with faulty(world.second) as server:
        assert_recovers(world.shop, world.shop.poll(open_origin(server.url, limits=TIGHT)))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_accepts_and_says_nothing(world: World, scheme: str) -> None:
    with faulty(world.second, mute=True) as server, untouched(world.shop):
        url = f"{scheme}://127.0.0.1:{server.port}"
        outcome = world.shop.poll(open_origin(url, limits=TIGHT))
    assert isinstance(outcome, Unreachable)
    assert "no answer" in outcome.why
