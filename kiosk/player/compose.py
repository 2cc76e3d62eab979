"""A scene and a screen -> a composition: everything the glass will show, before anything is drawn.

A pure function of its arguments and of the bundled font. QML draws the result as it is, so the
screen, `kiosk tour` and the tests that look for overlaps all speak of the same picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kiosk.campaign.links import QUIET_MODULES, Code, Geometry, domain_of, encode, geometry, url_of
from kiosk.campaign.model import (
    Agency,
    Campaign,
    Figure,
    Portrait,
    Poster,
    Programme,
    Scene,
    Screen,
)
from kiosk.campaign.typography import french, quoted
from kiosk.player.blocks import (
    CodeBlock,
    Composition,
    PictureBlock,
    Rect,
    ShapeBlock,
    TextBlock,
)
from kiosk.player.regions import Measures, Regions, orientation_of, split
from kiosk.player.typeset import BOLD, REGULAR, SEMIBOLD, set_text

WHITE: Final = "#FFFFFF"
STANDBY_PICTURE: Final = "standby:"
"""Prefix of the brand's own drawings, which no campaign folder can name."""
TRADES: Final = "Ménage\u00a0· Garde d’enfants\u00a0· Seniors\u00a0· Jardinage"
ILLUSTRATION: Final = "Illustration"


@dataclass(frozen=True, slots=True)
class _Words:
    """One text before it is set: sizes in units of the screen, `head` for the sentence's floor."""

    text: str
    weight: int
    wish: int
    colour: str
    head: bool = False
    gap: int = 0


@dataclass
class _Sheet:
    """The blocks of one scene while they are being laid out."""

    measures: Measures
    texts: list[TextBlock]
    misfits: list[str]

    def stack(self, words: Sequence[_Words], box: Rect, *, from_bottom: bool = False) -> int:
        """Set `words` one under the other into `box`; the height they took, in pixels."""
        settings, gaps, fits = self._shrunk(words, box)
        if not fits:
            self.misfits.extend(word.text for word in words)
        height = sum(s.height for s in settings) + sum(gaps)
        y = box.bottom - height if from_bottom else box.y
        for word, setting, gap in zip(words, settings, gaps, strict=True):
            y += gap
            rect = Rect(box.x, y, box.width, setting.height)
            self.texts.append(
                TextBlock(
                    "\n".join(setting.lines),
                    rect,
                    setting.px,
                    setting.line_px,
                    word.weight,
                    word.colour,
                )
            )
            y += setting.height
        return height

    def _shrunk(self, words: Sequence[_Words], box: Rect):  # type: ignore[no-untyped-def]
        """The settings at the largest common scale at which all of them fit together."""
        measures = self.measures
        gaps = [measures.px(word.gap) for word in words]
        for percent in range(100, 45, -3):
            settings = [
                set_text(
                    word.text,
                    word.weight,
                    (box.width, box.height),
                    self._sizes(word, percent),
                )
                for word in words
            ]
            height = sum(s.height for s in settings) + sum(gaps)
            if all(s.fits for s in settings) and height <= box.height:
                return settings, gaps, True
        return settings, gaps, False

    def _sizes(self, word: _Words, percent: int) -> tuple[int, int]:
        floor = self.measures.headline_floor if word.head else self.measures.small_floor
        return floor, max(floor, self.measures.px(word.wish * percent / 100))


def compose(
    scene: Scene, campaign: Campaign, agency: Agency, screen: Screen, size: tuple[int, int]
) -> Composition:
    """Lay out `scene` for `agency` on `screen` at `size` (width, height in device pixels)."""
    url = url_of(campaign, agency, scene)
    code = encode(url) if url else None
    is_poster = isinstance(scene, Poster)
    placed = (code, geometry(code, screen, size, poster=is_poster)) if code else None
    sheet = _Sheet(Measures.of(screen, size), [], [])
    if isinstance(scene, Poster):
        return _poster(sheet, scene, campaign, agency, placed)
    return _beside(sheet, scene, campaign, agency, placed)


def standby(
    campaign: Campaign, agency: Agency, screen: Screen, size: tuple[int, int]
) -> Composition:
    """The brand's own still scene: there is always something to show."""
    sheet = _Sheet(Measures.of(screen, size), [], [])
    measures, brand = sheet.measures, campaign.brand
    width, height = size
    box = Rect(measures.margin, round(height * 0.2), width - 2 * measures.margin, height // 2)
    words = [
        _Words(french(agency.name), BOLD, 120, brand.accent, head=True),
        _Words(french(TRADES), SEMIBOLD, 50, brand.ink, gap=28),
        _Words(campaign.links.hosts[0], REGULAR, 40, brand.ink, gap=24),
    ]
    sheet.stack(words, box)
    picture = PictureBlock(STANDBY_PICTURE + orientation_of(size), Rect(0, 0, *size), (0.5, 1.0))
    return Composition(
        *size, brand.paper, (picture,), (), tuple(sheet.texts), None, tuple(sheet.misfits)
    )


def _beside(
    sheet: _Sheet,
    scene: Portrait | Figure | Programme,
    campaign: Campaign,
    agency: Agency,
    placed: tuple[Code, Geometry] | None,
) -> Composition:
    """A picture with the words and the code beside it."""
    measures, brand = sheet.measures, campaign.brand
    names = scene.pictures_for(orientation_of(measures.size))
    share = _picture_share(scene, measures) if names else 0.0
    domain_px = measures.px(18) + _domain_line(measures)
    where = split(measures, share, placed[1].tile_px if placed else None, domain_px)
    sheet.stack(_head(scene, campaign), where.head)
    bar = Rect(where.aside.x, where.aside.y, measures.px(88), measures.px(9))
    _aside(sheet, scene, campaign, agency, where)
    pictures = tuple(
        PictureBlock(name, where.picture, scene.focus) for name in names if where.picture
    )
    shapes = [ShapeBlock(bar, brand.accent)]
    if scene.illustration and where.picture:
        shapes.append(_mark(sheet, where.picture, campaign))
    block = _code_block(placed, where, campaign, measures) if placed and where.tile else None
    return Composition(
        *measures.size,
        brand.paper,
        pictures,
        tuple(shapes),
        tuple(sheet.texts),
        block,
        tuple(sheet.misfits),
    )


def _picture_share(scene: Scene, measures: Measures) -> float:
    shape = orientation_of(measures.size)
    if isinstance(scene, Portrait):
        return 0.45 if shape == "landscape" else 0.47
    return 0.36 if shape == "landscape" else 0.36


def _head(scene: Portrait | Figure | Programme, campaign: Campaign) -> list[_Words]:
    ink, accent = campaign.brand.ink, campaign.brand.accent
    if isinstance(scene, Portrait):
        return [_Words(quoted(french(scene.quote)), SEMIBOLD, 82, ink, head=True)]
    if isinstance(scene, Figure):
        return [
            _Words(french(scene.number), BOLD, 150, accent, head=True),
            _Words(french(scene.sentence), SEMIBOLD, 62, ink, head=True, gap=10),
        ]
    return [
        _Words(french(scene.title), BOLD, 84, accent, head=True),
        _Words(french(scene.sentence), SEMIBOLD, 66, ink, head=True, gap=18),
    ]


def _aside(
    sheet: _Sheet,
    scene: Portrait | Figure | Programme,
    campaign: Campaign,
    agency: Agency,
    where: Regions,
) -> None:
    """Who speaks on top, what to do at the bottom, and the agency's name."""
    ink, accent = campaign.brand.ink, campaign.brand.accent
    foot = [_Words(_signature(campaign, agency, with_host=where.tile is None), REGULAR, 34, ink)]
    if scene.link is not None:
        label = french(campaign.links.named[scene.link].label)
        foot.insert(0, _Words(label, BOLD, 54, accent))
        foot[1] = _Words(foot[1].text, REGULAR, 34, ink, gap=22)
    taken = sheet.stack(foot, where.aside, from_bottom=True)
    top = where.aside.y + sheet.measures.px(9 + 26)
    rest = where.aside.bottom - taken - sheet.measures.px(28) - top
    sheet.stack(_top(scene, ink), Rect(where.aside.x, top, where.aside.width, rest))


def _top(scene: Portrait | Figure | Programme, ink: str) -> list[_Words]:
    if isinstance(scene, Portrait):
        return [
            _Words(french(scene.first_name), BOLD, 62, ink),
            _Words(french(scene.about), REGULAR, 42, ink, gap=10),
        ]
    if isinstance(scene, Figure):
        return [_Words(french(f"Source : {scene.source}, {scene.dated}"), REGULAR, 36, ink)]
    return [
        _Words(french(point), REGULAR, 44, ink, gap=0 if first else 16)
        for first, point in zip([True, False, False], scene.points, strict=False)
    ]


def _signature(campaign: Campaign, agency: Agency, *, with_host: bool) -> str:
    host = f" · {campaign.links.hosts[0]}" if with_host else ""
    return french(agency.name) + host


def _domain_line(measures: Measures) -> int:
    px = max(measures.small_floor, measures.px(36))
    return -int(-px * 1.18 // 1)


def _code_block(
    placed: tuple[Code, Geometry], where: Regions, campaign: Campaign, measures: Measures
) -> CodeBlock:
    assert where.tile is not None
    tile = where.tile
    domain = _domain(placed[0].url, tile, measures, campaign)
    panel = Rect(tile.x, tile.y, tile.width, domain.area.bottom - tile.y)
    return CodeBlock(*placed, panel=panel, tile=tile, domain=domain)


def _domain(
    url: str, tile: Rect, measures: Measures, campaign: Campaign, inset: int = 0
) -> TextBlock:
    """The host in clear under the code; `inset` pixels from the tile's left edge."""
    wish = max(measures.small_floor, measures.px(36))
    height, width = _domain_line(measures), tile.width - inset
    setting = set_text(domain_of(url), SEMIBOLD, (width, height), (measures.small_floor, wish))
    rect = Rect(tile.x + inset, tile.bottom + measures.px(6), width, height)
    return TextBlock(
        setting.lines[0], rect, setting.px, setting.line_px, SEMIBOLD, campaign.brand.ink
    )


def _mark(sheet: _Sheet, picture: Rect, campaign: Campaign) -> ShapeBlock:
    """The word that says, on the glass, that a picture is drawn and shows nobody."""
    measures = sheet.measures
    px = max(measures.small_floor, measures.px(26))
    setting = set_text(ILLUSTRATION, SEMIBOLD, (picture.width, picture.height), (px, px))
    pad = measures.px(14)
    plate = Rect(
        picture.x,
        picture.bottom - setting.height - pad,
        setting.width + 2 * pad + measures.px(8),
        setting.height + pad,
    )
    rect = Rect(plate.x + pad, plate.y + pad // 2, plate.width - pad, setting.height)
    sheet.texts.append(
        TextBlock(
            ILLUSTRATION, rect, setting.px, setting.line_px, SEMIBOLD, campaign.brand.ink
        )
    )
    return ShapeBlock(plate, campaign.brand.paper)


def _poster(
    sheet: _Sheet,
    scene: Poster,
    campaign: Campaign,
    agency: Agency,
    placed: tuple[Code, Geometry] | None,
) -> Composition:
    """The agency's picture over the whole glass, and one white panel in the corner kept for it."""
    measures = sheet.measures
    whole = Rect(0, 0, *measures.size)
    panel, block = _poster_panel(sheet, scene, campaign, agency, placed)
    shapes = [ShapeBlock(panel, WHITE)]
    if scene.illustration:
        shapes.append(_mark(sheet, whole, campaign))
    return Composition(
        *measures.size,
        campaign.brand.paper,
        tuple(
            PictureBlock(name, whole, scene.focus)
            for name in scene.pictures_for(orientation_of(measures.size))
        ),
        tuple(shapes),
        tuple(sheet.texts),
        block,
        tuple(sheet.misfits),
    )


def _poster_panel(
    sheet: _Sheet,
    scene: Poster,
    campaign: Campaign,
    agency: Agency,
    placed: tuple[Code, Geometry] | None,
) -> tuple[Rect, CodeBlock | None]:
    """Call to action, code, domain and agency, in line with the code's dark edge."""
    measures, brand = sheet.measures, campaign.brand
    foot = [_Words(_signature(campaign, agency, with_host=placed is None), REGULAR, 32, brand.ink)]
    pad = measures.px(24)
    if placed is None:
        box = Rect(0, 0, measures.px(460), measures.px(200))
        tall = _Sheet(measures, [], []).stack(foot, box)
        panel = _corner(scene, (box.width + 2 * pad, tall + 2 * pad), measures)
        sheet.stack(foot, Rect(panel.x + pad, panel.y + pad, box.width, tall))
        return panel, None
    code, geometry_ = placed
    quiet, side = QUIET_MODULES * geometry_.module_px, geometry_.tile_px
    label = french(campaign.links.named[scene.link].label) if scene.link else ""
    head = [_Words(label, BOLD, 42, brand.accent)]
    box = Rect(0, 0, side - quiet, measures.size[1])
    head_px, foot_px = (_Sheet(measures, [], []).stack(words, box) for words in (head, foot))
    domain_px = measures.px(6) + _domain_line(measures)
    panel = _corner(scene, (side, pad + head_px + side + domain_px + foot_px + pad), measures)
    left = panel.x + quiet
    sheet.stack(head, Rect(left, panel.y + pad, box.width, head_px))
    tile = Rect(panel.x, panel.y + pad + head_px, side, side)
    domain = _domain(code.url, tile, measures, campaign, inset=quiet)
    sheet.stack(foot, Rect(left, domain.area.bottom, box.width, foot_px))
    return panel, CodeBlock(code, geometry_, panel=panel, tile=tile, domain=domain)


def _corner(scene: Poster, size: tuple[int, int], measures: Measures) -> Rect:
    width, height = size
    margin = measures.px(48)
    right, bottom = measures.size
    x = margin if scene.code_at.endswith("left") else right - margin - width
    y = margin if scene.code_at.startswith("top") else bottom - margin - height
    return Rect(x, y, width, height)
