"""What a release is, as signed by head office and as kept on a screen; small files that prove
themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

MANIFEST: Final = "campaign/release.json"
CAMPAIGN: Final = "campaign/campaign.yaml"
MEDIA: Final = "media/"
ROLL: Final = "campaign/agencies.json"
"""The ids of a release's agencies, for head office: no screen needs to know the other 599."""


def agency_file(agency: str) -> str:
    """The target path of an agency's own file."""
    return f"agencies/{agency}.yaml"


def jobs_file(agency: str) -> str:
    """The target path of an agency's job offers, where it has any."""
    return f"campaign/jobs-{agency}.yaml"


Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Length = Annotated[int, Field(ge=0)]
Kept = TypeVar("Kept", bound=BaseModel)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Manifest(_Frozen):
    """campaign/release.json: what head office says of a release as a whole."""

    number: Annotated[int, Field(ge=1)]
    identity: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    published: AwareDatetime
    max_offline_days: Annotated[int, Field(ge=1, le=3650)] = 90
    snapshot: Annotated[int, Field(ge=1)] = 1
    """The snapshot that names every file of this release; a roll-back reads it."""


class Signed(_Frozen):
    """One signed file: its bytes' hash and number."""

    sha256: Sha256
    length: Length


class Release(_Frozen):
    """One verified, complete set on disk, as one screen needs it."""

    seq: Annotated[int, Field(ge=1)]
    """Counts the releases of this PC."""
    agency: str
    screen: str | None
    manifest: Manifest
    files: Mapping[str, Signed]
    """Target path (campaign/campaign.yaml, agencies/x.yaml, media/…) -> its signed facts."""

    def hashes(self) -> frozenset[str]:
        """Every object it is made of."""
        return frozenset(signed.sha256 for signed in self.files.values())

    def says_the_same(self, other: Release) -> bool:
        """Whether the other has the same files for the same screen."""
        mine, its = (self.agency, self.screen), (other.agency, other.screen)
        return mine == its and dict(self.files) == dict(other.files)


class Pointer(_Frozen):
    """Which release is current. `healed` rises when missing files of it were fetched again."""

    release: int
    healed: int = 0


class Pins(_Frozen):
    """The releases a player has files of on the glass."""

    releases: tuple[int, ...]


class Floor(_Frozen):
    """What must never be gone back behind."""

    roles: Mapping[str, tuple[int, str]] = {}
    """Role -> highest version seen, and a digest of the keys that signed it."""
    seq: int = 0
    signed_at: AwareDatetime | None = None
    """The newest time that head office is known to have signed at."""

    def raised(self, other: Floor) -> Floor:
        """The higher of the two in everything; the other's where the keys are others."""
        return Floor(
            roles={
                role: _higher(self.roles.get(role), other.roles.get(role))
                for role in {**self.roles, **other.roles}
            },
            seq=max(self.seq, other.seq),
            signed_at=self._later(other),
        )

    def _later(self, other: Floor) -> datetime | None:
        mine, its = self.roles.get("timestamp"), other.roles.get("timestamp")
        if mine is not None and its is not None and mine[1] != its[1]:
            return other.signed_at
        return max((t for t in (self.signed_at, other.signed_at) if t is not None), default=None)


class Contact(_Frozen):
    """When head office was last heard, by the system's clock and by what it signed."""

    at: AwareDatetime
    signed_at: datetime | None = None


def _higher(one: tuple[int, str] | None, other: tuple[int, str] | None) -> tuple[int, str]:
    """The later of two entries: of other keys the second, of the same keys the higher version."""
    if one is None or other is None:
        found = one or other
        assert found is not None
        return found
    return other if one[1] != other[1] else max(one, other)


def seal(kept: BaseModel) -> bytes:
    """The file's bytes: one line of JSON, then its SHA-256."""
    line = kept.model_dump_json().encode()
    return line + b"\n" + hashlib.sha256(line).hexdigest().encode() + b"\n"


def unseal(kind: type[Kept], content: bytes) -> Kept | None:
    """What was sealed; None where a byte of it changed."""
    line, _, rest = content.partition(b"\n")
    if hashlib.sha256(line).hexdigest().encode() != rest.strip():
        return None
    try:
        return kind.model_validate_json(line)
    except ValidationError:
        return None
