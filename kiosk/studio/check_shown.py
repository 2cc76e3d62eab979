"""The scenes that a screen has to show, each as it is at one moment, and standby."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from kiosk.campaign.model import JobsToday
from kiosk.campaign.notices import notices_of
from kiosk.campaign.today import as_of
from kiosk.player.content import Content
from kiosk.studio.tour import Stop


def plan(contents: Sequence[Content], now: datetime) -> tuple[Stop, ...]:
    """Every frame of these screens, whatever the day and hour of their windows."""
    return tuple(stop for content in contents for stop in _stops(content, now))


def _stops(content: Content, now: datetime) -> Iterator[Stop]:
    campaign, agency, size = content.campaign, content.agency, content.screen.seen_size()
    for scene in (*campaign.scenes, *notices_of(campaign, agency)):
        if scene.is_for(agency.agency):
            today, _ = as_of(scene, campaign, agency, now)
            if not (isinstance(today, JobsToday) and not today.offers):
                yield Stop(content, today, size)
    yield Stop(content, None, size)
