"""Poster: a picture over the whole glass, and one white panel in the corner kept for it."""

from __future__ import annotations

from typing import Final

from kiosk.campaign.links import QUIET_MODULES
from kiosk.campaign.model import Poster
from kiosk.player.blocks import CodeBlock, Composition, PictureBlock, Rect, ShapeBlock
from kiosk.player.page import Page, Placed, Words
from kiosk.player.regions import orientation_of
from kiosk.player.typeset import BOLD, REGULAR

WHITE: Final = "#FFFFFF"
PLATE: Final = (460, 200)
"""Room for the agency's name where there is no code, in units."""


def poster(page: Page, scene: Poster, placed: Placed | None) -> Composition:
    """Lay the poster out; `placed` is its code and the code's size, if it has one."""
    measures = page.measures
    whole = Rect(0, 0, *measures.size)
    panel, block = _code_panel(page, scene, placed) if placed else (_name_plate(page, scene), None)
    shapes = [ShapeBlock(panel, WHITE)]
    if scene.illustration:
        shapes.append(page.mark(whole))
    names = scene.pictures_for(orientation_of(measures.size))
    return Composition(
        *measures.size,
        page.campaign.brand.paper,
        tuple(PictureBlock(name, whole, scene.focus) for name in names),
        tuple(shapes),
        tuple(page.texts),
        block,
        tuple(page.misfits),
    )


def _name_plate(page: Page, scene: Poster) -> Rect:
    words = [Words(page.signature(with_host=True), REGULAR, 32, page.campaign.brand.ink)]
    pad = page.measures.px(24)
    width, height = (page.measures.px(units) for units in PLATE)
    tall = page.height_of(words, Rect(0, 0, width, height))
    plate = _corner(page, scene, (width + 2 * pad, tall + 2 * pad))
    page.stack(words, Rect(plate.x + pad, plate.y + pad, width, tall))
    return plate


def _code_panel(page: Page, scene: Poster, placed: Placed) -> tuple[Rect, CodeBlock]:
    """Call to action, code, domain and agency, in line with the code's dark edge."""
    brand, measures = page.campaign.brand, page.measures
    code, size = placed
    quiet, side, pad = QUIET_MODULES * size.module_px, size.tile_px, measures.px(24)
    head = [Words(page.label(scene), BOLD, 42, brand.accent)]
    foot = [Words(page.signature(with_host=False), REGULAR, 32, brand.ink)]
    box = Rect(0, 0, side - quiet, measures.size[1])
    head_px, foot_px = page.height_of(head, box), page.height_of(foot, box)
    domain_px = measures.px(6) + page.domain_px
    panel = _corner(page, scene, (side, pad + head_px + side + domain_px + foot_px + pad))
    tile = Rect(panel.x, panel.y + pad + head_px, side, side)
    domain = page.domain(code.url, tile, inset=quiet)
    page.stack(head, Rect(panel.x + quiet, panel.y + pad, box.width, head_px))
    page.stack(foot, Rect(panel.x + quiet, domain.area.bottom, box.width, foot_px))
    return panel, CodeBlock(code, size, panel=panel, tile=tile, domain=domain)


def _corner(page: Page, scene: Poster, size: tuple[int, int]) -> Rect:
    width, height = size
    margin = page.measures.px(48)
    right, bottom = page.measures.size
    x = margin if scene.code_at.endswith("left") else right - margin - width
    y = margin if scene.code_at.startswith("top") else bottom - margin - height
    return Rect(x, y, width, height)
