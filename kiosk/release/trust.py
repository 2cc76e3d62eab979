"""Which files head office has signed: the TUF client workflow over our own fetching and storing.

The rules are python-tuf's (TUF specification 1.0, section 5); here is the order of the steps, what
is kept between polls, and the floor that survives a loss of all that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, Protocol, cast
from urllib.parse import quote

from tuf.api import exceptions as tuf_errors
from tuf.api.metadata import Root, Snapshot, TargetFile, Targets, Timestamp
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet
from tuf.ngclient.config import EnvelopeType

from kiosk.release.origin import Missing, WebPage

MOST_ROOTS: Final = 256
MOST_ROLES: Final = 32
"""Roles asked on the way to one file."""
LARGEST: Final[Mapping[str, int]] = {
    Root.type: 512_000,
    Timestamp.type: 16_384,
    Snapshot.type: 2_000_000,
    Targets.type: 5_000_000,
}
"""Bytes: a screen downloads no more than this of each kind of metadata."""
SIGNED_AT: Final = "x-o2-signed"
"""When the timestamp was signed (ISO 8601); TUF lets publishers add fields of their own."""


class Untrusted(Exception):
    """What the origin offers is not what head office signed last, in one phrase."""


class Shelf(Protocol):
    """Where verified metadata is kept between polls."""

    def metadata(self, role: str) -> bytes | None:
        """The last verified file of a role; None where there is none."""
        ...

    def keep_metadata(self, role: str, content: bytes) -> None:
        """Keep a verified file durably."""
        ...


Floor = Mapping[str, tuple[int, str]]
"""For each role the highest version seen, and the keys that it was signed by."""


class Trust:
    """One poll's view of the signed metadata.

    `now` is what time it is at least. It is not before `signed_at` either, as long as the key that
    said so counts: whoever steals it may say any year.
    """

    def __init__(
        self,
        anchor: bytes,
        shelf: Shelf,
        fetch: Callable[[str, int], bytes],
        now: datetime,
        floor: Floor | None = None,
        *,
        signed_at: datetime | None = None,
    ) -> None:
        self._shelf, self._fetch, self._floor = shelf, fetch, dict(floor or {})
        self._now, self._signed_at = now, signed_at
        self._behind = False
        self._delegators: dict[str, str] = {}
        self._lineage = hashlib.sha256(anchor).hexdigest()[:16]
        self._trusted = self._begin(anchor)

    # -- what it found ----------------------------------------------------------------------

    @property
    def floor(self) -> dict[str, tuple[int, str]]:
        """The floor to hold from now on: never below what was passed in."""
        here = {
            role: (self._trusted[role].version, self._keys_of(role)) for role in self._delegators
        }
        root = {Root.type: (self._trusted.root.version, self._lineage)}
        return self._floor | here | root

    @property
    def signed_at(self) -> datetime | None:
        """When head office signed the timestamp, as it says itself."""
        text = self._trusted.timestamp.unrecognized_fields.get(SIGNED_AT)
        try:
            found = datetime.fromisoformat(text) if isinstance(text, str) else None
            return found.astimezone(UTC) if found and found.tzinfo else None
        except (ValueError, OverflowError):
            return None

    # -- the workflow -----------------------------------------------------------------------

    def refresh(self) -> None:
        """Root, timestamp, snapshot, targets; Untrusted or NoContact where a step fails."""
        try:
            self._roots()
            self._set_time()
            self._timestamp()
            self._snapshot()
            self._targets(Targets.type, Root.type)
        except tuf_errors.RepositoryError as error:
            raise Untrusted(self._phrase(error)) from error

    def target(self, path: str) -> TargetFile | None:
        """What was signed of the file `path`, by the first role that may speak for it."""
        try:
            return self._search(path)
        except tuf_errors.RepositoryError as error:
            raise Untrusted(self._phrase(error)) from error

    def location(self, target: TargetFile) -> str:
        """Where the file lies below the tree's folder of targets."""
        if not self._trusted.root.consistent_snapshot:
            return target.path
        folder, slash, name = target.path.rpartition("/")
        first = next(iter(target.hashes.values()))
        return f"{folder}{slash}{target.hashes.get('sha256', first)}.{name}"

    def _begin(self, anchor: bytes) -> TrustedMetadataSet:
        """From the newest root that was verified, or the one that came with the program.

        Roots that descend from another anchor do not count: a lost one was replaced.
        """
        first = _set(anchor)
        kept = self._shelf.metadata(Root.type)
        if kept is not None and self._lowest_root()[1] == self._lineage:
            with suppress(tuf_errors.RepositoryError):
                latest = TrustedMetadataSet(kept, EnvelopeType.METADATA)
                if latest.root.version >= first.root.version:
                    return latest
        self._keep(Root.type, anchor)
        return first

    def _roots(self) -> None:
        begin = self._trusted.root.version + 1
        for version in range(begin, begin + MOST_ROOTS):
            try:
                content = self._fetch(f"{version}.root.json", LARGEST[Root.type])
            except (Missing, WebPage):
                # Some hosts answer with a page for what is not there. Whoever hides a root this
                # way could as well have answered 404: the timestamp's expiry bounds both.
                break
            self._trusted.update_root(content)
            self._keep(Root.type, content)
        lowest, lineage = self._lowest_root()
        if lineage == self._lineage and self._trusted.root.version < lowest:
            raise tuf_errors.BadVersionNumberError(
                f"root {self._trusted.root.version}, where this screen has seen {lowest}"
            )

    def _lowest_root(self) -> tuple[int, str]:
        return self._floor.get(Root.type, (0, self._lineage))

    def _set_time(self) -> None:
        _, keys = self._floor.get(Timestamp.type, (0, ""))
        signed_at = self._signed_at if keys == self._keys_of(Timestamp.type) else None
        if signed_at is not None and signed_at > self._now:
            self._now, self._behind = signed_at, True
        self._trusted.reference_time = self._now

    def _timestamp(self) -> None:
        kept = self._shelf.metadata(Timestamp.type)
        # Of other keys, expired or damaged: the origin's takes its place.
        with suppress(tuf_errors.RepositoryError):
            if kept is not None:
                self._trusted.update_timestamp(kept)
        content = self._fetch("timestamp.json", LARGEST[Timestamp.type])
        with suppress(tuf_errors.EqualVersionNumberError):
            self._trusted.update_timestamp(content)
            self._admit(Timestamp.type, Root.type)
            self._keep(Timestamp.type, content)
        self._admit(Timestamp.type, Root.type)

    def _snapshot(self) -> None:
        kept = self._shelf.metadata(Snapshot.type)
        with suppress(tuf_errors.RepositoryError):
            if kept is not None:
                self._trusted.update_snapshot(kept, trusted=True)
                self._admit(Snapshot.type, Root.type)
                return
        meta = self._trusted.timestamp.snapshot_meta
        name = self._versioned(Snapshot.type, meta.version)
        content = self._fetch(name, meta.length or LARGEST[Snapshot.type])
        self._trusted.update_snapshot(content)
        self._admit(Snapshot.type, Root.type)
        self._keep(Snapshot.type, content)

    def _targets(self, role: str, parent: str) -> Targets:
        if self._trusted.contains(role, parent):
            return cast("Targets", self._trusted[role])
        kept = self._shelf.metadata(role)
        with suppress(tuf_errors.RepositoryError):
            if kept is not None:
                signed = self._trusted.update_delegated_targets(kept, role, parent)
                self._admit(role, parent)
                return signed
        meta = self._trusted.snapshot.meta.get(f"{role}.json")
        if meta is None:
            raise tuf_errors.RepositoryError(f"the snapshot does not name {role}")
        content = self._fetch(
            self._versioned(role, meta.version), meta.length or LARGEST[Targets.type]
        )
        signed = self._trusted.update_delegated_targets(content, role, parent)
        self._admit(role, parent)
        self._keep(role, content)
        return signed

    def _search(self, path: str) -> TargetFile | None:
        """Preorder, depth first, by the order in which roles were delegated."""
        waiting, seen = [(Targets.type, Root.type)], set[str]()
        while waiting and len(seen) <= MOST_ROLES:
            role, parent = waiting.pop()
            if role in seen:
                continue
            targets = self._targets(role, parent)
            found = targets.targets.get(path)
            if found is not None:
                return found
            seen.add(role)
            if targets.delegations is not None:
                children = []
                for child, terminating in targets.delegations.get_roles_for_target(path):
                    children.append((child, role))
                    if terminating:
                        waiting = []
                        break
                waiting += reversed(children)
        return None

    # -- small things -----------------------------------------------------------------------

    def _versioned(self, role: str, version: int) -> str:
        name = f"{quote(role, '')}.json"
        return f"{version}.{name}" if self._trusted.root.consistent_snapshot else name

    def _keep(self, role: str, content: bytes) -> None:
        self._shelf.keep_metadata(role, content)

    def _admit(self, role: str, delegator: str) -> None:
        """The floor holds as long as the role's keys do: new keys begin anew (5.3.11)."""
        self._delegators[role] = delegator
        version = self._trusted[role].version
        lowest, keys = self._floor.get(role, (0, ""))
        if version < lowest and keys == self._keys_of(role):
            raise tuf_errors.BadVersionNumberError(
                f"{role} {version}, where this screen has seen {lowest}"
            )

    def _keys_of(self, role: str) -> str:
        """A digest of the keys that may sign a role now."""
        delegator = cast("Root | Targets", self._trusted[self._delegators.get(role, Root.type)])
        ids = sorted(delegator.get_delegated_role(role).keyids)
        return hashlib.sha256("\n".join(ids).encode()).hexdigest()[:16]

    def _phrase(self, error: tuf_errors.RepositoryError) -> str:
        now = f"{self._now.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        if isinstance(error, tuf_errors.ExpiredMetadataError) and self._behind:
            return (
                f"{error}; head office has signed since, on {now}: an old"
                " copy is offered (if that date is wrong: kiosk keys rotate timestamp)"
            )
        if isinstance(error, tuf_errors.ExpiredMetadataError):
            return (
                f"{error}; this PC's clock says {now}:"
                " is it right, and does head office refresh the site?"
            )
        if isinstance(error, tuf_errors.BadVersionNumberError):
            return f"an older release is offered ({error})"
        return f"the signatures do not hold ({error})"


def _set(root: bytes) -> TrustedMetadataSet:
    try:
        return TrustedMetadataSet(root, EnvelopeType.METADATA)
    except tuf_errors.RepositoryError as error:
        raise Untrusted(f"the trust anchor is no root.json of head office ({error})") from error
