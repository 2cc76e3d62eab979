"""Link templates -> short URLs -> QR codes (ISO/IEC 18004) -> their size on one screen."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from kiosk.campaign.jobs import JobOffer
from kiosk.campaign.model import Agency, Campaign, Scene, Screen

PLACEHOLDERS: Final = ("agency", "scene", "audience")
QUIET_MODULES: Final = 4
LONGEST_URL: Final = 42
"""Characters: the longest URL a version 3-M code holds in byte mode (ISO/IEC 18004, table 7)."""
FLOOR_MM_PER_M: Final = 2.5
"""A module's least size in mm for each metre of distance, in normal light."""
GOAL_MM_PER_M: Final = 3.8
"""The same in hard light (low sun, reflections): what is drawn where there is room for it."""
MOST_OF_SHORT_SIDE: Final = 0.5
MOST_BESIDE_MUCH: Final = 0.38
"""The share of the screen's short side that a code, quiet zone included, may take. On a square
screen a half would leave the sentence no room at its legible size, on a poster it would cover
the picture."""

_LEVELS: Final = ("L", "M", "Q", "H")


@dataclass(frozen=True, slots=True)
class Code:
    """One code: modules[row][column] is True where dark; the quiet zone is not in it."""

    url: str
    version: int
    level: str
    modules: tuple[tuple[bool, ...], ...]

    @property
    def side(self) -> int:
        """Modules on a side with the quiet zone."""
        return len(self.modules) + 2 * QUIET_MODULES


@dataclass(frozen=True, slots=True)
class Geometry:
    """A code on one screen: whole device pixels per module, and what that is in millimetres."""

    module_px: int
    tile_px: int
    module_mm: float
    distance_m: float

    @property
    def scannable(self) -> bool:
        """Whether a module reaches the floor for the screen's declared distance."""
        return self.module_mm >= FLOOR_MM_PER_M * self.distance_m


def expand(template: str, agency: Agency, scene: Scene | JobOffer) -> str:
    """The URL of this scene, or job offer, in this agency. It names no person, no single view."""
    values = {"agency": agency.code, "scene": scene.id, "audience": scene.audience}
    return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found[0]), template)


def url_of(campaign: Campaign, agency: Agency, scene: Scene) -> str | None:
    """The URL behind the scene's code; None for a scene without a link."""
    if scene.link is None:
        return None
    return expand(campaign.links.named[scene.link].to, agency, scene)


def domain_of(url: str) -> str:
    """The host, printed in clear under the code."""
    return url.removeprefix("https://").partition("/")[0]


@lru_cache(maxsize=256)
def encode(url: str) -> Code:
    """Byte mode, level M, raised to Q or H where the version does not grow."""
    # Imported here: 70 ms that only a screen about to draw its first code has to pay.
    from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_M, ERROR_CORRECT_Q
    from qrcode.main import QRCode
    from qrcode.util import MODE_8BIT_BYTE, QRData

    levels = {"M": ERROR_CORRECT_M, "Q": ERROR_CORRECT_Q, "H": ERROR_CORRECT_H}
    data = QRData(url.encode("ascii"), mode=MODE_8BIT_BYTE)  # type: ignore[call-overload]
    codes = {name: QRCode(error_correction=level, border=0) for name, level in levels.items()}
    for code in codes.values():
        code.add_data(data, optimize=0)
    version = codes["M"].best_fit()
    level = max((n for n, c in codes.items() if c.best_fit() == version), key=list(levels).index)
    chosen = codes[level]
    chosen.make(fit=False)
    modules = tuple(tuple(bool(dark) for dark in row) for row in chosen.get_matrix())
    return Code(url, version, level, modules)


def pixel_pitch_mm(screen: Screen, size_px: tuple[int, int]) -> float:
    """Millimetres between two pixels when `screen` shows `size_px` over its whole diagonal."""
    return screen.diagonal_in * 25.4 / math.hypot(*size_px)


def geometry(
    code: Code, screen: Screen, size_px: tuple[int, int], *, poster: bool = False
) -> Geometry:
    """The code's size on this screen: the goal for its distance, as far as there is room."""
    pitch = pixel_pitch_mm(screen, size_px)
    goal = math.ceil(GOAL_MM_PER_M * screen.scan_distance_m / pitch)
    floor = math.ceil(FLOOR_MM_PER_M * screen.scan_distance_m / pitch)
    crowded = poster or size_px[0] == size_px[1]
    room = int(min(size_px) * MOST_OF_SHORT_SIDE) // code.side
    fair = int(min(size_px) * MOST_BESIDE_MUCH) // code.side if crowded else room
    module_px = max(1, min(goal, fair), min(floor, room))
    return Geometry(module_px, module_px * code.side, module_px * pitch, screen.scan_distance_m)
