"""The campaign both contenders show."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from kiosk.player.content import Content
from kiosk.release.folder import read_folder

ROOT: Final = Path(__file__).parent.parent.parent
FOLDER: Final = ROOT / "playlists" / "demonstration"
AGENCY: Final = "le-mans"


def content() -> Content:
    """The demonstration campaign as the first screen of Le Mans has it."""
    folder = read_folder(FOLDER)
    agency = folder.source.agency(AGENCY)
    name = next(iter(agency.screens))
    return Content(
        release=folder.release,
        campaign=folder.source.campaign,
        agency=agency,
        screen_name=name,
        screen=agency.screen(name),
        present=folder.present(),
        media=folder.media,
    )
