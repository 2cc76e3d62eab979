"""The place a release is published to: a plain tree of files that are written whole."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath
from threading import Lock
from typing import Final, Protocol
from urllib.parse import urlsplit
from urllib.request import url2pathname

from kiosk.release.durable import NEW, make_folder, sync_directory, write_durably

# Two letters at least: C: is a drive of Windows.
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")


class SiteError(Exception):
    """One sentence: which site, which file, what is wrong, what to do."""


class Site(Protocol):
    """Files by their name below the site, such as "metadata/timestamp.json".

    ValueError where a name leads elsewhere; SiteError where the site does not do as asked.
    """

    @property
    def where(self) -> str:
        """The site's address, fit to print: without its password."""

    def read(self, name: str) -> bytes | None:
        """The file's bytes; None where there is no such file."""

    def write(self, name: str, content: bytes) -> None:
        """Put the file there whole, or leave the old one; it will last when this returns."""

    def delete(self, name: str) -> None:
        """Remove the file if it is there."""

    def names(self, under: str) -> frozenset[str]:
        """Every file below the folder `under`, named from the site's root."""

    def sizes(self, under: str) -> Mapping[str, int]:
        """The same files, each with its size in bytes."""


def open_site(where: str) -> Site:
    """The site at a folder's path, a file: URL or any URL fsspec knows, such as s3://bucket/shop.

    A folder that is missing is made. SiteError where there can be no site.
    """
    scheme = _SCHEME.match(where)
    if not where:
        raise SiteError("a site needs an address; give a folder or a URL such as s3://bucket/shop")
    if scheme is None:
        return _open_folder(where, Path(where))
    if scheme[1].lower() == "file":
        return _open_folder(where, _path_of(where))
    # Not above: cloud.py stands on this file, and a folder needs no fsspec.
    from kiosk.release.cloud import open_cloud

    return open_cloud(where, scheme[1].lower())


@dataclass(frozen=True, slots=True, eq=False)
class FolderSite:
    """A folder of this computer, or of a share that it mounts."""

    where: str
    root: Path
    _swept: set[Path] = field(default_factory=set, repr=False)
    _sweeping: Lock = field(default_factory=Lock, repr=False)

    def read(self, name: str) -> bytes | None:
        """The file's bytes; None where there is no such file."""
        file = self.root / checked(name)
        with _told(self.where, f"{name} cannot be read"), suppress(FileNotFoundError):
            return file.read_bytes()
        return None

    def write(self, name: str, content: bytes) -> None:
        """Put the file there whole, on disk when this returns, or leave the old one."""
        file = self.root / checked(name)
        with _told(self.where, f"{name} cannot be written"):
            self._sweep(file.parent)
            write_durably(file, content)

    def delete(self, name: str) -> None:
        """Remove the file if it is there."""
        file = self.root / checked(name)
        with _told(self.where, f"{name} cannot be deleted"), suppress(FileNotFoundError):
            file.unlink()
            sync_directory(file.parent)

    def names(self, under: str) -> frozenset[str]:
        """Every file below the folder `under`, named from the site's root."""
        return frozenset(self.sizes(under))

    def sizes(self, under: str) -> Mapping[str, int]:
        """The same files, each with its size in bytes."""
        top = self.root / checked(under)
        with _told(self.where, f"{under} cannot be listed"):
            files = _files_below(top) if top.is_dir() else ()
            return {file.relative_to(self.root).as_posix(): file.stat().st_size for file in files}

    def _sweep(self, folder: Path) -> None:
        """Before the first write into `folder`: remove what a publish that died left there."""
        with self._sweeping:
            if folder not in self._swept and folder.is_dir():
                for left in folder.glob(f"{NEW}*"):
                    left.unlink(missing_ok=True)
            self._swept.add(folder)


def _open_folder(where: str, root: Path) -> FolderSite:
    with _told(where, "the folder cannot be made"):
        make_folder(root.absolute())
    return FolderSite(where, root.absolute())


def _path_of(url: str) -> Path:
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
        raise SiteError(f"{url} names no folder of this computer; write file:///srv/kiosk")
    return Path(url2pathname(parts.path))


def checked(name: str) -> str:
    """The name; ValueError where it would lead out of the site or hide in it."""
    if not is_name(name):
        raise ValueError(f"not a name inside a site: {name!r}")
    return name


def is_name(name: str) -> bool:
    """Whether a file of a site may be called so."""
    *folders, last = name.split("/")
    odd = {"", ".", ".."} & {*folders, last} or {"\\", "\0"} & set(name)
    return not (odd or last.startswith(NEW) or PureWindowsPath(name).drive)


def _files_below(top: Path) -> Iterator[Path]:
    for folder, _, files in os.walk(top, onerror=_raise):
        yield from (Path(folder, name) for name in files if is_name(name))


def _raise(error: OSError) -> None:
    raise error


@contextmanager
def _told(where: str, what: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        advice = "check the folder, its rights and the space left"
        raise SiteError(f"{where}: {what} ({reason(error)}); {advice}") from error


def reason(error: Exception) -> str:
    """What the error says, in one line without its full stop."""
    said = str(getattr(error, "strerror", None) or error).strip() or type(error).__name__
    return said.splitlines()[0].rstrip(".")
