"""Jobs: up to four offers, each with a code of its own where all of them can be scanned."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Final

from kiosk.campaign.jobs import JobOffer
from kiosk.campaign.links import (
    FLOOR_MM_PER_M,
    GOAL_MM_PER_M,
    Code,
    Geometry,
    encode,
    expand,
    geometry,
    pixel_pitch_mm,
)
from kiosk.campaign.model import JobsScene, JobsToday, Screen
from kiosk.campaign.typography import FIXED, french
from kiosk.player.blocks import CodeBlock, Composition, Rect, ShapeBlock
from kiosk.player.page import Page, Placed, Words
from kiosk.player.regions import orientation_of, split
from kiosk.player.typeset import BOLD, REGULAR, SEMIBOLD, width_of

BAR: Final = (88, 9)
"""The bar above the title, in units."""
GAP: Final = 44
"""Between two offers, in units."""
SIZES: Final = {1: (92, 58), 2: (70, 48), 3: (62, 44), 4: (56, 42)}
"""Of a list of so many offers: the sizes of title and facts where they fit, in units."""
DOT: Final = f"{FIXED}· "
LEAST_WORDS: Final = 420
"""The width an offer's words need beside its code, in units."""


def jobs_scene(page: Page, scene: JobsScene, screen: Screen, placed: Placed | None) -> Composition:
    """Lay the scene out for `screen`; `placed` is the code of the whole list, if it has one."""
    offers = scene.offers if isinstance(scene, JobsToday) else ()
    if scene.link is not None and offers:
        template = page.campaign.links.named[scene.link].to
        codes = [encode(expand(template, page.agency, offer)) for offer in offers]
        if len(offers) == 1:
            placed = codes[0], geometry(codes[0], screen, page.measures.size)
        else:
            for module_px in _sizes(screen, page.measures.size):
                pairs = list(zip(offers, codes, strict=True))
                made = _with_codes(page, scene, screen, pairs, module_px)
                if made is not None and not made.misfits:
                    return made
    for count in range(len(offers), 1, -1):
        made = _with_list(page, scene, offers[:count], placed)
        if not made.misfits:
            return made
    return _with_list(page, scene, offers[:1], placed)


def _sizes(screen: Screen, size: tuple[int, int]) -> range:
    """Pixels per module that can be scanned from the declared distance, the best first."""
    per_mm = screen.scan_distance_m / pixel_pitch_mm(screen, size)
    goal, floor = math.ceil(GOAL_MM_PER_M * per_mm), math.ceil(FLOOR_MM_PER_M * per_mm)
    return range(goal, floor - 1, -1)


def _with_codes(
    page: Page,
    scene: JobsScene,
    screen: Screen,
    offers: list[tuple[JobOffer, Code]],
    module_px: int,
) -> Composition | None:
    """Each offer with its code, at this size of a module; None where there is no room for them."""
    page = replace(page, texts=[], misfits=[])
    measures, gap = page.measures, page.measures.px(GAP)
    area, shapes = _title(page, scene)
    cards = _cards(page, area, len(offers))
    side = max(code.side for _, code in offers) * module_px
    spare = cards[0].height - side - measures.px(6) - page.domain_px
    if spare < 0 or cards[0].width - side - gap < measures.px(LEAST_WORDS):
        return None
    down = spare // 3 if cards[0].height == area.height else 0
    pitch = pixel_pitch_mm(screen, measures.size)
    blocks: list[CodeBlock] = []
    for card, (offer, code) in zip(cards, offers, strict=True):
        tile_px = code.side * module_px
        tile = Rect(card.right - tile_px, card.y + down, tile_px, tile_px)
        size = Geometry(module_px, tile_px, module_px * pitch, screen.scan_distance_m)
        blocks.append(page.code((code, size), tile))
        words = Rect(card.x, tile.y, tile.x - gap - card.x, blocks[-1].panel.height)
        page.stack(_words(page, offer), words)
    return _composed(page, shapes, blocks)


def _cards(page: Page, area: Rect, count: int) -> list[Rect]:
    """Equal parts of the area, one for each offer, row by row."""
    gap = page.measures.px(GAP)
    columns = 2 if orientation_of(page.measures.size) == "landscape" else 1
    rows = math.ceil(count / columns)
    width = (area.width - gap * (columns - 1)) // columns
    height = (area.height - gap * (rows - 1)) // rows
    places = (divmod(number, columns) for number in range(count))
    return [
        Rect(area.x + column * (width + gap), area.y + row * (height + gap), width, height)
        for row, column in places
    ]


def _with_list(
    page: Page, scene: JobsScene, offers: tuple[JobOffer, ...], placed: Placed | None
) -> Composition:
    """The offers one under the other, and one code for the whole list."""
    page = replace(page, texts=[], misfits=[])
    measures = page.measures
    area, shapes = _title(page, scene)
    domain_px = measures.px(18) + page.domain_px
    where = split(measures, 0.0, placed[1].tile_px if placed else None, domain_px)
    foot_px = page.stack(_foot(page, scene, placed), where.aside, from_bottom=True)
    beside = where.tile is not None and orientation_of(measures.size) == "landscape"
    bottom = where.aside.bottom - foot_px if beside or where.tile is None else where.head.bottom
    width = where.aside.width if beside else area.width
    room = Rect(area.x, area.y, width, bottom - measures.px(28) - area.y)
    sizes = SIZES.get(len(offers), SIZES[1])
    words = [word for offer in offers for word in _lines(page, offer, sizes, width)]
    if words:
        page.stack([replace(words[0], gap=0), *words[1:]], room)
    return _composed(page, shapes, [page.code(placed, where.tile)] if placed and where.tile else [])


def _foot(page: Page, scene: JobsScene, placed: Placed | None) -> list[Words]:
    """The call to action; the domain where no code carries it."""
    brand, label = page.campaign.brand, page.label(scene)
    words = [Words(label, BOLD, 54, brand.accent)] if label else []
    if placed is None:
        words.append(Words(page.campaign.links.hosts[0], REGULAR, 38, brand.ink, gap=16))
    return words


def _title(page: Page, scene: JobsScene) -> tuple[Rect, tuple[ShapeBlock, ...]]:
    """Set the title and the agency's name; the room that is left below, and the bar above."""
    measures, brand = page.measures, page.campaign.brand
    margin, (width, height) = measures.margin, measures.size
    bar = Rect(margin, margin, *(measures.px(units) for units in BAR))
    box = Rect(margin, bar.bottom + measures.px(20), width - 2 * margin, height)
    words = [
        Words(french(scene.title), BOLD, 84, brand.accent, head=True),
        Words(french(page.agency.name), SEMIBOLD, 42, brand.ink, gap=4),
    ]
    top = box.y + page.stack(words, box) + measures.px(36)
    area = Rect(margin, top, box.width, height - margin - top)
    return area, (ShapeBlock(bar, brand.accent),)


def _words(page: Page, offer: JobOffer) -> list[Words]:
    """An offer beside its own code: a line for each fact."""
    ink, first, *others = page.campaign.brand.ink, *_facts(page, offer)
    return [
        Words(_named(offer), BOLD, 52, ink),
        Words(first, REGULAR, 38, ink, gap=10),
        *(Words(fact, REGULAR, 38, ink, gap=4) for fact in others),
    ]


def _lines(page: Page, offer: JobOffer, sizes: tuple[int, int], width: int) -> list[Words]:
    """An offer in a list `width` px wide: its title, and its facts in as few lines as hold them."""
    ink, px = page.campaign.brand.ink, page.measures.px(sizes[1])
    lines: list[str] = []
    for fact in _facts(page, offer):
        longer = f"{lines[-1]}{DOT}{fact}" if lines else fact
        if lines and width_of(longer, px, REGULAR) <= width:
            lines[-1] = longer
        else:
            lines.append(fact)
    return [
        Words(_named(offer), BOLD, sizes[0], ink, gap=sizes[1]),
        *(Words(line, REGULAR, sizes[1], ink, gap=6) for line in lines),
    ]


def _named(offer: JobOffer) -> str:
    """The title; its H/F never begins a line."""
    return re.sub(r" (?=\(?[HF]\s?/\s?[HF]\b)", FIXED, french(offer.title))


def _facts(page: Page, offer: JobOffer) -> list[str]:
    """Who employs, on what contract and where; then hours and pay, as far as they are given."""
    employer = offer.hiring_organization or page.campaign.brand.name
    contract, *others = offer.facts()
    return [french(fact) for fact in (f"{employer} · {contract}", *others)]


def _composed(page: Page, shapes: tuple[ShapeBlock, ...], blocks: list[CodeBlock]) -> Composition:
    first, more = (blocks[0], tuple(blocks[1:])) if blocks else (None, ())
    return Composition(
        *page.measures.size,
        page.campaign.brand.paper,
        (),
        shapes,
        tuple(page.texts),
        first,
        tuple(page.misfits),
        more,
    )
