"""Proxies, and what is never sent to anybody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.release.origin import open_origin
from kiosk.release.sync import Outcome, Unreachable
from tests.release import answers
from tests.release.authority import Authority
from tests.release.faults import Fault, FaultServer, closed_port, faulty
from tests.release.proxy import proxying
from tests.release.world import ALONE, TIGHT, World, assert_recovers, untouched

pytestmark = ALONE


@pytest.fixture(params=["http", "https"])
def central(
    request: pytest.FixtureRequest, world: World, authority: Authority
) -> Iterator[FaultServer]:
    """An origin behind a proxy, in both kinds."""
    tls = authority.server() if request.param == "https" else None
    with faulty(world.second, tls) as server:
        yield server


def test_the_proxy_named_is_used(world: World, central: FaultServer, authority: Authority) -> None:
    with proxying() as proxy:
        origin = open_origin(
            central.url,
            proxy=f"http://127.0.0.1:{proxy.port}",
            ca_file=authority.file,
            limits=TIGHT,
        )
        assert_recovers(world.shop, world.shop.poll(origin))
        assert proxy.asked


def test_a_proxy_wants_a_password(world: World, central: FaultServer, authority: Authority) -> None:
    def poll(who: str) -> Outcome:
        address = f"http://{who}127.0.0.1:{proxy.port}"
        return world.shop.poll(
            open_origin(central.url, proxy=address, ca_file=authority.file, limits=TIGHT)
        )

    with proxying("shop:S3cr t") as proxy:
        for who in ("", "shop:wrong@"):
            with untouched(world.shop):
                outcome = poll(who)
            assert isinstance(outcome, Unreachable)
            assert "password; write them into `proxy`" in outcome.why
            assert "wrong" not in outcome.why
        assert central.asked == []
        assert_recovers(world.shop, poll("shop:S3cr%20t@"))
    assert not [request for request in central.asked if "proxy-authorization" in request.headers]


def test_a_proxy_that_is_down_is_named(
    world: World, central: FaultServer, authority: Authority
) -> None:
    address = f"http://127.0.0.1:{closed_port()}"
    origin = open_origin(central.url, proxy=address, ca_file=authority.file, limits=TIGHT)
    with untouched(world.shop):
        outcome = world.shop.poll(origin)
    assert isinstance(outcome, Unreachable)
    assert "check `proxy`" in outcome.why


def test_a_proxy_that_cannot_be_read_does_not_tell_its_password(world: World) -> None:
    origin = open_origin("https://o2.example", proxy="http://shop:S3#cret@127.0.0.1:1")
    with untouched(world.shop):
        outcome = world.shop.poll(origin)
    assert isinstance(outcome, Unreachable)
    assert "`proxy`" in outcome.why
    assert "cret" not in outcome.why


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        (answers.portal_page, "does the proxy want somebody to sign in?"),
        (answers.dribble_headers, "no answer"),
        (answers.black_hole, "no answer"),
        (answers.hang_up, ""),
    ],
)
def test_a_captive_proxy(
    world: World, central: FaultServer, authority: Authority, fault: Fault, word: str
) -> None:
    with faulty(world.second) as captive:
        captive.fault = fault
        origin = open_origin(central.url, proxy=captive.url, ca_file=authority.file, limits=TIGHT)
        with untouched(world.shop):
            outcome = world.shop.poll(origin)
    assert isinstance(outcome, Unreachable)
    if fault is answers.portal_page and central.url.startswith("https"):
        word = "no "  # answer, or secure connection: where TLS begins in the page is chance
    assert word in outcome.why
    assert central.asked == []


def test_the_system_s_proxy_is_used_unless_it_says_no(
    world: World, central: FaultServer, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxying() as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        origin = open_origin(central.url, ca_file=authority.file, limits=TIGHT)
        origin.fetch("metadata/timestamp.json", 16_384)
        assert proxy.asked == []
        monkeypatch.setenv("NO_PROXY", "intranet.example")
        origin = open_origin(central.url, ca_file=authority.file, limits=TIGHT)
        assert_recovers(world.shop, world.shop.poll(origin))
        assert proxy.asked


def test_no_proxy_alone_is_no_proxy(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "intranet.example")
    with faulty(world.second) as server:
        server.fault = answers.portal_page
        outcome = world.shop.poll(open_origin(server.url, limits=TIGHT))
    assert isinstance(outcome, Unreachable)
    assert "captive portal" in outcome.why


def test_neither_passwords_nor_cookies_leave_this_pc(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login shop password S3cret\n", "utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with faulty(world.second) as server:
        server.fault = answers.with_cookie
        assert_recovers(world.shop, world.shop.poll(open_origin(server.url, limits=TIGHT)))
        sent = {name for request in server.asked for name in request.headers}
        assert len(server.asked) > 5
        assert sent <= {
            "host", "user-agent", "accept", "accept-encoding", "cache-control", "connection",
        }  # fmt: skip
