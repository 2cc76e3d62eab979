"""Which part of a picture covers an area."""

from __future__ import annotations

Size = tuple[float, float]


def cut(whole: Size, area: Size, focus: tuple[float, float]) -> tuple[float, float, float, float]:
    """Left, top, width and height, in pixels of the picture, of the part that covers `area`.

    `whole` and `area` are widths and heights; `focus` (0..1 across, 0..1 down) stands as near the
    middle as it can.
    """
    cover = max(area[0] / whole[0], area[1] / whole[1])
    width, height = min(whole[0], area[0] / cover), min(whole[1], area[1] / cover)
    return (
        _slide(whole[0], width, focus[0]),
        _slide(whole[1], height, focus[1]),
        width,
        height,
    )


def _slide(whole: float, part: float, focus: float) -> float:
    return min(max(focus * whole - part / 2, 0.0), whole - part)
