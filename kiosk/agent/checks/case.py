"""Whom the doctor visits: this PC's settings as plain values, handed over by the door."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Case:
    """The settings in force. `problem` says why they cannot be read, `note` what else is wrong
    with them; `origins` where each came from; `probe` is the command that runs `kiosk probe`."""

    version: str
    data: Path
    root: Path
    probe: tuple[str, ...]
    central: str | None = None
    agency: str | None = None
    screen: str | None = None
    display: str | None = None
    proxy: str | None = None
    ca_file: Path | None = None
    evergreen: Path | None = None
    reserve_mb: int = 500
    file: Path | None = None
    origins: Mapping[str, str] = field(default_factory=dict)
    problem: str | None = None
    note: str | None = None
    blind: bool = False
    """Somebody asked Qt to draw nowhere."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """For the probe."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
