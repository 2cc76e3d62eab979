"""Sites on object stores and servers, through fsspec: whatever it has an address for."""

from __future__ import annotations

import importlib
import mimetypes
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from kiosk.release.durable import NEW
from kiosk.release.site import SiteError, checked, is_name, reason

_PASSWORD: Final = re.compile(r"(?<=//)([^/:]*):.*(?=@)")
_S3: Final = ("s3", "s3a")
_GOOGLE: Final = ("gs", "gcs")
_AZURE: Final = ("az", "abfs", "abfss")
_VERSIONED: Final = re.compile(r"targets/.*|metadata/[0-9]+\.[^/]+")
_ALWAYS_ASK: Final = "no-cache"
_FOR_A_YEAR: Final = "public, max-age=31536000, immutable"
# Only the tables that come with Python: the machine's own may say anything.
_KINDS: Final = mimetypes.MimeTypes()


def open_cloud(where: str, scheme: str) -> CloudSite:
    """The site at a URL of this scheme (small letters); SiteError where there can be none."""
    shown = _PASSWORD.sub(r"\1", where)
    bucket = where[len(scheme) :].removeprefix("://").partition("/")[0]
    if "::" in where or not where[len(scheme) :].startswith("://"):
        raise SiteError(f"{shown} is no address of a site; write {scheme}://... or ./ and a folder")
    if scheme in ("http", "https"):
        raise SiteError(f"{shown} can only be read; give the folder or bucket behind it")
    if scheme in (*_S3, *_GOOGLE, *_AZURE) and not bucket:
        raise SiteError(f"{shown} names no bucket; write {scheme}://bucket/folder")
    with _told(shown, "the site cannot be opened"):
        return _connect(where, scheme, shown)


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
        with _told(self.where, f"{name} cannot be read"), suppress(FileNotFoundError):
            self.system.invalidate_cache()
            return bytes(self.system.cat_file(path))
        return None

    def write(self, name: str, content: bytes) -> None:
        """Put the file there whole, or leave the old one; it is stored when this returns."""
        path = self._path(name)
        with _told(self.where, f"{name} cannot be written"):
            self._put(path, content, _headers(self.scheme, name))

    def delete(self, name: str) -> None:
        """Remove the file if it is there."""
        path = self._path(name)
        with _told(self.where, f"{name} cannot be deleted"), suppress(FileNotFoundError):
            self.system.rm_file(path)

    def names(self, under: str) -> frozenset[str]:
        """Every file below the folder `under`, named from the site's root."""
        return frozenset(self.sizes(under))

    def sizes(self, under: str) -> Mapping[str, int]:
        """The same files, each with its size in bytes."""
        top = self._path(under)
        with _told(self.where, f"{under} cannot be listed"):
            self.system.invalidate_cache()
            found = self._find(top).items()
        start = len(self.root) + 1
        files = {path[start:]: facts["size"] for path, facts in found if facts["type"] == "file"}
        return {name: size for name, size in files.items() if is_name(name)}

    def _path(self, name: str) -> str:
        return f"{self.root}/{checked(name)}"

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


@contextmanager
def _told(where: str, what: str) -> Iterator[None]:
    try:
        yield
    # Each store's package has a family of errors of its own, with no common ancestor.
    except Exception as error:
        raise SiteError(f"{where}: {what} ({reason(error)}); {_advice(error)}") from error


def _advice(error: Exception) -> str:
    if isinstance(error, ImportError):
        return "pip install 'o2-kiosk[cloud]'"
    if isinstance(error, PermissionError) or "Credential" in type(error).__name__:
        return "check the credentials in the environment and what they allow"
    if isinstance(error, FileNotFoundError):
        return "check the bucket's name"
    return "check the address and the network"
