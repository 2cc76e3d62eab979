"""The journal of light: when this screen was lit and when dark, and by which rule.

It is the proof that a window was dark. One line a change, only ever appended to.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import queue
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from kiosk.agent.panels.way import Outcome
from kiosk.release import durable

log = logging.getLogger("kiosk.agent")

FILE: Final = "lit.ndjson"
OLDER: Final = "lit.1.ndjson"
BYTES: Final = 1_000_000
"""Of each of the two files."""


@dataclass(frozen=True, slots=True)
class Light:
    """What a player says of the light. `lit` None: there is no player to say it.

    `zone` is the agency's time zone by its IANA name; an unknown one is taken for UTC.
    """

    lit: bool | None
    rule: str
    detail: str = ""
    agency: str | None = None
    screen: str | None = None
    release: str | None = None
    zone: str = "UTC"

    @classmethod
    def read(cls, facts: Mapping[str, Any]) -> Self:
        """From an event's facts, as a player or the journal has them. KeyError, TypeError."""
        lit = facts["lit"]
        if lit is not None and not isinstance(lit, bool):
            raise TypeError(f"lit is {lit!r}; it must be true, false or null")
        known = {name: facts.get(name) for name in ("agency", "screen", "release")}
        told = {name: None if text is None else str(text) for name, text in known.items()}
        zone = str(facts.get("zone") or "UTC")
        return cls(lit, str(facts["rule"]), str(facts.get("detail") or ""), **told, zone=zone)

    @property
    def place(self) -> ZoneInfo:
        """The agency's time zone."""
        try:
            return ZoneInfo(self.zone)
        except (ValueError, OSError, KeyError):
            return ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: since `at` (UTC) the light is so. `panel`: every way that was offered to switch
    the panel, and what became of it; empty: the black frame alone."""

    at: datetime
    light: Light
    panel: tuple[Outcome, ...] = ()

    def line(self) -> bytes:
        """As it is written."""
        light = self.light
        facts = {
            "at": self.at.astimezone(UTC).isoformat(timespec="seconds"),
            "local": self.at.astimezone(light.place).isoformat(timespec="seconds"),
            "zone": light.zone,
            "lit": light.lit,
            "rule": light.rule,
            "detail": light.detail,
            "agency": light.agency,
            "screen": light.screen,
            "release": light.release,
            "panel": [
                {"way": way.way, "state": way.state, "detail": way.detail} for way in self.panel
            ],
        }
        return json.dumps(facts, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def parse(line: bytes) -> Entry | None:
    """One line; None where it is torn, or none of ours."""
    try:
        facts: dict[str, Any] = json.loads(line)
        at = datetime.fromisoformat(facts["at"]).astimezone(UTC)
        panel = [
            Outcome(str(way["way"]), way["state"], str(way["detail"])) for way in facts["panel"]
        ]
        return Entry(at, Light.read(facts), tuple(panel))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None


def read(folder: Path) -> list[Entry]:
    """Every entry that can be read, in the order of writing. OSError.

    A line is written again once the panel has answered; the later one counts.
    """
    entries: list[Entry] = []
    for line in _lines(folder):
        entry = parse(line)
        if entry is None:
            continue
        if entries and replace(entries[-1], panel=()) == replace(entry, panel=()):
            entries.pop()
        entries.append(entry)
    return entries


def _lines(folder: Path) -> Iterator[bytes]:
    for name in (OLDER, FILE):
        with suppress(FileNotFoundError), (folder / name).open("rb") as file:
            yield from file.read(2 * BYTES).split(b"\n")


def append(folder: Path, entry: Entry) -> None:
    """Have the entry on disk when this returns. OSError.

    A line that a power cut tore off is closed first. What a full disk takes only half of is
    taken back.
    """
    path, new = folder / FILE, entry.line()
    durable.make_folder(folder)
    if path.exists() and path.stat().st_size + len(new) >= BYTES:
        durable.replace(path, folder / OLDER)
    fresh = not path.exists()
    with path.open("a+b", buffering=0) as file:
        before = file.seek(0, os.SEEK_END)
        if before:
            file.seek(-1, os.SEEK_END)
            new = new if file.read(1) == b"\n" else b"\n" + new
        try:
            if file.write(new) != len(new):
                raise OSError(errno.ENOSPC, "no space left on device")
            durable.sync_file(file.fileno())
        except OSError:
            with suppress(OSError):
                file.truncate(before)
            raise
    if fresh:
        durable.sync_directory(folder)


class Journal:
    """Writes the entries of one screen, on a thread: a disk that hangs holds nobody up.

    Until the folder is known they wait in memory. A disk that takes none costs lines, and is
    told once.
    """

    def __init__(self) -> None:
        self._entries: queue.SimpleQueue[Entry | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None

    def keep(self, folder: Path) -> None:
        """This is the folder."""
        self._writer = threading.Thread(target=self._write, args=(folder,), daemon=True)
        self._writer.start()

    def write(self, entry: Entry) -> None:
        """Have an entry written soon."""
        self._entries.put(entry)

    def close(self, within_s: float) -> bool:
        """Wait until everything is on disk; whether it is, or the disk has refused it."""
        if self._writer is None:
            return False
        self._entries.put(None)
        self._writer.join(within_s)
        return not self._writer.is_alive()

    def _write(self, folder: Path) -> None:
        told = None
        while (entry := self._entries.get()) is not None:
            trouble = _trouble(folder, entry)
            if trouble is not None and trouble != told:
                log.error("the journal of light is not written in %s: %s", folder, trouble)
            told = trouble


def _trouble(folder: Path, entry: Entry) -> str | None:
    """Append it; why that was not possible, or None."""
    try:
        append(folder, entry)
    except OSError as error:
        return error.strerror or str(error)
    return None
