"""The client that tuf-conformance drives, against repositories of every shape TUF allows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Delegations, Key, SuccinctRoles, Targets

from kiosk.door.loopback import serving
from tests.release.any_repository import TOP, AnyRepository, Client
from tests.release.head_office import Quiet


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """A client, and a server for the folder `site` beside its own."""
    (tmp_path / "site").mkdir()
    asked: list[str] = []
    with serving(partial(Quiet, asked=asked, directory=str(tmp_path / "site"))) as port:
        yield Client(tmp_path / "client", f"http://127.0.0.1:{port}", asked)


@pytest.fixture
def site(tmp_path: Path) -> AnyRepository:
    """A repository that has not begun."""
    return AnyRepository(tmp_path / "site")


def versions(root: int, timestamp: int, snapshot: int, targets: int) -> dict[str, int]:
    """As Client.versions."""
    return {"root": root, "timestamp": timestamp, "snapshot": snapshot, "targets": targets}


# -- init and refresh ---------------------------------------------------------------------------


def test_what_is_verified_is_kept_and_not_asked_for_again(
    client: Client, site: AnyRepository
) -> None:
    assert client.init(site.begin()) == 0
    assert client.versions() == {"root": 1}
    assert client.refresh() == 0
    assert client.versions() == versions(1, 1, 1, 1)
    client.asked.clear()
    assert client.refresh() == 0
    assert client.asked == ["/metadata/2.root.json", "/metadata/timestamp.json"]
    site.send()
    assert client.refresh() == 0
    assert client.versions() == versions(1, 2, 2, 1)


def test_a_bad_trust_anchor_is_refused(client: Client, site: AnyRepository) -> None:
    root = json.loads(site.begin())
    root["signed"]["version"] += 1
    timestamp = (site.root / "metadata" / "timestamp.json").read_bytes()
    for bad in (b"{", json.dumps(root).encode(), timestamp):
        assert client.init(bad) == 1
        assert client.versions() == {}
    assert client.refresh() == 1


def test_a_chain_of_roots_is_followed_over_an_expired_one(
    client: Client, site: AnyRepository
) -> None:
    client.init(site.begin())
    good = site.role("root").expires
    for expires in (datetime(2020, 1, 1, tzinfo=UTC), good, good):
        old = site.signers["root"]
        site.key("root")
        site.signers["root"] += old
        site.role("root").expires = expires
        site.send("root")
        site.signers["root"] = site.signers["root"][:1]
    assert client.refresh() == 0
    assert client.versions() == versions(4, 4, 4, 1)


def test_a_root_that_the_one_before_did_not_sign_ends_the_chain(
    client: Client, site: AnyRepository
) -> None:
    client.init(site.begin())
    site.send("root")
    site.key("root")
    site.send("root")
    assert client.refresh() == 1
    assert client.versions() == {"root": 2}


def test_one_key_counts_once(client: Client, site: AnyRepository) -> None:
    client.init(site.begin())
    site.role("root").roles["timestamp"].threshold = 2
    site.signers["timestamp"] *= 2
    site.send("root")
    assert client.refresh() == 1
    site.signers["timestamp"] = site.signers["timestamp"][:1]
    second = site.make()
    site.role("root").add_key(second.public_key, "timestamp")
    site.signers["timestamp"].append(second)
    site.send("root")
    assert client.refresh() == 0


def test_every_kind_of_key(client: Client, site: AnyRepository) -> None:
    kinds = {"root": "rsa", "timestamp": "ecdsa", "snapshot": "ed25519", "targets": "rsa"}
    client.init(site.begin())
    for role, kind in kinds.items():
        site.make = getattr(CryptoSigner, f"generate_{kind}")
        site.signers[role].append(site.make())
        site.role("root").add_key(site.signers[role][-1].public_key, role)
        site.role("root").roles[role].threshold = 2
    site.send("root", "targets")
    assert client.refresh() == 0
    assert client.versions() == versions(2, 2, 2, 2)


@pytest.mark.parametrize(
    ("role", "kept"),
    [
        ("root", {"root": 2}),
        ("timestamp", {"root": 1}),
        ("snapshot", {"root": 1, "timestamp": 2}),
        ("targets", {"root": 1, "timestamp": 2, "snapshot": 2}),
    ],
)
def test_an_expired_role_is_refused_until_it_is_renewed(
    client: Client, site: AnyRepository, role: str, kept: dict[str, int]
) -> None:
    client.init(site.begin())
    good = site.role(role).expires
    for expires, code in ((datetime.now(UTC).replace(microsecond=0), 1), (good, 0)):
        site.role(role).expires = expires
        site.send(*{role} - {"snapshot", "timestamp"})
        assert client.refresh() == code
        if code:
            assert client.versions() == kept


@pytest.mark.parametrize(
    ("role", "keys"),
    [
        ("timestamp", ("timestamp",)),
        ("snapshot", ("snapshot", "timestamp")),
        ("targets", ("snapshot",)),
    ],
)
def test_no_role_goes_back_until_keys_change(
    client: Client, site: AnyRepository, role: str, keys: tuple[str, ...]
) -> None:
    client.init(site.begin())
    site.send("targets", **{role: 99_999})
    assert client.refresh() == 0
    site.send("targets", **{role: 3})
    assert client.refresh() == 1
    assert client.versions()[role] == 99_999
    for signer in keys:
        site.key(signer)
    site.send("root", "targets", **{role: 4})
    assert client.refresh() == 0
    assert client.versions()[role] == 4


def test_what_the_specification_does_not_know_is_left_alone(
    client: Client, site: AnyRepository
) -> None:
    for role in TOP:
        site.role(role).unrecognized_fields["x-more"] = {"a": [1, None, "é"]}
    key: Key = site.make().public_key
    key.unrecognized_fields["keyid_hash_algorithms"] = ["sha256"]
    site.role("root").add_key(key, "targets")
    client.init(site.begin())
    assert client.refresh() == 0
    kept = json.loads((client.root / "metadata" / "targets.json").read_bytes())
    assert kept["signed"]["x-more"] == {"a": [1, None, "é"]}


@pytest.mark.parametrize("role", ["snapshot", "targets"])
def test_lengths_and_hashes_are_held_to(client: Client, site: AnyRepository, role: str) -> None:
    site.hashed = True
    client.init(site.begin())
    assert client.refresh() == 0
    site.send("targets")
    path = site.root / "metadata" / f"2.{role}.json"
    good = path.read_bytes()
    turned = dict(reversed(json.loads(good).items()))
    for bad in (good + b" ", json.dumps(turned, separators=(",", ":")).encode()):
        path.write_bytes(bad)
        assert client.refresh() == 1
        assert client.versions()[role] == 1
    path.write_bytes(good)
    assert client.refresh() == 0


# -- download -----------------------------------------------------------------------------------


@pytest.mark.parametrize("consistent", [True, False])
def test_targets_come_by_the_name_that_the_repository_gives_them(
    client: Client, tmp_path: Path, consistent: bool
) -> None:
    site = AnyRepository(tmp_path / "site", consistent)
    for path in ("plain", "in/a/folder/é ?#.txt", "empty"):
        site.add("targets", path, b"" if path == "empty" else path.encode())
    client.init(site.begin())
    for path in ("plain", "in/a/folder/é ?#.txt", "empty", "plain"):
        assert client.download(path) == (b"" if path == "empty" else path.encode())
    fetched = [asked for asked in client.asked if asked.startswith("/targets/")]
    assert len(fetched) == 2  # the empty one and the one that is here already are not asked for
    name = f"{site.role('targets').targets['plain'].hashes['sha256']}.plain"
    assert fetched[0] == f"/targets/{name if consistent else 'plain'}"
    assert client.download("missing") is None
    site.add("targets", "plain", b"changed")
    site.send("targets")
    assert client.download("plain") == b"changed"


def test_other_bytes_are_refused_and_the_old_file_stays(
    client: Client, site: AnyRepository
) -> None:
    site.add("targets", "file", b"first")
    client.init(site.begin())
    assert client.download("file") == b"first"
    site.add("targets", "file", b"other")
    site.send("targets")
    for path in (site.root / "targets").iterdir():
        path.write_bytes(b"false")
    assert client.download("file") is None
    assert [path.name for path in (client.root / "targets").iterdir()] == ["file"]
    assert (client.root / "targets" / "file").read_bytes() == b"first"


def test_delegations_are_searched_in_their_order_until_one_ends_it(
    client: Client, site: AnyRepository
) -> None:
    site.delegate("targets", "a", "*.txt")
    site.delegate("a", "a1", "n*.txt")
    site.delegate("targets", "b", "t*.txt", terminating=True)
    site.delegate("targets", "c", "*.txt")
    site.delegate("a1", "never", "*.none")
    for role, names in {"a1": "nx", "b": "tn", "c": "txy", "a": "x"}.items():
        for name in names:
            site.add(role, f"{name}.txt", f"{name} of {role}".encode())
    site.add("c", "tt.txt", b"never reached")
    client.init(site.begin())
    site.send("a", "a1", "b", "c", "never", "targets")
    wanted = {"n": "a1", "t": "b", "x": "a", "y": "c"}
    for name, role in wanted.items():
        assert client.download(f"{name}.txt") == f"{name} of {role}".encode()
    assert client.download("tt.txt") is None
    assert client.versions() == {**versions(1, 2, 2, 2), "a": 1, "a1": 1, "b": 1, "c": 1}


def test_bins_of_hashes(client: Client, site: AnyRepository) -> None:
    key = site.make()
    succinct = SuccinctRoles([key.public_key.keyid], 1, 3, "bin")
    site.role("targets").delegations = Delegations(
        {key.public_key.keyid: key.public_key}, succinct_roles=succinct
    )
    bins = list(succinct.get_roles())
    for name in bins:
        site.hold(name, Targets())
        site.signers[name] = [key]
    for path in ("one", "two/three"):
        site.add(succinct.get_role_for_target(path), path, path.encode())
    client.init(site.begin())
    site.send("targets", *bins)
    assert client.download("one") == b"one"
    assert client.download("two/three") == b"two/three"
    assert client.download("four") is None


def test_a_role_may_have_any_name(client: Client, site: AnyRepository) -> None:
    roles = ("?", "#", "/delegated", "../delegated", "a b.c", "é")
    for role in roles:
        site.delegate("targets", role, "*")
        (site.root / "metadata" / f"1.{role}.json").parent.mkdir(parents=True, exist_ok=True)
    site.add(roles[-1], "file", b"here")
    client.init(site.begin())
    site.send("targets", *roles)
    assert client.download("file") == b"here"
    kept = {path.name for path in (client.root / "metadata").iterdir()}
    assert kept == {f"{quote(role, '')}.json" for role in (*TOP, *roles)}
