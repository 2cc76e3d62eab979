"""How soon a screen asks again: more often while an urgent notice of its agency is in force."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from kiosk.campaign.model import Source
from kiosk.campaign.notices import notices_of
from kiosk.campaign.wall import span

URGENT_POLL_S: Final = 60


def poll_s(source: Source, agency_id: str, now: datetime) -> int | None:
    """The seconds to the next poll that an urgent notice asks for at the aware `now`; None: none.

    It follows from what is signed already, the notice and its days, so that an agency's own
    notice asks its own screens only, and it ends with the notice, without another release.
    """
    campaign, agency = source.campaign, source.agency(agency_id)
    zone = ZoneInfo(agency.timezone)
    if not span(campaign.valid, zone).holds(now):
        return None
    urgent = (notice for notice in notices_of(campaign, agency) if notice.urgent)
    return URGENT_POLL_S if any(span(n.valid, zone).holds(now) for n in urgent) else None
