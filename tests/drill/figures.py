"""What a running kiosk costs, once a minute, and what follows from a whole day of it."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final

import numpy as np

from tests.bench.processes import own_bytes, pss_bytes
from tests.drill.shop import Shop

MB: Final = 2**20
LOG_MB: Final = 1.0
GROWN: Final = 1.10
"""Memory late in the day against memory early in the day."""
HANDLES: Final = 10
FEWEST: Final = 20
"""Rows from which late and early mean anything."""


@dataclass(frozen=True, slots=True)
class Row:
    """One minute. Memory in MB (PSS, and what is the process's own); gaps in seconds."""

    minute: float
    weather: str
    edition: str
    scene: str
    state: str
    sync: str
    supervisor_mb: float
    supervisor_own_mb: float
    supervisor_fds: int
    supervisor_threads: int
    player_pid: int
    player_mb: float
    player_own_mb: float
    player_fds: int
    player_threads: int
    restarts: int
    supervisors: int
    log_kb: float
    data_mb: float
    dark_s: float
    looks: int
    load: float

    @classmethod
    def header(cls) -> str:
        """The first line of the table."""
        return ",".join(field.name for field in fields(cls))

    def line(self) -> str:
        """A line of the table."""
        return ",".join(str(value).replace(",", ";") for value in asdict(self).values())


def measure(shop: Shop, began: float, weather: str, dark_s: float) -> Row:
    """Measure now; `dark_s` is the longest gap in this minute."""
    supervisor, player = shop.keeper.supervisor, shop.keeper.player() or 0
    told = shop.status()
    return Row(
        minute=round((time.monotonic() - began) / 60, 2),
        weather=weather,
        edition=shop.presses.edition,
        scene=shop.watcher.scene,
        state=str(told.get("state")),
        sync=str((told.get("sync") or {}).get("outcome"))[:60],
        supervisor_mb=_mb(pss_bytes([supervisor])),
        supervisor_own_mb=_mb(own_bytes([supervisor])),
        supervisor_fds=_count(supervisor, "fd"),
        supervisor_threads=_count(supervisor, "task"),
        player_pid=player,
        player_mb=_mb(pss_bytes([player])),
        player_own_mb=_mb(own_bytes([player])),
        player_fds=_count(player, "fd"),
        player_threads=_count(player, "task"),
        restarts=int(told.get("restarts", 0)),
        supervisors=len(shop.keeper.ends) + 1,
        log_kb=round(_size(shop.data / "log") / 1024, 1),
        data_mb=round(_size(shop.data) / MB, 2),
        dark_s=round(dark_s, 2),
        looks=shop.watcher.looks,
        load=round(os.getloadavg()[0], 2),
    )


def harms_of(rows: Sequence[Row]) -> list[str]:
    """What is wrong with these minutes together."""
    harms = []
    most = max((row.log_kb for row in rows), default=0.0) / 1024
    if most >= LOG_MB:
        harms.append(f"the log has grown to {most:.2f} MB")
    if rows and rows[-1].supervisors > 1:
        harms.append(f"the supervisor ended {rows[-1].supervisors - 1} times")
    if rows and rows[-1].restarts:
        harms.append(f"the player was started again {rows[-1].restarts} times")
    if len(rows) >= FEWEST:
        # Not PSS: it rises when other programs that share the same libraries end.
        for name in ("supervisor_own_mb", "player_own_mb"):
            early, late = _halves(rows, name)
            if late > early * GROWN + 1:
                harms.append(f"{name} grew from {early:.1f} to {late:.1f} MB")
        for name in ("supervisor_fds", "player_fds", "supervisor_threads", "player_threads"):
            early, late = _halves(rows, name)
            if late > early + HANDLES:
                harms.append(f"{name} grew from {early:.0f} to {late:.0f}")
    return harms


def slope(rows: Sequence[Row], name: str) -> float:
    """By how much a figure grows in an hour, the first quarter left out."""
    rest = [row for row in rows[len(rows) // 4 :] if row.player_pid]
    if len(rest) < 3:
        return 0.0
    hours = np.array([row.minute / 60 for row in rest])
    return float(np.polyfit(hours, [float(getattr(row, name)) for row in rest], 1)[0])


def _halves(rows: Sequence[Row], name: str) -> tuple[float, float]:
    """The middle value in the second and in the last quarter."""
    quarter = len(rows) // 4
    early, late = rows[quarter : 2 * quarter], rows[-quarter:]
    values = ([float(getattr(row, name)) for row in part] for part in (early, late))
    first, last = (float(np.median(part)) for part in values)
    return first, last


def _mb(size: int) -> float:
    return round(size / MB, 2)


def _count(pid: int, what: str) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/{what}"))  # noqa: PTH208
    except OSError:
        return 0


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return total
