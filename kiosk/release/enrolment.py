"""The signed file that gives a new PC its settings from a USB stick, and what the PC keeps of it.

A DSSE envelope (secure-systems-lab/dsse 1.0) signed with the daily keys of root's targets role,
so that it can never pass for TUF metadata, nor metadata for it. The file carries every root.json
of head office: a PC installed with an old trust anchor follows them to the keys of today.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AwareDatetime,
    Base64Bytes,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import Error as SignatureError
from securesystemslib.signer import Signature
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Targets

from kiosk.campaign.fields import Id
from kiosk.release.durable import write_durably

if TYPE_CHECKING:
    from kiosk.release.keys import Keys
    from kiosk.release.store import Store

NAME: Final = "o2-kiosk.enrol"
"""The file on the stick."""
KEPT: Final = "enrolment"
"""The same bytes in the data folder."""
CA_FILE: Final = "enrolled-ca.pem"
LARGEST: Final = 64 * 1024
"""Bytes of a whole file."""
TYPE: Final = "application/vnd.o2-kiosk.enrolment+json"


class Reason(StrEnum):
    """Why a file gives this PC no settings; the glass has a French note for each."""

    DAMAGED = "damaged"
    NOT_SIGNED = "not-signed"
    EXPIRED = "expired"
    OTHER_PC = "other-pc"
    OLDER = "older"
    NO_ANCHOR = "no-anchor"
    NOT_KEPT = "not-kept"


class Refused(Exception):
    """A file that gives this PC no settings: the reason, and one phrase for the log."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def _web(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be a web address such as https://kiosk.example/site")
    return text


def _public(text: str) -> str:
    if urlsplit(text).username or urlsplit(text).password:
        raise ValueError("must hold no name or password; the site is public and signed")
    return _web(text)


def _certificates(text: str) -> str:
    if not text.startswith("-----BEGIN CERTIFICATE-----") or "PRIVATE KEY" in text:
        raise ValueError("must be certificates (PEM) and nothing else")
    return text


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Enrolment(_Strict):
    """What head office says of one PC. It names no file: nothing in it points anywhere on a disk.

    `ca` is PEM text of further authorities, `poll_s` seconds, `pc` the only PC it is for.
    """

    agency: Id
    central: Annotated[str, StringConstraints(max_length=500), AfterValidator(_public)]
    screen: Id | None = None
    display: Annotated[str, StringConstraints(min_length=1, max_length=120)] | None = None
    proxy: Annotated[str, StringConstraints(max_length=500), AfterValidator(_web)] | None = None
    ca: Annotated[str, AfterValidator(_certificates)] | None = None
    poll_s: Annotated[int, Field(ge=30, le=86_400)] | None = None
    pc: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    issued: AwareDatetime
    expires: AwareDatetime

    def settings(self) -> Mapping[str, Any]:
        """The settings it gives, by their names in kiosk.yaml; the authorities are apart."""
        names = {"agency", "central", "screen", "display", "proxy", "poll_s"}
        return self.model_dump(include=names, exclude_none=True)


@dataclass(frozen=True, slots=True)
class Proven:
    """An enrolment that head office signed, and the file's own bytes."""

    enrolment: Enrolment
    content: bytes


def sign(enrolment: Enrolment, keys: Keys) -> bytes:
    """The file's bytes; KeysError where a key is missing or not the one that counts."""
    from kiosk.release.keys import KeysError

    envelope = Envelope(enrolment.model_dump_json(exclude_none=True).encode(), TYPE, {})
    envelope.sign(keys.signer(Targets.type))
    if not _holds(envelope, keys.root().signed):
        raise KeysError(
            f"the daily key of targets in {keys.folder} is not the one that counts; restore it from"
            " a backup, or: kiosk keys rotate targets"
        )
    roots = [json.loads(root) for root in keys.roots()]
    while len(content := _file(envelope, roots)) > LARGEST and len(roots) > 1:
        roots.pop(0)
    if len(content) > LARGEST:
        raise KeysError(
            f"the enrolment would have {len(content)} bytes of {LARGEST}; give fewer authorities"
        )
    return content


def read(
    content: bytes, anchor: bytes, *, now: datetime, pc: str, newest: bytes | None = None
) -> Proven:
    """A file offered to the PC named `pc`; Refused where it must not be taken.

    `newest` is a later root.json that this PC has verified (`newest_root`): a key that it no
    longer names signs for nobody new.
    """
    envelope, roots = _parsed(content)
    *_, latest = _followed(_anchored(anchor), roots)
    if newest is not None:
        with suppress(RepositoryError, ValueError):
            latest = max(latest, _root(newest), key=lambda root: root.version)
    if not _holds(envelope, latest):
        raise Refused(Reason.NOT_SIGNED, "the enrolment was not signed by your head office")
    enrolment = _enrolment(envelope.payload)
    if enrolment.expires <= now:
        raise Refused(Reason.EXPIRED, f"the enrolment expired on {enrolment.expires:%Y-%m-%d}")
    if enrolment.pc is not None and not same_pc(enrolment.pc, pc):
        raise Refused(Reason.OTHER_PC, f"the enrolment is for {enrolment.pc}, this PC is {pc}")
    return Proven(enrolment, content)


def newest_root(store: Store, anchor: bytes) -> bytes | None:
    """The newest root.json that polls have verified from this anchor; None before the first."""
    lineage = hashlib.sha256(anchor).hexdigest()[:16]
    known = store.floor().roles.get(Root.type)
    return store.metadata(Root.type) if known and known[1] == lineage else None


def apply(proven: Proven, folder: Path, held_: Proven | None = None) -> bool:
    """Keep it in the data folder, durably; whether anything changed there. OSError.

    Refused where the one held already was issued later: an old stick changes nothing.
    """
    if held_ is not None and held_.enrolment.issued > proven.enrolment.issued:
        date = f"{held_.enrolment.issued:%Y-%m-%d %H:%M}"
        raise Refused(Reason.OLDER, f"this PC has an enrolment issued later ({date} UTC)")
    ca = (proven.enrolment.ca or "").encode()
    if _bytes_of(folder / KEPT) == proven.content and (_bytes_of(folder / CA_FILE) or b"") == ca:
        return False
    if ca:
        write_durably(folder / CA_FILE, ca)
    write_durably(folder / KEPT, proven.content)
    if not ca:
        (folder / CA_FILE).unlink(missing_ok=True)
    return True


def held(folder: Path, anchor: bytes) -> Proven | None:
    """What this PC was enrolled with; None where it never was, Refused where it does not count.

    It counts on after its date, and after its key was replaced: a screen that has its settings
    does not lose them because head office changed a key.
    """
    content = _bytes_of(folder / KEPT)
    if content is None:
        return None
    envelope, roots = _parsed(content)
    known = tuple(_followed(_anchored(anchor), roots))
    if not any(_holds(envelope, root) for root in (*known, *_before(known[-1], roots))):
        raise Refused(Reason.NOT_SIGNED, "the enrolment kept here is not your head office's")
    return Proven(_enrolment(envelope.payload), content)


def authorities_of(enrolment: Enrolment, folder: Path) -> Path | None:
    """The file of its further authorities; None where it has none, Refused where they changed."""
    if enrolment.ca is None:
        return None
    if _bytes_of(folder / CA_FILE) != enrolment.ca.encode():
        raise Refused(Reason.DAMAGED, f"{folder / CA_FILE} is not what was enrolled")
    return folder / CA_FILE


def same_pc(one: str, other: str) -> bool:
    """Whether two names mean one PC: without the domain, capitals or not."""
    return one.partition(".")[0].casefold() == other.partition(".")[0].casefold()


# -- the file -------------------------------------------------------------------------------


class _Signature(_Strict):
    keyid: str
    sig: Base64Bytes


class _Envelope(_Strict):
    payload: Base64Bytes
    payload_type: Literal["application/vnd.o2-kiosk.enrolment+json"] = Field(alias="payloadType")
    signatures: Annotated[tuple[_Signature, ...], Field(max_length=16)]


class _File(_Strict):
    enrolment: _Envelope
    roots: Annotated[tuple[dict[str, Any], ...], Field(max_length=256)]


def _file(envelope: Envelope, roots: Sequence[Mapping[str, Any]]) -> bytes:
    return json.dumps({"enrolment": envelope.to_dict(), "roots": roots}).encode() + b"\n"


def _parsed(content: bytes) -> tuple[Envelope, list[bytes]]:
    """The envelope, and the roots that came with it; nothing of it is trusted yet."""
    if len(content) > LARGEST:
        raise Refused(Reason.DAMAGED, f"the enrolment is larger than {LARGEST} bytes")
    try:
        file = _File.model_validate_json(content)
    except ValidationError as error:
        raise Refused(Reason.DAMAGED, f"the file is no enrolment ({_first(error)})") from error
    own = file.enrolment
    signatures = {one.keyid: Signature(one.keyid, one.sig.hex()) for one in own.signatures}
    return Envelope(own.payload, TYPE, signatures), [json.dumps(r).encode() for r in file.roots]


def _enrolment(payload: bytes) -> Enrolment:
    try:
        return Enrolment.model_validate_json(payload)
    except ValidationError as error:
        raise Refused(
            Reason.DAMAGED, f"this version cannot use the enrolment ({_first(error)})"
        ) from error


def _first(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(map(str, found["loc"]))
    return f"{where}: {found['msg']}" if where else str(found["msg"])


def _bytes_of(path: Path) -> bytes | None:
    """What is in a file, a little more than may be; None where there is none. Refused."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Refused(Reason.NOT_KEPT, f"{path} cannot be read ({error.strerror})") from error


# -- whose signature ------------------------------------------------------------------------


def _holds(envelope: Envelope, root: Root) -> bool:
    """Whether enough of the keys that `root` gives to targets have signed."""
    role = root.get_delegated_role(Targets.type)
    try:
        envelope.verify([root.get_key(keyid) for keyid in role.keyids], role.threshold)
    except (SignatureError, ValueError):
        return False
    return True


def _root(content: bytes, before: Root | None = None) -> Root:
    """A root that its own keys have signed, and those of the one before; RepositoryError."""
    metadata = Metadata[Root].from_bytes(content)
    if not isinstance(metadata.signed, Root):
        raise RepositoryError(f"it is {metadata.signed.type}, not root")
    for vouching in (before, metadata.signed):
        if vouching is not None:
            vouching.verify_delegate(Root.type, metadata.signed_bytes, metadata.signatures)
    return metadata.signed


def _anchored(anchor: bytes) -> Root:
    try:
        return _root(anchor)
    except (RepositoryError, ValueError) as error:
        raise Refused(
            Reason.NO_ANCHOR, f"the trust anchor is no root.json of head office ({error})"
        ) from error


def _followed(anchor: Root, roots: Sequence[bytes]) -> Iterator[Root]:
    """The anchor, and each root after it that the one before vouches for (TUF 1.0, 5.3)."""
    yield anchor
    for content in roots:
        with suppress(RepositoryError, ValueError):  # of before the anchor, or not head office's
            root = _root(content, before=anchor)
            if root.version == anchor.version + 1:
                anchor = root
                yield root


def _before(latest: Root, roots: Sequence[bytes]) -> Iterator[Root]:
    """The roots of earlier years that the latest one's keys have signed too."""
    for content in roots:
        with suppress(RepositoryError, ValueError):
            yield _root(content, before=latest)
