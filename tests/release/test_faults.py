"""Whatever the line does: the poll ends in time, the current release plays on, the next poll
recovers."""

from __future__ import annotations

import gc
import hashlib
import shutil
import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.release.download import TRIES
from kiosk.release.origin import THREAD, Limits, NoContact, open_origin
from kiosk.release.sync import Outcome, Rejected, Unchanged, Unreachable, Updated
from tests.release import faults
from tests.release.faults import (
    Authority,
    Fault,
    FaultServer,
    Request,
    closed_port,
    faulty,
    proxying,
    status,
)
from tests.release.head_office import SOON, HeadOffice, Shop, picture

TIGHT = Limits(answer_s=1.0, window_s=0.5, window_bytes=1024)
DEADLINE_S = TRIES * (TIGHT.answer_s + TIGHT.window_s) + 5.0
"""What a poll with one bad file may take at most, and 5 s for a busy machine."""
BIG = 3 * 2**20
TIMESTAMP = "/metadata/timestamp.json"
SNAPSHOT = "/metadata/*.snapshot.json"
HQ = "/metadata/*.hq.json"
TEXT = "/targets/campaign/*.campaign.yaml"
MEDIA = "/targets/media/*"
ALL = "*"


@dataclass(frozen=True, slots=True)
class World:
    """Two releases of one head office, and a screen that holds the first."""

    shop: Shop
    first: Path
    second: Path


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The world that each test copies."""
    root = tmp_path_factory.mktemp("faults")
    office = HeadOffice(root / "office")
    office.publish()
    first = office.copy_site("first")
    shop = Shop(root / "shop", office.anchor)
    assert isinstance(shop.poll(open_origin(first.as_uri())), Updated)
    office.write({"am1": "Au revoir.", "am2": "Bonsoir."})
    office.picture("am1").write_bytes(picture("#123456", BIG))
    office.publish()
    return World(shop, first, office.copy_site("second"))


@pytest.fixture
def world(tmp_path: Path, template: World) -> World:
    """Two releases, and a screen of one's own that holds the first."""
    copy = Path(shutil.copytree(template.shop.root, tmp_path / "shop"))
    return replace(template, shop=replace(template.shop, root=copy))


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine says of proxies and certificates is none of a test's business."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="module", autouse=True)
def quick_collections() -> Iterator[None]:
    """Only what a test makes is looked through after it."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """No socket is left to the collector."""
    yield
    gc.collect()


def assert_no_request_left() -> None:
    """No request outlives the poll that gave it up, though the server still drips."""
    for thread in threading.enumerate():
        if thread.name.startswith(THREAD):
            thread.join(DEADLINE_S)
            assert not thread.is_alive(), thread.name


def number(shop: Shop) -> int:
    """Which release the screen shows."""
    return shop.release.manifest.number


def assert_whole(shop: Shop) -> None:
    """Every object of the current release is there, byte for byte."""
    for signed in shop.release.files.values():
        content = shop.store.path(signed.sha256).read_bytes()
        assert hashlib.sha256(content).hexdigest() == signed.sha256


@contextmanager
def untouched(shop: Shop) -> Iterator[None]:
    """What is current stays as it is, to the byte, and this ends within its deadline."""
    before, release = shop.store.pointer(), shop.release
    begin = time.monotonic()
    yield
    assert time.monotonic() - begin < DEADLINE_S
    assert_no_request_left()
    assert shop.store.pointer() == before
    assert shop.release == release
    assert_whole(shop)


def assert_recovers(shop: Shop, outcome: Outcome) -> None:
    """The second release is here, whole."""
    assert isinstance(outcome, Updated), outcome
    assert number(shop) == 2
    assert_whole(shop)
    assert (
        b"Au revoir."
        in shop.store.path(shop.release.files["campaign/campaign.yaml"].sha256).read_bytes()
    )


# -- one table: what happens, where, what it comes to, and a word of the message ----------------

WAIT = {"retry_after": 1_000_000_000}
REFUSALS: list[tuple[Fault, str, type[Outcome], str]] = [
    (faults.black_hole, ALL, Unreachable, "no answer"),
    (faults.black_hole, TIMESTAMP, Unreachable, "no answer"),
    (faults.black_hole, MEDIA, Unreachable, "no answer"),
    (faults.hang_up, ALL, Unreachable, "cut"),
    (faults.hang_up, MEDIA, Unreachable, "cut"),
    (faults.reset_mid_body, TIMESTAMP, Unreachable, "cut"),
    (faults.reset_mid_body, TEXT, Unreachable, "cut"),
    (faults.stall_mid_body, TIMESTAMP, Unreachable, "too slow"),
    (faults.stall_mid_body, TEXT, Unreachable, "too slow"),
    (faults.dribble, TIMESTAMP, Unreachable, "too slow"),
    (faults.dribble, MEDIA, Unreachable, "too slow"),
    (faults.dribble_headers, ALL, Unreachable, "no answer"),
    (faults.dribble_headers, MEDIA, Unreachable, "no answer"),
    (faults.dribble_chunked, TIMESTAMP, Unreachable, "too slow"),
    (faults.dribble_chunked, MEDIA, Unreachable, "too slow"),
    (faults.short_body, TIMESTAMP, Unreachable, "half-way"),
    (faults.short_body, TEXT, Unreachable, "half-way"),
    (faults.length_too_long, SNAPSHOT, Unreachable, "half-way"),
    (faults.length_too_long, MEDIA, Unreachable, "were signed"),
    (faults.length_too_short, SNAPSHOT, Rejected, "signatures"),
    (faults.length_too_short, MEDIA, Unreachable, "were signed"),
    (faults.wrong_offset, TIMESTAMP, Unreachable, "206"),
    (faults.wrong_offset, MEDIA, Unreachable, "206"),
    (faults.endless, TIMESTAMP, Unreachable, "longer than"),
    (faults.endless, MEDIA, Unreachable, "goes on"),
    (faults.endless_chunked, HQ, Unreachable, "longer than"),
    (faults.endless_chunked, MEDIA, Unreachable, "goes on"),
    (faults.gzip_bomb, TIMESTAMP, Unreachable, "longer than"),
    (faults.gzip_bomb, HQ, Unreachable, "longer than"),
    (faults.gzip_bomb, MEDIA, Unreachable, "compressed"),
    (faults.half_gzip, TIMESTAMP, Unreachable, "half-way"),
    (faults.brotli, TIMESTAMP, Unreachable, "not asked for"),
    (faults.gzipped, MEDIA, Unreachable, "compressed"),
    (faults.nonsense, ALL, Unreachable, ""),
    (faults.portal_redirect, ALL, Unreachable, "sign in"),
    (faults.portal_redirect, MEDIA, Unreachable, "redirected to 127.0.0.1"),
    (faults.heavy_redirect, ALL, Unreachable, "sign in"),
    (faults.heavy_redirect, MEDIA, Unreachable, "redirected"),
    (faults.senseless_redirect, ALL, Unreachable, "redirected to nowhere"),
    (faults.portal_page, ALL, Unreachable, "sign in"),
    (faults.portal_page, MEDIA, Unreachable, "web page"),
    (faults.portal_chunks, ALL, Unreachable, "sign in"),
    (faults.portal_chunks, MEDIA, Unreachable, "stopped after"),
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
    (faults.page_for_missing, ALL),
    (faults.gzipped, "/metadata/*"),
    (faults.ignore_range, MEDIA),
    (faults.length_absurd, TEXT),
    (faults.hang_up_when_kept, ALL),
    (status("403 Forbidden"), "/metadata/*.root.json"),
]


@pytest.mark.parametrize(("fault", "where"), HARMLESS)
def test_what_does_no_harm(world: World, fault: Fault, where: str) -> None:
    with faulty(world.second) as server:
        server.fault, server.where = fault, where
        assert_recovers(world.shop, world.shop.poll(open_origin(server.url, limits=TIGHT)))


def test_a_connection_that_a_firewall_forgot_is_not_used_again(world: World) -> None:
    with faulty(world.second) as server:
        server.fault = faults.silent_when_kept
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
        server.fault = faults.portal_page
        assert isinstance(shop.poll(origin), Unreachable)
        assert shop.store.current() is None
        server.fault = None
        assert_recovers(shop, shop.poll(origin))


# -- no way to the host -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("http://host.invalid", ""),
        ("http://192.0.2.1", ""),
        ("http://[100::1]:9", ""),
        (f"http://127.0.0.1:{closed_port()}", "refused"),
        (f"https://127.0.0.1:{closed_port()}", "refused"),
        (f"http://{'x' * 70}.example", ""),
    ],
)
def test_no_way_there(world: World, url: str, word: str) -> None:
    with untouched(world.shop):
        outcome = world.shop.poll(open_origin(url, limits=TIGHT))
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


# -- parts --------------------------------------------------------------------------------------


def cut_at(share: float) -> Fault:
    """A body that is cut at this share of the file, wherever it began."""

    def fault(call: faults.Call) -> None:
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
        raise faults.Hangup

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
    ("fault", "word"), [(faults.wrong_offset, "another part"), (faults.lying_offset, "")]
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
        server.fault = faults.portal_page
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
        server.fault = faults.ignore_range
        server.asked.clear()
        assert_recovers(world.shop, world.shop.poll(origin))
        assert [("range" in request.headers) for request in big(server)] == [True]


# -- bombs, edges, halves -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "word"), [(faults.gzip_bomb, "longer than"), (faults.heavy_redirect, "redirected")]
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


# -- TLS ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that the operating system does not know."""
    return Authority(tmp_path_factory.mktemp("authority"))


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
            (faults.dribble_headers, "no answer"),
            (faults.stall_mid_body, "too slow"),
            (faults.hang_up, "cut"),
        ):
            server.fault = fault
            with untouched(world.shop):
                outcome = world.shop.poll(origin)
            assert isinstance(outcome, Unreachable)
            assert word in outcome.why
        server.fault = None
        assert_recovers(world.shop, world.shop.poll(origin))


# -- proxies ------------------------------------------------------------------------------------


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
        (faults.portal_page, "does the proxy want somebody to sign in?"),
        (faults.dribble_headers, "no answer"),
        (faults.black_hole, "no answer"),
        (faults.hang_up, ""),
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
    if fault is faults.portal_page and central.url.startswith("https"):
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
        server.fault = faults.portal_page
        outcome = world.shop.poll(open_origin(server.url, limits=TIGHT))
    assert isinstance(outcome, Unreachable)
    assert "captive portal" in outcome.why


# -- what is never sent -------------------------------------------------------------------------


def test_neither_passwords_nor_cookies_leave_this_pc(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login shop password S3cret\n", "utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with faulty(world.second) as server:
        server.fault = faults.with_cookie
        assert_recovers(world.shop, world.shop.poll(open_origin(server.url, limits=TIGHT)))
        sent = {name for request in server.asked for name in request.headers}
        assert len(server.asked) > 5
        assert sent <= {
            "host", "user-agent", "accept", "accept-encoding", "cache-control", "connection",
        }  # fmt: skip
