"""The campaign both contenders show."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from kiosk.door.needs import content_of_folder
from kiosk.player.content import Content
from kiosk.release.folder import read_folder
from tests.places import stills

ROOT: Final = Path(__file__).parent.parent.parent
FOLDER: Final = stills()
"""What Chromium shows as well: no clips, and nothing that changes with the hour."""
AGENCY: Final = "le-mans"


def content() -> Content:
    """The demonstration campaign as the first screen of Le Mans has it."""
    return content_of_folder(read_folder(FOLDER), AGENCY, None)
