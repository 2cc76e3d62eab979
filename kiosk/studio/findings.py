"""What a check found: each thing with its place, its rule, what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Level(StrEnum):
    """How much it matters: an error must not reach a screen, a note is only to be known."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is looked for."""

    level: Level
    meaning: str


_E, _W, _N = Level.ERROR, Level.WARNING, Level.NOTE
RULES: Final[Mapping[str, Rule]] = {
    "folder": Rule(_E, "The folder's files have the names that belong there."),
    "yaml": Rule(_E, "A file is YAML that can be read, with the keys and values of its kind."),
    "link": Rule(_E, "Links exist, lead to allowed hosts, and are short enough for a code."),
    "campaign-over": Rule(_E, "The campaign has not ended."),
    "campaign-soon": Rule(_W, "The campaign does not end within 30 days."),
    "campaign-late": Rule(_W, "The campaign begins within a year."),
    "rights-over": Rule(_E, "A person's consent has not ended."),
    "rights-soon": Rule(_W, "A person's consent does not end within 30 days."),
    "rights-media": Rule(_E, "A person's consent covers shop windows."),
    "rights-withdrawn": Rule(_N, "A person took back their consent; screens delete the picture."),
    "rights-missing": Rule(_N, "A photograph without a consent shows nobody."),
    "scene-over": Rule(_W, "A scene has not ended."),
    "window-never": Rule(_E, "A scene's dates and hours leave a moment to show it."),
    "scene-dark": Rule(_E, "A scene's hours are not all hours at which the screens are dark."),
    "agency-empty": Rule(_E, "While a screen is lit, there is a scene that it may show."),
    "picture-missing": Rule(_E, "Every picture that a scene names is in the folder."),
    "picture-unusable": Rule(_E, "Every picture can be read and published."),
    "picture-small": Rule(_E, "No pixel of a picture is drawn over more than two of a screen."),
    "picture-soft": Rule(_W, "A picture has the pixels that it is drawn with."),
    "clip-missing": Rule(_E, "Every clip that a scene names is in the folder."),
    "clip-unusable": Rule(_E, "Every screen can play a clip, which lasts as its scene says."),
    "poster-shape": Rule(_W, "A clip's poster has about the shape of the clip."),
    "subtitles": Rule(_E, "A clip's subtitles are in the folder, as WebVTT that can be read."),
    "subtitles-late": Rule(_W, "No words of a clip stand after its end."),
    "subtitles-fast": Rule(_W, "Words of a clip stand for 1 s, and 0.45 s for each of them."),
    "face-cut": Rule(_E, "A face is whole in every cut of its picture, and not covered."),
    "focus-missing": Rule(_W, "Where much of a picture is cut off, the face is marked by focus."),
    "text-long": Rule(_E, "Every text fits its place at a size that can be read."),
    "text-small": Rule(_E, "Letters are as high as the reading distance asks."),
    "contrast": Rule(_E, "Text stands out from its ground, 4.5 to 1 or more."),
    "code-small": Rule(_E, "A code's modules are 2.5 mm and more for each metre of distance."),
    "code-unread": Rule(_E, "Two decoders of three read a code from the frame."),
    "code-reach": Rule(_E, "A code is read from the screen's distance by a phone outside."),
    "code-long": Rule(_W, "A code's address has 26 characters at most."),
    "words": Rule(_W, "A quote has 18 words at most, a headline 7, a call to action 4."),
    "typography": Rule(_W, "Quotes and ligatures are as French asks, where only an author can."),
}

BY_TIME: Final = frozenset(
    {"campaign-over", "rights-over", "window-never", "scene-dark", "agency-empty"}
)
"""Errors that a day may bring to a folder that nobody touched. Screens leave such a scene out, or
show standby, by themselves: nothing wrong is seen, and an urgent notice need not wait for them."""


@dataclass(frozen=True, order=True, slots=True)
class Finding:
    """One thing found; line and column count from 1. `remedy` may be in the message already."""

    file: str
    line: int
    column: int
    rule: str
    message: str
    remedy: str = ""

    @property
    def level(self) -> Level:
        """Its rule's."""
        return RULES[self.rule].level

    @property
    def sentence(self) -> str:
        """What is wrong, and what to do."""
        return f"{self.message}; {self.remedy}" if self.remedy else self.message

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}"
        return f"{place}: {self.level} [{self.rule}] {self.sentence}"


@dataclass(frozen=True, slots=True)
class Figures:
    """What was looked at. The least reach is in metres; None where there is no code."""

    scenes: int
    agencies: int
    screens: int
    frames: int
    codes: int
    codes_read: int
    least_reach_m: float | None
    least_reach_at: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, sorted by place; no figures where the files could not be read."""

    findings: tuple[Finding, ...]
    figures: Figures | None = None

    def count(self, level: Level) -> int:
        """How many findings are of this level."""
        return sum(finding.level is level for finding in self.findings)
