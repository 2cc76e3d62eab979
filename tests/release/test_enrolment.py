"""A signed enrolment: who may sign it, which PC takes it, and what that PC keeps."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from securesystemslib.dsse import Envelope
from tuf.api.metadata import Metadata, Root

from kiosk import config
from kiosk.release import enrolment as module
from kiosk.release.enrolment import (
    CA_FILE,
    KEPT,
    LARGEST,
    TYPE,
    Enrolment,
    Reason,
    Refused,
    apply,
    authorities_of,
    held,
    newest_root,
    read,
    sign,
)
from kiosk.release.keys import KeysError, init, load_root_key
from kiosk.release.origin import open_origin
from kiosk.release.rotate import rotate_daily, rotate_root
from tests.release.authority import Authority
from tests.release.head_office import NOW, HeadOffice, Shop, passphrase

PC = "PC-LEMANS-01"
SAID = Enrolment(
    agency="le-mans",
    central="https://kiosk.o2.example/site",
    issued=NOW,
    expires=NOW + timedelta(days=90),
)


@pytest.fixture(scope="session")
def stick(published: HeadOffice) -> bytes:
    """A file signed by head office's first keys."""
    return sign(SAID, published.keys)


def rotate(office: HeadOffice, what: str) -> None:
    """Two people replace a daily key."""
    rotate_daily(office.repository(), what, office.root_signers(1, 3))  # type: ignore[arg-type]


def newly_trusted(office: HeadOffice) -> bytes:
    """The root.json that an installer made today carries."""
    return office.keys.roots()[-1]


def refused(content: bytes, anchor: bytes, **more: Any) -> Reason:
    """Why the file is not taken."""
    with pytest.raises(Refused) as caught:
        read(content, anchor, **{"now": NOW, "pc": PC, **more})
    assert str(caught.value)
    return caught.value.reason


def test_what_head_office_signs_is_read(published: HeadOffice, stick: bytes) -> None:
    proven = read(stick, published.anchor, now=NOW, pc=PC)
    assert proven.enrolment == SAID
    assert proven.content == stick
    assert dict(proven.enrolment.settings()) == {
        "agency": "le-mans",
        "central": "https://kiosk.o2.example/site",
    }


def test_no_byte_of_what_was_signed_can_be_changed(published: HeadOffice, stick: bytes) -> None:
    file = json.loads(stick)
    payload = bytearray(b64decode(file["enrolment"]["payload"]))
    for place in range(len(payload)):
        payload[place] ^= 1
        file["enrolment"]["payload"] = b64encode(payload).decode()
        assert refused(json.dumps(file).encode(), published.anchor) is Reason.NOT_SIGNED
        payload[place] ^= 1


@settings(max_examples=150, deadline=None)
@given(place=st.integers(0, 10_000), value=st.integers(0, 255))
def test_a_changed_byte_anywhere_never_changes_what_is_said(
    published: HeadOffice, stick: bytes, place: int, value: int
) -> None:
    changed = bytearray(stick)
    changed[place % len(stick)] = value
    try:
        assert read(bytes(changed), published.anchor, now=NOW, pc=PC).enrolment == SAID
    except Refused as error:
        assert error.reason in (Reason.DAMAGED, Reason.NOT_SIGNED)


@settings(max_examples=150, deadline=None)
@given(content=st.binary(max_size=400))
def test_anything_else_is_damaged(published: HeadOffice, content: bytes) -> None:
    assert refused(content, published.anchor) is Reason.DAMAGED


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[" * LARGEST,
        b'{"a":' * 10_000,
        b" " * LARGEST + b"{}",
        b'{"enrolment": {"payload": "", "payloadType": "x", "signatures": []}, "roots": []}',
        b"\xff\xfe",
    ],
)
def test_hostile_files_are_damaged(published: HeadOffice, content: bytes) -> None:
    assert refused(content, published.anchor) is Reason.DAMAGED


def test_keys_of_others_and_other_roles_sign_nothing(
    tmp_path: Path, published: HeadOffice, stick: bytes
) -> None:
    others = init(tmp_path / "keys", passphrase, NOW)
    assert refused(sign(SAID, others), published.anchor) is Reason.NOT_SIGNED
    assert refused(stick, others.roots()[0]) is Reason.NOT_SIGNED
    for role in ("hq", "snapshot", "timestamp", "agency-le-mans"):
        envelope = Envelope(SAID.model_dump_json().encode(), TYPE, {})
        envelope.sign(published.keys.signer(role))
        content = json.dumps({"enrolment": envelope.to_dict(), "roots": []}).encode()
        assert refused(content, published.anchor) is Reason.NOT_SIGNED, role


def test_a_signature_of_metadata_is_none_of_an_enrolment(published: HeadOffice) -> None:
    metadata: Metadata[Any] = Metadata.from_bytes(published.latest("targets").read_bytes())
    (signature,) = metadata.signatures.values()
    for payload in (metadata.signed_bytes, SAID.model_dump_json().encode()):
        envelope = Envelope(payload, TYPE, {signature.keyid: signature})
        content = json.dumps({"enrolment": envelope.to_dict(), "roots": []}).encode()
        assert refused(content, published.anchor) is Reason.NOT_SIGNED


def test_it_enrols_nobody_after_its_day(published: HeadOffice, stick: bytes) -> None:
    day = timedelta(days=90)
    last = NOW + day - timedelta(seconds=1)
    assert read(stick, published.anchor, now=last, pc=PC).enrolment == SAID
    assert refused(stick, published.anchor, now=NOW + day) is Reason.EXPIRED


def test_it_may_be_for_one_pc(published: HeadOffice) -> None:
    content = sign(SAID.model_copy(update={"pc": "pc-lemans-01.siege.example"}), published.keys)
    assert read(content, published.anchor, now=NOW, pc=PC).content == content
    assert refused(content, published.anchor, pc="PC-LEMANS-02") is Reason.OTHER_PC


def test_a_trust_anchor_that_is_none_is_named(stick: bytes) -> None:
    assert refused(stick, b"<!DOCTYPE html>") is Reason.NO_ANCHOR
    assert refused(stick, b"") is Reason.NO_ANCHOR


@pytest.mark.parametrize(
    "wrong",
    [
        {"data": "/etc"},
        {"root": "root.json"},
        {"central": "file:///etc"},
        {"central": "https://me:secret@kiosk.o2.example"},
        {"agency": "Le Mans"},
        {"agency": "../x"},
        {"poll_s": 5},
        {"poll_s": "60"},
        {"proxy": "proxy:3128"},
        {"ca": "/etc/ssl/ca.pem"},
        {"ca": "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----"},
        {"expires": "2027-01-01T00:00:00"},
    ],
    ids=str,
)
def test_what_no_enrolment_may_say_is_refused_even_when_signed(
    published: HeadOffice, wrong: dict[str, Any]
) -> None:
    said = json.loads(SAID.model_dump_json(exclude_none=True)) | wrong
    with pytest.raises(ValidationError):
        Enrolment.model_validate_json(json.dumps(said))
    envelope = Envelope(json.dumps(said).encode(), TYPE, {})
    envelope.sign(published.keys.signer("targets"))
    content = json.dumps({"enrolment": envelope.to_dict(), "roots": []}).encode()
    assert refused(content, published.anchor) is Reason.DAMAGED


def test_unknown_keys_around_it_are_refused(published: HeadOffice, stick: bytes) -> None:
    changes: list[Callable[[dict[str, Any]], object]] = [
        lambda file: file.update(more=1),
        lambda file: file["enrolment"].update(more=1),
        lambda file: file["enrolment"]["signatures"][0].update(more=1),
        lambda file: file.pop("roots"),
    ]
    for change in changes:
        file = json.loads(stick)
        change(file)
        assert refused(json.dumps(file).encode(), published.anchor) is Reason.DAMAGED


def test_a_key_in_another_folder_s_place_signs_no_file(office: HeadOffice, tmp_path: Path) -> None:
    others = init(tmp_path / "others", passphrase, NOW)
    (office.keys.folder / "daily/targets.pem").write_bytes(
        (others.folder / "daily/targets.pem").read_bytes()
    )
    with pytest.raises(KeysError, match="not the one that counts"):
        sign(SAID, office.keys)


def test_too_many_authorities_are_refused_when_it_is_written(published: HeadOffice) -> None:
    ca = "-----BEGIN CERTIFICATE-----\n" + "A" * LARGEST
    with pytest.raises(KeysError, match="give fewer authorities"):
        sign(SAID.model_copy(update={"ca": ca}), published.keys)


# -- when keys change -----------------------------------------------------------------------


def test_a_pc_with_the_old_anchor_takes_what_new_keys_sign(office: HeadOffice) -> None:
    rotate(office, "targets")
    new = office.root / "keys/root-2-new.pem"
    rotate_root(office.repository(), (new, passphrase("new")), office.root_signers(1, 3))  # type: ignore[arg-type]
    rotate(office, "daily")
    assert len(office.keys.roots()) == 4
    content = sign(SAID, office.keys)
    for anchor in office.keys.roots():
        assert read(content, anchor, now=NOW, pc=PC).enrolment == SAID
    without = json.loads(content) | {"roots": []}
    assert refused(json.dumps(without).encode(), office.anchor) is Reason.NOT_SIGNED


def test_a_stolen_key_enrols_no_pc_that_has_heard_of_its_end(
    office: HeadOffice, shop: Shop, stick: bytes
) -> None:
    assert newest_root(shop.store, office.anchor) is not None
    assert newest_root(shop.store, b"another anchor") is None
    rotate(office, "targets")
    shop.poll(open_origin(office.tree.as_uri()))
    newest = newest_root(shop.store, office.anchor)
    assert newest == newly_trusted(office)
    assert refused(stick, office.anchor, newest=newest) is Reason.NOT_SIGNED
    assert refused(stick, newly_trusted(office)) is Reason.NOT_SIGNED
    again = sign(SAID, office.keys)
    assert read(again, office.anchor, now=NOW, pc=PC, newest=newest).enrolment == SAID


def test_roots_that_head_office_did_not_sign_lead_nowhere(
    published: HeadOffice, tmp_path: Path
) -> None:
    others = HeadOffice(tmp_path / "others")
    others.publish()
    rotate(others, "targets")
    assert refused(sign(SAID, others.keys), published.anchor) is Reason.NOT_SIGNED


def test_one_stolen_root_key_makes_no_root(published: HeadOffice, tmp_path: Path) -> None:
    others = init(tmp_path / "others", passphrase, NOW)
    (stolen,) = published.root_signers(1)
    for version, kept in ((2, False), (2, True), (1, False), (1, True)):
        forged = Metadata[Root].from_bytes(published.anchor if kept else others.roots()[0])
        forged.signed.version = version
        if kept:
            (old,) = forged.signed.roles["targets"].keyids
            forged.signed.revoke_key(old, "targets")
            forged.signed.add_key(others.signer("targets").public_key, "targets")
        forged.signatures.clear()
        forged.sign(stolen)  # type: ignore[arg-type]
        for number in (1, 2, 3):
            path = others.folder / f"root-{number}.pem"
            forged.sign(load_root_key(path, passphrase(path.stem)), append=True)
        file = json.loads(sign(SAID, others)) | {"roots": [json.loads(forged.to_bytes())]}
        content = json.dumps(file).encode()
        assert refused(content, published.anchor) is Reason.NOT_SIGNED
        (tmp_path / KEPT).write_bytes(content)
        with pytest.raises(Refused, match="not your head office's"):
            held(tmp_path, published.anchor)


def test_who_is_enrolled_stays_so_after_the_day_and_whatever_key_changes(
    office: HeadOffice, tmp_path: Path, stick: bytes
) -> None:
    apply(read(stick, office.anchor, now=NOW, pc=PC), tmp_path)
    rotate(office, "daily")
    new = office.root / "keys/root-2-new.pem"
    rotate_root(office.repository(), (new, passphrase("new")), office.root_signers(1, 3))  # type: ignore[arg-type]
    for anchor in office.keys.roots():
        found = held(tmp_path, anchor)
        assert found is not None
        assert found.enrolment == SAID


# -- what the PC keeps ----------------------------------------------------------------------


def test_it_is_kept_once_and_a_later_one_takes_its_place(
    published: HeadOffice, tmp_path: Path, stick: bytes, authority: Authority
) -> None:
    data, anchor = tmp_path / "data", published.anchor
    assert held(data, anchor) is None
    first = read(stick, anchor, now=NOW, pc=PC)
    assert apply(first, data)
    assert (data / KEPT).read_bytes() == stick
    assert not (data / CA_FILE).exists()
    assert held(data, anchor) == first
    assert not apply(first, data, held(data, anchor))

    ca = authority.file.read_text()
    later = SAID.model_copy(update={"issued": NOW + timedelta(hours=1), "ca": ca})
    second = read(sign(later, published.keys), anchor, now=NOW, pc=PC)
    assert apply(second, data, held(data, anchor))
    assert authorities_of(later, data) == data / CA_FILE
    assert (data / CA_FILE).read_text() == ca
    with pytest.raises(Refused) as older:
        apply(first, data, held(data, anchor))
    assert older.value.reason is Reason.OLDER
    assert held(data, anchor) == second

    (data / CA_FILE).write_text("")
    with pytest.raises(Refused, match="not what was enrolled"):
        authorities_of(later, data)
    assert apply(second, data, second)
    assert authorities_of(later, data) == data / CA_FILE

    third = read(
        sign(later.model_copy(update={"ca": None}), published.keys), anchor, now=NOW, pc=PC
    )
    assert apply(third, data, second)
    assert not (data / CA_FILE).exists()


def test_a_kept_file_that_was_changed_does_not_count(
    published: HeadOffice, tmp_path: Path, stick: bytes
) -> None:
    others = init(tmp_path / "others", passphrase, NOW)
    for content, reason in (
        (sign(SAID, others), Reason.NOT_SIGNED),
        (stick[:-40], Reason.DAMAGED),
        (b"x" * (LARGEST + 1), Reason.DAMAGED),
    ):
        (tmp_path / KEPT).write_bytes(content)
        with pytest.raises(Refused) as caught:
            held(tmp_path, published.anchor)
        assert caught.value.reason is reason


def test_the_settings_know_the_file_by_the_same_name() -> None:
    assert config.ENROLMENT == module.KEPT
    assert set(SAID.model_copy(update={"screen": "x"}).settings()) <= set(
        config.Settings.model_fields
    )
