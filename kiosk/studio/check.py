"""`kiosk check`: all that head office should know of a campaign before it is published."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from kiosk.campaign.model import Agency, Source
from kiosk.campaign.parse import Broken, Problem, parse_source
from kiosk.player.content import Content
from kiosk.release.folder import Folder
from kiosk.studio.check_clips import clips_of
from kiosk.studio.check_dates import dates_of
from kiosk.studio.check_frames import Frames, frames_of
from kiosk.studio.check_hours import WEEK, Week, empty_hours
from kiosk.studio.check_memory import Memory
from kiosk.studio.check_places import Places, of_problem
from kiosk.studio.check_words import words_of
from kiosk.studio.findings import Figures, Finding, Report
from kiosk.studio.reach import ENOUGH

Progress = Callable[[int, int], None]


def check(
    folder: Folder,
    now: datetime,
    agencies: Sequence[str] = (),
    said: Progress = lambda _done, _total: None,
    memory: Memory | None = None,
) -> Report:
    """Check a folder that could be read, for these agencies or for all, at the aware `now`.

    `said(done, total)` is called after each frame. With a `memory`, frames that passed are not
    looked at again, and the figures tell of no codes but those looked at.
    """
    began = time.monotonic()
    places = Places(folder.files)
    wanted = _wanted(folder.source, agencies)
    found = list(_texts(Week(folder.source, folder.present(), now), places, wanted))
    found += clips_of(folder, places, wanted)
    frames = frames_of(contents_of(folder, agencies), places, now, said, memory)
    figures = _figures(folder.source, wanted, frames, time.monotonic() - began)
    return Report(tuple(sorted({*found, *frames.findings})), figures)


def refused(problems: Sequence[Problem]) -> Report:
    """The report on a folder whose files have problems: nothing else can be looked at."""
    return Report(tuple(sorted(map(of_problem, problems))))


def check_texts(
    files: Mapping[str, bytes],
    now: datetime,
    present: Callable[[Source], frozenset[str]],
    length: timedelta = WEEK,
) -> tuple[Finding, ...]:
    """What is found without drawing anything, in a folder's YAML files; sorted by place."""
    source = parse_source(files)
    if isinstance(source, Broken):
        return refused(source.problems).findings
    week = Week(source, present(source), now, length)
    found = _texts(week, Places(files), source.agencies)
    return tuple(sorted(set(found)))


def contents_of(folder: Folder, agencies: Sequence[str] = ()) -> tuple[Content, ...]:
    """The folder as every screen of these agencies, or of all, sees it."""
    present = folder.present()
    return tuple(
        Content(
            release=folder.release,
            campaign=folder.source.campaign,
            agency=agency,
            screen_name=name,
            screen=agency.screen(name),
            present=present,
            media=folder.media,
        )
        for agency in _wanted(folder.source, agencies)
        for name in agency.screens
    )


def _wanted(source: Source, agencies: Sequence[str]) -> tuple[Agency, ...]:
    return tuple(map(source.agency, agencies)) if agencies else source.agencies


def _texts(week: Week, places: Places, wanted: Sequence[Agency]) -> Iterator[Finding]:
    yield from words_of(places, tuple(agency.agency for agency in wanted))
    dated = list(dates_of(week.source, places, week.now))
    yield from dated
    # A campaign that is over is told once, not for each agency.
    if not any(finding.rule == "campaign-over" for finding in dated):
        yield from empty_hours(week, places, wanted)


def _figures(source: Source, wanted: Sequence[Agency], frames: Frames, seconds: float) -> Figures:
    least = min(frames.codes, key=lambda coded: coded.metres, default=None)
    return Figures(
        scenes=len(source.campaign.scenes),
        agencies=len(wanted),
        screens=sum(len(agency.screens) for agency in wanted),
        frames=frames.looked_at,
        codes=len(frames.codes),
        codes_read=sum(len(coded.readers) >= ENOUGH for coded in frames.codes),
        least_reach_m=round(least.metres, 2) if least else None,
        least_reach_at=f"{least.name}, asked {least.distance_m:g} m" if least else "",
        seconds=round(seconds, 1),
    )
