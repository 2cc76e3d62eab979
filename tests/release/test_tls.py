"""Certificates: whose are taken, and what is said of the others."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.release.origin import open_origin
from kiosk.release.sync import Unreachable
from tests.release import answers
from tests.release.authority import Authority
from tests.release.faults import faulty
from tests.release.world import ALONE, TIGHT, World, assert_recovers, untouched

pytestmark = ALONE


def test_an_unknown_authority_is_refused_and_a_known_one_taken(
    world: World, authority: Authority
) -> None:
    with faulty(world.second, authority.server()) as server:
        with untouched(world.shop):
            outcome = world.shop.poll(open_origin(server.url, limits=TIGHT))
        assert isinstance(outcome, Unreachable)
        assert "`ca_file`" in outcome.why
        assert server.asked == []
        origin = open_origin(server.url, ca_file=authority.file, limits=TIGHT)
        assert_recovers(world.shop, world.shop.poll(origin))
        assert [request.turn for request in server.asked] == list(range(1, len(server.asked) + 1))


@pytest.mark.parametrize(
    ("host", "days", "word"),
    [
        ("127.0.0.1", -1, "expired; is this PC's clock right?"),
        ("127.0.0.9", 1, "for another host"),
        ("localhost", 1, "for another host"),
    ],
)
def test_a_wrong_certificate_says_what_is_wrong(
    world: World, authority: Authority, host: str, days: int, word: str
) -> None:
    with faulty(world.second, authority.server(host, timedelta(days=days))) as server:
        origin = open_origin(server.url, ca_file=authority.file, limits=TIGHT)
        with untouched(world.shop):
            outcome = world.shop.poll(origin)
    assert isinstance(outcome, Unreachable)
    assert word in outcome.why
    with faulty(world.second, authority.server()) as server:
        origin = open_origin(server.url, ca_file=authority.file, limits=TIGHT)
        assert_recovers(world.shop, world.shop.poll(origin))


def test_a_name_in_the_certificate_counts(world: World, authority: Authority) -> None:
    with faulty(world.second, authority.server("localhost")) as server:
        url = f"https://localhost:{server.port}"
        origin = open_origin(url, ca_file=authority.file, limits=TIGHT)
        assert_recovers(world.shop, world.shop.poll(origin))


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_environment_changes_no_trust(
    world: World,
    authority: Authority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    with faulty(world.second, authority.server()) as server:
        monkeypatch.setenv(name, str(authority.file))
        outcome = world.shop.poll(open_origin(server.url, limits=TIGHT))
        assert isinstance(outcome, Unreachable)
        assert "`ca_file`" in outcome.why
        monkeypatch.setenv(name, str(tmp_path / "not there.pem"))
        origin = open_origin(server.url, ca_file=authority.file, limits=TIGHT)
        assert_recovers(world.shop, world.shop.poll(origin))


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_a_ca_file_that_is_none_is_named(
    world: World, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "own.pem"
    if content:
        path.write_bytes(content)
    with untouched(world.shop):
        outcome = world.shop.poll(open_origin("https://127.0.0.1", ca_file=path, limits=TIGHT))
    assert isinstance(outcome, Unreachable)
    assert f"the CA file {path} cannot be used" in outcome.why


def test_faults_behind_tls_end_in_time_too(world: World, authority: Authority) -> None:
    with faulty(world.second, authority.server()) as server:
        origin = open_origin(server.url, ca_file=authority.file, limits=TIGHT)
        for fault, word in (
            (answers.dribble_headers, "no answer"),
            (answers.stall_mid_body, "too slow"),
            (answers.hang_up, "cut"),
        ):
            server.fault = fault
            with untouched(world.shop):
                outcome = world.shop.poll(origin)
            assert isinstance(outcome, Unreachable)
            assert word in outcome.why
        server.fault = None
        assert_recovers(world.shop, world.shop.poll(origin))
