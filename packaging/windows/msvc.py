"""Which of the C++ runtimes in the wheels ships: the one that PySide6 was built and tried with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Final

Entry = tuple[str, str, str]
"""PyInstaller's (place in the bundle, file it comes from, kind)."""
RUNTIME: Final = re.compile(r"(msvcp|vcruntime|concrt)140\w*\.dll", re.IGNORECASE)


def of_pyside(entries: Sequence[Entry]) -> list[Entry]:
    """The same places, each runtime library taken from PySide6's folder.

    Windows loads one library of a name into a process, the first that is asked for: that of
    Python's own folder, which is older than Qt may need.
    """
    folder = _folder_of_qt(entries)
    return [_taken_from(folder, entry) if folder else entry for entry in entries]


def _folder_of_qt(entries: Sequence[Entry]) -> Path | None:
    found = (Path(source) for _, source, _ in entries if source.endswith("Qt6Core.dll"))
    return next((path.parent for path in found), None)


def _taken_from(folder: Path, entry: Entry) -> Entry:
    place, _, kind = entry
    name = PurePosixPath(place.replace("\\", "/")).name
    own = folder / name.lower()
    return (place, str(own), kind) if RUNTIME.fullmatch(name) and own.is_file() else entry
