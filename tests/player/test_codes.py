"""The code as pixels."""

from __future__ import annotations

import pytest

from kiosk.campaign.links import QUIET_MODULES, encode
from kiosk.player import codes


@pytest.mark.parametrize("module_px", [1, 3, 16, 31])
def test_every_module_is_a_whole_square_of_its_colour(module_px: int) -> None:
    code = encode("https://o2.example/r/lmam1")
    image = codes.tile(code, module_px)
    assert image.width() == image.height() == code.side * module_px
    for row in range(code.side):
        for column in range(code.side):
            inner_row, inner_column = row - QUIET_MODULES, column - QUIET_MODULES
            inside = 0 <= inner_row < len(code.modules) and 0 <= inner_column < len(code.modules)
            dark = inside and code.modules[inner_row][inner_column]
            wanted = codes.DARK if dark else codes.LIGHT
            corners = {
                image.pixelColor(column * module_px + dx, row * module_px + dy).name().upper()
                for dx in (0, module_px - 1)
                for dy in (0, module_px - 1)
            }
            assert corners == {wanted.upper()}
