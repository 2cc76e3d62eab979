"""The clock: against what head office signed, and against the origin's own."""

from __future__ import annotations

import http.client
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kiosk.agent.checks.finding import Finding, failed, passed, warned, within
from kiosk.agent.checks.visit import Visit
from kiosk.release.clock import BUILT

_REMARKABLE: Final = timedelta(minutes=2)
_WRONG: Final = timedelta(minutes=15)
SET_IT: Final = (
    "Set this PC's clock and switch its time synchronisation on"
    " (Windows: w32tm /resync; Debian: timedatectl set-ntp true)."
)


def clock(visit: Visit) -> Finding:
    """Whether this PC's clock may be right."""
    now = visit.case.now()
    here = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    signed = visit.store.floor().signed_at
    if now < BUILT:
        return failed(f"{here}, before this program was made ({BUILT:%Y-%m-%d})", SET_IT)
    if signed is not None and now < signed - _WRONG:
        return failed(f"{here}, but head office has signed on {signed:%Y-%m-%d %H:%M} UTC", SET_IT)
    origin = _origin_says(visit)
    # Asked for before this took its time: the answer's second is the nearest to now.
    now = visit.case.now()
    here = f"{now:%Y-%m-%d %H:%M:%S} UTC{_zone(visit, now)}"
    if origin is None:
        return passed(f"{here}; the origin's clock was not seen")
    off = abs(now - origin)
    told = f"{here}; the origin says {origin:%Y-%m-%d %H:%M:%S}"
    if off > _WRONG:
        return failed(f"{told}: {_span(off)} apart", SET_IT)
    if off > _REMARKABLE:
        return warned(f"{told}: {_span(off)} apart", SET_IT)
    return passed(f"{told}")


def _origin_says(visit: Visit) -> datetime | None:
    route = visit.route
    if route is None or (route.proxy and route.proxy.secure):
        return None
    try:
        return within(visit.left(6.0), route.date)
    except (TimeoutError, OSError, http.client.HTTPException, ValueError):
        return None  # the steps of the network tell why


def _zone(visit: Visit, now: datetime) -> str:
    agency = visit.agency
    if agency is None:
        return ""
    try:
        there = now.astimezone(ZoneInfo(agency.timezone))
    except ZoneInfoNotFoundError:
        return f", and no time zone {agency.timezone} on this PC"
    return f", {there:%H:%M} in {agency.timezone}"


def _span(off: timedelta) -> str:
    minutes = off.total_seconds() / 60
    if minutes < 120:
        return f"{minutes:.0f} minutes"
    return f"{minutes / 60:.0f} hours" if minutes < 48 * 60 else f"{off.days} days"
