"""A TUF repository of any shape, and the client that tuf-conformance drives."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from tests.places import ROOT

CLIENT = ROOT / "tests" / "conformance_client"
TOP = ("root", "timestamp", "snapshot", "targets")


def in_a_month() -> datetime:
    """To the second, by the system's clock: a client knows no other."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)


class AnyRepository:
    """A repository of any shape, on disk; every `send` is a new version of the roles named."""

    def __init__(self, root: Path, consistent: bool = True) -> None:
        self.root = root
        self.make: Callable[[], CryptoSigner] = CryptoSigner.generate_ed25519
        self.signers: dict[str, list[CryptoSigner]] = {}
        kinds: list[Any] = [
            Root(consistent_snapshot=consistent),
            Timestamp(),
            Snapshot(),
            Targets(),
        ]
        self.held: dict[str, Metadata[Any]] = {}
        for role, kind in zip(TOP, kinds, strict=True):
            self.hold(role, kind)
        self.hashed = False
        """Whether snapshot and timestamp name lengths and hashes."""

    def hold(self, role: str, signed: Any) -> None:
        """Have what a role will sign, for a month."""
        signed.version, signed.expires = 0, in_a_month()
        self.held[role] = Metadata(signed)

    def role(self, name: str) -> Any:
        """What a role signs."""
        return self.held[name].signed

    def key(self, role: str, delegator: str = "root") -> None:
        """A new key for a role, in the place of those it had."""
        signer, by = self.make(), self.role(delegator)
        for old in self.signers.get(role, []):
            by.revoke_key(old.public_key.keyid, role)
        self.signers[role] = [signer]
        by.add_key(signer.public_key, role)

    def begin(self) -> bytes:
        """Keys for all, the first version of everything; the trust anchor."""
        for role in TOP:
            self.key(role)
        self.send("root", "targets")
        return (self.root / "metadata" / "1.root.json").read_bytes()

    def delegate(self, by: str, role: str, *paths: str, terminating: bool = False) -> None:
        """Have `by` trust a new role for these paths."""
        signed = self.role(by)
        if signed.delegations is None:
            signed.delegations = Delegations({}, {})
        signed.delegations.roles[role] = DelegatedRole(role, [], 1, terminating, list(paths))
        self.hold(role, Targets())
        self.key(role, by)

    def add(self, role: str, path: str, content: bytes) -> None:
        """Have a role sign a target, and put it on the site under both its names."""
        target = TargetFile.from_data(path, content)
        self.role(role).targets[path] = target
        folder, _, name = path.rpartition("/")
        for file in (name, f"{target.hashes['sha256']}.{name}"):
            place = self.root / "targets" / folder / file
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)

    def send(self, *roles: str, **changed: int) -> None:
        """Sign roles anew, and snapshot and timestamp with them; `changed` sets their versions."""
        for role in (*roles, "snapshot", "timestamp"):
            signed = self.role(role)
            signed.version = changed.get(role, signed.version + 1)
            content = self._write(role, signed.version)
            if role == "snapshot":
                self.role("timestamp").snapshot_meta = self._meta(signed.version, content)
            elif role not in TOP or role == "targets":
                self.role("snapshot").meta[f"{role}.json"] = self._meta(signed.version, content)

    def _meta(self, version: int, content: bytes) -> MetaFile:
        if self.hashed:
            return MetaFile.from_data(version, content, ["sha256", "sha512"])
        return MetaFile(version)

    def _write(self, role: str, version: int) -> bytes:
        metadata = self.held[role]
        metadata.signatures.clear()
        for signer in self.signers[role]:
            metadata.sign(signer, append=True)
        content = metadata.to_bytes()
        prefixed = role == "root" or (self.role("root").consistent_snapshot and role != "timestamp")
        path = self.root / "metadata" / (f"{version}.{role}.json" if prefixed else f"{role}.json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return content


@dataclass
class Client:
    """The script, with folders of its own."""

    root: Path
    url: str
    asked: list[str]

    def run(self, *command: str) -> int:
        """Its exit code."""
        metadata = ("--metadata-dir", str(self.root / "metadata"))
        argv = [sys.executable, str(CLIENT), *metadata, *command]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0 or (done.returncode == 1 and len(done.stderr) > 9), done.stderr
        return done.returncode

    def init(self, root: bytes) -> int:
        """Begin with a trust anchor."""
        self.root.mkdir(exist_ok=True)
        (self.root / "anchor.json").write_bytes(root)
        return self.run("init", str(self.root / "anchor.json"))

    def refresh(self) -> int:
        """Bring the top-level roles up to date."""
        return self.run("--metadata-url", f"{self.url}/metadata/", "refresh")

    def download(self, name: str) -> bytes | None:
        """A target's bytes; None where it was refused."""
        into = self.root / "targets"
        where = ("--metadata-url", f"{self.url}/metadata", "--target-name", name)
        to = ("--target-dir", str(into), "--target-base-url", f"{self.url}/targets/")
        if self.run(*where, *to, "download"):
            return None
        return (into / quote(name, "")).read_bytes()

    def versions(self) -> Mapping[str, int]:
        """The version of each role that is kept."""
        files = (self.root / "metadata").glob("*.json")
        return {f.stem: json.loads(f.read_bytes())["signed"]["version"] for f in files}
