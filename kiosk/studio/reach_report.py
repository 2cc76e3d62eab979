"""The reach of every code as a table, and as one picture."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont
from rich.table import Table

from kiosk.studio.reach import STEPS
from kiosk.studio.reach_codes import Coded

INK, QUIET, GRID, PAPER = "#1D1D1B", "#6B6862", "#DAD6CC", "#F7F5F0"
GOOD, BAD = "#005CA9", "#B3261E"
WIDTH: Final = 1600
ROW: Final = 34
TOP: Final = 150
LEFT: Final = 430
RIGHT: Final = 90
HEAD: Final = 44
NOTE: Final = (
    "A phone of 26 mm-equivalent lens, 1080p preview, 25° to the side, hand, reflections and haze"
    " simulated; two decoders of three, most of five seeds."
    " Differences under two steps are luck. Autofocus, real glass and the sun are not modelled."
)


def table(codes: Sequence[Coded]) -> Table:
    """One line for each code."""
    made = Table("agency", "screen", "scene", "asked m", "code", "module mm", "side mm", "reach m",
                 "read by", "verdict")  # fmt: skip
    for each in codes:
        size, code = each.block.geometry, each.block.code
        made.add_row(
            each.agency,
            each.screen,
            each.scene,
            f"{each.distance_m:g}",
            f"{code.version}-{code.level}",
            f"{size.module_mm:.2f}",
            f"{len(code.modules) * size.module_mm:.0f}",
            f"{'≥ ' if each.reach.at_least else ''}{each.metres:.2f}",
            f"{len(each.readers)}/3",
            each.verdict,
        )
    return made


def draw(codes: Sequence[Coded]) -> Image.Image:
    """A bar for each code's reach, a mark at the distance its screen asks, a group a screen."""
    groups = _groups(codes)
    height = TOP + sum(HEAD + ROW * len(group) for group in groups) + 110
    image = Image.new("RGB", (WIDTH, height), PAPER)
    pen = ImageDraw.Draw(image)
    longest = max((max(c.metres, c.distance_m) for c in codes), default=1.0)
    chart = _Chart(pen, longest * 1.05, height - 100)
    pen.text((48, 36), "From how far each code is read", INK, _font(36, bold=True))
    pen.text((48, 86), "metres; the mark is the distance that the screen asks", QUIET, _font(22))
    chart.grid()
    y = TOP
    for group in groups:
        first = group[0]
        label = f"{first.agency} / {first.screen}, {first.distance_m:g} m"
        pen.text((48, y + 10), label, INK, _font(22, bold=True))
        y += HEAD
        for each in group:
            chart.bar(y, each)
            y += ROW
    _note(pen, height)
    return image


def _groups(codes: Sequence[Coded]) -> list[list[Coded]]:
    groups: dict[tuple[str, str], list[Coded]] = {}
    for each in codes:
        groups.setdefault((each.agency, each.screen), []).append(each)
    return list(groups.values())


class _Chart:
    """Metres -> pixels."""

    def __init__(self, pen: ImageDraw.ImageDraw, longest: float, bottom: int) -> None:
        self.pen, self.longest, self.bottom = pen, longest, bottom

    def x(self, metres: float) -> int:
        """Where so many metres are."""
        return LEFT + round((WIDTH - LEFT - RIGHT) * metres / self.longest)

    def grid(self) -> None:
        """A line for each metre."""
        for metre in range(int(self.longest) + 1):
            x = self.x(metre)
            self.pen.line((x, TOP, x, self.bottom), GRID, 2)
            self.pen.text((x, TOP - 8), str(metre), QUIET, _font(20), anchor="mb")

    def bar(self, y: int, each: Coded) -> None:
        """One code."""
        code, good = each.block.code, each.verdict == "reads"
        colour = GOOD if good else BAD
        self.pen.text((72, y + 3), each.scene, INK, _font(20))
        detail = f"{code.version}-{code.level}, {each.block.geometry.module_mm:.1f} mm"
        self.pen.text((LEFT - 24, y + 3), detail, QUIET, _font(20), anchor="ra")
        end = max(self.x(each.metres), LEFT + 2)
        self.pen.rectangle((LEFT, y + 6, end, y + ROW - 8), colour)
        words = f"{each.metres:.2f}" + ("" if good else f"  {each.verdict}")
        self.pen.text((end + 10, y + 3), words, colour, _font(20, bold=True))
        asked = self.x(each.distance_m)
        self.pen.line((asked, y + 1, asked, y + ROW - 3), PAPER, 10)
        self.pen.line((asked, y + 1, asked, y + ROW - 3), INK, 4)


def _note(pen: ImageDraw.ImageDraw, height: int) -> None:
    font, line, y = _font(18), "", height - 76
    for word in NOTE.split(" "):
        longer = f"{line} {word}".strip()
        if pen.textlength(longer, font) > WIDTH - 96:
            pen.text((48, y), line, QUIET, font)
            line, y = word, y + 24
        else:
            line = longer
    pen.text((48, y), line, QUIET, font)


def _font(px: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    name = "700Bold" if bold else "400Regular"
    found = Path(str(files("kiosk.assets") / "fonts" / f"AtkinsonHyperlegibleNext_{name}.ttf"))
    return ImageFont.truetype(str(found), px)


def least(codes: Sequence[Coded]) -> str:
    """The shortest reach and how many fall short, on one line."""
    if not codes:
        return "no scene has a code"
    shortest = min(codes, key=lambda each: each.metres / each.distance_m)
    wrong = sum(each.verdict != "reads" for each in codes)
    verdict = (
        f"{wrong} of {len(codes)} codes fall short" if wrong else f"all {len(codes)} codes reach"
    )
    return (
        f"{verdict}; nearest to its limit: {shortest.name}, {shortest.metres:.2f} m of"
        f" {shortest.distance_m:g} m asked (steps {STEPS[0]:g} to {STEPS[-1]:g} times the side)"
    )
