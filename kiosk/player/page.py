"""One scene while it is laid out: its measures, its brand, and the texts set so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from kiosk.campaign.links import Code, Geometry, domain_of
from kiosk.campaign.model import Agency, Campaign, Scene
from kiosk.campaign.typography import french
from kiosk.player.blocks import CodeBlock, Rect, ShapeBlock, TextBlock
from kiosk.player.regions import Measures
from kiosk.player.typeset import SEMIBOLD, Setting, set_text

ILLUSTRATION: Final = "Illustration"
SMALLEST_PERCENT: Final = 46
"""Texts that share a box shrink together, down to this share of their wished sizes."""

Placed = tuple[Code, Geometry]


@dataclass(frozen=True, slots=True)
class Words:
    """One text before it is set: `wish` and `gap` above it in units, `head` for a sentence."""

    text: str
    weight: int
    wish: int
    colour: str
    head: bool = False
    gap: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """What every part of a layout needs, and where it leaves its texts."""

    campaign: Campaign
    agency: Agency
    measures: Measures
    texts: list[TextBlock] = field(default_factory=list)
    misfits: list[str] = field(default_factory=list)

    def stack(self, words: Sequence[Words], box: Rect, *, from_bottom: bool = False) -> int:
        """Set `words` one under the other into `box`; the height they took, in pixels."""
        settings = self._shrunk(words, box)
        height = self._height(words, settings)
        if height > box.height or not all(setting.fits for setting in settings):
            self.misfits.extend(word.text for word in words)
        y = box.bottom - height if from_bottom else box.y
        for word, setting in zip(words, settings, strict=True):
            y += self.measures.px(word.gap)
            area = Rect(box.x, y, box.width, setting.height)
            self.texts.append(text_block(setting, area, word.weight, word.colour))
            y += setting.height
        return height

    def height_of(self, words: Sequence[Words], box: Rect) -> int:
        """The height `stack` would take, in pixels; nothing is set."""
        return self._height(words, self._shrunk(words, box))

    def label(self, scene: Scene) -> str:
        """The call to action beside the scene's code; empty for a scene without a link."""
        return french(self.campaign.links.named[scene.link].label) if scene.link else ""

    def signature(self, *, with_host: bool) -> str:
        """The agency's name, and the domain where no code carries it."""
        host = f" · {self.campaign.links.hosts[0]}" if with_host else ""
        return french(self.agency.name) + host

    @property
    def domain_px(self) -> int:
        """The height of the domain's line under a code."""
        return set_text("o", SEMIBOLD, self.measures.size, self._domain_sizes).line_px

    def domain(self, url: str, tile: Rect, inset: int = 0) -> TextBlock:
        """The host in clear under the code's tile, `inset` pixels from its left edge."""
        gap, width = self.measures.px(6), tile.width - inset
        area = Rect(tile.x + inset, tile.bottom + gap, width, self.domain_px)
        host = domain_of(url)
        setting = set_text(host, SEMIBOLD, (width, self.domain_px), self._domain_sizes)
        if not setting.fits:
            self.misfits.append(host)
        return text_block(setting, area, SEMIBOLD, self.campaign.brand.ink)

    def code(self, placed: Placed, tile: Rect) -> CodeBlock:
        """The code at `tile`, with its domain below it."""
        domain = self.domain(placed[0].url, tile)
        panel = Rect(tile.x, tile.y, tile.width, domain.area.bottom - tile.y)
        return CodeBlock(*placed, panel=panel, tile=tile, domain=domain)

    def mark(self, picture: Rect) -> ShapeBlock:
        """The plate that says, on the glass, that a picture is drawn and shows nobody."""
        px = max(self.measures.small_floor, self.measures.px(26))
        setting = set_text(ILLUSTRATION, SEMIBOLD, (picture.width, picture.height), (px, px))
        pad = self.measures.px(14)
        height = setting.height + pad
        plate = Rect(
            picture.x,
            picture.bottom - height,
            setting.width + 2 * pad + self.measures.px(8),
            height,
        )
        area = Rect(plate.x + pad, plate.y + pad // 2, plate.width - pad, setting.height)
        self.texts.append(text_block(setting, area, SEMIBOLD, self.campaign.brand.ink))
        return ShapeBlock(plate, self.campaign.brand.paper)

    @property
    def _domain_sizes(self) -> tuple[int, int]:
        floor = self.measures.small_floor
        return floor, max(floor, self.measures.px(36))

    def _height(self, words: Sequence[Words], settings: Sequence[Setting]) -> int:
        gaps = sum(self.measures.px(word.gap) for word in words)
        return gaps + sum(setting.height for setting in settings)

    def _shrunk(self, words: Sequence[Words], box: Rect) -> list[Setting]:
        """The settings at the largest common scale at which all of them fit together."""
        settings: list[Setting] = []
        for percent in range(100, SMALLEST_PERCENT, -3):
            settings = [self._set(word, box, percent) for word in words]
            fits = all(setting.fits for setting in settings)
            if fits and self._height(words, settings) <= box.height:
                break
        return settings

    def _set(self, word: Words, box: Rect, percent: int) -> Setting:
        measures = self.measures
        floor = measures.headline_floor if word.head else measures.small_floor
        sizes = floor, max(floor, measures.px(word.wish * percent / 100))
        return set_text(word.text, word.weight, (box.width, box.height), sizes)


def text_block(setting: Setting, area: Rect, weight: int, colour: str) -> TextBlock:
    """A setting put in its place."""
    lines = "\n".join(setting.lines)
    return TextBlock(lines, area, setting.px, setting.line_px, weight, colour)
