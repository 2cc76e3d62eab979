"""What the door hands the player: one release for one screen, and how to reach its files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kiosk.campaign.model import Agency, Campaign, Screen


@dataclass(frozen=True, slots=True)
class Content:
    """A release as one screen sees it; `media` answers with a picture's file, or None."""

    release: str
    campaign: Campaign
    agency: Agency
    screen_name: str
    screen: Screen
    present: frozenset[str]
    media: Callable[[str], Path | None]
