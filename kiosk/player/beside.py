"""Portrait, video, figure, programme: a picture with the words and the code beside it."""

from __future__ import annotations

from typing import Final

from kiosk.campaign.model import Figure, Person, Portrait, Programme, Video
from kiosk.campaign.typography import french, quoted
from kiosk.player.blocks import Composition, FilmBlock, PictureBlock, Rect, ShapeBlock
from kiosk.player.page import Page, Placed, Words
from kiosk.player.regions import Regions, orientation_of, split
from kiosk.player.subtitled import SubtitledVideo, subtitles
from kiosk.player.typeset import BOLD, REGULAR, SEMIBOLD

Scene = Portrait | Video | Figure | Programme

SHARE_OF_A_FACE: Final = {"landscape": 0.45, "portrait": 0.47, "square": 0.48}
SHARE_OF_A_VIEW: Final = {"landscape": 0.36, "portrait": 0.36, "square": 0.48}
"""How much of the screen the picture takes, along its long side."""
QUOTE: Final = {"landscape": 82, "portrait": 96, "square": 82}
"""The size a quote is given where it fits, in units."""
BAR: Final = (88, 9)
"""The accent bar above the aside, in units."""


def beside(page: Page, scene: Scene, placed: Placed | None) -> Composition:
    """Lay the scene out; `placed` is its code and the code's size, if it has one."""
    measures, brand = page.measures, page.campaign.brand
    shape = orientation_of(measures.size)
    names = scene.pictures_for(shape)
    shares = SHARE_OF_A_FACE if isinstance(scene, Person) else SHARE_OF_A_VIEW
    where = split(
        measures,
        shares[shape] if names else 0.0,
        placed[1].tile_px if placed else None,
        measures.px(18) + page.domain_px,
    )
    page.stack(_head(scene, brand.ink, brand.accent, QUOTE[shape]), where.head)
    head = len(page.texts)
    shapes = [_aside(page, scene, where)]
    pictures: list[PictureBlock] = []
    if where.picture is not None:
        pictures = [PictureBlock(name, where.picture, scene.focus) for name in names]
        if scene.illustration:
            shapes.append(page.mark(where.picture))
    block = page.code(placed, where.tile) if placed and where.tile else None
    film = _film(page, scene, where, head) if isinstance(scene, Video) else None
    return Composition(
        *measures.size,
        brand.paper,
        tuple(pictures),
        tuple(shapes),
        tuple(page.texts),
        block,
        tuple(page.misfits),
        film=film,
    )


def _film(page: Page, scene: Video, where: Regions, head: int) -> FilmBlock | None:
    """The clip where the picture stands; its subtitles where the first `head` texts stand."""
    if where.picture is None:
        return None
    cues = scene.cues if isinstance(scene, SubtitledVideo) else ()
    said = subtitles(page, cues, where.head, QUOTE[orientation_of(page.measures.size)])
    texts = tuple(page.texts[head:] if said else page.texts)
    return FilmBlock(scene.clip, where.picture, scene.focus, scene.duration_s, texts, said)


def _head(scene: Scene, ink: str, accent: str, quote: int) -> list[Words]:
    if isinstance(scene, Person):
        return [Words(quoted(french(scene.quote)), SEMIBOLD, quote, ink, head=True)]
    if isinstance(scene, Figure):
        return [
            Words(french(scene.number), BOLD, 150, accent, head=True),
            Words(french(scene.sentence), SEMIBOLD, 62, ink, head=True, gap=10),
        ]
    return [
        Words(french(scene.title), BOLD, 84, accent, head=True),
        Words(french(scene.sentence), SEMIBOLD, 66, ink, head=True, gap=18),
    ]


def _aside(page: Page, scene: Scene, where: Regions) -> ShapeBlock:
    """Who speaks on top, what to do at the bottom, the agency's name last; the bar above all."""
    ink, accent = page.campaign.brand.ink, page.campaign.brand.accent
    box = where.aside
    label = page.label(scene)
    signature = page.signature(with_host=where.tile is None)
    foot = [Words(signature, REGULAR, 34, ink, gap=22 if label else 0)]
    if label:
        foot.insert(0, Words(label, BOLD, 54, accent))
    taken = page.stack(foot, box, from_bottom=True)
    width, height = (page.measures.px(units) for units in BAR)
    top = box.y + height + page.measures.px(26)
    rest = box.bottom - taken - page.measures.px(28) - top
    page.stack(_top(scene, ink), Rect(box.x, top, box.width, rest))
    return ShapeBlock(Rect(box.x, box.y, width, height), accent)


def _top(scene: Scene, ink: str) -> list[Words]:
    if isinstance(scene, Person):
        return [
            Words(french(scene.first_name), BOLD, 62, ink),
            Words(french(scene.about), REGULAR, 42, ink, gap=10),
        ]
    if isinstance(scene, Figure):
        return [Words(french(f"Source : {scene.source}, {scene.dated}"), REGULAR, 36, ink)]
    gaps = (0, 16, 16)
    return [
        Words(french(point), REGULAR, 44, ink, gap=gap)
        for point, gap in zip(scene.points, gaps, strict=False)
    ]
