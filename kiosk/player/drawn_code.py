"""The code part of a probe: one code drawn as on the glass, looked at, and read back."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication, QImage

from kiosk.campaign.links import QUIET_MODULES, Code, Geometry, encode, geometry
from kiosk.campaign.model import Screen
from kiosk.player.blocks import CodeBlock, Rect, TextBlock
from kiosk.player.finding import Finding
from kiosk.player.images import PROVIDER, Images, code_source
from kiosk.player.typeset import REGULAR

URL: Final = "https://o2.fr/q/kiosk"
_USUAL_DIAGONAL_IN: Final = 43.0


def code(reader: Callable[[Any, str], tuple[str, ...]] | None) -> Finding:
    """Draw a code as it would stand on this display, and have it read back where that is there."""
    made = encode(URL)
    where, px = _as_hung()
    size = geometry(made, where, px)
    image = _drawn(made, size)
    facts: dict[str, Any] = {
        "url": URL,
        "version": made.version,
        "level": made.level,
        "module_px": size.module_px,
        "tile_px": size.tile_px,
        "module_mm": round(size.module_mm, 2),
        "distance_m": size.distance_m,
        "scannable": size.scannable,
    }
    drawn = f"{size.tile_px} px, a module {size.module_px} px or {size.module_mm:.1f} mm"
    if not _is_whole(image, made, size.module_px):
        return Finding("fail", f"drawn with wrong pixels ({drawn})", facts)
    if reader is None:
        return Finding("pass", f"{drawn}: drawn, not read back", facts | {"read_by": None})
    read_by = reader(image, URL)
    told = f"read back by {', '.join(read_by)}" if read_by else "no decoder reads it back"
    return Finding("pass" if read_by else "fail", f"{drawn}: {told}", facts | {"read_by": read_by})


def _as_hung() -> tuple[Screen, tuple[int, int]]:
    """The primary display as a shop's screen; of a usual size where it does not say its own."""
    screen = QGuiApplication.primaryScreen()
    size, mm = screen.geometry().size(), screen.physicalSize()
    diagonal = math.hypot(mm.width(), mm.height()) / 25.4
    known = 7 <= diagonal <= 200 and QGuiApplication.platformName() != "offscreen"
    there = Screen(diagonal_in=diagonal if known else _USUAL_DIAGONAL_IN)
    return there, (size.width(), size.height())


def _drawn(made: Code, size: Geometry) -> QImage:
    """Through the image provider, by the URL that QML asks for."""
    tile = Rect(0, 0, size.tile_px, size.tile_px)
    domain = TextBlock("", tile, 1, 1, REGULAR, "#000000")
    source = code_source(CodeBlock(made, size, panel=tile, tile=tile, domain=domain))
    key = source.removeprefix(f"image://{PROVIDER}/")
    return Images().requestImage(key, QSize(), QSize())


def _is_whole(image: QImage, made: Code, module_px: int) -> bool:
    """Whether the middle of every module has its own shade."""
    for row, modules in enumerate(made.modules):
        y = (row + QUIET_MODULES) * module_px + module_px // 2
        for column, dark in enumerate(modules):
            x = (column + QUIET_MODULES) * module_px + module_px // 2
            if (image.pixelColor(x, y).lightness() < 128) != dark:
                return False
    return True
