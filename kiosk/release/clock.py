"""What time it is at least: a PC's clock may be years behind, signed facts are not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, Literal

BUILT: Final = datetime(2026, 11, 1, tzinfo=UTC)
"""No PC that runs this program lives before it."""
STALE_AFTER: Final = timedelta(hours=24)

Age = Literal["fresh", "stale", "old", "never"]


def trusted_now(system: datetime, signed: datetime | None = None) -> datetime:
    """The later of the system's clock, the program's own date and what head office signed.

    The last time that this PC believed in is not among them: a clock that was once years ahead
    would then keep the PC there for ever.
    """
    return max(system, signed or BUILT, BUILT)


def age(contact: datetime | None, now: datetime, max_offline: timedelta) -> Age:
    """How long ago head office was last heard: within a day, within `max_offline`, longer."""
    if contact is None:
        return "never"
    silent = now - contact
    if silent <= STALE_AFTER:
        return "fresh"
    return "stale" if silent <= max_offline else "old"
