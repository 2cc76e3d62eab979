"""Files that are whole or not there, also after a power cut."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

NEW: Final = ".new-"
"""What the name of a file begins with until it is whole."""
_BUSY: Final = (5, 32, 33)
"""Windows: access denied, sharing violation, lock violation: a virus scanner is looking."""
_PATIENCE_S: Final = 2.0


def write_durably(path: Path, content: bytes) -> None:
    """Put `content` at `path`: on disk when this returns, else the old file stands. OSError."""
    make_folder(path.parent)
    new = path.with_name(NEW + path.name)
    try:
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            sync_file(file.fileno())
        replace(new, path)
    except BaseException:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def make_folder(path: Path) -> None:
    """Have the folder `path` and its parents, on disk when this returns."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    sync_directory(path.parent)


def make_folders(paths: Iterable[Path]) -> None:
    """Have these folders, whose parents are there, on disk when this returns."""
    new = [path for path in paths if not path.is_dir()]
    for path in new:
        path.mkdir(exist_ok=True)
    for parent in dict.fromkeys(path.parent for path in new):
        sync_directory(parent)


def begin_sync(descriptor: int, offset: int, length: int) -> None:
    """Have the disk begin with these bytes of the file, without waiting; a hint, no promise."""
    if sys.platform == "linux":
        # Linux takes it as: write now, and forget what is written already. No error is lost by it.
        os.posix_fadvise(descriptor, offset, length, os.POSIX_FADV_DONTNEED)


def sync_file(descriptor: int) -> None:
    """Wait until the file's bytes are on disk; OSError is final for that file."""
    os.fsync(descriptor)


def sync_directory(path: Path) -> None:
    """Wait until the folder's names are on disk; Windows keeps them safe by itself."""
    if sys.platform == "win32":
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace(source: Path, target: Path) -> None:
    """Rename over `target`; on Windows again for a while, should somebody be looking at it."""
    give_up = time.monotonic() + _PATIENCE_S
    while True:
        try:
            source.replace(target)
            return
        except PermissionError as error:
            if getattr(error, "winerror", None) not in _BUSY or time.monotonic() > give_up:
                raise
            time.sleep(0.05)
