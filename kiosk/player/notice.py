"""Notice: one sentence as large as it may be, whose word it is, and nothing else."""

from __future__ import annotations

from typing import Final

from kiosk.campaign.model import NoticeScene
from kiosk.campaign.typography import french
from kiosk.player.blocks import Composition, Rect, ShapeBlock
from kiosk.player.page import Page, Words
from kiosk.player.typeset import BOLD, REGULAR, SEMIBOLD

TEXT: Final = ((40, 140), (80, 118), (120, 100))
"""The size a sentence of so many characters is given where it fits, in units."""
BAND: Final = 28
"""The band across the top of what is urgent, in units."""
BAR: Final = (88, 9)
"""The bar above a notice that is not, in units."""
EYE_LEVEL: Final = 0.42
"""How much of the room that the sentence leaves is above it."""


def notice(page: Page, scene: NoticeScene) -> Composition:
    """Lay a notice out."""
    measures, brand = page.measures, page.campaign.brand
    width, height = measures.size
    margin = measures.px(110)
    column = Rect(margin, margin, width - 2 * margin, height - 2 * margin)
    foot = [
        Words(french(page.agency.name), BOLD, 54, brand.accent),
        Words(page.campaign.links.hosts[0], REGULAR, 38, brand.ink, gap=8),
    ]
    wish = next(size for length, size in TEXT if len(scene.text) <= length)
    sentence = [Words(french(scene.text), SEMIBOLD, wish, brand.ink, head=True)]
    room = _between(page, column, foot)
    taken = min(page.height_of(sentence, room), room.height)
    down = round((room.height - taken) * EYE_LEVEL)
    page.stack(sentence, Rect(room.x, room.y + down, room.width, room.height - down))
    page.stack(foot, column, from_bottom=True)
    head = [Words("Important" if scene.urgent else "À noter", BOLD, 54, brand.accent)]
    page.stack(head, Rect(column.x, column.y + measures.px(34), column.width, column.height))
    shape = _band(page) if scene.urgent else _bar(page, column)
    return Composition(
        *measures.size,
        brand.paper,
        (),
        (shape,),
        tuple(page.texts),
        None,
        tuple(page.misfits),
    )


def _between(page: Page, column: Rect, foot: list[Words]) -> Rect:
    """The room between the word above and the names below."""
    gap = page.measures.px(64)
    head = [Words("À noter", BOLD, 54, page.campaign.brand.accent, gap=34)]
    top = column.y + page.height_of(head, column) + gap
    return Rect(
        column.x, top, column.width, column.bottom - page.height_of(foot, column) - gap - top
    )


def _band(page: Page) -> ShapeBlock:
    width = page.measures.size[0]
    return ShapeBlock(Rect(0, 0, width, page.measures.px(BAND)), page.campaign.brand.accent)


def _bar(page: Page, column: Rect) -> ShapeBlock:
    width, height = (page.measures.px(units) for units in BAR)
    return ShapeBlock(Rect(column.x, column.y, width, height), page.campaign.brand.accent)
