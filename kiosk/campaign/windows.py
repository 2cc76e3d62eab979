"""Time windows written in the OSM opening_hours language, read in an agency's own time zone."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
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
    local, known = _local(now, zone), _latest(text, zone)
    if known and known[-1].holds(local):
        return known[-1].change
    change = _read(text, zone).next_change(local)
    answer = _Answer(local, None if change is None or change.year >= 9999 else change)
    known[:] = [answer]
    return answer.change


class _Answer(NamedTuple):
    """What was found at one moment: it stays true until the change."""

    since: datetime
    change: datetime | None

    def holds(self, now: datetime) -> bool:
        return self.since <= now and (self.change is None or now < self.change)


# WORKAROUND: to say that "2020 Mo 10:00-12:00" never opens again, opening_hours 2.1.4 looks through
# 8,000 years in half a second; a screen asks at each of its changes.
@lru_cache(maxsize=512)
def _latest(text: str, zone: str) -> list[_Answer]:
    """The newest answer about these hours, or none yet."""
    del text, zone
    return []


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
