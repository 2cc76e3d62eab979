"""What head office should know of a campaign that it may well publish: consents that run out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from kiosk.campaign.model import Campaign

SOON: Final = timedelta(days=30)


def notices(campaign: Campaign, today: date) -> Iterator[str]:
    """One line for each dated thing that screens do not show any more, or soon will not."""
    until = campaign.valid.until
    if until is not None and until - today <= SOON:
        yield f"the campaign {_ends(until, today)}; then every screen shows standby"
    for scene in campaign.scenes:
        rights = scene.person_rights()
        if rights is not None and not scene.withdrawn and rights.until - today <= SOON:
            yield f"{scene.id}: consent {rights.ref} {_ends(rights.until, today)}; no screen" + (
                " shows it" if rights.until < today else " shows it after that"
            )


def _ends(until: date, today: date) -> str:
    days = (until - today).days
    if days < 0:
        return f"ended on {until}"
    return f"ends on {until}" + (" (today)" if days == 0 else f" (in {days} days)")
