"""The player and the store: a release from disk, a new one between two scenes, a damaged file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEventLoop
from PySide6.QtGui import QGuiApplication

from kiosk.door.footing import Ground
from kiosk.door.needs import content_of_release
from kiosk.player.app import follow
from kiosk.release.origin import Origin
from kiosk.release.record import Pins, unseal
from kiosk.release.shown import open_shown
from tests.player.conftest import Until
from tests.player.theatre import HOLD_S, Theatre
from tests.release.head_office import HeadOffice, Shop, picture, served


class Screening:
    """A head office, a shop, and a player that runs from the shop's store."""

    def __init__(self, office: HeadOffice, shop: Shop, origin: Origin) -> None:
        self.office, self.shop, self.origin = office, shop, origin
        shown = open_shown(shop.store)
        assert shown is not None
        self.store = shown.store
        self.theatre = Theatre(replace(content_of_release(shown), always_lit=True))
        self.news = Ground(self.store, always_lit=True).news()
        follow(self.news, self.theatre.director, self.theatre.view)
        self.store.pin((shown.release.seq,))

    def let_one_stand(self, until: Until) -> None:
        """Begin, and let the first scene stand for an hour."""
        self.theatre.director._hold = lambda _: 3600.0
        self.theatre.director.begin()
        until(lambda: len(self.theatre.stood) == 1)

    def publish(self, quotes: dict[str, str], **more: frozenset[str]) -> None:
        """Publish and synchronise."""
        self.office.write(quotes, **more)  # type: ignore[arg-type]
        self.office.publish()
        self.shop.poll(self.origin)

    def pinned(self) -> tuple[int, ...]:
        """The releases that the store keeps for the player."""
        pins = unseal(Pins, (self.store.root / "pins").read_bytes())
        return pins.releases if pins else ()

    def words(self) -> str:
        """What stands on the glass."""
        token = self.theatre.view.glass.token
        assert token is not None
        return repr(self.theatre.director._casts[token].composition)


@pytest.fixture
def screening(tmp_path: Path, app: QGuiApplication) -> Iterator[Callable[[], Screening]]:
    """Opens the shop once head office has published and the shop has synchronised."""
    made: list[Screening] = []
    office = HeadOffice(tmp_path / "office")
    office.publish()
    shop = Shop(tmp_path / "shop", office.anchor)
    with served(office.tree) as (origin, _):
        shop.poll(origin)

        def open_() -> Screening:
            made.append(Screening(office, shop, origin))
            return made[0]

        yield open_
    for one in made:
        one.theatre.close()
    app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)


def test_it_starts_from_the_store_with_no_network(
    screening: Callable[[], Screening], until: Until
) -> None:
    play = screening()
    play.office.tree.rename(play.office.root / "gone")
    play.theatre.director.begin()
    until(lambda: {"am1", "am2"} <= set(play.theatre.stood))
    assert play.theatre.skipped == []


def test_a_new_release_comes_between_two_scenes(
    screening: Callable[[], Screening], until: Until
) -> None:
    play = screening()
    play.news.watch()
    play.let_one_stand(until)
    until(lambda: play.theatre.director._state.coming == "ready")
    first = play.theatre.stood[0]
    play.publish({"am1": "Tout nouveau.", "am2": "Tout nouveau."})
    until(lambda: play.theatre.director._content.seq == 2)
    assert play.theatre.stood == [first]
    assert "Tout nouveau" not in play.words()
    assert play.pinned() == (1, 2)
    # What was prepared of the old release is not shown any more.
    until(lambda: play.theatre.director._state.coming == "ready")
    play.theatre.director._hold = lambda _: HOLD_S
    _end_hold(play)
    until(lambda: len(play.theatre.stood) >= 2)
    assert "Tout nouveau" in play.words()
    until(lambda: play.pinned() == (2,))
    assert play.theatre.plays[0].release != play.theatre.director._content.release


def _end_hold(play: Screening) -> None:
    """Let the standing scene's time be over."""
    director = play.theatre.director
    began = director._state.began
    director._state = replace(director._state, hold_end=began, wake=began)
    director._due()


def test_a_panel_that_was_turned_is_drawn_turned(
    screening: Callable[[], Screening], until: Until
) -> None:
    play = screening()
    play.news.watch()
    play.let_one_stand(until)
    file = play.office.folder / "agencies" / "le-mans.yaml"
    turned = "{diagonal_in: 43, orientation: portrait, rotation: 90}"
    file.write_text(file.read_text("utf-8").replace("{diagonal_in: 43}", turned), "utf-8")
    play.publish({"am1": "Bonjour.", "am2": "Bonsoir."})
    until(lambda: play.theatre.view.stage.property("turn") == 90)
    width, height = play.theatre.size
    assert play.theatre.director._size == (height, width)


def test_a_withdrawn_portrait_leaves_within_one_poll(
    screening: Callable[[], Screening], until: Until
) -> None:
    play = screening()
    play.news.watch()
    play.let_one_stand(until)
    gone = play.theatre.stood[0]
    left = ({"am1", "am2"} - {gone}).pop()
    play.publish({"am1": "Bonjour.", "am2": "Bonsoir."}, withdrawn=frozenset({gone}))
    until(lambda: play.theatre.stood[-1] == left)
    assert [one.scene for one in play.theatre.plays if one.scene != "standby"] == [gone]


def test_files_on_the_glass_are_kept_however_many_releases_come(
    screening: Callable[[], Screening], until: Until
) -> None:
    play = screening()
    play.let_one_stand(until)
    first = play.shop.release
    for colour in ("#101010", "#202020", "#303030"):
        for scene in ("am1", "am2"):
            play.office.picture(scene).write_bytes(picture(colour))
        play.publish({"am1": "Bonjour.", "am2": "Bonsoir."})
    assert all(play.store.has(one.sha256, one.length) for one in first.files.values())
    play.theatre.director.resize((360, 640))
    until(lambda: play.theatre.view.glass.token is not None)
    assert play.theatre.skipped == []


def test_a_picture_whose_bytes_changed_is_never_shown_and_is_healed(
    screening: Callable[[], Screening], until: Until
) -> None:
    play = screening()
    signed = play.shop.release.files["media/portraits/am1.svg"]
    path = play.store.path(signed.sha256)
    path.write_bytes(path.read_bytes().replace(b"80a0", b"ffff"))
    play.news.watch()
    play.theatre.director.begin()
    until(lambda: len(play.theatre.stood) >= 3 and bool(play.theatre.skipped))
    assert set(play.theatre.stood) <= {"am2", "standby"}
    assert play.theatre.skipped[0][0] == "am1"
    assert "not the bytes that were signed" in play.theatre.skipped[0][1]
    assert not path.exists()
    play.shop.poll(play.origin)
    until(lambda: "am1" in play.theatre.stood)


def test_a_disk_that_cannot_be_written_does_not_stop_the_loop(
    screening: Callable[[], Screening], caplog: pytest.LogCaptureFixture
) -> None:
    play = screening()
    (play.store.root / ".new-pins").mkdir()
    Ground(play.store).news().hold((1, 2))
    assert "cannot be written" in caplog.text


def test_a_damaged_text_falls_back_to_the_release_before(
    screening: Callable[[], Screening],
) -> None:
    play = screening()
    play.publish({"am1": "Nouveau.", "am2": "Nouveau."})
    release = play.shop.release
    campaign = play.store.path(release.files["campaign/campaign.yaml"].sha256)
    campaign.write_bytes(b"x" * campaign.stat().st_size)
    shown = open_shown(play.shop.store)
    assert shown is not None
    assert shown.release.seq == release.seq - 1
    play.shop.poll(play.origin)
    healed = open_shown(play.shop.store)
    assert healed is not None
    assert healed.release.seq >= release.seq
