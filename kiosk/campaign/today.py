"""Scenes as they are at one moment: what an agency's hours say now, which offers are open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from kiosk.campaign.model import (
    Agency,
    AgencyScene,
    AgencyToday,
    Campaign,
    JobsScene,
    JobsToday,
    Scene,
)
from kiosk.campaign.typography import FIXED
from kiosk.campaign.wall import end_of, next_flip, shown_at, span

SOON: Final = timedelta(hours=1)
"""So long before it closes, an agency says when it does."""
MOST_OFFERS: Final = 4
_DAY: Final = timedelta(days=1)
_DAYS: Final = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS: Final = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_FRENCH_CODES: Final = ("+33", "+262", "+590", "+594", "+596")
"""France, Réunion and Mayotte, Guadeloupe, Guyane, Martinique: ten digits at home."""


class Sentence(NamedTuple):
    """What is true now, in French, and until when (UTC); None: for ever."""

    text: str
    until: datetime | None


def as_of(
    scene: Scene, campaign: Campaign, agency: Agency, now: datetime
) -> tuple[Scene, datetime | None]:
    """The scene as it is shown at the aware moment `now`, and until when that is true (UTC)."""
    if isinstance(scene, AgencyScene):
        text, until = sentence(agency, now)
        return AgencyToday(**dict(scene), agency=agency, sentence=text), until
    if isinstance(scene, JobsScene):
        return _jobs(scene, campaign, agency, now.astimezone(UTC))
    return scene, None


def _jobs(
    scene: JobsScene, campaign: Campaign, agency: Agency, now: datetime
) -> tuple[JobsToday, datetime | None]:
    """The newest of the offers that are open, and until when they are these."""
    here, zone = campaign.offers_of(agency.agency), ZoneInfo(agency.timezone)
    spans = [(offer, span(offer.window(), zone)) for offer in here]
    marks = [mark for _, days in spans for mark in days if mark is not None and mark > now]
    open_ = [offer for offer, days in spans if days.holds(now)]
    return JobsToday(**dict(scene), offers=tuple(open_[:MOST_OFFERS])), min(marks, default=None)


def sentence(agency: Agency, now: datetime) -> Sentence:
    """Whether the agency is open at the aware moment `now`, and until or from when.

    Empty for an agency that has not said its hours.
    """
    hours, zone = agency.opening_hours, ZoneInfo(agency.timezone)
    if hours is None:
        return Sentence("", None)
    now = now.astimezone(UTC)
    flip, is_open = next_flip(hours, now, zone), shown_at(hours, now, zone)
    if not flip.certain:
        return Sentence("Ouvert" if is_open else "Fermé", flip.at)
    if flip.at is None:
        return Sentence("Toujours ouvert" if is_open else "Fermé pour le moment", None)
    local = flip.at.astimezone(zone)
    midnight = end_of(now.astimezone(zone).date(), zone)
    ends = [flip.at] if midnight is None else [flip.at, midnight]
    if not is_open:
        return Sentence(f"Ouvre {_when(local, now.astimezone(zone))}", min(ends))
    if flip.at - now <= SOON:
        return Sentence(f"Ferme à {_clock(local)}", min(ends))
    text = f"Ouvert jusqu’{_far(local, now.astimezone(zone))}"
    return Sentence(text, min(*ends, flip.at - SOON))


def _far(then: datetime, now: datetime) -> str:
    """à 18 h 30, or à lundi 8 h where that is no closing of this day or this night."""
    if then - now < _DAY:
        return f"à {_clock(then)}"
    if then.date() - now.date() < 7 * _DAY:
        return f"à {_DAYS[then.weekday()]} {_clock(then)}"
    return f"au {_date(then)}"


def _when(then: datetime, now: datetime) -> str:
    """à 14 h, demain à 9 h, lundi à 9 h, le 4 janvier à 9 h: by the days between."""
    days = (then.date() - now.date()).days
    clock = f"à {_clock(then)}"
    if days == 0:
        return clock
    if days == 1:
        return f"demain {clock}"
    return f"{_DAYS[then.weekday()]} {clock}" if days < 7 else f"le {_date(then)} {clock}"


def _date(day: datetime) -> str:
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {_MONTHS[day.month - 1]}"


def _clock(local: datetime) -> str:
    """18 h 30, 9 h, minuit."""
    if local.hour == local.minute == 0:
        return "minuit"
    return f"{local.hour} h {local.minute:02}" if local.minute else f"{local.hour} h"


def phone(number: str) -> str:
    """+33199000001 -> 01 99 00 00 01, as it is dialled here; another country's as it is."""
    for code in _FRENCH_CODES:
        home = "0" + number.removeprefix(code)
        if number.startswith(code) and len(home) == 10:
            return FIXED.join(home[n : n + 2] for n in range(0, 10, 2))
    return number
