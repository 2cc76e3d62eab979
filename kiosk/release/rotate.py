"""New keys for old: after a loss, a theft, or somebody's leaving."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from securesystemslib.signer import CryptoSigner

from kiosk.release.keys import ROOT_NAMES, KeysError, make_root_key
from kiosk.release.repository import Repository, Sent, SiteRefused
from kiosk.release.roles import DAILY, agency_role

EVERYTHING = "daily"


@dataclass(frozen=True, slots=True)
class Rotated:
    """The roles that have new keys, and the root that says so."""

    roles: tuple[str, ...]
    root: int
    sent: Sent


def roles_of(what: str, agencies: Sequence[str]) -> tuple[str, ...]:
    """The daily roles that `what` (daily, a role, or an agency's id) stands for."""
    if what == EVERYTHING:
        return (*DAILY, *map(agency_role, agencies))
    if what in DAILY:
        return (what,)
    if what in agencies:
        return (agency_role(what),)
    known = ", ".join((EVERYTHING, *DAILY, *ROOT_NAMES))
    raise KeysError(f"there is no key {what!r}; there are: {known}, and every agency's id")


def needs_root(what: str) -> bool:
    """Whether two root keys have to agree."""
    return what in (EVERYTHING, "targets", "snapshot", "timestamp", *ROOT_NAMES)


def rotate_daily(
    repository: Repository, what: str, root_signers: Sequence[CryptoSigner]
) -> Rotated:
    """Give new keys to the roles of `what`, and have the site serve only what they sign."""
    if repository.empty:
        raise SiteRefused(f"{repository.site.where} holds no release yet; publish one first")
    roles = roles_of(what, repository.agencies())
    if needs_root(what):
        _enough(repository, root_signers)
    for role in roles:
        repository.replace_key(role)
    if needs_root(what):
        repository.sign_root(root_signers)
    return Rotated(roles, repository.root.signed.version, repository.commit({}))


def _enough(repository: Repository, root_signers: Sequence[CryptoSigner]) -> None:
    """Before a key is made: one that no root names would stand in the way of publishing."""
    role = repository.root.signed.roles["root"]
    given = {signer.public_key.keyid for signer in root_signers}
    if len(given & set(role.keyids)) < role.threshold or not given <= set(role.keyids):
        raise KeysError(
            f"{role.threshold} different root keys of this site are needed:"
            " --root STICK/root-1.pem --root STICK/root-2.pem"
        )


def rotate_root(
    repository: Repository,
    new: tuple[Path, str],
    kept: Sequence[CryptoSigner],
) -> Rotated:
    """Make a root key at the path and with the passphrase of `new`, in the place of the one that
    is neither of the two `kept`, which sign the change."""
    known = set(repository.root.signed.roles["root"].keyids)
    mine = {signer.public_key.keyid for signer in kept}
    if not mine <= known or len(mine) != len(kept) or len(known - mine) != 1:
        raise KeysError(
            "to replace a root key, give exactly the other two of this site:"
            " --root STICK/root-1.pem --root STICK/root-3.pem"
        )
    if new[0].exists():
        raise KeysError(f"{new[0]} exists; move it away first, it is not overwritten")
    signer = make_root_key(*new)
    (lost,) = known - mine
    repository.replace_root_key(lost, signer.public_key)
    repository.sign_root([*kept, signer])
    return Rotated((new[0].stem,), repository.root.signed.version, repository.commit({}))
