"""May the screen be lit now, and when to ask again: French storefront law and local rules.

The rules are those of the decree of 27 December 2018 on shop-window lights and of article R581-35
of the Code de l'environnement (dark between 1 and 6 in the morning), made stricter where a town or
a grid order says so. `dark_hours` can only shorten the lit time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from kiosk.campaign.model import Agency, Blackout, Campaign
from kiosk.campaign.wall import begin_of, moment, next_flip, shown_at, span

MARGIN: Final = timedelta(hours=1)
"""Before opening and after closing."""
NIGHT: Final = (time(1), time(6))
"""Local civil time: dark, whatever else is said."""
LONGEST: Final = timedelta(days=8)
"""How far `next_change` looks."""


class Why(StrEnum):
    """The rule that settles a moment, the strongest first."""

    BLACKOUT = "blackout"
    NIGHT = "night"
    LOCAL_DARK_HOURS = "local dark hours"
    CLOSED = "closed"
    OPENING_HOURS = "opening hours"
    NO_HOURS = "no opening hours"
    ASKED = "asked for"


@dataclass(frozen=True, slots=True)
class Lit:
    """The answer for one moment; before `until` (UTC) it stays the same. None: for a week."""

    lit: bool
    why: Why
    detail: str
    until: datetime | None


def lit(campaign: Campaign, agency: Agency, now: datetime) -> Lit:
    """Whether this agency's screen may be lit at the aware moment `now`.

    ValueError when `now` has no time zone.
    """
    if now.utcoffset() is None:
        raise ValueError(f"now ({now.isoformat()}) has no time zone; give an aware datetime")
    shop = _Shop(campaign, agency, ZoneInfo(agency.timezone))
    moment_ = now.astimezone(UTC)
    why, detail = _rule(shop, moment_)
    return Lit(why in _LIGHT, why, detail, _next_change(shop, moment_, why))


_LIGHT: Final = frozenset({Why.OPENING_HOURS, Why.NO_HOURS})


class _Shop(NamedTuple):
    campaign: Campaign
    agency: Agency
    zone: ZoneInfo

    @property
    def blackouts(self) -> list[Blackout]:
        """Those that are for this agency."""
        every = self.campaign.blackouts
        return [one for one in every if one.agencies is None or self.agency.agency in one.agencies]


def _rule(shop: _Shop, now: datetime) -> tuple[Why, str]:
    """The strongest rule that speaks at this moment, and its words."""
    agency, zone = shop.agency, shop.zone
    for blackout in shop.blackouts:
        if _in_blackout(blackout, now, zone):
            return Why.BLACKOUT, f"{blackout.why} ({blackout.hours})"
    wall = now.astimezone(zone).time()
    if NIGHT[0] <= wall < NIGHT[1]:
        return Why.NIGHT, f"{NIGHT[0]:%H:%M}-{NIGHT[1]:%H:%M}"
    if agency.dark_hours is not None and shown_at(agency.dark_hours, now, zone):
        return Why.LOCAL_DARK_HOURS, agency.dark_hours
    if agency.opening_hours is None:
        return Why.NO_HOURS, "lit but for the night"
    near = _near_opening(agency.opening_hours, now, zone)
    return (Why.OPENING_HOURS if near else Why.CLOSED), agency.opening_hours


def _in_blackout(blackout: Blackout, now: datetime, zone: ZoneInfo) -> bool:
    return span(blackout, zone).holds(now) and shown_at(blackout.hours, now, zone)


def _near_opening(hours: str, now: datetime, zone: ZoneInfo) -> bool:
    """Whether the agency was open within the hour before, or opens within the hour to come."""
    if shown_at(hours, now, zone):
        return True
    mark = now - MARGIN
    if _open_after(hours, mark, zone):
        return True
    opening = next_flip(hours, now, zone)
    return opening.certain and opening.at is not None and opening.at <= now + MARGIN


def _open_after(hours: str, mark: datetime, zone: ZoneInfo) -> bool:
    """Whether the agency was open at some moment after `mark`; it closed at the mark: no more."""
    if shown_at(hours, mark, zone):
        return True
    flip = next_flip(hours, mark, zone)
    return flip.at is not None and flip.at < mark + MARGIN


def _next_change(shop: _Shop, now: datetime, why: Why) -> datetime | None:
    """The first moment at which another rule speaks, or the screen goes on or off."""
    mark = now
    while mark - now < LONGEST:
        mark = min(_marks(shop, mark))
        if _rule(shop, mark)[0] is not why:
            return mark
    return None


def _marks(shop: _Shop, now: datetime) -> Iterator[datetime]:
    """Moments after `now` at which the answer may change; one at least."""
    zone, agency = shop.zone, shop.agency
    today = now.astimezone(zone).date()
    tomorrow = begin_of(today + timedelta(days=1), zone)
    yield tomorrow
    for edge in NIGHT:
        wall = datetime.combine(today, edge)
        for at in (moment(wall, zone, after=begin_of(today, zone)), moment(wall, zone, after=now)):
            if at > now:
                yield at
    written = [blackout.hours for blackout in shop.blackouts]
    if agency.dark_hours is not None:
        written.append(agency.dark_hours)
    flips = [(hours, now, timedelta()) for hours in written]
    if agency.opening_hours is not None:
        flips += [(agency.opening_hours, now + shift, -shift) for shift in (MARGIN, -MARGIN)]
    for hours, since, shift in flips:
        flip = next_flip(hours, since, zone)
        if flip.at is not None and flip.at + shift > now:
            yield flip.at + shift
