"""Head office's keys: the root ceremony, and the folder of keys that daily work needs."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from securesystemslib.signer import CryptoSigner, SSlibKey
from tuf.api.metadata import Metadata, Root
from tuf.api.serialization.json import JSONSerializer

from kiosk.release.durable import write_durably
from kiosk.release.roles import DAILY, ROOT_KEYS, ROOT_THRESHOLD, expiry

ROOT_NAMES: Final = tuple(f"root-{number}" for number in range(1, ROOT_KEYS + 1))
SHORTEST_PASSPHRASE: Final = 10
SERIALIZER: Final = JSONSerializer(compact=True)
_README: Final = """\
The keys of your screens. Made by `kiosk keys init`.

root-1.pem root-2.pem root-3.pem
    The root keys, each locked with its own passphrase. Any two of them can replace every other
    key; nobody can without two. Move them out of this folder now:
      - each onto a USB stick of its own, kept by a different person, in a different safe;
      - each passphrase on paper, not in the same safe as its stick.
    They are needed only for `kiosk keys rotate`: perhaps never.

daily/
    The keys that sign each release. They stay on the machine that publishes, readable by its
    user only. Whoever has them can publish: guard them as you guard the site's own password. If
    they may be stolen: kiosk keys rotate daily

root.json
    The trust anchor. It is public. It goes to every screen with the installation: a screen shows
    only what descends from it.

roots/
    Every root.json there has been. Public, needed to publish.

sites
    Where these keys have published.

Back up this folder, without the root keys, each time an agency was added or a key replaced.
"""


class KeysError(Exception):
    """A key cannot be had: one sentence with which one and what to do."""


Ask = Callable[[str], str]
"""Gives the passphrase of a named root key."""


class Keys:
    """The folder of keys. Root keys need not be in it: they are named when they are needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not (folder / "roots").is_dir():
            if (folder / "daily").is_dir():
                raise KeysError(
                    f"{folder}/roots is missing: restore it from a backup, or copy every"
                    " N.root.json of the site's metadata folder into it"
                )
            raise KeysError(f"{folder} holds no keys; make them: kiosk keys init {folder}")

    def signer(self, role: str) -> CryptoSigner:
        """The daily key of a role (targets, hq, snapshot, timestamp, agency-…)."""
        return _load(self._daily(role), None)

    def has(self, role: str) -> bool:
        """Whether the daily key of this role is here."""
        return self._daily(role).exists()

    def make(self, role: str) -> CryptoSigner:
        """Make a daily key; one that was there is kept beside it under `.old`."""
        path = self._daily(role)
        if path.exists():
            path.replace(path.with_suffix(".old"))
        return _make(path, None)

    def sites(self) -> tuple[str, ...]:
        """Where these keys have published."""
        try:
            return tuple((self.folder / "sites").read_text("utf-8").splitlines())
        except OSError:
            return ()

    def remember_site(self, where: str) -> None:
        """Note that these keys have published there."""
        if where not in self.sites():
            lines = "".join(f"{site}\n" for site in (*self.sites(), where))
            write_durably(self.folder / "sites", lines.encode())

    def roots(self) -> Sequence[bytes]:
        """Every root.json there has been, from the first."""
        count = len(list((self.folder / "roots").glob("*.root.json")))
        paths = [self.folder / "roots" / f"{n}.root.json" for n in range(1, count + 1)]
        try:
            return [path.read_bytes() for path in paths]
        except OSError as error:
            raise KeysError(
                f"{error.filename} is missing: restore it from a backup or from the site's"
                " metadata folder"
            ) from error

    def root(self) -> Metadata[Root]:
        """The latest root."""
        return Metadata[Root].from_bytes(self.roots()[-1])

    def keep_root(self, root: Metadata[Root]) -> bytes:
        """Keep a new root; its bytes."""
        content = root.to_bytes(SERIALIZER)
        write_durably(self.folder / "roots" / f"{root.signed.version}.root.json", content)
        write_durably(self.folder / "root.json", content)
        return content

    def _daily(self, role: str) -> Path:
        agency = role.removeprefix("agency-")
        daily = self.folder / "daily"
        return daily / (f"{role}.pem" if agency == role else f"agencies/{agency}.pem")


def init(folder: Path, passphrase: Ask, now: datetime) -> Keys:
    """The root ceremony: make every key and the first root.json in an empty folder."""
    if folder.exists() and any(folder.iterdir()):
        raise KeysError(f"{folder} is not empty; keys are made in a new folder, never over others")
    passphrases = {name: passphrase(name) for name in ROOT_NAMES}
    check_passphrases(passphrases)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    signers = [make_root_key(folder / f"{name}.pem", passphrases[name]) for name in ROOT_NAMES]
    root = Root(expires=expiry("root", now), consistent_snapshot=True)
    for signer in signers:
        root.add_key(signer.public_key, "root")
    root.roles["root"].threshold = ROOT_THRESHOLD
    for role in DAILY:
        signer = _make(folder / "daily" / f"{role}.pem", None)
        if role in root.roles:
            root.add_key(signer.public_key, role)
    metadata = Metadata(root)
    for signer in signers:
        metadata.sign(signer, append=True)
    content = metadata.to_bytes(SERIALIZER)
    write_durably(folder / "README.txt", _README.encode())
    write_durably(folder / "root.json", content)
    write_durably(folder / "roots" / "1.root.json", content)
    return Keys(folder)


def check_passphrases(passphrases: Mapping[str, str]) -> None:
    """KeysError for one that is too short, or used twice."""
    for name, passphrase in passphrases.items():
        if len(passphrase) < SHORTEST_PASSPHRASE:
            raise KeysError(
                f"the passphrase of {name} has {len(passphrase)} characters;"
                f" at least {SHORTEST_PASSPHRASE} are needed, four words are good"
            )
    if len(set(passphrases.values())) < len(passphrases):
        raise KeysError("each root key needs a passphrase of its own: one thief, one key")


def make_root_key(path: Path, passphrase: str) -> CryptoSigner:
    """Make a root key locked with a passphrase."""
    return _make(path, passphrase)


def load_root_key(path: Path, passphrase: str) -> CryptoSigner:
    """Unlock a root key."""
    return _load(path, passphrase)


def _make(path: Path, passphrase: str | None) -> CryptoSigner:
    private = Ed25519PrivateKey.generate()
    lock: KeySerializationEncryption = NoEncryption()
    if passphrase is not None:
        lock = BestAvailableEncryption(passphrase.encode())
    content = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)
    old = os.umask(0o077)
    try:
        write_durably(path, content)
    finally:
        os.umask(old)
    return CryptoSigner(private, SSlibKey.from_crypto(private.public_key()))


def _load(path: Path, passphrase: str | None) -> CryptoSigner:
    try:
        content = path.read_bytes()
        private = load_pem_private_key(content, passphrase.encode() if passphrase else None)
    except OSError as error:
        raise KeysError(
            f"{path} cannot be read ({error.strerror}); restore it from a backup, or make a new"
            " one: kiosk keys rotate"
        ) from error
    except TypeError as error:
        remedy = "give its passphrase" if passphrase is None else "it has no passphrase"
        raise KeysError(f"{path}: {remedy}") from error
    except ValueError as error:
        remedy = "is the passphrase right?" if passphrase else "restore it from a backup"
        raise KeysError(f"{path} cannot be unlocked; {remedy}") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise KeysError(f"{path} is not an Ed25519 key; use the keys that `kiosk keys init` made")
    return CryptoSigner(private, SSlibKey.from_crypto(private.public_key()))
