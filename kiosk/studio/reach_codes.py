"""Every code of every screen: who reads it pixel for pixel, and from how far a phone does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from kiosk.campaign.model import Scene
from kiosk.player import scenery
from kiosk.player.backstage import composed
from kiosk.player.blocks import CodeBlock, Rect
from kiosk.player.codes import tile
from kiosk.player.content import Content
from kiosk.studio.reach import ENOUGH, Ladder, Reach, code_mm
from kiosk.studio.scan import DECODERS, readers_of
from kiosk.studio.tour import stops_shown


@dataclass(frozen=True, slots=True)
class Coded:
    """A code on one screen, read from `distance_m` metres; `readers` read it pixel for pixel."""

    agency: str
    screen: str
    scene: str
    distance_m: float
    block: CodeBlock
    readers: tuple[str, ...]
    reach: Reach

    @property
    def metres(self) -> float:
        """The reach of this code at its size."""
        return self.reach.metres(code_mm(self.block))

    @property
    def name(self) -> str:
        """Agency, screen and scene."""
        return f"{self.agency}/{self.screen} {self.scene}"

    @property
    def verdict(self) -> str:
        """What becomes of it: "reads", or why it does not."""
        if len(self.readers) < ENOUGH:
            return "unread"
        if not self.block.geometry.scannable:
            return "small"
        return "reads" if self.metres >= self.distance_m else "short"


def coded(
    content: Content,
    scene: Scene,
    block: CodeBlock,
    reach: Reach,
    *,
    readers: tuple[str, ...] | None = None,
    enough: int = len(DECODERS),
) -> Coded:
    """One code; `readers` are those of its frame, None where only its tile is to be drawn and read
    by `enough` decoders."""
    if readers is None:
        image = tile(block.code, block.geometry.module_px)
        whole = Rect(0, 0, image.width(), image.height())
        readers = readers_of(image, block.code.url, whole, enough)
    return Coded(
        agency=content.agency.agency,
        screen=content.screen_name,
        scene=scene.id,
        distance_m=content.screen.scan_distance_m,
        block=block,
        readers=readers,
        reach=reach,
    )


def codes_of(
    contents: Sequence[Content],
    now: datetime,
    said: Callable[[int, int], None] = lambda _done, _total: None,
) -> tuple[Coded, ...]:
    """Every code that a scene lays out at `now`; `said(done, total)` is called after each scene."""
    scenery.application(offscreen=True)
    ladder = Ladder()
    found: list[Coded] = []
    stops = stops_shown(contents, now)
    for number, stop in enumerate(stops, 1):
        if stop.scene is not None:
            blocks = composed(stop.content, stop.scene, stop.size).codes
            found += [coded(stop.content, stop.scene, b, ladder.reach(b)) for b in blocks]
        said(number, len(stops))
    return tuple(found)
