"""Jobs: up to four offers, each with a code of its own where all of them can be scanned."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
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
from kiosk.player.page import Page, Placed, Words, text_block
from kiosk.player.regions import orientation_of, split
from kiosk.player.typeset import BOLD, REGULAR, SEMIBOLD, set_text, width_of

BAR: Final = (88, 9)
"""The bar above the title, in units."""
GAP: Final = 44
"""Between two offers, in units."""
SIZES: Final = {1: (108, 64), 2: (76, 52), 3: (64, 46), 4: (56, 42)}
"""Of a list of so many offers: the sizes of title and facts where they fit, in units."""
LEAST_FACTS: Final = 26
"""What a list leaves an offer out for: facts smaller than this, in units."""
FACTS: Final = range(60, 14, -3)
"""The sizes of an offer's facts, in units."""
WAYS: Final = sorted(
    (
        (facts * percent // 100, facts, across)
        for facts in FACTS
        for percent, across in ((140, 0), (112, 0), (170, 1), (140, 1), (112, 1))
    ),
    key=lambda way: (-way[0] - way[1], way[2]),
)
"""Of offers with a code each: the sizes of title and facts, in units, the best first; and whether
the title goes across, above its code."""
UNDER: Final = 20
"""Under a title that goes across, in units."""
LINES: Final = (2, 9)
"""A fact takes two lines at most; more, where no legible size does."""
CALL: Final = (54, 42)
"""The call to action: its size, and the least one beside the title, in units."""
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
            sheets = list(_sheets(page, scene))
            for module_px in _sizes(screen, page.measures.size):
                made = _with_codes(sheets, screen, list(zip(offers, codes, strict=True)), module_px)
                if made is not None:
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


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A page with its title and the call to action; `area` is left for the offers."""

    page: Page
    area: Rect
    shapes: tuple[ShapeBlock, ...]


def _sheets(page: Page, scene: JobsScene) -> Iterator[_Sheet]:
    """The call to action at the foot, as on other scenes; then beside the title, if it fits."""
    brand, label, px = page.campaign.brand, page.label(scene), page.measures.px
    below = replace(page, texts=[], misfits=[])
    area, shapes = _title(below, scene)
    foot_px = below.stack([Words(label, BOLD, CALL[0], brand.accent)], area, from_bottom=True)
    yield _Sheet(below, replace(area, height=area.height - foot_px - px(28)), shapes)
    beside = replace(page, texts=[], misfits=[])
    _title(beside, scene)
    top, bottom = beside.texts[0].area.y, beside.texts[-1].area.bottom
    title_px = math.ceil(
        max(
            width_of(line, text.px, text.weight)
            for text in beside.texts
            for line in text.text.split("\n")
        )
    )
    beside.texts[:] = [
        replace(text, area=replace(text.area, width=title_px)) for text in beside.texts
    ]
    room = area.width - title_px - px(GAP), bottom - top
    sizes = max(page.measures.small_floor, px(CALL[1])), px(CALL[0])
    call = set_text(label, BOLD, room, sizes)
    if call.fits:
        place = Rect(area.right - call.width, bottom - call.height, call.width, call.height)
        beside.texts.append(text_block(call, place, BOLD, brand.accent))
        yield _Sheet(beside, area, shapes)


def _with_codes(
    sheets: Sequence[_Sheet], screen: Screen, offers: list[tuple[JobOffer, Code]], module_px: int
) -> Composition | None:
    """Each offer with its code, at this size of a module, in the largest words that fit."""
    page, count = sheets[0].page, len(offers)
    pitch = pixel_pitch_mm(screen, page.measures.size)
    tiles = [code.side * module_px for _, code in offers]
    placed = [
        (code, Geometry(module_px, tile_px, module_px * pitch, screen.scan_distance_m))
        for (_, code), tile_px in zip(offers, tiles, strict=True)
    ]
    width = _cards(page, sheets[0].area, count)[0].width
    beside = width - max(tiles) - page.measures.px(GAP)
    panel_px = max(tiles) + page.measures.px(6) + page.domain_px
    tallest = max(_cards(page, sheet.area, count)[0].height for sheet in sheets)
    if panel_px > tallest or beside < page.measures.px(LEAST_WORDS):
        return None
    for most, (name, facts, cut) in product(LINES, WAYS):
        texts = [_words(page, offer, (name, facts)) for offer, _ in offers]
        head_px = _tallest(page, [words[:cut] for words in texts], width, most - 1)
        head_px += page.measures.px(UNDER) * cut
        aside_px = _tallest(page, [words[cut:] for words in texts], beside, most)
        tall = head_px, head_px + max(panel_px, aside_px)
        for sheet in sheets:
            cards = _cards(page, sheet.area, count)
            if tall[1] <= cards[0].height:
                return _carded(sheet, list(zip(cards, texts, placed, strict=True)), cut, tall)
    return None


def _carded(
    sheet: _Sheet,
    offers: list[tuple[Rect, list[Words], Placed]],
    cut: int,
    tall: tuple[int, int],
) -> Composition:
    """The first `cut` words of each across the top of its card, the others beside its code.

    `tall` is the height of the tallest top, and of the tallest card, in pixels.
    """
    page = replace(sheet.page, texts=[*sheet.page.texts], misfits=[*sheet.page.misfits])
    blocks: list[CodeBlock] = []
    for card, words, placed in offers:
        spare = card.height - tall[1] if card.height == sheet.area.height else 0
        top, tile_px = card.y + spare // 3, placed[1].tile_px
        tile = Rect(card.right - tile_px, top + tall[0], tile_px, tile_px)
        blocks.append(page.code(placed, tile))
        head = Rect(card.x, top, card.width, tall[0] - page.measures.px(UNDER) * cut)
        page.stack(words[:cut], head, from_bottom=True)
        width = tile.x - page.measures.px(GAP) - card.x
        page.stack(words[cut:], Rect(card.x, tile.y, width, card.bottom - tile.y))
    return _composed(page, sheet.shapes, blocks)


def _tallest(page: Page, texts: Iterable[list[Words]], width: int, most: int) -> int:
    """The height of the tallest of them, `width` px wide and unshrunk, in px.

    Endless if a word is wider, or a fact longer than `most` lines (a title: one more).
    """
    measures, heights = page.measures, [0]
    for words in texts:
        heights.append(0)
        for word in words:
            px = max(measures.small_floor, measures.px(word.wish))
            setting = set_text(word.text, word.weight, (width, measures.size[1]), (px, px))
            heights[-1] += measures.px(word.gap) + setting.height
            if not setting.fits or len(setting.lines) > most + (word.weight == BOLD):
                return sum(measures.size)
    return max(heights)


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
    gap, wide = measures.px(28), orientation_of(measures.size) == "landscape"
    beside = where.aside.width, where.aside.bottom - foot_px - gap - area.y
    above = area.width, where.head.bottom - gap - area.y
    rooms = [beside] if wide or where.tile is None else [above, beside]
    words, room = _listed(page, offers, rooms)
    if words:
        page.stack(words, Rect(area.x, area.y, *room))
    return _composed(page, shapes, [page.code(placed, where.tile)] if placed and where.tile else [])


def _listed(
    page: Page, offers: tuple[JobOffer, ...], rooms: Sequence[tuple[int, int]]
) -> tuple[list[Words], tuple[int, int]]:
    """The offers one under the other, and which of the rooms (width, height) has them largest.

    A single one stays in the first room, if it is legible there.
    """
    words: list[Words] = []
    name, facts = SIZES.get(len(offers), SIZES[1])
    ways = list(product(range(facts, LEAST_FACTS - 1, -2), rooms))
    if len(offers) == 1:
        ways = [(units, room) for room in rooms for units in range(facts, FACTS[-1], -2)]
    for units, room in ways:
        sizes = name * units // facts, units
        words = [word for offer in offers for word in _lines(page, offer, sizes, room[0])]
        words[:1] = [replace(word, gap=0) for word in words[:1]]
        if _tallest(page, [words], room[0], LINES[-1]) <= room[1]:
            return words, room
    page.misfits.extend(word.text for word in words)
    return words, rooms[0]


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


def _words(page: Page, offer: JobOffer, sizes: tuple[int, int]) -> list[Words]:
    """An offer beside its own code: its title, and a line for each fact."""
    ink, first, *others = page.campaign.brand.ink, *_facts(page, offer)
    return [
        Words(_named(offer), BOLD, sizes[0], ink),
        Words(first, REGULAR, sizes[1], ink, gap=10),
        *(Words(fact, REGULAR, sizes[1], ink, gap=4) for fact in others),
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
    facts = [french(fact) for fact in (f"{employer} · {contract}", *others)]
    return [fact.replace(" · ", DOT) for fact in facts]


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
