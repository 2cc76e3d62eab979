"""The parts of a probe that need no other file: display, renderer, fonts, picture decoders."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from importlib.resources import as_file, files
from typing import Any, Final

import PySide6
from PySide6.QtCore import qVersion
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication, QScreen, QTextLayout

from kiosk.campaign.model import Brand
from kiosk.player import scenery
from kiosk.player.finding import Finding
from kiosk.player.fonts import FontMissing, load_fonts
from kiosk.player.pictures import Unreadable, load
from kiosk.player.typeset import BOLD, FAMILY, REGULAR, SEMIBOLD

FRENCH: Final[Mapping[str, str]] = {
    "«": "«",
    "»": "»",
    "’": "’",
    "U+202F": "\u202f",
    "é": "é",
    "œ": "œ",
    "€": "€",
}
"""Signs without which French cannot be set; U+202F is the narrow space before `;` and `!`."""
PICTURES: Final = ("bars.jpg", "bars.png", "bars.webp", "bars.svg")
BARS: Final = ((0x1B, 0x36, 0x5D), (0xE8, 0xB2, 0x3A), (0x3F, 0x8F, 0x6B))
"""The colours of every bundled picture, from left to right (sRGB)."""
_NEAR: Final = 12
"""What JPEG and WebP may change of a colour."""
_SIZE: Final = (96, 64)


def display(*, offscreen: bool) -> Finding:
    """Make the application, and tell Qt's platform and every display that is connected."""
    with suppress(FontMissing):  # `fonts` tells it
        scenery.application(offscreen=offscreen)
    platform = QGuiApplication.platformName()
    screens = [_screen(one) for one in QGuiApplication.screens()]
    facts = {
        "platform": platform,
        "qt": qVersion(),
        "pyside": PySide6.__version__,
        "displays": screens,
    }
    if not screens:
        return Finding("fail", f"{platform}: no display is connected", facts)
    shown = "; ".join(_phrase(one) for one in screens)
    return Finding("warn" if platform == "offscreen" else "pass", f"{platform}: {shown}", facts)


def _screen(screen: QScreen) -> dict[str, Any]:
    size, mm = screen.geometry().size(), screen.physicalSize()
    return {
        "name": screen.name(),
        "px": [size.width(), size.height()],
        "mm": [round(mm.width()), round(mm.height())],
        "hz": round(screen.refreshRate(), 2),
        "orientation": "portrait" if size.height() > size.width() else "landscape",
        "primary": screen is QGuiApplication.primaryScreen(),
    }


def _phrase(screen: Mapping[str, Any]) -> str:
    width, height = screen["px"]
    return f"{screen['name'] or 'unnamed'} {width}x{height} at {screen['hz']:g} Hz"


def renderer_and_scenes() -> Finding:
    """Which renderer is chosen and why; the program's own QML is loaded, and not shown."""
    try:
        view = scenery.build(scenery.props(Brand(name="O2"), 0, scenery.LEAVE))
    except scenery.SceneryMissing as error:
        return Finding("fail", str(error))
    chosen = view.renderer
    view.close()
    return Finding("pass", f"{chosen.kind}: {chosen.why}", {"kind": chosen.kind, "why": chosen.why})


def fonts() -> Finding:
    """Whether the bundled family is loaded in every weight, with the signs of French."""
    try:
        load_fonts()
    except FontMissing as error:
        return Finding("fail", str(error))
    weights = [weight for weight in (REGULAR, SEMIBOLD, BOLD) if _is_loaded(weight)]
    signs = {name: _family_of(sign) for name, sign in FRENCH.items()}
    facts = {"families": [FAMILY], "weights": weights, "glyphs": signs}
    lacking = [name for name, family in signs.items() if family is None]
    if len(weights) < 3 or lacking:
        told = f"weights {weights}, without {' '.join(lacking) or 'nothing'}"
        return Finding("fail", f"{FAMILY}: {told}", facts)
    return Finding("pass", f"{FAMILY}, {len(weights)} weights, French signs there", facts)


def _is_loaded(weight: int) -> bool:
    styles = QFontDatabase.styles(FAMILY)
    return any(QFontDatabase.weight(FAMILY, style) == weight for style in styles)


def _family_of(sign: str) -> str | None:
    """The family that a sign is drawn from; None where an empty box would stand for it."""
    layout = QTextLayout(sign, QFont(FAMILY))
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    # U+202F is in no weight of the family: the system's fonts lend it, or where there are none
    # HarfBuzz makes it from the family's own space.
    borrowed = {run.rawFont().familyName() for run in layout.glyphRuns()}
    boxes = any(0 in run.glyphIndexes() for run in layout.glyphRuns())
    family = ", ".join(sorted(borrowed))
    if boxes or not family or (not sign.isspace() and family != FAMILY):
        return None
    return family


def images() -> Finding:
    """Decode one bundled picture of each format as the player does, and look at its colours."""
    formats = {name.rpartition(".")[2]: _picture(name) for name in PICTURES}
    bad = [f"{name} {how}" for name, how in formats.items() if how != "decoded"]
    if bad:
        return Finding("fail", "; ".join(bad), {"formats": formats})
    return Finding("pass", f"{', '.join(formats)} decoded", {"formats": formats})


def _picture(name: str) -> str:
    with as_file(files("kiosk.assets") / "probe" / name) as path:
        image = load(path, _SIZE, (0.5, 0.5))
    if isinstance(image, Unreadable):
        return image.why
    third = _SIZE[0] // 3
    for place, wanted in enumerate(BARS):
        pixel = image.pixelColor(place * third + third // 2, _SIZE[1] // 2)
        found = pixel.red(), pixel.green(), pixel.blue()
        if any(abs(a - b) > _NEAR for a, b in zip(found, wanted, strict=True)):
            return f"wrong colours: {found} where {wanted} was drawn"
    return "decoded"
