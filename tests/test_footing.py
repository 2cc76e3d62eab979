"""What a player stands on when the release is old, broken, missing, or brought it down."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.campaign.selection import select
from kiosk.cli import main
from kiosk.door.footing import Ground, footing
from kiosk.door.refusal import EX_DATAERR
from kiosk.player.content import Content
from kiosk.release.origin import open_origin
from kiosk.release.record import Contact
from kiosk.release.store import Store
from tests.release.head_office import HeadOffice, Shop

FIGURE = """\
  - id: chiffre
    kind: figure
    number: "600"
    sentence: agences en France
    source: O2
    dated: janvier 2026
    link: booking
"""
TODAY = datetime.now(UTC)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> HeadOffice:
    """Portraits and a figure for two agencies, and an agency that stands for all."""
    office = HeadOffice(tmp_path_factory.mktemp("chain") / "office", TODAY)
    office.agency("partout", "pa")
    office.write({"am1": "Bonjour.", "am2": "Bonsoir."}, {"am2": "[partout]"})
    with (office.folder / "campaign.yaml").open("a", encoding="utf-8") as file:
        file.write(FIGURE)
    turned = office.folder / "agencies" / "le-mans.yaml"
    turned.write_text(
        turned.read_text().replace("diagonal_in: 43", "diagonal_in: 32, rotation: 90")
    )
    office.publish()
    return office


@pytest.fixture(scope="module")
def inside(chain: HeadOffice, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The evergreen release, made by the command for it."""
    folder = tmp_path_factory.mktemp("inside") / "evergreen"
    (folder.parent / "root.json").write_bytes(chain.anchor)
    words = ["--central", chain.tree.as_uri(), "--agency", "partout"]
    words += ["--root", str(folder.parent / "root.json"), "--to", str(folder)]
    assert main(["evergreen", *words]) == 0
    return folder


@pytest.fixture
def shop(chain: HeadOffice, tmp_path: Path) -> Shop:
    """A screen in Le Mans that has the release."""
    shop = Shop(tmp_path / "data", chain.anchor, now=TODAY)
    shop.poll(open_origin(chain.tree.as_uri()))
    return shop


def scenes(content: Content | None) -> set[str]:
    """What may be shown of it now."""
    assert content is not None
    allowed = select(
        content.campaign,
        content.agency,
        "landscape",
        TODAY,
        present=content.present,
        always_lit=True,
    ).allowed
    return {scene.id for scene in allowed}


def long_ago(store: Store) -> None:
    """Head office was last heard a hundred days ago."""
    then = datetime.now(UTC) - timedelta(days=100)
    store.keep_contact(Contact(at=then, signed_at=then))


def test_what_an_installer_holds_shows_nobody(inside: Path) -> None:
    store = Store(inside)
    release = store.current()
    assert release is not None
    assert (release.agency, release.seq) == ("partout", 1)
    assert not [name for name in release.files if name.startswith("media/")]
    objects = {path.name for path in inside.glob("objects/*/*")}
    assert objects == release.hashes()
    assert json.loads((inside / "root.json").read_bytes())["signed"]["_type"] == "root"
    assert scenes(Ground(store).content("current")) == {"chiffre"}


def test_a_campaign_of_faces_alone_is_refused(
    chain: HeadOffice, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    office = chain.copied(tmp_path / "office")
    office.write({"am1": "Bonjour."}, {"am1": "[partout]"})
    office.publish()
    (tmp_path / "root.json").write_bytes(office.anchor)
    words = ["--central", office.tree.as_uri(), "--agency", "partout", "--to", str(tmp_path / "e")]
    assert main(["evergreen", *words, "--root", str(tmp_path / "root.json")]) == EX_DATAERR
    assert "add a figure, a programme or a poster" in capsys.readouterr().err
    assert not (tmp_path / "e").exists()


def test_a_screen_that_heard_head_office_shows_its_own_release(shop: Shop, inside: Path) -> None:
    content = Ground(shop.store, inside).content("current")
    assert content is not None
    assert (content.agency.agency, scenes(content)) == ("le-mans", {"am1", "chiffre"})


def test_a_screen_that_was_long_alone_shows_no_face(shop: Shop, inside: Path) -> None:
    long_ago(shop.store)
    content = Ground(shop.store, inside).content("current")
    assert content is not None
    assert (content.agency.agency, scenes(content)) == ("partout", {"chiffre"})
    assert (content.screen.diagonal_in, content.screen.rotation) == (32, 90)  # its own panel
    assert scenes(Ground(shop.store).content("current")) == {"chiffre"}  # nothing inside: its own


def test_going_old_and_being_heard_again_is_news_to_a_player_that_runs(
    shop: Shop, inside: Path
) -> None:
    news = Ground(shop.store, inside).news()
    look = news._look
    assert look() is None
    long_ago(shop.store)
    assert scenes(look()) == {"chiffre"}
    assert look() is None
    shop.store.keep_contact(Contact(at=datetime.now(UTC), signed_at=datetime.now(UTC)))
    assert scenes(look()) == {"am1", "chiffre"}


def test_the_date_that_head_office_signed_serves_where_the_contact_is_lost(shop: Shop) -> None:
    (shop.root / "contact").unlink()
    assert not Ground(shop.store).old()
    store = shop.store
    with store.locked():
        floor = store.floor()
        for name in ("floor-a", "floor-b"):
            (store.root / name).unlink()
        store.raise_floor(floor.model_copy(update={"signed_at": TODAY - timedelta(days=200)}))
    assert Ground(store).old()


@pytest.mark.parametrize(
    ("name", "agency"), [("current", "le-mans"), ("previous", "le-mans"), ("evergreen", "partout")]
)
def test_each_footing(chain: HeadOffice, shop: Shop, inside: Path, name: str, agency: str) -> None:
    office = chain.copied(shop.root.parent / "office")
    office.write({"am1": "Autre chose."})
    office.publish()
    shop.poll(open_origin(office.tree.as_uri()))
    content, news, _ = _footing(shop, inside, name)
    assert content.agency.agency == agency
    quotes = {getattr(scene, "quote", None) for scene in content.campaign.scenes}
    assert ("Autre chose." in quotes) is (name == "current")
    assert (news is not None) is (name == "current")


def test_what_brought_a_player_down_is_left_out_and_told_before(shop: Shop) -> None:
    said: list[Mapping[str, str]] = []
    ground = Ground(shop.store, say=lambda event, **facts: said.append({"event": event, **facts}))
    content = ground.content("current")
    assert content is not None
    path = content.media("portraits/am1.svg")
    assert path is not None
    content.trying(path)
    assert said == [{"event": "trying", "object": path.name}]
    without = replace(ground, without=frozenset({path.name}))
    assert scenes(without.content("current")) == {"chiffre"}


def test_with_nothing_at_all_it_says_what_is_missing(tmp_path: Path) -> None:
    nowhere = Shop(tmp_path / "data", b"")
    content, news, _ = _footing(nowhere, None, "current")
    assert content.message is not None
    assert news is not None
    assert (tmp_path / "data").is_dir()


def _footing(shop: Shop, inside: Path | None, name: str) -> tuple[Content, object, object]:
    flags = dict.fromkeys(("central", "agency", "screen", "display", "root", "proxy", "ca_file"))
    (shop.root.parent / "kiosk.yaml").write_text(f"evergreen: {inside}\n" if inside else "{}\n")
    arguments = Namespace(
        config=shop.root.parent / "kiosk.yaml",
        footing=name,
        without=[],
        note=None,
        always_lit=True,
        set_data=str(shop.root),
        **{f"set_{flag}": value for flag, value in flags.items()},
    )
    return footing(arguments, lambda *_, **__: None)


def test_a_face_needs_a_contact_of_the_last_days(shop: Shop) -> None:
    ground = Ground(shop.store, always_lit=True)
    content = ground.content("current")
    assert content is not None

    def faces() -> set[str]:
        allowed = select(
            content.campaign,
            content.agency,
            "landscape",
            datetime.now(UTC),
            present=content.present,
            always_lit=True,
            contact=content.contact(),
        ).allowed
        return {scene.id for scene in allowed}

    look = ground.news()._look
    assert faces() == {"am1", "chiffre"}
    then = datetime.now(UTC) - timedelta(days=8)
    shop.store.keep_contact(Contact(at=then, signed_at=then))
    same = look()  # chosen from anew, though the release is the same
    assert same is not None
    assert same.seq == content.seq
    assert look() is None
    assert faces() == {"chiffre"}
    ahead = datetime.now(UTC) + timedelta(days=300)  # a clock that ran ahead proves nothing
    shop.store.keep_contact(Contact(at=ahead, signed_at=then))
    assert look() is not None  # heard again, or nobody would ask for the faces
    assert content.contact() == shop.store.floor().signed_at
    now = datetime.now(UTC)
    shop.store.keep_contact(Contact(at=now, signed_at=now))
    look()
    assert faces() == {"am1", "chiffre"}
