"""Agency: its name, when it is open, where it is and how to call it."""

from __future__ import annotations

from typing import Final

from kiosk.campaign.model import AgencyScene, AgencyToday
from kiosk.campaign.today import phone
from kiosk.campaign.typography import FIXED, french
from kiosk.player.blocks import Composition, Rect, ShapeBlock
from kiosk.player.page import Page, Placed, Words
from kiosk.player.regions import orientation_of, split
from kiosk.player.typeset import BOLD, REGULAR, SEMIBOLD

LONG_CITY: Final = 18
"""A longer name may stand on a line of its own, where one line is too narrow for both."""
BAR: Final = (88, 9)
"""The bar above the name, in units."""


def agency_scene(page: Page, scene: AgencyScene, placed: Placed | None) -> Composition:
    """Lay the scene out; `placed` is its code and the code's size, if it has one."""
    measures, brand = page.measures, page.campaign.brand
    domain_px = measures.px(18) + page.domain_px
    where = split(measures, 0.0, placed[1].tile_px if placed else None, domain_px)
    bar = Rect(where.head.x, where.head.y, *(measures.px(units) for units in BAR))
    top = bar.bottom + measures.px(40)
    head = Rect(where.head.x, top, where.head.width, where.head.bottom - top)
    upright = orientation_of(measures.size) == "portrait"
    page.stack([*_head(page, scene), *(_where(page, gap=80) if upright else [])], head)
    label = page.label(scene)
    foot = [Words(label, BOLD, 54, brand.accent)] if label else []
    if placed is None:
        foot.append(Words(page.campaign.links.hosts[0], REGULAR, 38, brand.ink, gap=16))
    box = where.aside
    taken = page.stack(foot, box, from_bottom=True) if foot else 0
    if not upright:
        rest = Rect(box.x, box.y, box.width, box.height - taken - measures.px(28))
        page.stack(_where(page), rest)
    block = page.code(placed, where.tile) if placed and where.tile else None
    return Composition(
        *measures.size,
        brand.paper,
        (),
        (ShapeBlock(bar, brand.accent),),
        tuple(page.texts),
        block,
        tuple(page.misfits),
    )


def _head(page: Page, scene: AgencyScene) -> list[Words]:
    brand = page.campaign.brand
    words = [Words(french(page.agency.name), BOLD, 120, brand.accent, head=True)]
    if isinstance(scene, AgencyToday) and scene.sentence:
        words.append(Words(french(scene.sentence), SEMIBOLD, 92, brand.ink, head=True, gap=36))
    return words


def _where(page: Page, gap: int = 0) -> list[Words]:
    """The address and the phone, as far as the agency gives them, `gap` units below the rest."""
    ink, address = page.campaign.brand.ink, page.agency.address
    words: list[Words] = []
    if address is not None:
        words.append(Words(french(address.street), REGULAR, 60, ink, gap=gap))
        between = FIXED if len(address.city) <= LONG_CITY else " "
        city = f"{address.postal_code}{between}{address.city}"
        words.append(Words(french(city), REGULAR, 60, ink, gap=4))
    if page.agency.phone is not None:
        words.append(Words(phone(page.agency.phone), BOLD, 72, ink, gap=26 if words else gap))
    return words
