"""Every key replaced: by two people, never by one, also after a cut."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from kiosk.release.keys import KeysError, load_root_key
from kiosk.release.origin import open_origin
from kiosk.release.repository import Repository, SiteRefused
from kiosk.release.rotate import Rotated, needs_root, rotate_daily, rotate_root
from kiosk.release.sync import Rejected, Unchanged, Updated
from tests.release.head_office import NOW, HeadOffice, Shop, passphrase

EVERY = ("daily", "targets", "snapshot", "timestamp", "hq", "le-mans")


def poll(shop: Shop, office: HeadOffice) -> object:
    """Ask the site once."""
    return shop.poll(open_origin(office.tree.as_uri()))


def rotate(office: HeadOffice, what: str, *roots: int) -> Rotated:
    """Give new keys to `what`, with these root keys."""
    return rotate_daily(office.repository(), what, office.root_signers(*roots))  # type: ignore[arg-type]


def everybody_follows(office: HeadOffice, shop: Shop, tmp_path: Path) -> None:
    """A screen that had the old state and a fresh one go on, now and after the next release."""
    fresh = Shop(tmp_path / "fresh", office.anchor)
    assert isinstance(poll(shop, office), Unchanged)
    assert isinstance(poll(fresh, office), Updated)
    office.write({"am1": "Après.", "am2": "Bonsoir."})
    office.publish()
    assert isinstance(poll(shop, office), Updated)
    assert isinstance(poll(fresh, office), Updated)


# -- new keys for old ---------------------------------------------------------------------------


@pytest.mark.parametrize("what", EVERY)
def test_every_screen_follows_new_daily_keys(
    office: HeadOffice, shop: Shop, tmp_path: Path, what: str
) -> None:
    old = office.keys.folder / "daily"
    before = {path: path.read_bytes() for path in old.rglob("*.pem")}
    pair = {"targets": (2, 3), "snapshot": (1, 3)}.get(what, (1, 2)) if needs_root(what) else ()
    rotated = rotate(office, what, *pair)
    assert rotated.root == (2 if pair else 1)
    changed = {path.stem for path, content in before.items() if path.read_bytes() != content}
    assert changed == {role.removeprefix("agency-") for role in rotated.roles}
    everybody_follows(office, shop, tmp_path)


@pytest.mark.parametrize("pair", list(combinations((1, 2, 3), 2)))
def test_any_two_root_keys_replace_the_third(
    office: HeadOffice, shop: Shop, tmp_path: Path, pair: tuple[int, int]
) -> None:
    (lost,) = {1, 2, 3} - set(pair)
    path = office.keys.folder / f"root-{lost}.pem"
    path.rename(path.with_suffix(".lost"))
    kept = office.root_signers(*pair)
    rotated = rotate_root(office.repository(), (path, passphrase(path.stem)), kept)  # type: ignore[arg-type]
    assert (rotated.roles, rotated.root) == ((f"root-{lost}",), 2)
    everybody_follows(office, shop, tmp_path)
    thief = [load_root_key(path.with_suffix(".lost"), passphrase(path.stem)), kept[0]]
    with pytest.raises(KeysError, match="2 different root keys of this site"):
        rotate_daily(office.repository(), "daily", thief)  # type: ignore[arg-type]
    assert rotate(office, "daily", lost, pair[0]).root == 3
    assert isinstance(poll(shop, office), Unchanged)


@pytest.mark.parametrize("roots", [(), (2,), (2, 2)], ids=["none", "one", "one twice"])
def test_one_person_alone_changes_nothing(
    office: HeadOffice, shop: Shop, tmp_path: Path, roots: tuple[int, ...]
) -> None:
    before = {p: p.read_bytes() for p in office.root.rglob("*") if p.is_file()}
    for what in filter(needs_root, EVERY):
        with pytest.raises(KeysError, match="2 different root keys of this site are needed"):
            rotate(office, what, *roots)
    new = office.keys.folder / "root-9.pem", "long enough"
    with pytest.raises(KeysError, match="give exactly the other two of this site"):
        rotate_root(office.repository(), new, office.root_signers(*roots))  # type: ignore[arg-type]
    assert {p: p.read_bytes() for p in office.root.rglob("*") if p.is_file()} == before
    everybody_follows(office, shop, tmp_path)


def test_a_root_key_is_not_overwritten(office: HeadOffice) -> None:
    new = office.keys.folder / "root-3.pem", passphrase("root-3")
    with pytest.raises(KeysError, match=r"root-3\.pem exists; move it away first"):
        rotate_root(office.repository(), new, office.root_signers(1, 2))  # type: ignore[arg-type]


def test_what_is_no_key_is_named(office: HeadOffice) -> None:
    with pytest.raises(KeysError, match=r"no key 'lemans'; there are: daily, targets, hq,.*root-3"):
        rotate(office, "lemans", 1, 2)


# -- cut short ----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["targets", "hq", "snapshot", "timestamp", "agency-nantes"])
def test_a_new_key_that_no_site_knows_is_refused_until_it_is_rotated_again(
    office: HeadOffice, shop: Shop, tmp_path: Path, role: str
) -> None:
    what = role.removeprefix("agency-")
    before, site = office.read(), metadata(office)
    office.keys.make(role)
    office.agency("nantes", "nn")
    office.agency("le-mans", "ll")
    if role == "targets":
        office.agency("angers", "an")
    with pytest.raises(SiteRefused, match=rf"daily key of {role} .* kiosk keys rotate {what}$"):
        office.publish()
    assert metadata(office) == site
    for name in before.files:
        (office.folder / name).write_bytes(before.files[name])
    rotate(office, what, *(1, 2) if needs_root(what) else ())
    everybody_follows(office, shop, tmp_path)


@pytest.mark.parametrize("role", ["hq", "agency-le-mans"])
def test_a_new_key_counts_once_the_agencies_change(
    office: HeadOffice, shop: Shop, tmp_path: Path, role: str
) -> None:
    office.keys.make(role)
    office.agency("angers", "an")
    office.publish()
    assert isinstance(poll(shop, office), Updated)
    everybody_follows(office, shop, tmp_path)


def metadata(office: HeadOffice) -> dict[Path, bytes]:
    """What is signed on the site."""
    return {path: path.read_bytes() for path in (office.tree / "metadata").iterdir()}


@pytest.fixture(params=[False, True], ids=["before the root", "after the root"])
def cut(
    request: pytest.FixtureRequest, office: HeadOffice, tmp_path: Path
) -> Iterator[tuple[HeadOffice, bool]]:
    """A rotation of all the daily keys that was cut before or after the root was sent."""
    twin = office.copied(tmp_path / "twin")
    rotate(twin, "daily", 1, 2)
    for path in (twin.root / "keys").rglob("*.*"):
        if path.is_file():
            target = office.root / path.relative_to(twin.root)
            shutil.copy(path, target)
    if request.param:
        shutil.copy(twin.tree / "metadata" / "2.root.json", office.tree / "metadata")
    yield office, request.param


def test_a_rotation_that_was_cut_is_done_again(
    cut: tuple[HeadOffice, bool], shop: Shop, tmp_path: Path
) -> None:
    office, root_is_there = cut
    assert isinstance(poll(shop, office), Rejected if root_is_there else Unchanged)
    office.write({"am1": "Bonjour.", "am2": "Neuf."})
    with pytest.raises(SiteRefused, match="kiosk keys rotate hq"):
        office.publish()
    rotate(office, "daily", 1, 2)
    everybody_follows(office, shop, tmp_path)


@pytest.mark.parametrize("what", ["timestamp", "snapshot", "targets"])
@pytest.mark.parametrize("publishes", [False, True], ids=["refresh", "publish"])
def test_a_root_without_its_timestamp_is_mended_by_the_next_night(
    office: HeadOffice, shop: Shop, tmp_path: Path, what: str, publishes: bool
) -> None:
    before = office.copy_site("before")
    rotate(office, what, 1, 2)
    sent = office.tree / "metadata" / "2.root.json"
    shutil.copy(sent, before / "metadata")
    shutil.rmtree(office.tree)
    before.rename(office.tree)
    poll(shop, office)
    if publishes:
        office.write({"am1": "Autre.", "am2": "Bonsoir."})
        office.publish()
        assert isinstance(poll(shop, office), Updated)
    else:
        office.refresh()
    everybody_follows(office, shop, tmp_path)


# -- the wrong folder ---------------------------------------------------------------------------


def test_keys_older_than_the_site_are_refused(office: HeadOffice, tmp_path: Path) -> None:
    backup = office.copied(tmp_path / "backup").keys
    rotate(office, "daily", 1, 2)
    with pytest.raises(SiteRefused, match=r"has a newer root than .* fetch the newest copy"):
        Repository(office.site(), backup, NOW)
    rotate(office, "hq")
    stale = office.copied(tmp_path / "stale").keys
    rotate(office, "hq")
    office.keys = stale
    office.write({"am1": "Non."})
    with pytest.raises(SiteRefused, match=r"the daily key of hq .* is not the one that counts"):
        office.publish()


def test_the_keys_of_another_site_are_refused(office: HeadOffice, tmp_path: Path) -> None:
    other = HeadOffice(tmp_path / "other")
    with pytest.raises(SiteRefused, match=r"was not signed with the keys in .* of this site"):
        Repository(office.site(), other.keys, NOW)


def test_a_missing_root_file_is_named(office: HeadOffice) -> None:
    rotate(office, "timestamp", 1, 2)
    (office.keys.folder / "roots" / "1.root.json").unlink()
    with pytest.raises(KeysError, match=r"root\.json is missing: restore it from a backup"):
        office.repository()


def test_new_keys_after_all_were_lost_reach_screens_with_a_new_anchor(
    office: HeadOffice, shop: Shop, tmp_path: Path
) -> None:
    rotate(office, "daily", 1, 2)
    poll(shop, office)
    new = HeadOffice(tmp_path / "new")
    new.publish()
    assert isinstance(poll(shop, new), Rejected)
    shop.anchor = new.anchor
    assert isinstance(poll(shop, new), Updated | Unchanged)
    assert json.loads(shop.store.metadata("root") or b"")["signed"]["version"] == 1
    new.write({"am1": "Neuf."})
    new.publish()
    assert isinstance(poll(shop, new), Updated)
