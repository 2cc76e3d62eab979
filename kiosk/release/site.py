"""The place a release is published to: a plain tree of files that are written whole."""

from __future__ import annotations

import importlib
import mimetypes
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath
from threading import Lock
from typing import Any, Final, Protocol
from urllib.parse import urlsplit
from urllib.request import url2pathname

from kiosk.release.durable import NEW, make_folder, sync_directory, write_durably

# Two letters at least: C: is a drive of Windows.
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
_PASSWORD: Final = re.compile(r"(?<=//)([^/:]*):.*(?=@)")
_S3: Final = ("s3", "s3a")
_GOOGLE: Final = ("gs", "gcs")
_AZURE: Final = ("az", "abfs", "abfss")
_VERSIONED: Final = re.compile(r"targets/.*|metadata/[0-9]+\.[^/]+")
_ALWAYS_ASK: Final = "no-cache"
_FOR_A_YEAR: Final = "public, max-age=31536000, immutable"
# Only the tables that come with Python: the machine's own may say anything.
_KINDS: Final = mimetypes.MimeTypes()


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
    return _open_cloud(where, scheme[1].lower())


@dataclass(frozen=True, slots=True, eq=False)
class FolderSite:
    """A folder of this computer, or of a share that it mounts."""

    where: str
    root: Path
    _swept: set[Path] = field(default_factory=set, repr=False)
    _sweeping: Lock = field(default_factory=Lock, repr=False)

    def read(self, name: str) -> bytes | None:
        """The file's bytes; None where there is no such file."""
        file = self.root / _checked(name)
        with _told(self.where, f"{name} cannot be read"), suppress(FileNotFoundError):
            return file.read_bytes()
        return None

    def write(self, name: str, content: bytes) -> None:
        """Put the file there whole, on disk when this returns, or leave the old one."""
        file = self.root / _checked(name)
        with _told(self.where, f"{name} cannot be written"):
            self._sweep(file.parent)
            write_durably(file, content)

    def delete(self, name: str) -> None:
        """Remove the file if it is there."""
        file = self.root / _checked(name)
        with _told(self.where, f"{name} cannot be deleted"), suppress(FileNotFoundError):
            file.unlink()
            sync_directory(file.parent)

    def names(self, under: str) -> frozenset[str]:
        """Every file below the folder `under`, named from the site's root."""
        return frozenset(self.sizes(under))

    def sizes(self, under: str) -> Mapping[str, int]:
        """The same files, each with its size in bytes."""
        top = self.root / _checked(under)
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


@dataclass(frozen=True, slots=True, eq=False)
class CloudSite:
    """An object store, where each put is whole by nature. `system` is fsspec's, `root` its path."""

    where: str
    scheme: str
    system: Any
    root: str

    def read(self, name: str) -> bytes | None:
        """The file's bytes; None where there is no such file."""
        path = self._path(name)
        with _told_of_cloud(self.where, f"{name} cannot be read"), suppress(FileNotFoundError):
            self.system.invalidate_cache()
            return bytes(self.system.cat_file(path))
        return None

    def write(self, name: str, content: bytes) -> None:
        """Put the file there whole, or leave the old one; it is stored when this returns."""
        path = self._path(name)
        with _told_of_cloud(self.where, f"{name} cannot be written"):
            self._put(path, content, _headers(self.scheme, name))

    def delete(self, name: str) -> None:
        """Remove the file if it is there."""
        path = self._path(name)
        with _told_of_cloud(self.where, f"{name} cannot be deleted"), suppress(FileNotFoundError):
            self.system.rm_file(path)

    def names(self, under: str) -> frozenset[str]:
        """Every file below the folder `under`, named from the site's root."""
        return frozenset(self.sizes(under))

    def sizes(self, under: str) -> Mapping[str, int]:
        """The same files, each with its size in bytes."""
        top = self._path(under)
        with _told_of_cloud(self.where, f"{under} cannot be listed"):
            self.system.invalidate_cache()
            found = self._find(top).items()
        start = len(self.root) + 1
        files = {path[start:]: facts["size"] for path, facts in found if facts["type"] == "file"}
        return {name: size for name, size in files.items() if _is_name(name)}

    def _path(self, name: str) -> str:
        return f"{self.root}/{_checked(name)}"

    def _put(self, path: str, content: bytes, headers: Mapping[str, Any]) -> None:
        self.system.pipe_file(path, content, **headers)

    def _find(self, top: str) -> dict[str, dict[str, Any]]:
        return dict(self.system.find(top, detail=True))


class ServerSite(CloudSite):
    """Folders on a server (sftp, smb ...): what is put there grows, so it is renamed when whole."""

    __slots__ = ()

    def _put(self, path: str, content: bytes, headers: Mapping[str, Any]) -> None:
        folder, _, last = path.rpartition("/")
        self.system.makedirs(folder, exist_ok=True)
        self.system.pipe_file(f"{folder}/{NEW}{last}", content, **headers)
        self.system.mv(f"{folder}/{NEW}{last}", path)

    def _find(self, top: str) -> dict[str, dict[str, Any]]:
        # Unless told to raise, fsspec lists a folder that it may not read as an empty one.
        try:
            return dict(self.system.find(top, detail=True, on_error="raise"))
        except FileNotFoundError:
            return {}


def _open_folder(where: str, root: Path) -> FolderSite:
    with _told(where, "the folder cannot be made"):
        make_folder(root.absolute())
    return FolderSite(where, root.absolute())


def _path_of(url: str) -> Path:
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
        raise SiteError(f"{url} names no folder of this computer; write file:///srv/kiosk")
    return Path(url2pathname(parts.path))


def _open_cloud(where: str, scheme: str) -> CloudSite:
    shown = _PASSWORD.sub(r"\1", where)
    bucket = where[len(scheme) :].removeprefix("://").partition("/")[0]
    if "::" in where or not where[len(scheme) :].startswith("://"):
        raise SiteError(f"{shown} is no address of a site; write {scheme}://... or ./ and a folder")
    if scheme in ("http", "https"):
        raise SiteError(f"{shown} can only be read; give the folder or bucket behind it")
    if scheme in (*_S3, *_GOOGLE, *_AZURE) and not bucket:
        raise SiteError(f"{shown} names no bucket; write {scheme}://bucket/folder")
    with _told_of_cloud(shown, "the site cannot be opened"):
        return _connect(where, scheme, shown)


def _connect(where: str, scheme: str, shown: str) -> CloudSite:
    core = importlib.import_module("fsspec.core")
    # An instance fsspec kept would not see that the environment has other credentials now.
    system, path = core.url_to_fs(where, skip_instance_cache=True)
    root = path.rstrip("/")
    if scheme == "memory":
        return CloudSite(shown, scheme, system, root)
    if scheme not in (*_S3, *_GOOGLE, *_AZURE):
        return ServerSite(shown, scheme, system, root)
    # A store says the same of a missing bucket and of a missing file: ask before they mix.
    system.info(root.partition("/")[0])
    return CloudSite(shown, scheme, system, root)


def _headers(scheme: str, name: str) -> dict[str, Any]:
    """What the store shall tell browsers and caches of the file, as fsspec's `pipe_file` takes it.

    Google says "public, max-age=3600" of a public file where nothing is set.
    """
    kind = _KINDS.guess_type(name, strict=False)[0] or "application/octet-stream"
    cache = _FOR_A_YEAR if _VERSIONED.fullmatch(name) else _ALWAYS_ASK
    if scheme in _S3:
        return {"ContentType": kind, "CacheControl": cache}
    if scheme in _GOOGLE:
        return {"content_type": kind, "fixed_key_metadata": {"cache_control": cache}}
    return {}


def _checked(name: str) -> str:
    """The name; ValueError where it would lead out of the site or hide in it."""
    if not _is_name(name):
        raise ValueError(f"not a name inside a site: {name!r}")
    return name


def _is_name(name: str) -> bool:
    *folders, last = name.split("/")
    odd = {"", ".", ".."} & {*folders, last} or {"\\", "\0"} & set(name)
    return not (odd or last.startswith(NEW) or PureWindowsPath(name).drive)


def _files_below(top: Path) -> Iterator[Path]:
    for folder, _, files in os.walk(top, onerror=_raise):
        yield from (Path(folder, name) for name in files if _is_name(name))


def _raise(error: OSError) -> None:
    raise error


@contextmanager
def _told(where: str, what: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        advice = "check the folder, its rights and the space left"
        raise SiteError(f"{where}: {what} ({_reason(error)}); {advice}") from error


@contextmanager
def _told_of_cloud(where: str, what: str) -> Iterator[None]:
    try:
        yield
    # Each store's package has a family of errors of its own, with no common ancestor.
    except Exception as error:
        raise SiteError(f"{where}: {what} ({_reason(error)}); {_advice(error)}") from error


def _reason(error: Exception) -> str:
    said = str(getattr(error, "strerror", None) or error).strip() or type(error).__name__
    return said.splitlines()[0].rstrip(".")


def _advice(error: Exception) -> str:
    if isinstance(error, ImportError):
        return "pip install 'o2-kiosk[cloud]'"
    if isinstance(error, PermissionError) or "Credential" in type(error).__name__:
        return "check the credentials in the environment and what they allow"
    if isinstance(error, FileNotFoundError):
        return "check the bucket's name"
    return "check the address and the network"
