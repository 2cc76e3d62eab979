"""The pictures on the rehearsal page: small scenes, and the day as bands of colour."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from itertools import groupby
from typing import Final

from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QImage

from kiosk.campaign.model import Scene
from kiosk.campaign.rehearsal import Stretch, Turn
from kiosk.player.content import Content
from kiosk.studio.rehearsal_words import exact, hour, length
from kiosk.studio.render import Studio
from kiosk.studio.timeline import Timeline, audience_of

THUMBNAIL_PX: Final = 520
"""The longer side."""
JPEG_QUALITY: Final = 82
HOUR: Final = timedelta(hours=1)
FAMILIES: Final = (190, 275)
CANDIDATES: Final = (8, 58)
"""Hues in degrees: cold colours for families, warm ones for candidates."""
GAP_S: Final = 4.0
"""How much narrower than its time a scene is drawn, that two plays are told apart."""

Pictures = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One hour of the day (its plays, its dark and empty times), or several dark ones."""

    begins: datetime
    ends: datetime
    svg: str
    dark: bool


def thumbnails(
    content: Content, scenes: Sequence[Scene], drawn: Callable[[str], None] = lambda _: None
) -> dict[str, str]:
    """Each scene as the player draws it, small, as a data URI; without those that cannot be."""
    studio = Studio(content)
    found: dict[str, str] = {}
    for scene in scenes:
        image = studio.draw(content, scene, content.screen.seen_size()).image
        if not image.isNull():
            found[scene.id] = data_uri(image)
        drawn(scene.id)
    studio.close()
    return found


def data_uri(image: QImage) -> str:
    """A small JPEG of it."""
    small = image.scaled(
        THUMBNAIL_PX,
        THUMBNAIL_PX,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    small.save(buffer, "JPEG", JPEG_QUALITY)  # type: ignore[call-overload]
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.data().data()).decode()}"


def colours(scenes: Sequence[Scene]) -> dict[str, str]:
    """A colour for each scene: cold ones for families, warm ones for candidates, grey notices."""
    found: dict[str, str] = {}
    for audience, (first, last) in (("families", FAMILIES), ("candidates", CANDIDATES)):
        of = [scene.id for scene in scenes if audience_of(scene) == audience]
        for number, name in enumerate(of):
            hue = first + (last - first) * number / max(1, len(of) - 1)
            found[name] = f"hsl({hue:.0f} {52 - 12 * (number % 2)}% {40 + 17 * (number % 3)}%)"
    notices = [scene.id for scene in scenes if audience_of(scene) == "everybody"]
    return found | {name: f"hsl(0 0% {30 + 12 * (n % 4)}%)" for n, name in enumerate(notices)}


def css(name: str) -> str:
    """A scene's name as a part of a class name; a notice's has a point in it."""
    return name.replace(".", "-")


def band(line: Timeline) -> str:
    """The whole time, lit and dark."""
    told = line.told
    whole = (told.ends - told.begins).total_seconds()
    parts = "".join(
        _rect(
            (span.begins - told.begins).total_seconds(),
            (span.ends - span.begins).total_seconds(),
            "lit" if span.lit else "dark",
        )
        for span in told.spans()
    )
    return _svg(whole, 10, parts)


def marks(line: Timeline, most: int = 12) -> Iterator[tuple[float, str]]:
    """Where full hours lie along the whole time (0 to 1), and what to write there."""
    told = line.told
    whole = told.ends - told.begins
    step = next((n for n in (1, 2, 3, 6, 12) if whole / HOUR / n <= most), 24)
    at = _full_hour(line, told.begins)
    while at <= told.ends:
        if at >= told.begins and line.local(at).hour % step == 0:
            yield (at - told.begins) / whole, hour(line.local(at))
        at += HOUR


def rows(line: Timeline) -> list[Row]:
    """The time hour by hour; hours that are dark from end to end are one row."""
    told = line.told
    found: list[Row] = []
    begins = _full_hour(line, told.begins)
    turns = list(told.turns)
    while begins < told.ends:
        ends = min(begins + HOUR, told.ends)
        here = [turn for turn in turns if turn.began < ends and turn.ended > begins]
        lights = [one for one in told.stretches if one.begins < ends and one.ends > begins]
        dark = not here and not any(one.lit for one in lights)
        found.append(Row(begins, ends, "" if dark else _hour(line, begins, here, lights), dark))
        begins = ends
    return [
        row for dark, group in groupby(found, lambda row: row.dark) for row in _one(dark, group)
    ]


def _one(dark: bool, group: Iterator[Row]) -> list[Row]:
    some = list(group)
    return [Row(some[0].begins, some[-1].ends, "", dark=True)] if dark else some


def _full_hour(line: Timeline, at: datetime) -> datetime:
    """The last full hour on the agency's wall."""
    local = line.local(at)
    return at - timedelta(minutes=local.minute, seconds=local.second, microseconds=at.microsecond)


def _hour(
    line: Timeline, begins: datetime, turns: Sequence[Turn], lights: Sequence[Stretch]
) -> str:
    def seconds(at: datetime) -> float:
        return min(max((at - begins).total_seconds(), 0.0), 3600.0)

    parts = [
        _rect(seconds(one.begins), seconds(one.ends) - seconds(one.begins), _ground(one))
        for one in lights
    ]
    for turn in turns:
        first, last = seconds(max(turn.began, line.told.begins)), seconds(turn.ended)
        width = max(last - first - GAP_S, 1.0)
        words = f"{exact(line.local(turn.began))} {turn.scene}, {length(turn.seconds)}"
        parts.append(_rect(first, width, f"s-{css(turn.scene)}", words))
    return _svg(3600, 24, "".join(parts))


def _ground(stretch: Stretch) -> str:
    if not stretch.lit:
        return "dark"
    return "lit" if stretch.allowed else "empty"


def _rect(x: float, width: float, kind: str, words: str = "") -> str:
    title = f"<title>{escape(words)}</title>" if words else ""
    return f'<rect x="{x:g}" width="{width:g}" height="100%" class="{kind}">{title}</rect>'


def _svg(width: float, height: int, inside: str) -> str:
    return (
        f'<svg viewBox="0 0 {width:g} {height}" preserveAspectRatio="none" '
        f'role="img" aria-hidden="true">{inside}</svg>'
    )
