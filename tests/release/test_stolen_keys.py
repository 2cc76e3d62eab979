"""Stolen keys: what they may say is bounded by whose they are, and must be sense."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile, Snapshot, TargetFile, Targets, Timestamp

from kiosk.release.record import CAMPAIGN, MANIFEST
from kiosk.release.repository import target_file
from kiosk.release.rotate import rotate_daily
from kiosk.release.sync import Rejected, Seat, Unchanged, Unreachable, Updated
from tests.release.head_office import HeadOffice, Shop, picture, served

Damage = Callable[[HeadOffice], object]


def signed_as(path: str, length: int, hashes: dict[str, str]) -> Damage:
    """Head office's role signs a target of these facts."""
    target = TargetFile(length, hashes, path)
    return lambda office: office.forge("hq", lambda signed: signed.targets.update({path: target}))


def unsign(path: str) -> Damage:
    """Head office's role signs the file no more."""
    return lambda office: office.forge("hq", lambda signed: signed.targets.pop(path))


SIGNED: dict[str, tuple[Damage, str]] = {
    "no yaml": (
        lambda o: o.have_signed("hq", CAMPAIGN, b"campaign: [essai\ntitle: }"),
        "the release is signed, but wrong: campaign.yaml:2:6:",
    ),
    "not utf-8": (lambda o: o.have_signed("hq", CAMPAIGN, b"campaign: \xff"), "campaign.yaml:1:11"),
    "no campaign": (lambda o: o.have_signed("hq", CAMPAIGN, b"title: x\n"), "campaign.yaml:1:1"),
    "bad agency": (
        lambda o: o.have_signed(
            "agency-le-mans", "agencies/le-mans.yaml", b"agency: le-mans\nx: y\n"
        ),
        "agencies/le-mans.yaml:",
    ),
    "picture left out": (unsign("media/portraits/am1.svg"), "media/portraits/am1.svg is not in"),
    "no manifest": (
        lambda o: o.have_signed("hq", MANIFEST, b"[1]"),
        "campaign/release.json is signed",
    ),
    "manifest left out": (unsign(MANIFEST), "campaign/release.json is not in the release"),
    "number 0": (
        lambda o: o.have_signed("hq", MANIFEST, b'{"number": 0}'),
        "campaign/release.json is signed, but wrong: number",
    ),
    "sha512 only": (signed_as(CAMPAIGN, 9, {"sha512": "0" * 128}), "without SHA-256"),
    "hash is a path": (signed_as(CAMPAIGN, 9, {"sha256": "../../../x"}), "without SHA-256"),
    "hash has a NUL": (
        signed_as(CAMPAIGN, 9, {"md5": "a\0b/../..", "sha256": "0" * 64}),
        "is not at the origin",
    ),
    "empty": (signed_as(CAMPAIGN, 0, {"sha256": "0" * 64}), "signed with 0 bytes"),
    "long text": (signed_as(CAMPAIGN, 2**20 + 1, {"sha256": "0" * 64}), "more than 1048576"),
    "1 TB": (signed_as("media/portraits/am1.svg", 10**12, {"sha256": "0" * 64}), "10000000"),
}


@pytest.mark.parametrize("name", SIGNED)
def test_what_is_signed_but_wrong_is_refused_whole(
    office: HeadOffice, shop: Shop, name: str
) -> None:
    forged, why = SIGNED[name]
    before = shop.release
    forged(office)
    with served(office.tree) as (origin, _):
        outcome = shop.poll(origin)
        assert isinstance(outcome, Rejected | Unreachable)
        assert isinstance(outcome, Unreachable) is ("is not at" in why)
        assert why in outcome.why
        assert shop.release == before
        office.write({"am1": "Bonjour.", "am2": "Toujours là."})
        office.publish()
        assert isinstance(shop.poll(origin), Updated)


def test_an_agencys_key_speaks_for_its_own_file_only(
    office: HeadOffice, shop: Shop, tmp_path: Path
) -> None:
    nantes = Shop(tmp_path / "nantes", office.anchor, Seat("nantes"))
    for path in ("agencies/nantes.yaml", "media/portraits/am1.svg", CAMPAIGN, MANIFEST):
        office.have_signed("agency-le-mans", path, b"stolen")
    with served(office.tree) as (origin, asked):
        assert isinstance(shop.poll(origin), Unchanged)
        assert isinstance(nantes.poll(origin), Updated)
    assert nantes.release.files["media/portraits/am1.svg"].sha256 in "".join(asked)
    for screen in (shop, nantes):
        texts = [screen.store.read(signed.sha256) for signed in screen.release.files.values()]
        assert b"stolen" not in texts


def test_a_removed_agency_is_told_so_and_plays_on(office: HeadOffice, shop: Shop) -> None:
    before = shop.release
    (office.folder / "agencies" / "le-mans.yaml").unlink()
    office.write({"am1": "Bonjour."}, {"am1": "[nantes]"})
    office.publish()
    with served(office.tree) as (origin, _):
        outcome = shop.poll(origin)
        assert isinstance(outcome, Rejected)
        assert "agencies/le-mans.yaml is not in the release; is `agency: le-mans`" in outcome.why
        assert shop.release == before
        office.agency("le-mans", "lm")
        office.publish()
        assert isinstance(shop.poll(origin), Updated)


@pytest.mark.parametrize("year", ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59"])
def test_after_a_fast_forward_new_keys_bring_every_screen_back(
    office: HeadOffice, shop: Shop, year: str
) -> None:
    honest = office.copy_site("honest")
    timestamp = Metadata[Timestamp].from_bytes(office.latest("timestamp").read_bytes())
    snapshot = Metadata[Snapshot].from_bytes(office.latest("snapshot").read_bytes())
    snapshot.signed.version = timestamp.signed.version = 2**31
    timestamp.signed.snapshot_meta = MetaFile(2**31)
    timestamp.signed.unrecognized_fields["x-o2-signed"] = year
    timestamp.signed.expires = snapshot.signed.expires = shop.now.replace(year=9999)
    for name, one in ((f"{2**31}.snapshot", snapshot), ("timestamp", timestamp)):
        one.sign(office.keys.signer(name.rpartition(".")[2]))
        one.to_file(str(office.tree / "metadata" / f"{name}.json"))
    with served(office.tree) as (origin, _):
        assert isinstance(shop.poll(origin), Unchanged)
        shutil.rmtree(office.tree)
        shutil.copytree(honest, office.tree)
        assert isinstance(shop.poll(origin), Rejected)
        rotate_daily(office.repository(), "daily", office.root_signers(1, 2))  # type: ignore[arg-type]
        assert isinstance(shop.poll(origin), Unchanged | Updated)
        office.write({"am1": "De retour.", "am2": "Bonsoir."})
        office.publish()
        assert isinstance(shop.poll(origin), Updated)


# -- names that lead elsewhere ------------------------------------------------------------------

NAMES = ["../../../x.svg", "/etc/x.svg", "a/../../x.svg", "a\\..\\x.svg", "a\0.svg", "a" * 5000]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_no_name_leads_out_of_the_store(
    office: HeadOffice, shop: Shop, tmp_path: Path, name: str
) -> None:
    picture_file = target_file("x", picture("#123456"))

    def sign(signed: Targets) -> None:
        for path in (name, f"media/{name}", f"agencies/{name}", f"campaign/{name}"):
            signed.targets[path] = TargetFile(picture_file.length, picture_file.hashes, path)

    def everything() -> set[Path]:
        return {path for path in tmp_path.rglob("*") if not path.is_relative_to(shop.root)}

    office.forge("hq", sign)
    before, there = shop.release, everything()
    with served(office.tree) as (origin, _):
        assert isinstance(shop.poll(origin), Unchanged)
        assert isinstance(lost(shop, name).poll(origin), Rejected)
        text = (office.folder / "campaign.yaml").read_text()
        wanted = text.replace("portraits/am1.svg", json.dumps(name))
        assert everything() == there
        office.have_signed("hq", CAMPAIGN, wanted.encode())
        there = everything()
        refused = shop.poll(origin)
    assert isinstance(refused, Rejected)
    assert "campaign.yaml:11:14" in refused.why or "is not in the release" in refused.why
    assert shop.release == before
    assert everything() == there
    objects = {path.name for path in (shop.root / "objects").glob("*/*")}
    assert objects <= before.hashes() | {hashlib.sha256(wanted.encode()).hexdigest()}


def lost(shop: Shop, name: str) -> Shop:
    """The same data folder under an agency's id that is a path."""
    return Shop(shop.root, shop.anchor, Seat(name), shop.now)


def test_a_role_named_like_a_path_stays_in_the_store(
    office: HeadOffice, shop: Shop, tmp_path: Path
) -> None:
    key = CryptoSigner.generate_ed25519()

    def delegate(signed: Targets) -> None:
        assert signed.delegations is not None
        assert signed.delegations.roles is not None
        role = signed.delegations.roles.pop("hq")
        role.name, role.keyids = "../../../evil", []
        signed.delegations.roles = {role.name: role, **signed.delegations.roles}
        signed.add_key(key.public_key, role.name)

    office.forge("targets", delegate)
    evil = Metadata[Targets].from_bytes(office.latest("hq").read_bytes())
    office.put("../../../evil", evil, key)
    with served(office.tree) as (origin, _):
        assert isinstance(shop.poll(origin), Unchanged)
    assert {path.name for path in tmp_path.iterdir()} == {"office"}
    assert (shop.root / "tuf" / "..%2F..%2F..%2Fevil.json").is_file()
