"""A QR code as pixels: whole device pixels a module, near-black on near-white, quiet zone kept."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QColor, QImage, QPainter

from kiosk.campaign.links import QUIET_MODULES, Code

DARK: Final = "#111111"
LIGHT: Final = "#FFFFFF"


def tile(code: Code, module_px: int) -> QImage:
    """The code with its quiet zone, `module_px` device pixels a module."""
    side = code.side * module_px
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(QColor(LIGHT))
    painter = QPainter(image)
    for row, modules in enumerate(code.modules):
        y = (row + QUIET_MODULES) * module_px
        for start, length in _runs(modules):
            x = (start + QUIET_MODULES) * module_px
            painter.fillRect(x, y, length * module_px, module_px, QColor(DARK))
    painter.end()
    return image


def _runs(modules: tuple[bool, ...]) -> list[tuple[int, int]]:
    """Dark runs of one row as (start, length)."""
    runs: list[tuple[int, int]] = []
    for column, dark in enumerate(modules):
        if not dark:
            continue
        if runs and sum(runs[-1]) == column:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((column, 1))
    return runs
