"""Text set into a box: the largest size that fits, lines broken evenly, and whether it fits at all.

Breaking lines here instead of in QML gives one answer to three askers: the screen draws the lines
as they are, `tour` reports a text that does not fit, and a test proves that nothing overlaps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from PySide6.QtGui import QFont, QFontMetricsF

FAMILY: Final = "Atkinson Hyperlegible Next"
CAP_HEIGHT: Final = 0.668
"""Cap height of the family, in em (OS/2 sCapHeight 668 of 1000)."""
REGULAR, SEMIBOLD, BOLD = 400, 600, 700

DANGLING_LETTERS: Final = 2
DANGLING_COST: Final = 0.06
"""A line had better not end in "la", "Le" or "à": what such an end costs against raggedness."""

_MEASURED_AT: Final = 512


@dataclass(frozen=True, slots=True)
class Setting:
    """Text broken into lines at one size; `fits` is False where even the floor is too large."""

    lines: tuple[str, ...]
    px: int
    line_px: int
    width: int
    fits: bool

    @property
    def height(self) -> int:
        """Pixels from the top of the first line to the bottom of the last."""
        return self.line_px * len(self.lines)


@lru_cache(maxsize=8)
def _metrics(weight: int) -> QFontMetricsF:
    font = QFont(FAMILY)
    font.setWeight(QFont.Weight(weight))
    font.setPixelSize(_MEASURED_AT)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return QFontMetricsF(font)


@lru_cache(maxsize=8192)
def _em(word: str, weight: int) -> float:
    return _metrics(weight).horizontalAdvance(word) / _MEASURED_AT


def width_of(text: str, px: int, weight: int) -> float:
    """Pixels one unbroken line takes."""
    return _em(text, weight) * px


def set_text(
    text: str, weight: int, box: tuple[int, int], sizes: tuple[int, int], leading: float = 1.18
) -> Setting:
    """Set `text` into `box` (width, height in px) between `sizes` (floor, wish in px)."""
    floor, wish = min(sizes), sizes[1]
    step = max(1, wish // 48)
    for px in [*range(wish, floor, -step), floor]:
        setting = _at(text, weight, box, px, leading)
        if setting.fits:
            return setting
    return setting


def _at(text: str, weight: int, box: tuple[int, int], px: int, leading: float) -> Setting:
    line_px = math.ceil(px * leading)
    lines = _balanced(text, weight, box[0] / px)
    width = math.ceil(max((_em(line, weight) for line in lines), default=0) * px)
    fits = width <= box[0] and line_px * len(lines) <= box[1]
    return Setting(lines, px, line_px, width, fits)


def _balanced(text: str, weight: int, width_em: float) -> tuple[str, ...]:
    """As few lines as greedy breaking needs, then the least ragged of those ways to break."""
    count = len(_broken(text, weight, width_em))
    words = text.split(" ")
    if count == 1:
        return (text,)
    # best[k] is the least cost of setting the words up to an end in k lines, and its breaks.
    best: list[dict[int, tuple[float, tuple[int, ...]]]] = [{0: (0.0, ())}]
    for _ in range(count):
        best.append(_one_more_line(best[-1], words, weight, width_em))
    if len(words) not in best[count]:
        return _broken(text, weight, width_em)
    ends = best[count][len(words)][1]
    starts = (0, *ends[:-1])
    return tuple(" ".join(words[i:j]) for i, j in zip(starts, ends, strict=True))


def _one_more_line(
    reached: dict[int, tuple[float, tuple[int, ...]]],
    words: list[str],
    weight: int,
    width_em: float,
) -> dict[int, tuple[float, tuple[int, ...]]]:
    """Every end that one line after those reached can have, at the least cost."""
    further: dict[int, tuple[float, tuple[int, ...]]] = {}
    for start, (cost, ends) in reached.items():
        for end in range(start + 1, len(words) + 1):
            width = _em(" ".join(words[start:end]), weight)
            if width > width_em and end > start + 1:
                break
            total = cost + _raggedness(words, end, width, width_em)
            if end not in further or total < further[end][0]:
                further[end] = (total, (*ends, end))
    return further


def _raggedness(words: list[str], end: int, width: float, width_em: float) -> float:
    """The square of the room left over, and more for a line that ends in a little word."""
    last = words[end - 1]
    dangling = end < len(words) and len(last) <= DANGLING_LETTERS
    return (1 - width / width_em) ** 2 + (DANGLING_COST if dangling else 0)


def _broken(text: str, weight: int, width_em: float) -> tuple[str, ...]:
    # str.split() would also break at U+00A0 and U+202F, which bind French punctuation.
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and _em(longer, weight) > width_em:
            lines.append(line)
            line = word
        else:
            line = longer
    return (*lines, line)
