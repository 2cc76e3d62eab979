"""Where releases come from: what an origin is, and the one that an address means."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit
from urllib.request import url2pathname

CHUNK: Final = 256 * 1024
"""Bytes of a file that are read at once."""


class NoContact(Exception):
    """No usable answer from the origin: one phrase with the cause, and a remedy where known."""


class Missing(NoContact):
    """The origin answers, and has no such file."""


class WebPage(NoContact):
    """The origin, or something in its place, answers with a web page."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait, in seconds, and how slow is too slow."""

    answer_s: float = 30.0
    """From the question to the first byte of the answer: name, connection, TLS, headers."""
    window_s: float = 20.0
    window_bytes: int = 16 * 1024
    """In each window so many bytes must come, or all that is left."""
    idle_s: float = 15.0
    """For how long an idle connection is used again: firewalls forget them without a word."""


class Answer(Protocol):
    """One file on its way."""

    @property
    def start(self) -> int:
        """The offset of its first byte."""
        ...

    @property
    def total(self) -> int | None:
        """The whole file's length in bytes, where the origin says it."""
        ...

    def chunks(self) -> Iterator[bytes]:
        """The bytes from `start`, as they come; NoContact where they stop coming."""
        ...

    def close(self) -> None:
        """Want no more of it."""
        ...


class Origin(Protocol):
    """A static tree of files, asked for one at a time."""

    def open(self, name: str, offset: int = 0) -> Answer:
        """Begin to fetch `name` from byte `offset`; NoContact where that fails."""
        ...

    def fetch(self, name: str, most: int) -> bytes:
        """The whole of a small file; NoContact where it is not there or longer than `most`."""
        ...


def open_origin(
    url: str,
    *,
    proxy: str | None = None,
    ca_file: Path | None = None,
    limits: Limits | None = None,
) -> Origin:
    """The origin at an http:, https: or file: address; ValueError for any other."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return FolderOrigin(Path(url2pathname(parts.path)))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url} is not an address; write https://…, http://… or file:///…")
    # Not above: web.py stands on this file, and a stick needs no HTTP.
    from kiosk.release.web import WebOrigin

    return WebOrigin(url.rstrip("/"), proxy=proxy, ca_file=ca_file, limits=limits or Limits())


@dataclass(frozen=True, slots=True)
class _FileAnswer:
    path: Path
    start: int
    total: int | None

    def chunks(self) -> Iterator[bytes]:
        try:
            with self.path.open("rb") as file:
                file.seek(self.start)
                while chunk := file.read(CHUNK):
                    yield chunk
        except OSError as error:
            raise NoContact(f"{self.path} cannot be read ({error.strerror})") from error

    def close(self) -> None:
        """As Answer."""


class FolderOrigin:
    """A release on a USB stick or a network folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def open(self, name: str, offset: int = 0) -> Answer:
        """As Origin."""
        path = self._root / name
        if not self._root.is_dir():
            raise NoContact(f"{self._root} is not there; is the stick plugged in?")
        try:
            total = path.stat().st_size
        except OSError as error:
            raise Missing(f"{path} cannot be read ({error.strerror})") from error
        return _FileAnswer(path, min(offset, total), total)

    def fetch(self, name: str, most: int) -> bytes:
        """As Origin."""
        with closing(self.open(name)) as answer:
            return whole(answer, name, most)


def whole(answer: Answer, name: str, most: int) -> bytes:
    """All of a small file's bytes; NoContact where they are more than `most` or stop coming."""
    content = bytearray()
    for chunk in answer.chunks():
        content += chunk
        if len(content) > most:
            raise NoContact(f"{name} is longer than {most} bytes")
    return bytes(content)
