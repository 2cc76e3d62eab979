"""Time windows written in the OSM opening_hours language, read in an agency's own time zone."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from opening_hours import OpeningHours

COUNTRY = "FR"


def check_hours(text: str) -> str:
    """Return `text` unchanged if it is a valid opening_hours expression, else ValueError."""
    _read(text, "Europe/Paris")
    return text


def open_at(text: str, now: datetime, zone: str) -> bool:
    """Whether the window is open at the aware moment `now`, in local civil time of `zone`."""
    return _read(text, zone).is_open(_local(now, zone))


def next_change(text: str, now: datetime, zone: str) -> datetime | None:
    """The first moment after `now` at which the window opens or closes; None if it never does."""
    change = _read(text, zone).next_change(_local(now, zone))
    return None if change is None or change.year >= 9999 else change


def _local(now: datetime, zone: str) -> datetime:
    return now.astimezone(ZoneInfo(zone))


@lru_cache(maxsize=512)
def _read(text: str, zone: str) -> OpeningHours:
    # Imported here: 40 ms that a campaign without windows does not pay before its first picture.
    from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined]

    try:
        return OpeningHours(text, timezone=ZoneInfo(zone), country=COUNTRY)
    except ParserError as error:
        detail = next((line.strip() for line in str(error).splitlines() if "expected" in line), "")
        raise ValueError(
            "is not an OSM opening_hours expression; write for example"
            f' "Mo-Sa 08:00-20:00" ({detail.lstrip("= ") or "not understood"})'
        ) from error
