"""Moments: what a clock on the agency's wall says, through every change of the clock.

A window is read on that clock: a time the clock skips is the moment of the jump, a time it shows
twice counts both times. What comes out is UTC, because Python compares two datetimes of one zone by
their wall time.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from kiosk.campaign.fields import Window
from kiosk.campaign.windows import next_change, open_at

_LOOK_AHEAD: Final = 100
_ALWAYS: Final = datetime.min.replace(tzinfo=UTC)


class Span(NamedTuple):
    """When a window of dates opens and closes; None: it always was, it always will be."""

    opens: datetime | None
    closes: datetime | None

    def holds(self, now: datetime) -> bool:
        """Whether it is open at the aware moment `now`."""
        begun = self.opens is None or self.opens <= now
        return begun and (self.closes is None or now < self.closes)


def span(window: Window, zone: ZoneInfo) -> Span:
    """The moments of a window of local civil dates."""
    return Span(
        None if window.from_ is None else begin_of(window.from_, zone),
        None if window.until is None else end_of(window.until, zone),
    )


def begin_of(day: date, zone: ZoneInfo) -> datetime:
    """The moment a local civil day begins."""
    if day.year == date.min.year:  # "since always": east of Greenwich UTC has no moment for it
        return _ALWAYS
    return moment(datetime.combine(day, time()), zone, after=_ALWAYS)


def end_of(day: date, zone: ZoneInfo) -> datetime | None:
    """The moment it ends; None: never."""
    return None if day.year == date.max.year else begin_of(day + timedelta(days=1), zone)


class Flip(NamedTuple):
    """The moment at which hours open or close; None: they never do again."""

    at: datetime | None
    certain: bool


def next_flip(show: str, now: datetime, zone: ZoneInfo) -> Flip:
    """The next opening or closing; not certain when it lies beyond a hundred idle changes."""
    shown, mark = shown_at(show, now, zone), now
    for _ in range(_LOOK_AHEAD):
        following = next_mark(show, mark, zone)
        if following is None:
            return Flip(None, certain=True)
        mark = following
        if shown_at(show, mark, zone) != shown:
            return Flip(mark, certain=True)
    return Flip(mark, certain=False)


# WORKAROUND: the hours are asked about the wall clock, as if it were UTC, and moments are worked
# out here. Given a zone, opening_hours 2.1.4 says closed in the last minute before the autumn
# change (02:59 in Paris, 24/7 too) and passes over the first of two equal hours in next_change.


def _wall(now: datetime, zone: ZoneInfo) -> datetime:
    return now.astimezone(zone).replace(tzinfo=UTC)


def shown_at(show: str, now: datetime, zone: ZoneInfo) -> bool:
    """Whether these hours are open."""
    return open_at(show, _wall(now, zone), "UTC")


def next_mark(show: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The first moment after `now` at which the hours can flip."""
    change = next_change(show, _wall(now, zone), "UTC")
    marks = [_clock_goes_back(now, zone)]
    if change is not None:
        marks.append(moment(change.replace(tzinfo=None), zone, after=now))
    return min((mark for mark in marks if mark is not None), default=None)


def moment(wall: datetime, zone: ZoneInfo, after: datetime) -> datetime:
    """The first moment later than `after` at which the clock shows `wall` or jumps over it."""
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first > second:
        return _jump(second, first, zone)
    return first if first > after else second


def _clock_goes_back(now: datetime, zone: ZoneInfo) -> datetime | None:
    """The moment the clock goes back, when `now` is in the hour that will be shown again."""
    first = now.astimezone(zone)
    again = first.replace(fold=1).astimezone(UTC)
    return _jump(now, again, zone) if again > now else None


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The one change of offset between two moments at most a day apart, found to the second."""
    start, offset = before.replace(microsecond=0), before.astimezone(zone).utcoffset()

    def jumped(seconds: int) -> bool:
        return (start + timedelta(seconds=seconds)).astimezone(zone).utcoffset() != offset

    span = range(ceil((after - start).total_seconds()) + 1)
    return start + timedelta(seconds=bisect_left(span, True, key=jumped))
