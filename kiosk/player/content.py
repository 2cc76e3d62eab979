"""What the door hands the player: one release for one screen, and how to reach its files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kiosk.campaign.model import Agency, Campaign, Screen


def always(_path: Path) -> bool:
    """What is taken for intact where nothing was signed."""
    return True


def untold(_path: Path) -> None:
    """Nobody wants to know what is tried."""


def no_lease() -> datetime | None:
    """The contact of what head office does not send: a plain folder keeps no lease."""
    return None


@dataclass(frozen=True, slots=True)
class Message:
    """What the glass says to whoever installs the screen: `quiet` lines are small."""

    headline: str
    sentence: str
    label: str
    name: str
    facts: tuple[str, ...]
    quiet: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """A release as one screen sees it; `media` answers with a picture's or clip's file, or None."""

    release: str
    campaign: Campaign
    agency: Agency
    screen_name: str
    screen: Screen
    present: frozenset[str]
    media: Callable[[str], Path | None]
    intact: Callable[[Path], bool] = always
    """Whether a picture's file still holds the bytes that were signed; asked on any thread."""
    trying: Callable[[Path], None] = untold
    """Told of each picture before its bytes are decoded; on any thread."""
    seq: int = 0
    """The store's number of the release; 0 where it is a plain folder."""
    message: Message | None = None
    """What standby says in place of the brand's own words."""
    always_lit: bool = False
    """Whether the hours in which a window may be lit are left out of it."""
    contact: Callable[[], datetime | None] = no_lease
    """When head office was last heard, as far as is known now; faces need it."""
