"""status.json: what this screen does, for the doctor, for head office, and for who asks."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

FILE: Final = "status.json"


@dataclass(frozen=True, slots=True)
class PlayerStatus:
    """The player on the glass. Memory in bytes; `look` compares the display with its frame."""

    pid: int
    footing: str
    renderer: str | None
    release: str | None
    scene: str | None
    frames: int
    last_frame: datetime | None
    hidden: bool
    look: str | None
    memory: int | None
    handles: int | None


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """The last poll, in its own words, and when the next is due."""

    outcome: str | None
    code: int | None
    at: datetime | None
    next: datetime | None


@dataclass(frozen=True, slots=True)
class Status:
    """One screen at one moment."""

    version: str
    written: datetime
    state: str
    """starting, set-up, on air, fallen back: …, no display, covered, black or frozen."""
    pc: str
    agency: str | None
    screen: str | None
    pid: int
    started: datetime
    restarts: int
    left_out: tuple[str, ...]
    missing: tuple[str, ...]
    problem: str | None
    player: PlayerStatus | None
    sync: SyncStatus

    def json(self) -> str:
        """As it is written."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False, default=_plain) + "\n"


def write(folder: Path, status: Status) -> str | None:
    """Replace the file; why that was not possible, or None. Not worth waiting for the disk."""
    new = folder / f".{FILE}.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        new.write_text(status.json(), "utf-8")
        new.replace(folder / FILE)
    except OSError as error:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        return error.strerror or str(error)
    return None


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    return str(value)
