"""Agencies whose screens will be lit with nothing to show, in the week that comes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from kiosk.campaign.model import Agency, Campaign, Orientation, Source
from kiosk.campaign.selection import Reason, Selection, select
from kiosk.campaign.wall import span
from kiosk.studio.check_dates import FAR, never_opens
from kiosk.studio.check_places import Places, agency_file
from kiosk.studio.findings import Finding

WEEK: Final = timedelta(days=7)
MOST_ASKED: Final = 1_000
"""Answers of one week, for one kind of agency."""


@dataclass(frozen=True, slots=True)
class Week:
    """A campaign, the pictures that are there, and the span that is looked at."""

    source: Source
    present: Collection[str]
    now: datetime
    length: timedelta = WEEK


@dataclass(frozen=True, slots=True)
class Empty:
    """A span in UTC in which a lit screen has nothing to show, and why in one sentence."""

    begins: datetime
    ends: datetime
    why: str


def empty_hours(week: Week, places: Places, agencies: Collection[Agency]) -> Iterator[Finding]:
    """One finding for each agency that has such a span, from the day the campaign begins."""
    known: dict[tuple[object, ...], list[Empty]] = {}
    for agency in agencies:
        for shape in dict.fromkeys(screen.orientation for screen in agency.screens.values()):
            kind = _kind(week.source, agency, shape)
            if kind not in known:
                known[kind] = list(_empties(week, agency, shape))
            if known[kind]:
                yield _told(places, agency, known[kind], week.length)
                break


def _kind(source: Source, agency: Agency, shape: Orientation) -> tuple[object, ...]:
    """All that the week's answers depend on: agencies alike are asked once."""
    only = agency.model_dump_json(exclude={"agency", "code", "name", "address", "phone", "screens"})
    scenes = tuple(scene.is_for(agency.agency) for scene in source.campaign.scenes)
    blackouts = tuple(
        each.agencies is None or agency.agency in each.agencies
        for each in source.campaign.blackouts
    )
    return only, shape, scenes, blackouts


def _empties(week: Week, agency: Agency, shape: Orientation) -> Iterator[Empty]:
    campaign = week.source.campaign
    dates = span(campaign.valid, ZoneInfo(agency.timezone))
    mark = max(filter(None, (week.now.astimezone(UTC), dates.opens)))
    campaign = _without_hopeless(campaign, mark, agency)
    if mark - week.now >= FAR:
        return
    last = mark + week.length
    last = last if dates.closes is None else min(last, dates.closes)
    for _ in range(MOST_ASKED):
        if mark >= last:
            return
        answer = select(campaign, agency, shape, mark, present=week.present)
        until = min(last, answer.ask_again or last)
        if answer.light.lit and not answer.allowed:
            yield Empty(mark, until, _reason(answer))
        mark = until


def _without_hopeless(campaign: Campaign, since: datetime, agency: Agency) -> Campaign:
    """Without the scenes whose hours never open: asking about them again and again is slow."""
    left = [
        scene
        for scene in campaign.scenes
        if scene.show is None or not never_opens(scene.show, since, agency.timezone)
    ]
    return campaign.model_copy(update={"scenes": tuple(left)})


def _reason(answer: Selection) -> str:
    """What keeps the most telling scene away: of those for this agency, the one that waits."""
    here = [one for one in answer.left_out if one.reason is not Reason.OTHER_AGENCY]
    return here[-1].detail.rstrip(".") if here else "no scene may be shown there at all"


def _told(places: Places, agency: Agency, empties: list[Empty], length: timedelta) -> Finding:
    zone = ZoneInfo(agency.timezone)
    first = empties[0]
    until = first.ends
    for empty in empties[1:]:
        if empty.begins != until:
            break
        until = empty.ends
    whole = sum(((empty.ends - empty.begins) for empty in empties), timedelta())
    begins, ends = (f"{at.astimezone(zone):%Y-%m-%d %H:%M}" for at in (first.begins, until))
    hours = whole / timedelta(hours=1)
    message = (
        f"a lit screen has nothing to show from {begins} to {ends}"
        f" ({hours:.1f} h in {length.days} days): {first.why}"
    )
    remedy = "give the agency a scene without hours, or shorten its lit hours"
    return places.finding("agency-empty", agency_file(agency.agency), ("opening_hours",),
                          message, remedy)  # fmt: skip
