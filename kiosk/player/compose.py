"""A scene and a screen -> a composition: everything the glass will show, before anything is drawn.

A pure function of its arguments and of the bundled font. QML draws the result as it is, so the
screen, `kiosk tour` and the tests that look for overlaps all speak of the same picture.
"""

from __future__ import annotations

from typing import Final

from kiosk.campaign.links import encode, geometry, url_of
from kiosk.campaign.model import (
    Agency,
    AgencyScene,
    Campaign,
    JobsScene,
    NoticeScene,
    Poster,
    Scene,
    Screen,
)
from kiosk.campaign.typography import french
from kiosk.player.agency_scene import agency_scene
from kiosk.player.beside import beside
from kiosk.player.blocks import Composition, PictureBlock, Rect
from kiosk.player.jobs_scene import jobs_scene
from kiosk.player.notice import notice
from kiosk.player.page import Page, Words
from kiosk.player.poster import poster
from kiosk.player.regions import Measures, orientation_of
from kiosk.player.typeset import BOLD, REGULAR, SEMIBOLD

STANDBY_PICTURE: Final = "standby:"
"""Prefix of the brand's own drawings, which no campaign folder can name."""
BLACK: Final = "#000000"
TRADES: Final = "Ménage\u00a0· Garde d’enfants\u00a0· Seniors\u00a0· Jardinage"


def compose(
    scene: Scene, campaign: Campaign, agency: Agency, screen: Screen, size: tuple[int, int]
) -> Composition:
    """Lay out `scene` for `agency` on `screen` at `size` (width, height in device pixels)."""
    page = Page(campaign, agency, Measures.of(screen, size))
    if isinstance(scene, NoticeScene):
        return notice(page, scene)
    url = url_of(campaign, agency, scene)
    is_poster = isinstance(scene, Poster)
    code = encode(url) if url else None
    placed = (code, geometry(code, screen, size, poster=is_poster)) if code else None
    match scene:
        case Poster():
            return poster(page, scene, placed)
        case AgencyScene():
            return agency_scene(page, scene, placed)
        case JobsScene():
            return jobs_scene(page, scene, screen, placed)
        case _:
            return beside(page, scene, placed)


def standby(
    campaign: Campaign, agency: Agency, screen: Screen, size: tuple[int, int]
) -> Composition:
    """The brand's own still scene: there is always something to show."""
    page = Page(campaign, agency, Measures.of(screen, size))
    brand, margin = campaign.brand, page.measures.margin
    width, height = size
    words = [
        Words(french(agency.name), BOLD, 120, brand.accent, head=True),
        Words(french(TRADES), SEMIBOLD, 50, brand.ink, gap=28),
        Words(campaign.links.hosts[0], REGULAR, 40, brand.ink, gap=24),
    ]
    page.stack(words, Rect(margin, round(height * 0.2), width - 2 * margin, height // 2))
    picture = PictureBlock(STANDBY_PICTURE + orientation_of(size), Rect(0, 0, *size), (0.5, 1.0))
    return Composition(
        *size, brand.paper, (picture,), (), tuple(page.texts), None, tuple(page.misfits)
    )


def dark(size: tuple[int, int]) -> Composition:
    """What is on the glass while no window may be lit."""
    return Composition(*size, BLACK, (), (), (), None, ())
