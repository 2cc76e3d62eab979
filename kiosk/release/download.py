"""One object: fetched in as many goes as it takes, bounded, its bytes proven."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.release.durable import begin_sync
from kiosk.release.origin import Answer, Missing, NoContact, Origin, WebPage

TRIES: Final = 3
"""Failures in a row, with nothing much gained, before it is given up for this poll."""
ENOUGH: Final = 64 * 1024
"""Bytes that a try must gain so as not to count: else a line of 2 B/s would never be given up."""
_READ: Final = 1024 * 1024
_STRETCH: Final = 16 * 1024 * 1024
"""Bytes after which the disk begins: the last wait is then not for all of a large object."""


class WrongBytes(Exception):
    """The origin's file is not the one that was signed."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file at the origin: its name there, and what was signed of it (hex SHA-256, bytes)."""

    name: str
    sha256: str
    length: int


def download(
    origin: Origin,
    wanted: Wanted,
    partial: Path,
    *,
    got: Callable[[int], None] = lambda _: None,
    pause: Callable[[float], None] = lambda _: None,
) -> None:
    """Fetch `wanted` into the file `partial`, going on where an earlier try stopped.

    When this returns, the file is the one that was signed, perhaps not yet on disk. NoContact
    leaves what has come for the next time; WrongBytes leaves nothing; OSError is the disk's.
    `got` is told the bytes of each chunk, `pause` waits between tries (s).
    """
    failures = mistakes = 0
    while True:
        have = _have(partial, wanted.length)
        try:
            if _fetch(origin, wanted, partial, got):
                return
        except (Missing, WebPage):
            raise
        except NoContact:
            gained = _have(partial, wanted.length) - have
            failures = 0 if gained >= ENOUGH else failures + 1
            if failures >= TRIES:
                raise
            pause(failures)
            continue
        # The hash is wrong: an old partial file may be to blame once, the origin the next time.
        partial.unlink(missing_ok=True)
        mistakes += 1
        if mistakes > 1 or have == 0:
            raise WrongBytes(f"{wanted.name} is not the file that was signed")


def _have(partial: Path, length: int) -> int:
    try:
        size = partial.stat().st_size
    except FileNotFoundError:
        return 0
    if size > length:
        partial.unlink()
        return 0
    return size


def _fetch(origin: Origin, wanted: Wanted, partial: Path, got: Callable[[int], None]) -> bool:
    """One go. Whether the whole has the right hash; NoContact where it is not whole."""
    offset = _have(partial, wanted.length)
    if offset == wanted.length:
        return _hash_of(partial, offset).hexdigest() == wanted.sha256
    with closing(origin.open(wanted.name, offset)) as answer:
        return _take(answer, wanted, partial, got)


def _take(answer: Answer, wanted: Wanted, partial: Path, got: Callable[[int], None]) -> bool:
    if answer.total is not None and answer.total != wanted.length:
        raise NoContact(
            f"{wanted.name} has {answer.total} bytes at the origin, {wanted.length} were signed"
        )
    digest = _hash_of(partial, answer.start)
    with partial.open("r+b" if answer.start else "wb", buffering=0) as file:
        file.truncate(answer.start)
        file.seek(answer.start)
        at = answer.start
        for chunk in answer.chunks():
            at += len(chunk)
            if at > wanted.length:
                raise NoContact(f"{wanted.name} goes on after the {wanted.length} bytes signed")
            _write(file.fileno(), chunk, at)
            digest.update(chunk)
            got(len(chunk))
    if at < wanted.length:
        raise NoContact(f"{wanted.name} stopped after {at} of {wanted.length} bytes")
    return digest.hexdigest() == wanted.sha256


def _write(out: int, chunk: bytes, end: int) -> None:
    """Write a chunk that ends at the offset `end`; the disk begins whenever a stretch is full."""
    view = memoryview(chunk)
    while view:
        view = view[os.write(out, view) :]
    full = end // _STRETCH
    if full > (end - len(chunk)) // _STRETCH:
        begin_sync(out, (full - 1) * _STRETCH, _STRETCH)


def _hash_of(path: Path, length: int) -> hashlib._Hash:
    """The hash of the first `length` bytes, ready for more."""
    digest, left = hashlib.sha256(), length
    if left:
        with path.open("rb") as file:
            while left and (piece := file.read(min(left, _READ))):
                digest.update(piece)
                left -= len(piece)
    return digest
