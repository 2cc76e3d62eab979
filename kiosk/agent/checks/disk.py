"""The disk: written, waited for, renamed and read back, with room left for the next release."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from kiosk.agent.checks.finding import Finding, failed, passed, warned, within
from kiosk.agent.checks.visit import Visit
from kiosk.release.durable import write_durably

_CANARY: Final = bytes(range(256)) * 256
_SLOW_MS: Final = 2000
_FEW_FILES: Final = 2000
_MB: Final = 2**20


def disk(visit: Visit) -> Finding:
    """A file makes the whole way that a release's files make, and is removed."""
    data = visit.case.data
    folder = _nearest(data)
    try:
        took_ms = within(visit.left(), lambda: _canary(folder))
        free, files = within(visit.left(), lambda: (_free(folder), _files_left(folder)))
    except TimeoutError:
        return failed(
            f"{folder} did not answer in time", "Check the disk's cable and health, or replace it."
        )
    except OSError as error:
        return _broken(folder, error)
    if took_ms is None:
        return failed(
            f"{folder} gives other bytes back than were written", "Replace the disk: it is broken."
        )
    where = str(data) if folder == data else f"{data} is not there yet; {folder}"
    seen = f"{where}: written and on disk in {took_ms:.0f} ms, {free // _MB} MB free"
    return _judged(visit, seen, took_ms, free, files)


def _judged(visit: Visit, seen: str, took_ms: float, free: int, files: int | None) -> Finding:
    data, reserve = visit.case.data, visit.case.reserve_mb
    if free < reserve * _MB:
        return failed(
            f"{seen}, of which {reserve} MB are to stay free",
            f"Make room on the disk of {data}, or lower `disk_reserve_mb`: no new release is"
            " taken before.",
        )
    if files is not None and files < _FEW_FILES:
        return warned(
            f"{seen}, but room for only {files} more files",
            f"Remove needless small files from the disk of {data}.",
        )
    if took_ms > _SLOW_MS:
        return warned(seen, "Check the disk's health: it is very slow.")
    return passed(seen)


def _nearest(data: Path) -> Path:
    """The folder itself or the nearest above it: made by the doctor, it might have another owner
    than the player."""
    return next((path for path in (data, *data.parents) if path.is_dir()), data)


def _canary(folder: Path) -> float | None:
    """Milliseconds that a file took to be on disk; None where it came back changed. OSError."""
    path = folder / f".doctor-{os.getpid()}"
    began = time.monotonic()
    try:
        write_durably(path, _CANARY)
        took = (time.monotonic() - began) * 1000
        return took if path.read_bytes() == _CANARY else None
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def _files_left(folder: Path) -> int | None:
    """How many files may still be made; None where the file system does not count them."""
    if sys.platform == "win32":
        return None
    facts = os.statvfs(folder)
    return facts.f_favail if facts.f_files else None


_PHRASES: Final[Mapping[int, tuple[str, str]]] = {
    errno.ENOSPC: ("the disk is full", "Make room on the disk of {}."),
    errno.EROFS: ("the disk is read-only", "Mount the disk of {} for writing."),
    errno.EACCES: (
        "this user may not write there",
        "Give the kiosk's user the right to write to {}, and run the doctor as that user.",
    ),
}


def _broken(folder: Path, error: OSError) -> Finding:
    if error.errno == errno.ENOSPC and _no_more_files(folder):
        return failed(
            f"{folder}: the disk has room, but for no further file (inodes are used up)",
            f"Remove needless small files from the disk of {folder}.",
        )
    what, remedy = _PHRASES.get(
        error.errno or 0,
        (error.strerror or "it cannot be written", "Check the rights and the health of {}."),
    )
    return failed(f"{folder}: {what}", remedy.format(folder))


def _no_more_files(folder: Path) -> bool:
    with suppress(OSError):
        return _files_left(folder) == 0
    return False
