"""The bundled type: a bare system has no fonts, so the program brings its own."""

from __future__ import annotations

from importlib.resources import files

from PySide6.QtCore import QByteArray
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication

from kiosk.player.typeset import FAMILY


class FontMissing(RuntimeError):
    """A bundled font could not be loaded: the installation is damaged."""


def load_fonts() -> None:
    """Load every bundled font and make it the program's own; FontMissing if one cannot be."""
    folder = files("kiosk.assets") / "fonts"
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if not entry.name.endswith(".ttf"):
            continue
        if QFontDatabase.addApplicationFontFromData(QByteArray(entry.read_bytes())) < 0:
            raise FontMissing(f"the bundled font {entry.name} cannot be loaded; install again")
    if FAMILY not in QFontDatabase.families():
        raise FontMissing(f"the bundled font {FAMILY} is not there; install again")
    QGuiApplication.setFont(QFont(FAMILY))
