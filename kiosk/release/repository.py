"""The publisher's side of TUF: the site's signed state, read back, changed, signed and sent.

Every file but timestamp.json has its version or its hash in its name, so that nothing on the site
is ever changed under a reader; timestamp.json is written last.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar, cast
from urllib.parse import quote

from securesystemslib.signer import Signer
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Key,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from kiosk.release.keys import SERIALIZER, Keys
from kiosk.release.record import agency_file
from kiosk.release.roles import HQ, HQ_PATHS, agency_role, expiry, wants_renewal
from kiosk.release.site import Site
from kiosk.release.trust import SIGNED_AT

UPLOADS_AT_ONCE: Final = 8
Body = bytes | Path
"""A file's content, or where it is."""
S = TypeVar("S", Root, Timestamp, Snapshot, Targets)
T = TypeVar("T")


class SiteRefused(Exception):
    """The site is not what these keys have signed: one sentence with what to do."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What an upload came to."""

    files: int
    bytes: int


class Repository:
    """The signed state of a site, and the keys to change it. `now` dates what is signed."""

    def __init__(self, site: Site, keys: Keys, now: datetime) -> None:
        self.site, self.keys, self.now = site, keys, now
        self.root: Metadata[Root] = keys.root()
        self._held: dict[str, Metadata[Any]] = {}
        self._changed: dict[str, None] = {}
        self._seen_timestamp: bytes | None = None
        self.keyed: list[str] = []
        """The agencies that have got a key since this was opened."""
        self._load()

    # -- reading ----------------------------------------------------------------------------

    @property
    def empty(self) -> bool:
        """Whether nothing was ever published here."""
        return self._seen_timestamp is None

    @property
    def number(self) -> int:
        """The latest release's number: the version of what head office's role signed."""
        return 0 if self.empty else self._of(HQ, Targets).version

    @property
    def next_snapshot(self) -> int:
        """The version of the snapshot that the next commit signs."""
        return 1 if self.empty else self._of("snapshot", Snapshot).version + 1

    def agencies(self) -> tuple[str, ...]:
        """Every agency that may sign its own file."""
        known = self._known("targets")
        delegations = self._of("targets", Targets).delegations if known else None
        roles = delegations.roles if delegations and delegations.roles else {}
        return tuple(r.removeprefix("agency-") for r in roles if r.startswith("agency-"))

    def files(self, role: str) -> Mapping[str, TargetFile]:
        """What a role signs for now: target path -> facts."""
        return self._of(role, Targets).targets if self._known(role) else {}

    def content(self, target: TargetFile) -> bytes | None:
        """A target's bytes as they lie on the site, if they are what was signed."""
        content = self.site.read(_place(target))
        if content is not None and hashlib.sha256(content).hexdigest() == target.hashes["sha256"]:
            return content
        return None

    def forget(self, paths: Collection[str]) -> None:
        """Delete these files from the site, in every version that was ever sent."""
        signed = {_place(t) for role in self._snapshot_roles() for t in self.files(role).values()}
        for place in self.site.names("targets") if paths else ():
            if place not in signed and _path_of(place) in paths:
                self.site.delete(place)

    def old(self, role: str, version: int) -> Metadata[Targets]:
        """An earlier version of a role, verified by its present keys."""
        delegator = self._of("targets", Targets)
        return cast("Metadata[Targets]", self._read_old(role, version, delegator))

    def old_snapshot(self, version: int) -> Mapping[str, int]:
        """The versions that an earlier snapshot named."""
        old = self._read_old("snapshot", version, self.root.signed)
        names = cast("Metadata[Snapshot]", old).signed.meta.items()
        return {name.removesuffix(".json"): meta.version for name, meta in names}

    def _read_old(self, role: str, version: int, delegator: Root | Targets) -> Metadata[Any]:
        try:
            return self._read(role, version, delegator)
        except SiteRefused as error:
            raise SiteRefused(
                f"{role} {version} was signed with keys that count no more, or is gone; publish"
                " its folder instead"
            ) from error

    # -- changing ---------------------------------------------------------------------------

    def sign_files(self, role: str, bodies: Mapping[str, TargetFile]) -> None:
        """Have `role` sign for exactly these files, if it does not already."""
        signed = self._of(role, Targets) if self._known(role) else self._new(role)
        if dict(signed.targets) != dict(bodies):
            signed.targets = dict(bodies)
            self._change(role)

    def delegate(self, agencies: Iterable[str]) -> None:
        """Have head office's role and one role for each agency, with keys of their own."""
        targets = self._of("targets", Targets) if self._known("targets") else self._new("targets")
        wanted = {HQ: HQ_PATHS} | {agency_role(a): (agency_file(a),) for a in agencies}
        before = (targets.delegations.roles if targets.delegations else None) or {}
        if set(before) == set(wanted):
            return
        known = {role for role in wanted if self._known(role)}  # read while their old keys count
        targets.delegations = Delegations(keys={}, roles={})
        for role, paths in wanted.items():
            if not self.keys.has(role):
                self.keys.make(role)
                self.keyed.append(role.removeprefix("agency-"))
            signer = self.keys.signer(role)
            targets.delegations.roles[role] = DelegatedRole(role, [], 1, True, list(paths))  # type: ignore[index]
            targets.add_key(signer.public_key, role)
            if role not in known:
                self._new(role)
            elif signer.public_key.keyid not in before[role].keyids:
                self._change(role)
        self._change("targets")

    def replace_key(self, role: str) -> None:
        """Have a new daily key sign for `role`; the old one counts no more."""
        signer = self.keys.make(role)
        self._known(role)  # read while its old key still counts
        delegator: Root | Targets = self.root.signed
        if role in self.root.signed.roles:
            self._change_root()
        else:
            delegator = self._of("targets", Targets)
            self._change("targets")
        for keyid in list(delegator.get_delegated_role(role).keyids):
            delegator.revoke_key(keyid, role)
        delegator.add_key(signer.public_key, role)
        if not self.empty and role not in ("snapshot", "timestamp"):
            self._change(role)

    def replace_root_key(self, old: str, new: Key) -> None:
        """Have `new` sign roots in the place of the key with the id `old`."""
        self.root.signed.revoke_key(old, "root")
        self.root.signed.add_key(new, "root")
        self._change_root()

    def sign_root(self, signers: Iterable[Signer]) -> None:
        """Sign the changed root with root keys of before and of now; keep it with the keys."""
        before = Metadata[Root].from_bytes(self.keys.roots()[-1]).signed
        root = self.root
        root.signed.expires = expiry("root", self.now)
        root.signatures.clear()
        for signer in signers:
            root.sign(signer, append=True)
        try:
            before.verify_delegate("root", root.signed_bytes, root.signatures)
            root.signed.verify_delegate("root", root.signed_bytes, root.signatures)
        except RepositoryError as error:
            raise SiteRefused(
                f"two root keys of this folder are needed to change the root ({error})"
            ) from error
        self.keys.keep_root(root)

    def _change_root(self) -> None:
        if "root" not in self._changed:
            self.root.signed.version += 1
            self._changed["root"] = None

    def renew(self) -> tuple[str, ...]:
        """Sign again what expires before long; the roles concerned."""
        roles = [role for role in self._snapshot_roles() if self._known(role)]
        old = [r for r in roles if wants_renewal(r, self._of(r, Targets).expires, self.now)]
        for role in old:
            self._change(role)
        return tuple(old)

    # -- sending ----------------------------------------------------------------------------

    def commit(
        self,
        bodies: Mapping[str, Body],
        said: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> Sent:
        """Send the files that the site lacks, then the metadata that names them.

        Order: targets, roles, root, snapshot, timestamp. Until the last of it the site serves
        what it served before. `said(done, total)` counts files.
        """
        targets = self._lacking(bodies)
        metadata = self._signed_metadata()
        total, done = len(targets) + len(metadata), 0

        def sent(name: str, content: bytes) -> int:
            nonlocal done
            self.site.write(name, content)
            done += 1
            said(done, total)
            return len(content)

        first = {n: c for n, c in metadata.items() if not _is_last(n)}
        with ThreadPoolExecutor(UPLOADS_AT_ONCE) as pool:
            size = sum(pool.map(lambda item: sent(item[0], _bytes(item[1])), targets.items()))
            self._nobody_else()
            size += sum(pool.map(lambda item: sent(*item), first.items()))
        self._nobody_else()
        for name in sorted(set(metadata) - set(first), key=_rank):
            size += sent(name, metadata[name])
        self._changed.clear()
        self._seen_timestamp = metadata["metadata/timestamp.json"]
        return Sent(total, size)

    def _lacking(self, bodies: Mapping[str, Body]) -> dict[str, Body]:
        there = self.site.sizes("targets")
        lacking: dict[str, Body] = {}
        for role in self._snapshot_roles():
            for path, target in self.files(role).items():
                place = _place(target)
                if there.get(place) != target.length and path in bodies:
                    lacking[place] = bodies[path]
        return lacking

    def _signed_metadata(self) -> dict[str, bytes]:
        """Every new metadata file, by its name on the site."""
        files: dict[str, bytes] = {}
        for version, raw in enumerate(self.keys.roots(), 1):
            if self.empty or (version > 1 and self.site.read(_name("root", version)) is None):
                files[_name("root", version)] = raw
        for role in self._changed:
            if role != "root":
                metadata = self._held[role]
                files[_name(role, metadata.signed.version)] = self._sign(role, metadata)
        snapshot = self._next("snapshot", Snapshot)
        for role in (role for role in self._changed if role != "root"):
            snapshot.signed.meta[f"{role}.json"] = MetaFile(self._held[role].signed.version)
        files[_name("snapshot", snapshot.signed.version)] = self._sign("snapshot", snapshot)
        timestamp = self._next("timestamp", Timestamp)
        timestamp.signed.snapshot_meta = MetaFile(snapshot.signed.version)
        timestamp.signed.unrecognized_fields[SIGNED_AT] = self.now.isoformat(timespec="seconds")
        files["metadata/timestamp.json"] = self._sign("timestamp", timestamp)
        return files

    def _sign(self, role: str, metadata: Metadata[S]) -> bytes:
        metadata.signed.expires = expiry(role, self.now)
        metadata.sign(self.keys.signer(role))
        top = role in self.root.signed.roles
        delegator = self.root.signed if top else self._of("targets", Targets)
        try:
            delegator.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
        except RepositoryError as error:
            raise SiteRefused(
                f"the daily key of {role} in {self.keys.folder} is not the one that counts;"
                f" restore it from a backup, or: kiosk keys rotate {role.removeprefix('agency-')}"
            ) from error
        return metadata.to_bytes(SERIALIZER)

    def _nobody_else(self) -> None:
        """Two publishers at once would sign two releases of one number."""
        if self.site.read("metadata/timestamp.json") != self._seen_timestamp:
            raise SiteRefused(
                f"somebody else published to {self.site.where} in this moment;"
                " look at their release, then publish again"
            )

    # -- small things -----------------------------------------------------------------------

    def _load(self) -> None:
        raw = self.site.read("metadata/timestamp.json")
        self._seen_timestamp = raw
        if raw is None:
            return
        if self.site.read(_name("root", self.root.signed.version + 1)) is not None:
            raise SiteRefused(
                f"{self.site.where} has a newer root than {self.keys.folder};"
                " fetch the newest copy of the keys' folder"
            )
        self._held["timestamp"] = self._by_root(raw, "timestamp", Timestamp)
        version = self._of("timestamp", Timestamp).snapshot_meta.version
        self._held["snapshot"] = self._by_root(self._raw("snapshot", version), "snapshot", Snapshot)
        versions = self._of("snapshot", Snapshot).meta
        targets = self._raw("targets", versions["targets.json"].version)
        self._held["targets"] = self._by_root(targets, "targets", Targets)
        self._held[HQ] = self._read(
            HQ, versions[f"{HQ}.json"].version, self._of("targets", Targets)
        )

    def _by_root(self, raw: bytes, role: str, kind: type[S]) -> Metadata[S]:
        """Verified by the newest root, or by one before it: a change of keys was cut short."""
        *older, _ = (Metadata[Root].from_bytes(root).signed for root in self.keys.roots())
        try:
            return self._verified(raw, role, self.root.signed, kind)
        except SiteRefused:
            for root in reversed(older):
                with suppress(SiteRefused):
                    found = self._verified(raw, role, root, kind)
                    self._held[role] = found
                    if role == "targets":
                        self._change(role)
                    return found
            raise

    def _known(self, role: str) -> bool:
        """Whether the role has signed before; its metadata is read when it is first needed."""
        if role in self._held:
            return True
        meta = None if self.empty else self._of("snapshot", Snapshot).meta.get(f"{role}.json")
        delegator = self._of("targets", Targets) if meta else None
        named = delegator and delegator.delegations and delegator.delegations.roles
        if meta is None or delegator is None or not named or role not in named:
            return False
        self._held[role] = self._read(role, meta.version, delegator)
        return True

    def _snapshot_roles(self) -> tuple[str, ...]:
        return ("targets", HQ, *map(agency_role, self.agencies()))

    def _of(self, role: str, kind: type[T]) -> T:
        signed = self._held[role].signed
        assert isinstance(signed, kind)
        return signed

    def _new(self, role: str) -> Targets:
        """A role that never signed, or that was taken back once: numbers are not used again."""
        old = self._held.get("snapshot")
        used = old.signed.meta.get(f"{role}.json") if old else None
        self._held[role] = Metadata(Targets())
        self._held[role].signed.version = used.version if used else 0
        return self._of(role, Targets)

    def _change(self, role: str) -> None:
        if role not in self._changed:
            self._known(role)
            self._held[role].signed.version += 1
            self._changed[role] = None

    def _next(self, role: str, kind: type[S]) -> Metadata[S]:
        if self.empty and role not in self._held:
            self._held[role] = Metadata(kind())
        else:
            self._held[role].signed.version += 1
        return cast("Metadata[S]", self._held[role])

    def _read(self, role: str, version: int, delegator: Root | Targets) -> Metadata[Any]:
        kind = {"snapshot": Snapshot}.get(role, Targets)
        return self._verified(self._raw(role, version), role, delegator, kind)

    def _raw(self, role: str, version: int) -> bytes:
        raw = self.site.read(_name(role, version))
        if raw is None:
            raise SiteRefused(
                f"{self.site.where} lacks {_name(role, version)}; restore it from a backup"
            )
        return raw

    def _verified(
        self, raw: bytes, role: str, delegator: Root | Targets, kind: type[S]
    ) -> Metadata[S]:
        try:
            metadata = Metadata[S].from_bytes(raw)
            delegator.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
        except (RepositoryError, ValueError) as error:
            raise SiteRefused(
                f"{self.site.where} was not signed with the keys in {self.keys.folder} ({error});"
                " give the keys of this site, or another site"
            ) from error
        if not isinstance(metadata.signed, kind):
            raise SiteRefused(f"{role} on {self.site.where} is of another kind; restore it")
        return metadata


def target_file(path: str, body: Body) -> TargetFile:
    """The facts of a file to be signed."""
    if isinstance(body, bytes):
        return TargetFile(len(body), {"sha256": hashlib.sha256(body).hexdigest()}, path)
    with body.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return TargetFile(file.tell(), {"sha256": digest.hexdigest()}, path)


def _place(target: TargetFile) -> str:
    """Where a target lies on the site."""
    folder, slash, name = target.path.rpartition("/")
    return f"targets/{folder}{slash}{target.hashes['sha256']}.{name}"


def _path_of(place: str) -> str:
    folder, slash, name = place.removeprefix("targets/").rpartition("/")
    return f"{folder}{slash}{name.partition('.')[2]}"


def _name(role: str, version: int) -> str:
    return f"metadata/{version}.{quote(role, '')}.json"


def _is_last(name: str) -> bool:
    return name.endswith((".root.json", ".snapshot.json", "/timestamp.json"))


def _rank(name: str) -> tuple[int, int]:
    """Snapshots before roots: who has the new root finds all that it asks for."""
    kinds = (".snapshot.json", ".root.json", "timestamp.json")
    rank = next(number for number, kind in enumerate(kinds) if name.endswith(kind))
    version = name.removeprefix("metadata/").partition(".")[0]
    return rank, int(version) if version.isdigit() else 0


def _bytes(body: Body) -> bytes:
    return body if isinstance(body, bytes) else body.read_bytes()
