"""Consents and dates: what is over, what soon will be, and what never comes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, get_args
from zoneinfo import ZoneInfo

from kiosk.campaign.document import Path
from kiosk.campaign.fields import Window
from kiosk.campaign.hours import lit
from kiosk.campaign.model import Agency, Orientation, Rights, Scene, Source
from kiosk.campaign.parse import CAMPAIGN_FILE
from kiosk.campaign.selection import MEDIUM
from kiosk.campaign.wall import begin_of, end_of, next_flip, shown_at
from kiosk.studio.check_places import Places
from kiosk.studio.findings import Finding

SOON: Final = timedelta(days=30)
FAR: Final = timedelta(days=366)
"""What begins later is not looked into."""
MOST_OPENINGS: Final = 60
"""Spans of a scene's hours that are looked at for a moment of light."""
_EDGES: Final = 40


def dates_of(source: Source, places: Places, now: datetime) -> Iterator[Finding]:
    """Findings about the campaign's dates, each scene's, and each person's consent."""
    today = now.astimezone(ZoneInfo("Europe/Paris")).date()
    until = source.campaign.valid.until
    if until is not None and until < today:
        yield places.finding(
            "campaign-over", CAMPAIGN_FILE, ("valid", "until"),
            f"the campaign ended on {until}, and every screen shows standby",
            "give it a later day",
        )  # fmt: skip
    elif until is not None and until - today <= SOON:
        yield places.finding(
            "campaign-soon", CAMPAIGN_FILE, ("valid", "until"),
            f"the campaign ends on {until}; after that every screen shows standby",
            "prepare the next one, or give it a later day",
        )  # fmt: skip
    since = source.campaign.valid.from_
    if since is not None and since - today >= FAR:
        yield places.finding(
            "campaign-late",
            CAMPAIGN_FILE,
            ("valid", "from"),
            f"the campaign begins on {since}, in more than a year",
            "is the day right? Until then every screen shows standby",
        )
    for scene in source.campaign.scenes:
        yield from _Scene(source, places, now, today, scene).findings()


@dataclass(frozen=True, slots=True)
class _Scene:
    """One scene of the campaign on the day it is checked."""

    source: Source
    places: Places
    now: datetime
    today: date
    scene: Scene

    def findings(self) -> Iterator[Finding]:
        rights = self.scene.person_rights()
        if rights is not None:
            yield from self.of_consent(rights)
        elif self.shows_pictures() and not self.scene.illustration:
            message = f"{self.scene.id} shows a picture and has no consent"
            remedy = "add rights if somebody can be recognised on it"
            yield self.told("rights-missing", ("picture",), message, remedy)
        if self.scene.withdrawn:
            return
        valid = self.scene.valid
        if valid.until is not None and valid.until < self.today:
            message = f"{self.scene.id} ended on {valid.until}"
            remedy = "delete the scene, or give it a later day"
            yield self.told("scene-over", ("valid", "until"), message, remedy)
        else:
            yield from self.of_windows()

    def told(self, rule: str, path: Path, message: str, remedy: str) -> Finding:
        way = (*self.places.of_scene(self.scene.id), *path)
        return self.places.finding(rule, CAMPAIGN_FILE, way, message, remedy)

    def shows_pictures(self) -> bool:
        return any(self.scene.pictures_for(shape) for shape in get_args(Orientation))

    def of_consent(self, rights: Rights) -> Iterator[Finding]:
        name = f"{self.scene.id}: consent {rights.ref}"
        if rights.withdrawn:
            remedy = "keep the scene until every screen has synced, then delete it and the picture"
            yield self.told("rights-withdrawn", ("rights", "withdrawn"),
                            f"{name} was withdrawn", remedy)  # fmt: skip
            return
        if MEDIUM not in [medium.casefold() for medium in rights.media]:
            remedy = f"obtain a consent that names {MEDIUM}, or delete the scene"
            yield self.told("rights-media", ("rights", "media"),
                            f"{name} covers {', '.join(rights.media)}, not {MEDIUM}",
                            remedy)  # fmt: skip
        if rights.until < self.today:
            yield self.told("rights-over", ("rights", "until"),
                            f"{name} ended on {rights.until}",
                            "renew it or delete the scene; if the person took it back, keep the"
                            " scene and write withdrawn: true")  # fmt: skip
        elif rights.until - self.today <= SOON:
            days = (rights.until - self.today).days
            yield self.told("rights-soon", ("rights", "until"),
                            f"{name} ends on {rights.until} (in {days} days)",
                            "renew it, or prepare another scene")  # fmt: skip

    def of_windows(self) -> Iterator[Finding]:
        spans = [self.source.campaign.valid, self.scene.valid]
        rights = self.scene.person_rights()
        spans += [rights] if rights else []
        begins, ends = _common(spans)
        if begins is not None and ends is not None and ends < begins:
            yield self.told("window-never", ("valid",) if self.dated() else ("rights",),
                            f"{self.scene.id} is never shown: the dates of the campaign, the"
                            f" scene and the consent have no day in common ({begins} is after"
                            f" {ends})", "correct them")  # fmt: skip
        elif self.scene.show is not None and (begins is None or begins - self.today < FAR):
            yield from self.of_hours(self.scene.show, begins, ends)

    def dated(self) -> bool:
        return self.scene.valid != Window()

    def of_hours(self, show: str, begins: date | None, ends: date | None) -> Iterator[Finding]:
        """Whether its hours open between these days, and while some screen is lit."""
        opens = False
        tried = set[tuple[object, ...]]()
        for agency in self.source.agencies:
            kind = (agency.timezone, agency.opening_hours, agency.dark_hours,
                    *self.blackouts(agency))  # fmt: skip
            if kind in tried or not self.scene.is_for(agency.agency):
                continue
            tried.add(kind)
            for start, end in _openings(show, agency, self.now, begins, ends):
                opens = True
                if _some_light(self.source, agency, start, end):
                    return
        if tried and not opens:
            yield self.told("window-never", ("show",),
                            f'show: the hours "{show}" never open while {self.scene.id} may be'
                            " shown", "correct the hours or the dates")  # fmt: skip
        elif tried:
            yield self.told("scene-dark", ("show",),
                            f'show: the hours "{show}" fall only when every screen is dark',
                            "choose hours at which a window may be lit")  # fmt: skip

    def blackouts(self, agency: Agency) -> Iterator[object]:
        for blackout in self.source.campaign.blackouts:
            if blackout.agencies is None or agency.agency in blackout.agencies:
                yield blackout.model_dump_json()


@lru_cache(maxsize=1024)
def never_opens(show: str, since: datetime, zone: str) -> bool:
    """Whether these hours are closed from `since` on, for ever.

    Remembered: for "2020 Mo 10:00-12:00" the library looks through 8,000 years, in half a second.
    """
    where = ZoneInfo(zone)
    return not shown_at(show, since, where) and next_flip(show, since, where) == (None, True)


def _common(windows: list[Window]) -> tuple[date | None, date | None]:
    """The first and the last day that all of them hold."""
    begins = max((w.from_ for w in windows if w.from_ is not None), default=None)
    ends = min((w.until for w in windows if w.until is not None), default=None)
    return begins, ends


def _openings(
    show: str, agency: Agency, now: datetime, begins: date | None, ends: date | None
) -> Iterator[tuple[datetime, datetime]]:
    """Spans, in UTC, at which the hours are open between these days, from now on."""
    zone = ZoneInfo(agency.timezone)
    mark = now.astimezone(UTC)
    mark = mark if begins is None else max(mark, begin_of(begins, zone))
    last = None if ends is None else end_of(ends, zone)
    if never_opens(show, mark, agency.timezone):
        return
    for _ in range(MOST_OPENINGS):
        flip = next_flip(show, mark, zone).at
        if last is not None and mark >= last:
            return
        if shown_at(show, mark, zone):
            far = mark + timedelta(days=7)
            yield mark, min(at for at in (flip or far, last or far, far))
        if flip is None:
            return
        mark = flip


def _some_light(source: Source, agency: Agency, start: datetime, end: datetime) -> bool:
    mark = start
    for _ in range(_EDGES):
        light = lit(source.campaign, agency, mark)
        if light.lit:
            return True
        if light.until is None or light.until >= end:
            return False
        mark = light.until
    return False
