"""Whoever owns the network, the host or some of the keys: what they offer is refused, and an honest
site is believed again afterwards."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from securesystemslib.signer import CryptoSigner, Signer
from tuf.api.metadata import Metadata, Root

from kiosk.release.origin import open_origin
from kiosk.release.rotate import rotate_daily
from kiosk.release.sync import Rejected, Unchanged, Unreachable, Updated
from tests.release.head_office import HeadOffice, Shop, picture, served

Damage = Callable[[HeadOffice], object]


def overwrite(role: str, content: bytes) -> Damage:
    """Other bytes in the place of a role's file."""
    return lambda office: office.latest(role).write_bytes(content)


def unsigned(role: str) -> Damage:
    """A role's file with a number changed, so that its signature no longer fits."""

    def damage(office: HeadOffice) -> None:
        content = json.loads(office.latest(role).read_bytes())
        content["signed"]["version"] += 1
        office.latest(role).write_text(json.dumps(content))

    return damage


def earlier(role: str) -> Damage:
    """The file of the release before under the new one's name."""

    def damage(office: HeadOffice) -> None:
        new = office.latest(role)
        version = int(new.name.split(".")[0])
        shutil.copy(new.with_name(f"{version - 1}.{role}.json"), new)

    return damage


def longer(role: str, size: int) -> Damage:
    """A role's file with spaces after it, which JSON allows."""
    return lambda office: office.latest(role).write_bytes(
        office.latest(role).read_bytes() + b" " * size
    )


def changed_object(pattern: str, old: bytes, new: bytes) -> Damage:
    """Other bytes in every object of this name."""

    def damage(office: HeadOffice) -> None:
        for file in (office.tree / "targets").glob(pattern):
            file.write_bytes(file.read_bytes().replace(old, new))

    return damage


def second_root(signers: Callable[[HeadOffice], list[Signer]], version: int = 2) -> Damage:
    """A root that gives all power to a key of the attacker, signed by `signers`."""

    def damage(office: HeadOffice) -> None:
        root = Metadata[Root].from_bytes(office.anchor)
        root.signed.version = version
        mine = CryptoSigner.generate_ed25519()
        for role in ("root", "timestamp"):
            root.signed.roles[role].threshold = 1
            root.signed.add_key(mine.public_key, role)
        root.signatures.clear()
        for signer in (mine, *signers(office)):
            root.sign(signer, append=True)
        root.to_file(str(office.tree / "metadata" / "2.root.json"))

    return damage


def another_head_office(office: HeadOffice) -> None:
    """A whole site signed by somebody else's keys."""
    other = HeadOffice(office.root / "other")
    other.publish()
    shutil.rmtree(office.tree)
    shutil.copytree(other.tree, office.tree)


DAMAGES: dict[str, tuple[Damage, type, str]] = {
    "no json": (overwrite("timestamp", b"\0\xff\xfe"), Rejected, "signatures do not hold"),
    "no metadata": (overwrite("timestamp", b"{}"), Rejected, "signatures do not hold"),
    "nested": (overwrite("timestamp", b"[" * 16_000), Rejected, "signatures do not hold"),
    "empty": (overwrite("timestamp", b""), Rejected, "signatures do not hold"),
    "changed timestamp": (unsigned("timestamp"), Rejected, "signatures do not hold"),
    "garbage snapshot": (overwrite("snapshot", b"[]"), Rejected, "signatures do not hold"),
    "changed snapshot": (unsigned("snapshot"), Rejected, "signatures do not hold"),
    "garbage targets": (overwrite("targets", b"7"), Rejected, "signatures do not hold"),
    "changed targets": (unsigned("targets"), Rejected, "signatures do not hold"),
    "changed hq": (unsigned("hq"), Rejected, "signatures do not hold"),
    "changed agency": (unsigned("agency-le-mans"), Rejected, "signatures do not hold"),
    "mixed snapshot": (earlier("snapshot"), Rejected, "older release"),
    "mixed targets": (earlier("targets"), Rejected, "older release"),
    "mixed hq": (earlier("hq"), Rejected, "older release"),
    "endless timestamp": (longer("timestamp", 16_384), Unreachable, "longer than 16384 bytes"),
    "endless snapshot": (longer("snapshot", 2_000_000), Unreachable, "longer than 2000000"),
    "endless hq": (longer("hq", 5_000_000), Unreachable, "longer than 5000000 bytes"),
    "endless root": (
        lambda office: (office.tree / "metadata/2.root.json").write_bytes(b" " * 512_001),
        Unreachable,
        "longer than 512000 bytes",
    ),
    "other words": (
        changed_object("campaign/*.yaml", b"Salut", b"Adieu"),
        Rejected,
        "not the file that was signed",
    ),
    "other picture": (
        changed_object("media/portraits/*am3.svg", b"rect", b"tcer"),
        Rejected,
        "not the file that was signed",
    ),
    "longer object": (
        changed_object("campaign/*.yaml", b"Salut", b"Salut" * 9000),
        Unreachable,
        "longer than",
    ),
    "own root": (second_root(lambda _: []), Rejected, "signatures do not hold"),
    "one of two": (
        second_root(lambda office: office.root_signers(1)),  # type: ignore[arg-type, return-value]
        Rejected,
        "signatures do not hold",
    ),
    "daily keys sign a root": (
        second_root(lambda o: [o.keys.signer("timestamp"), o.keys.signer("targets")]),
        Rejected,
        "signatures do not hold",
    ),
    "root out of turn": (
        second_root(lambda o: o.root_signers(1, 2), 3),  # type: ignore[arg-type, return-value]
        Rejected,
        "older release",
    ),
    "other head office": (another_head_office, Rejected, "signatures do not hold"),
}


def second_release(office: HeadOffice) -> None:
    """Every role signs anew: words, pictures, an agency's file and the list of agencies."""
    office.picture("am3").write_bytes(picture("#abcdef"))
    office.write({"am1": "Salut.", "am3": "Bonsoir."})
    office.agency("angers", "an")
    path = office.folder / "agencies" / "le-mans.yaml"
    path.write_text(path.read_text().replace("O2 le-mans", "O2 Le Mans"))
    office.publish()


@pytest.fixture(scope="module")
def renewed(published: HeadOffice, tmp_path_factory: pytest.TempPathFactory) -> HeadOffice:
    """The same head office after its second release."""
    office = published.copied(tmp_path_factory.mktemp("scene") / "office")
    second_release(office)
    return office


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_or_forged_site_is_refused_until_it_is_honest_again(
    renewed: HeadOffice, tmp_path: Path, name: str
) -> None:
    damage, kind, why = DAMAGES[name]
    office = renewed.copied(tmp_path / "office")
    shop, fresh = Shop(office.root / "shop", office.anchor), Shop(tmp_path / "x", office.anchor)
    before = shop.release
    damage(office)
    with served(office.tree) as (origin, _):
        outcomes = shop.poll(origin), fresh.poll(origin), shop.poll(origin)
    for outcome in outcomes:
        assert isinstance(outcome, kind), outcome
        assert why in str(outcome)
    assert shop.release == before
    assert fresh.store.current() is None
    for screen in (shop, fresh):
        assert isinstance(screen.poll(open_origin(renewed.tree.as_uri())), Updated)
        assert screen.release.manifest.number == 2


# -- going back, and standing still -------------------------------------------------------------


def truncated(shop: Shop) -> None:
    """What a power cut leaves of files that were not flushed."""
    for file in (shop.root / "tuf").iterdir():
        file.write_bytes(b"")


def deleted(shop: Shop) -> None:
    """The folder of metadata is gone."""
    shutil.rmtree(shop.root / "tuf")


def one_floor(name: str) -> Callable[[Shop], None]:
    """The folder is gone, and one copy of the floor is damaged."""

    def harm(shop: Shop) -> None:
        deleted(shop)
        (shop.root / name).write_bytes((shop.root / name).read_bytes()[:-9])

    return harm


@pytest.mark.parametrize("rotated", [False, True], ids=["same keys", "new keys"])
@pytest.mark.parametrize(
    "harm",
    [lambda _: None, truncated, deleted, one_floor("floor-a"), one_floor("floor-b")],
    ids=["whole", "truncated", "deleted", "no floor-a", "no floor-b"],
)
def test_an_older_release_is_refused_even_by_a_screen_that_lost_its_metadata(
    office: HeadOffice, shop: Shop, harm: Callable[[Shop], None], rotated: bool
) -> None:
    old = office.copy_site("old")
    second_release(office)
    if rotated:
        rotate_daily(office.repository(), "daily", office.root_signers(1, 3))  # type: ignore[arg-type]
    honest = open_origin(office.tree.as_uri())
    shop.poll(honest)
    before = shop.release
    harm(shop)
    outcome = shop.poll(open_origin(old.as_uri()))
    assert isinstance(outcome, Rejected)
    lost = rotated and harm.__name__ != "<lambda>"
    assert ("root 1, where this screen has seen 2" in outcome.why) is lost
    assert shop.release == before
    assert isinstance(shop.poll(honest), Unchanged)


def test_an_origin_that_stands_still_is_noticed_when_its_timestamp_expires(
    office: HeadOffice, shop: Shop
) -> None:
    origin, start, before = open_origin(office.tree.as_uri()), office.now, shop.release
    shop.now = start + timedelta(days=14, seconds=-1)
    assert isinstance(shop.poll(origin), Unchanged)
    shop.now = start + timedelta(days=14)
    outcome = shop.poll(origin)
    assert isinstance(outcome, Rejected)
    assert "timestamp.json is expired" in outcome.why
    assert "does head office refresh the site?" in outcome.why
    assert shop.release == before
    office.now = shop.now
    office.refresh()
    assert isinstance(shop.poll(origin), Unchanged)


def test_a_power_cut_between_the_floors_copies_loses_nothing(
    office: HeadOffice, shop: Shop
) -> None:
    before = (shop.root / "floor-b").read_bytes()
    rotate_daily(office.repository(), "daily", office.root_signers(1, 2))  # type: ignore[arg-type]
    old = office.copy_site("old")
    second_release(office)
    shop.poll(open_origin(office.tree.as_uri()))
    (shop.root / "floor-b").write_bytes(before)
    deleted(shop)
    outcome = shop.poll(open_origin(old.as_uri()))
    assert isinstance(outcome, Rejected)
    assert "where this screen has seen" in outcome.why
