"""What a screen keeps: objects by hash, whole releases, and pointers that survive a power cut.

objects/ab/<sha256>     immutable, verified
partial/<sha256>        on its way, untrusted, resumable
quarantine/<sha256>     was an object until its bytes changed
tuf/<role>.json         verified metadata
releases/<seq>.json     complete releases only
current, previous       which one; sealed
floor-a, floor-b        what must never be gone back behind; sealed, twice
contact                 when head office was last heard
pins                    what a player has on the glass
at-work                 somebody writes, or was cut short while writing
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote

from kiosk.release.durable import (
    NEW,
    make_folder,
    make_folders,
    replace,
    sync_directory,
    sync_file,
    write_durably,
)
from kiosk.release.record import Contact, Floor, Kept, Pins, Pointer, Release, seal, unseal

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_FLOORS: Final = ("floor-a", "floor-b")
_FOLDERS: Final = ("objects", "partial", "quarantine", "tuf", "releases")


class Busy(Exception):
    """Another process is synchronising into this store."""


class Store:
    """The data folder of one screen. One process writes at a time; any number read."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Have the store to oneself for writing; Busy where another has it."""
        for name in _FOLDERS:
            make_folder(self.root / name)
        with (self.root / "lock").open("a+b") as file:
            _take(file)
            self._settle()
            self._sweep()
            try:
                yield
            except Exception as refusal:
                if not isinstance(refusal, OSError):  # the disk's: something may be half done
                    self._at_work.unlink(missing_ok=True)
                raise
            self._at_work.unlink(missing_ok=True)

    # -- metadata ---------------------------------------------------------------------------

    def metadata(self, role: str) -> bytes | None:
        """As trust.Shelf."""
        return _read(self.root / "tuf" / f"{quote(role, '')}.json")

    def keep_metadata(self, role: str, content: bytes) -> None:
        """As trust.Shelf."""
        write_durably(self.root / "tuf" / f"{quote(role, '')}.json", content)

    # -- objects ----------------------------------------------------------------------------

    def path(self, sha256: str) -> Path:
        """Where the object is, or would be."""
        return self.root / "objects" / sha256[:2] / sha256

    def partial(self, sha256: str) -> Path:
        """Where an object on its way grows."""
        return self.root / "partial" / sha256

    def has(self, sha256: str, length: int) -> bool:
        """Whether the object is there in full length; its bytes are verified when they are used."""
        try:
            return self.path(sha256).stat().st_size == length
        except OSError:
            return False

    def admit(self, *hashes: str) -> None:
        """Make finished, verified partial files objects, durably: all of them on disk, then named.

        Together they wait for each folder once.
        """
        folders = list(dict.fromkeys(self.path(sha256).parent for sha256 in hashes))
        make_folders(folders)
        for sha256 in hashes:
            self._sync_partial(sha256)
        for sha256 in hashes:
            replace(self.partial(sha256), self.path(sha256))
        for folder in folders:
            sync_directory(folder)

    def _sync_partial(self, sha256: str) -> None:
        with self.partial(sha256).open("rb+") as file:
            try:
                sync_file(file.fileno())
            except OSError:
                # After a failed fsync the kernel may call lost pages clean: nothing of it counts.
                file.truncate(0)
                raise

    def read(self, sha256: str) -> bytes | None:
        """The object's bytes, verified; None where they are not there, or not these any more."""
        content = _read(self.path(sha256))
        if content is None or hashlib.sha256(content).hexdigest() == sha256:
            return content
        self._quarantine(sha256)
        return None

    def intact(self, path: Path) -> bool:
        """Whether an object's file still has the bytes of its name; else it is put away."""
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256")
        except OSError:
            return False
        if digest.hexdigest() != path.name:
            self._quarantine(path.name)
            return False
        return True

    def _quarantine(self, sha256: str) -> None:
        with suppress(OSError):
            replace(self.path(sha256), self._put_away(sha256))

    def _put_away(self, sha256: str) -> Path:
        return self.root / "quarantine" / sha256

    # -- releases ---------------------------------------------------------------------------

    def pointer(self) -> bytes | None:
        """The bytes of `current`: when they change, there is something new to show."""
        return _read(self.root / "current")

    def current(self) -> Release | None:
        """The release to show; should its pointer be damaged, the newest complete one."""
        return next(self.releases(), None)

    def releases(self) -> Iterator[Release]:
        """Every complete release that is here: the current one, then the others, newest first."""
        pointer = self._sealed(Pointer, "current")
        current = self._release(pointer.release) if pointer else None
        if current is not None:
            yield current
        for file in sorted(self._release_files(), key=lambda file: -int(file.stem)):
            release = self._release(int(file.stem))
            if release is not None and (current is None or release.seq != current.seq):
                yield release

    def activate(self, release: Release, healed: int = 0) -> None:
        """Make a release, all of whose objects are here, the current one."""
        now = self._sealed(Pointer, "current")
        if now is not None and now.release != release.seq and self._release(now.release):
            write_durably(self.root / "previous", seal(Pointer(release=now.release)))
        write_durably(self.root / "releases" / f"{release.seq}.json", seal(release))
        write_durably(self.root / "current", seal(Pointer(release=release.seq, healed=healed)))

    def healed(self, release: Release) -> None:
        """Say that files of the current release, which were missing, are here again."""
        now = self._sealed(Pointer, "current")
        self.activate(release, now.healed + 1 if now else 1)

    def next_seq(self) -> int:
        """A number that no release of this store has had."""
        kept = [int(file.stem) for file in self._release_files()]
        return max([self.floor().seq, *kept], default=0) + 1

    def _release(self, seq: int) -> Release | None:
        release = self._sealed(Release, f"releases/{seq}.json")
        if release is None or release.seq != seq:
            return None
        small = [signed for name, signed in release.files.items() if not name.startswith("media/")]
        return release if all(self.has(one.sha256, one.length) for one in small) else None

    def _release_files(self) -> list[Path]:
        folder = self.root / "releases"
        return [file for file in folder.glob("*.json") if file.stem.isdigit()]

    # -- what is remembered -----------------------------------------------------------------

    def floor(self) -> Floor:
        """The highest of both copies."""
        floor = Floor()
        for name in reversed(_FLOORS):  # where keys differ, the one written first is the newer
            floor = floor.raised(self._sealed(Floor, name) or Floor())
        return floor

    def raise_floor(self, floor: Floor) -> None:
        """Never to go back behind this; the two copies are written one after the other."""
        raised = self.floor().raised(floor)
        for name in _FLOORS:
            if self._sealed(Floor, name) != raised:
                write_durably(self.root / name, seal(raised))

    def contact(self) -> Contact | None:
        """When head office was last heard; None where that is not known."""
        return self._sealed(Contact, "contact")

    def keep_contact(self, contact: Contact) -> None:
        """Remember it; not worth waiting for the disk."""
        self._put("contact", contact)

    def pin(self, seqs: tuple[int, ...]) -> None:
        """Keep these releases' files: a player has them on the glass."""
        self._put("pins", Pins(releases=seqs))

    def _put(self, name: str, kept: Contact | Pins) -> None:
        """Write it whole, but not durably: what a power cut takes is told again."""
        new = self.root / f"{NEW}{name}"
        new.write_bytes(seal(kept))
        replace(new, self.root / name)

    # -- room -------------------------------------------------------------------------------

    def free(self) -> int:
        """Bytes that may still be written here."""
        if sys.platform == "win32":
            import shutil

            return shutil.disk_usage(self.root).free
        facts = os.statvfs(self.root)
        return facts.f_bavail * facts.f_frsize

    def collect(self, coming: frozenset[str] = frozenset()) -> None:
        """Remove what no release that may still be shown is made of, nor the one `coming`."""
        pointers = [self._sealed(Pointer, name) for name in ("current", "previous")]
        pins = self._sealed(Pins, "pins")
        keep = {one.release for one in pointers if one} | set(pins.releases if pins else ())
        needed = set(coming)
        for file in self._release_files():
            release = self._sealed(Release, f"releases/{file.name}")
            if release is not None and release.seq in keep:
                needed |= release.hashes()
            else:
                file.unlink(missing_ok=True)
        for folder in ("objects/*", "partial", "quarantine"):
            for file in self.root.glob(f"{folder}/*"):
                if file.name not in needed:
                    with suppress(PermissionError):  # Windows: it is open; the next time, then
                        file.unlink(missing_ok=True)

    @property
    def _at_work(self) -> Path:
        return self.root / "at-work"

    def _settle(self) -> None:
        """Have on disk what a process that was cut short had renamed, but not waited for.

        The mark need not be durable: after a power cut all that is there is on disk.
        """
        if self._at_work.exists():
            for folder in (self.root, *(self.root / name for name in _FOLDERS)):
                sync_directory(folder)
            for folder in self.root.glob("objects/*"):
                sync_directory(folder)
        self._at_work.touch()

    def forget(
        self, names: Collection[str], coming: frozenset[str] = frozenset()
    ) -> frozenset[str]:
        """Remove these files of every release: somebody withdrew consent. Those that were here.

        Objects of the release `coming`, and those that the current one has by another name, stay.
        """
        current = self.current()
        files = current.files if current else {}
        needed = {signed.sha256 for name, signed in files.items() if name not in names} | coming
        gone = set[str]()
        for file in self._release_files() if names else ():
            release = self._sealed(Release, f"releases/{file.name}")
            files = release.files if release else {}
            for name in files.keys() & set(names):
                if files[name].sha256 not in needed and self._erase(files[name].sha256):
                    gone.add(name)
        return frozenset(gone)

    def _erase(self, sha256: str) -> bool:
        """Remove an object, whole, half-fetched or put away; whether there was anything of it."""
        there = False
        for path in (self.path(sha256), self.partial(sha256), self._put_away(sha256)):
            with suppress(PermissionError, FileNotFoundError):  # Windows: it is open; next time
                path.unlink()
                there = True
        return there

    def _sweep(self) -> None:
        """Remove the half-written files of a process that was cut short."""
        for pattern in (f"{NEW}*", f"tuf/{NEW}*", f"releases/{NEW}*"):
            for file in self.root.glob(pattern):
                if file.name != f"{NEW}pins":  # the player's
                    file.unlink(missing_ok=True)
        for file in self.root.glob("partial/*"):
            if self.path(file.name).exists():  # some disks lose half of a rename between folders
                file.unlink(missing_ok=True)

    def _sealed(self, kind: type[Kept], name: str) -> Kept | None:
        content = _read(self.root / name)
        return unseal(kind, content) if content is not None else None


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _take(file: IO[bytes]) -> None:
    """The system gives the lock back with the process."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise Busy("another kiosk sync is at work in this data folder") from error
