"""One file is fetched in as many goes as it takes, and its bytes are proven."""

from __future__ import annotations

import gc
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kiosk.release.download import ENOUGH, TRIES, Wanted, WrongBytes, download
from kiosk.release.origin import (
    FolderOrigin,
    Limits,
    Missing,
    NoContact,
    Origin,
    WebPage,
    open_origin,
)
from kiosk.release.wire import THREAD
from tests.release import answers
from tests.release.faults import PATIENCE_S, Call, Fault, FaultServer, Hangup, faulty

pytestmark = pytest.mark.usefixtures("quick_collections")
LIMITS = Limits(answer_s=2.0, window_s=0.5, window_bytes=1024)
NAME = "targets/media/claire portrait.svg"
CONTENT = bytes(n * n % 251 for n in range(400_000))
WANTED = Wanted(NAME, hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))


@dataclass
class Go:
    """One download and what it told."""

    partial: Path
    counts: list[int] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def run(self, origin: Origin, wanted: Wanted = WANTED) -> None:
        """Download it."""
        download(origin, wanted, self.partial, got=self.counts.append, pause=self.pauses.append)

    @property
    def received(self) -> int:
        """Bytes told."""
        return sum(self.counts)


@pytest.fixture
def go(tmp_path: Path) -> Go:
    """A download into a partial file that is not there yet."""
    return Go(tmp_path / "partial")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree with the file."""
    file = tmp_path / "tree" / NAME
    file.parent.mkdir(parents=True)
    file.write_bytes(CONTENT)
    return tmp_path / "tree"


@pytest.fixture
def server(tree: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultServer]:
    """The tree behind a server; afterwards no request is left."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with faulty(tree) as server:
        yield server
    for thread in threading.enumerate():
        if thread.name.startswith(THREAD):
            thread.join(PATIENCE_S)
            assert not thread.is_alive()
    gc.collect()


@pytest.fixture(params=["file", "http"])
def origin(request: pytest.FixtureRequest, tree: Path, server: FaultServer) -> Origin:
    """The same tree, from a stick and from a server."""
    return open_origin(tree.as_uri() if request.param == "file" else server.url, limits=LIMITS)


def web(server: FaultServer) -> Origin:
    """The origin that the server is."""
    return open_origin(server.url, limits=LIMITS)


def ranges(server: FaultServer) -> list[str | None]:
    """Which part each request asked for."""
    return [request.headers.get("range") for request in server.asked]


# -- from a stick and from a server alike -------------------------------------------------------


def test_a_file_arrives_whole_and_counted(origin: Origin, go: Go) -> None:
    go.run(origin)
    assert go.partial.read_bytes() == CONTENT
    assert go.received == len(CONTENT)
    assert go.pauses == []


@pytest.mark.parametrize("have", [1, 65_536, len(CONTENT) - 1])
def test_it_goes_on_where_it_stopped(origin: Origin, go: Go, have: int) -> None:
    go.partial.write_bytes(CONTENT[:have])
    go.run(origin)
    assert go.partial.read_bytes() == CONTENT
    assert go.received == len(CONTENT) - have


def test_a_partial_file_that_is_whole_needs_no_origin(tree: Path, go: Go) -> None:
    go.partial.write_bytes(CONTENT)
    go.run(FolderOrigin(tree / "not there"))
    assert go.received == 0


@pytest.mark.parametrize("old", [CONTENT + b"more", b"x" * 1_000, b"x" * len(CONTENT)])
def test_a_wrong_partial_file_is_healed(origin: Origin, go: Go, old: bytes) -> None:
    go.partial.write_bytes(old)
    go.run(origin)
    assert go.partial.read_bytes() == CONTENT
    assert go.received <= 2 * len(CONTENT)


@pytest.mark.parametrize("have", [0, 1_000])
def test_other_bytes_of_the_same_length_leave_nothing(
    origin: Origin, tree: Path, go: Go, have: int
) -> None:
    (tree / NAME).write_bytes(CONTENT[::-1])
    if have:
        go.partial.write_bytes(CONTENT[:have])
    with pytest.raises(WrongBytes, match="not the file that was signed"):
        go.run(origin)
    assert not go.partial.exists()
    assert go.received <= 2 * len(CONTENT)


@pytest.mark.parametrize("length", [0, len(CONTENT) - 1, len(CONTENT) + 1, 3 * len(CONTENT)])
def test_another_length_is_seen_before_a_byte_comes(
    origin: Origin, tree: Path, go: Go, length: int
) -> None:
    (tree / NAME).write_bytes((CONTENT * 3)[:length])
    with pytest.raises(NoContact, match=f"has {length} bytes at the origin, 400000 were signed"):
        go.run(origin)
    assert go.received == 0
    assert not go.partial.exists()


def test_a_file_that_is_not_there_is_asked_for_once(origin: Origin, tree: Path, go: Go) -> None:
    (tree / NAME).unlink()
    with pytest.raises(Missing):
        go.run(origin)
    assert go.pauses == []


def test_a_stick_that_is_pulled_out_is_named(tree: Path, go: Go) -> None:
    with pytest.raises(NoContact, match="is the stick plugged in"):
        go.run(FolderOrigin(tree / "not there"))
    assert len(go.pauses) == TRIES - 1


def test_a_disk_that_cannot_be_written_is_no_fault_of_the_origin(origin: Origin, go: Go) -> None:
    go.partial.mkdir()
    with pytest.raises(OSError, match=r".+") as caught:
        go.run(origin)
    assert not isinstance(caught.value, NoContact)


# -- goes ---------------------------------------------------------------------------------------


def cut_after(count: int) -> Fault:
    """Each answer ends after so many bytes."""

    def fault(call: Call) -> None:
        content, asked = call.content or b"", call.request.headers.get("range", "bytes=0-")
        begin = int(asked[6:-1])
        span = f"bytes {begin}-{len(content) - 1}/{len(content)}"
        line = "206 Partial Content" if begin else "200 OK"
        call.head(line, content_length=len(content) - begin, content_range=span)
        call.body(content[begin : begin + count])
        raise Hangup

    return fault


def test_as_long_as_something_is_gained_it_goes_on(server: FaultServer, go: Go) -> None:
    server.fault = cut_after(ENOUGH)
    go.run(web(server))
    assert go.partial.read_bytes() == CONTENT
    assert len(server.asked) == -(-len(CONTENT) // ENOUGH) > TRIES
    assert server.sent == go.received == len(CONTENT)


def test_too_little_gained_is_given_up_and_kept(server: FaultServer, go: Go) -> None:
    server.fault = cut_after(ENOUGH - 1)
    with pytest.raises(NoContact, match="half-way"):
        go.run(web(server))
    assert ranges(server) == [None, "bytes=65535-", "bytes=131070-"]
    assert go.pauses == [1, 2]
    assert go.partial.read_bytes() == CONTENT[: TRIES * (ENOUGH - 1)]
    server.fault = None
    go.run(web(server))
    assert go.partial.read_bytes() == CONTENT
    assert server.sent == len(CONTENT)


def test_a_gain_begins_the_count_anew(server: FaultServer, go: Go) -> None:
    turns = iter([0, 0, ENOUGH, 0, 0, ENOUGH, 0, 0, len(CONTENT)])

    def fault(call: Call) -> None:
        cut_after(next(turns))(call)

    server.fault = fault
    go.run(web(server))
    assert go.partial.read_bytes() == CONTENT
    assert go.pauses == [1, 2, 0, 1, 2, 0, 1, 2]


def test_an_answer_without_length_is_bounded(server: FaultServer, go: Go) -> None:
    server.fault = answers.endless
    with pytest.raises(NoContact, match="goes on after the 400000 bytes signed"):
        go.run(web(server))
    assert go.partial.stat().st_size <= len(CONTENT)
    server.fault = None
    go.run(web(server))
    assert go.partial.read_bytes() == CONTENT


def test_a_web_page_is_asked_for_once_and_takes_nothing_away(server: FaultServer, go: Go) -> None:
    go.partial.write_bytes(CONTENT[:1_000])
    server.fault = answers.portal_page
    with pytest.raises(WebPage):
        go.run(web(server))
    assert len(server.asked) == 1
    assert go.partial.read_bytes() == CONTENT[:1_000]


def test_a_file_that_shrank_is_missing_its_rest(server: FaultServer, go: Go) -> None:
    go.partial.write_bytes(CONTENT[:1_000])
    server.fault = answers.status("416 Range Not Satisfiable")
    with pytest.raises(Missing, match="shorter than 1000 bytes"):
        go.run(web(server))


def test_a_range_ignored_begins_anew(server: FaultServer, go: Go) -> None:
    go.partial.write_bytes(CONTENT[:1_000])
    server.fault = answers.ignore_range
    go.run(web(server))
    assert ranges(server) == ["bytes=1000-"]
    assert go.partial.read_bytes() == CONTENT
    assert go.received == len(CONTENT)


@pytest.mark.parametrize("fault", [answers.lying_offset, answers.wrong_offset])
def test_a_part_of_elsewhere_never_ends_as_the_file(
    server: FaultServer, go: Go, fault: Fault
) -> None:
    go.partial.write_bytes(CONTENT[:1_000])
    server.fault = fault
    if fault is answers.lying_offset:
        go.run(web(server))
        assert ranges(server) == ["bytes=1000-", None]
        assert go.partial.read_bytes() == CONTENT
    else:
        with pytest.raises(NoContact, match="another part"):
            go.run(web(server))
        assert go.partial.read_bytes() == CONTENT[:1_000]


def test_what_is_given_up_lets_the_connection_go(server: FaultServer, go: Go) -> None:
    size = 32 * 2**20
    (server.tree / NAME).write_bytes(bytes(size))
    short = Wanted(NAME, WANTED.sha256, 10)
    origin = web(server)
    for _ in range(3):
        with pytest.raises(NoContact, match=f"{size} bytes at the origin, 10 were signed"):
            go.run(origin, short)
    for thread in threading.enumerate():
        if thread.name.startswith(THREAD):
            thread.join(PATIENCE_S)
            assert not thread.is_alive()
    (server.tree / NAME).write_bytes(CONTENT)
    go.run(origin)
    assert go.partial.read_bytes() == CONTENT


# -- addresses ----------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["ftp://o2.example", "o2.example", "https://", "C:\\site", ""])
def test_what_is_no_address_says_what_to_write(url: str) -> None:
    with pytest.raises(ValueError, match=r"write https://…, http://… or file:///…"):
        open_origin(url)


def test_small_files_are_bounded_on_a_stick_too(tree: Path) -> None:
    origin = FolderOrigin(tree)
    assert origin.fetch(NAME, len(CONTENT)) == CONTENT
    with pytest.raises(NoContact, match="longer than 399999 bytes"):
        origin.fetch(NAME, len(CONTENT) - 1)
