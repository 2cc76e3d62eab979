"""A release travels from head office to a screen: whole, only what is needed, and back again."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from kiosk.release.publish import NothingNew, Published
from kiosk.release.sync import Rejected, Seat, Unchanged, Unreachable, Updated
from tests.release.head_office import HeadOffice, Quiet, Shop, picture, served


@pytest.fixture
def office(tmp_path: Path) -> HeadOffice:
    """A head office that published once."""
    office = HeadOffice(tmp_path / "office")
    office.publish()
    return office


@pytest.fixture
def shop(tmp_path: Path, office: HeadOffice) -> Shop:
    """A screen in Le Mans that never synchronised."""
    return Shop(tmp_path / "shop", office.anchor)


def test_the_first_poll_fetches_and_the_second_asks_two_questions(
    office: HeadOffice, shop: Shop
) -> None:
    with served(office.tree) as (origin, asked):
        first = shop.poll(origin)
        assert isinstance(first, Updated)
        assert first.files == 5
        assert set(first.release.files) == {
            "campaign/release.json",
            "campaign/campaign.yaml",
            "agencies/le-mans.yaml",
            "media/portraits/am1.svg",
            "media/portraits/am2.svg",
        }
        asked.clear()
        assert isinstance(shop.poll(origin), Unchanged)
        assert asked == ["/metadata/2.root.json", "/metadata/timestamp.json"]


class Zipping(Quiet):
    """A server that compresses whatever a screen lets it, however small."""

    def do_GET(self) -> None:  # noqa: N802 - the name http.server calls
        file = Path(self.translate_path(self.path))
        if "gzip" not in self.headers["Accept-Encoding"] or not file.is_file():
            super().do_GET()
            return
        content = gzip.compress(file.read_bytes())
        self.asked.append(f"{self.path}.gz")
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def test_texts_travel_compressed_and_pictures_as_they_are(office: HeadOffice, shop: Shop) -> None:
    with served(office.tree, Zipping) as (origin, asked):
        assert isinstance(shop.poll(origin), Updated)
    assert sum(path.endswith(".gz") for path in asked) == 8
    assert sum(path.endswith(".svg") for path in asked) == 2


def test_a_changed_quote_is_here_after_one_poll(office: HeadOffice, shop: Shop) -> None:
    with served(office.tree) as (origin, asked):
        shop.poll(origin)
        office.write({"am1": "Au revoir.", "am2": "Bonsoir."})
        published = office.publish()
        assert isinstance(published, Published)
        assert published.changed == ("campaign/campaign.yaml",)
        asked.clear()
        outcome = shop.poll(origin)
    assert isinstance(outcome, Updated)
    assert outcome.files == 2
    assert not [path for path in asked if "media" in path or "agencies" in path]
    text = shop.store.read(shop.release.files["campaign/campaign.yaml"].sha256)
    assert text is not None
    assert b"Au revoir." in text


def test_a_screen_fetches_nothing_of_another_agency(tmp_path: Path, office: HeadOffice) -> None:
    office.write({"am1": "Bonjour.", "am2": "Bonsoir."}, {"am1": "[le-mans]", "am2": "[nantes]"})
    office.publish()
    nantes = Shop(tmp_path / "nantes", office.anchor, Seat("nantes"))
    with served(office.tree) as (origin, asked):
        assert isinstance(nantes.poll(origin), Updated)
    assert not [path for path in asked if "le-mans" in path or "am1" in path]
    assert "media/portraits/am2.svg" in nantes.release.files


def test_a_release_travels_on_a_stick(office: HeadOffice, shop: Shop) -> None:
    from kiosk.release.origin import open_origin

    origin = open_origin(office.tree.as_uri())
    assert isinstance(shop.poll(origin), Updated)
    office.tree.rename(office.root / "pulled out")
    gone = shop.poll(origin)
    assert isinstance(gone, Unreachable)
    assert "stick" in gone.why


def test_nothing_new_renews_the_signatures_only(office: HeadOffice, shop: Shop) -> None:
    with served(office.tree) as (origin, asked):
        shop.poll(origin)
        assert isinstance(office.publish(), NothingNew)
        asked.clear()
        assert isinstance(shop.poll(origin), Unchanged)
        assert asked[1:] == ["/metadata/timestamp.json", "/metadata/2.snapshot.json"]


def test_a_damaged_picture_is_fetched_again(office: HeadOffice, shop: Shop) -> None:
    with served(office.tree) as (origin, _):
        shop.poll(origin)
        before = shop.store.pointer()
        signed = shop.release.files["media/portraits/am1.svg"]
        path = shop.store.path(signed.sha256)
        path.write_bytes(path.read_bytes().replace(b"rect", b"tcer"))
        assert not shop.store.intact(path)
        assert not path.exists()
        outcome = shop.poll(origin)
    assert isinstance(outcome, Unchanged)
    assert shop.store.intact(path)
    assert shop.store.pointer() != before


def test_what_nobody_shows_any_more_leaves_the_disk(office: HeadOffice, shop: Shop) -> None:
    def hashes() -> set[str]:
        return {file.name for file in (shop.root / "objects").glob("*/*")}

    with served(office.tree) as (origin, _):
        shop.poll(origin)
        first = shop.release
        for colour in ("#111111", "#222222"):
            office.picture("am1").write_bytes(picture(colour))
            office.publish()
            shop.poll(origin)
            assert shop.release.hashes() <= hashes()
        assert first.files["media/portraits/am1.svg"].sha256 not in hashes()
        shop.store.pin((shop.release.seq,))
        pinned = shop.release
        for colour in ("#333333", "#444444", "#555555"):
            office.picture("am1").write_bytes(picture(colour))
            office.publish()
            shop.poll(origin)
        assert pinned.hashes() <= hashes()


def test_the_picture_of_who_withdrew_leaves_the_disk_with_the_next_poll(
    office: HeadOffice, shop: Shop
) -> None:
    with served(office.tree) as (origin, _):
        shop.poll(origin)
        path = shop.store.path(shop.release.files["media/portraits/am1.svg"].sha256)
        other = shop.store.path(shop.release.files["media/portraits/am2.svg"].sha256)
        office.write({"am1": "Bonjour.", "am2": "Bonsoir."}, withdrawn=frozenset({"am1"}))
        office.publish()
        assert isinstance(shop.poll(origin), Updated)
    assert not path.exists()
    assert other.exists()


def test_an_agency_that_is_not_in_the_release_is_named(tmp_path: Path, office: HeadOffice) -> None:
    lost = Shop(tmp_path / "lost", office.anchor, Seat("le-mens"))
    with served(office.tree) as (origin, _):
        outcome = lost.poll(origin)
    assert isinstance(outcome, Rejected)
    assert "agency: le-mens" in outcome.why


def test_a_full_disk_is_seen_before_it_is_full(office: HeadOffice, shop: Shop) -> None:
    from kiosk.release.sync import Poll, sync

    with served(office.tree) as (origin, _):
        outcome = sync(
            Poll(origin, shop.store, office.anchor, shop.seat, lambda: shop.now, reserve=2**60)
        )
    assert isinstance(outcome, Rejected)
    assert "no room" in outcome.why


def test_two_at_once_do_not_get_in_each_others_way(office: HeadOffice, shop: Shop) -> None:
    with served(office.tree) as (origin, _), shop.store.locked():
        outcome = shop.poll(origin)
    assert isinstance(outcome, Rejected)
    assert "another kiosk sync" in outcome.why
