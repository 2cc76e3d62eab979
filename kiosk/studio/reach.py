"""How far a code can be read from: a ladder of distances, each tried by three decoders.

It does not model autofocus, real glass or the sun.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from kiosk.campaign.links import QUIET_MODULES
from kiosk.player.blocks import CodeBlock
from kiosk.player.codes import tile
from kiosk.studio.reach_camera import PAVEMENT, seen
from kiosk.studio.scan import DECODERS, Gray, gray_of

STEPS: Final = (7.5, 10.0, 12.5, 15.0, 17.5, 20.0, 22.5, 25.0, 27.5, 30.0, 35.0, 40.0)
"""Distance : the code's side without its quiet zone."""
SEEDS: Final = 5
ENOUGH: Final = 2
"""Decoders, of the three."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The last step up to which every one was read; 0 where not even the first was."""

    ratio: float

    @property
    def at_least(self) -> bool:
        """Whether the ladder ended before the code's reach did."""
        return self.ratio == STEPS[-1]

    def metres(self, code_mm: float) -> float:
        """For a code whose side, without its quiet zone, is `code_mm` long."""
        return self.ratio * code_mm / 1000


def reach_of(image: Gray, quiet: int, url: str, up_to: float = STEPS[-1]) -> Reach:
    """Climb the ladder with a code's tile, `quiet` px of quiet zone around it.

    It goes no further than the first step at or beyond `up_to`.
    """
    reached = 0.0
    for step in STEPS:
        if reached >= up_to or not _reads(image, quiet, url, step):
            break
        reached = step
    return Reach(reached)


def _reads(image: Gray, quiet: int, url: str, step: float) -> bool:
    """Whether most of the seeds were read; it stops as soon as that is settled."""
    read = missed = 0
    most = SEEDS // 2 + 1
    for seed in range(SEEDS):
        if _read_by_enough(seen(image, quiet, step, seed, PAVEMENT), url):
            read += 1
        else:
            missed += 1
        if most in (read, missed):
            break
    return read == most


def _read_by_enough(picture: Gray, url: str) -> bool:
    readers = 0
    for left, read in zip(range(len(DECODERS), 0, -1), DECODERS.values(), strict=True):
        if readers + left < ENOUGH:
            return False
        readers += read(picture) == url
        if readers == ENOUGH:
            return True
    return False


@dataclass(frozen=True, slots=True)
class Ladder:
    """Remembers: tiles of the same pixels are climbed with once."""

    _known: dict[tuple[bytes, int, float], Reach] = field(default_factory=dict)

    def reach(self, block: CodeBlock, up_to: float = STEPS[-1]) -> Reach:
        """Of this code at this size; it is drawn as it is on the glass.

        The climb ends at the first step at or beyond `up_to`.
        """
        module_px = block.geometry.module_px
        image = gray_of(tile(block.code, module_px))
        key = image.tobytes(), module_px, up_to
        if key not in self._known:
            self._known[key] = reach_of(image, QUIET_MODULES * module_px, block.code.url, up_to)
        return self._known[key]


def code_mm(block: CodeBlock) -> float:
    """The code's side in mm without its quiet zone."""
    return len(block.code.modules) * block.geometry.module_mm
