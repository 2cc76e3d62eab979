"""The root ceremony: what it makes, what it refuses, what is said of a key that does not open."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest
from tuf.api.metadata import Metadata, Root

from kiosk.release.keys import Keys, KeysError, init, load_root_key
from kiosk.release.rotate import rotate_daily
from tests.release.head_office import NOW, HeadOffice, passphrase


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> HeadOffice:
    """A head office that published once."""
    office = HeadOffice(tmp_path_factory.mktemp("scene") / "office")
    office.publish()
    return office


@pytest.fixture
def office(published: HeadOffice, tmp_path: Path) -> HeadOffice:
    """A copy of it."""
    return published.copied(tmp_path / "office")


def test_the_first_root_wants_two_of_three(office: HeadOffice) -> None:
    root = Metadata[Root].from_bytes(office.anchor).signed
    assert (root.version, root.consistent_snapshot) == (1, True)
    assert (len(root.roles["root"].keyids), root.roles["root"].threshold) == (3, 2)
    daily = [root.roles[role].keyids for role in ("targets", "snapshot", "timestamp")]
    keys = [*root.roles["root"].keyids, *(keyid for keyids in daily for keyid in keyids)]
    assert len(set(keys)) == 6
    assert (office.keys.folder / "root.json").read_bytes() == office.anchor


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_only_the_user_can_read_the_keys(office: HeadOffice) -> None:
    rotate_daily(office.repository(), "daily", office.root_signers(1, 2))  # type: ignore[arg-type]
    secret = [p for p in office.keys.folder.rglob("*") if p.suffix in (".pem", ".old")]
    assert len(secret) == 3 + 6 + 6
    assert {stat.S_IMODE(path.stat().st_mode) for path in secret} == {0o600}
    folders = {office.keys.folder, *(path.parent for path in secret)}
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}


@pytest.mark.parametrize(
    ("phrases", "why"),
    [
        (("too short", "long enough 2", "long enough 3"), "root-1 has 9 characters; at least 10"),
        (("long enough 1", "long enough 2", ""), "root-3 has 0 characters"),
        (("long enough 1", "long enough 2", "long enough 1"), "a passphrase of its own"),
    ],
)
def test_a_weak_passphrase_leaves_nothing_behind(
    tmp_path: Path, phrases: tuple[str, str, str], why: str
) -> None:
    given = dict(zip(("root-1", "root-2", "root-3"), phrases, strict=True))
    with pytest.raises(KeysError, match=why):
        init(tmp_path / "keys", given.__getitem__, NOW)
    assert not (tmp_path / "keys").exists()


def test_keys_are_never_made_over_others(office: HeadOffice) -> None:
    before = {path: path.read_bytes() for path in office.keys.folder.rglob("*.*") if path.is_file()}
    with pytest.raises(KeysError, match="is not empty; keys are made in a new folder"):
        init(office.keys.folder, passphrase, NOW)
    assert before == {path: path.read_bytes() for path in before}


def test_what_is_wrong_with_a_root_key_is_said(office: HeadOffice, tmp_path: Path) -> None:
    path = office.keys.folder / "root-2.pem"
    with pytest.raises(KeysError, match=r"root-2\.pem cannot be unlocked; is the passphrase right"):
        load_root_key(path, "not the words")
    with pytest.raises(KeysError, match=r"gone\.pem cannot be read"):
        load_root_key(tmp_path / "gone.pem", passphrase("root-2"))
    path.write_bytes(b"-----BEGIN NOTHING-----\n")
    with pytest.raises(KeysError, match="cannot be unlocked"):
        load_root_key(path, passphrase("root-2"))
    with pytest.raises(KeysError, match="holds no keys; make them: kiosk keys init"):
        Keys(tmp_path)
