"""`kiosk tour`: every scene as the player draws it, at each size, read back by three decoders."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from PySide6.QtGui import QImage

from kiosk.campaign.model import JobsToday, Scene
from kiosk.campaign.selection import scenes_at
from kiosk.player.content import Content
from kiosk.studio.render import Frame, Studio
from kiosk.studio.scan import DECODERS, readers_of
from kiosk.studio.sheet import Thumbnail, contact_sheet

Size = tuple[int, int]
STANDBY: Final = "standby"
ENOUGH: Final = 2
"""Decoders, of the three, that must read a code from the frame pixel for pixel. OpenCV's alone
misses about one flawless code in a thousand, whatever the framing; two that read it are proof."""
QUICK_PNG: Final = 75
"""Qt's scale of 0..100 for how little to compress: half the time, a third more bytes."""


@dataclass(frozen=True, slots=True)
class Row:
    """What the tour found of one scene on one screen. Lengths: px, mm; distance in metres."""

    agency: str
    scene: str
    size: str
    picture: str
    url: str
    version: int
    level: str
    module_px: int
    module_mm: float
    distance_m: float
    decoded_by: tuple[str, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who read a frame's code, and what must not reach a screen."""

    readers: tuple[str, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """One picture to make: a scene (None for standby) of one agency at one size."""

    content: Content
    scene: Scene | None
    size: Size

    @property
    def name(self) -> str:
        """The picture's file name."""
        scene = self.scene.id if self.scene else STANDBY
        return f"{self.content.agency.agency}-{scene}-{self.size[0]}x{self.size[1]}.png"


def stops(
    contents: Sequence[Content], now: datetime, sizes: Sequence[Size] = ()
) -> tuple[Stop, ...]:
    """Every scene of an agency, notices too, in its form of the aware moment `now`, and standby.

    Whatever the day and hour of its windows, at each size (its own screen's where none is given).
    """
    return tuple(
        Stop(content, scene, size)
        for content in contents
        for size in (sizes or [content.screen.seen_size()])
        for scene in (*scenes_at(content.campaign, content.agency, now), None)
        if scene is None or scene.is_for(content.agency.agency)
    )


def stops_shown(contents: Sequence[Content], now: datetime) -> tuple[Stop, ...]:
    """The same at each screen's own size, but for lists of jobs without one: none is shown."""
    return tuple(
        stop
        for stop in stops(contents, now)
        if not (isinstance(stop.scene, JobsToday) and not stop.scene.offers)
    )


def tour(
    plan: Sequence[Stop], out: Path, seen: Callable[[Row], None] = lambda _: None
) -> tuple[Row, ...]:
    """Draw and read every stop into the folder `out`; `seen` is called after each."""
    out.mkdir(parents=True, exist_ok=True)
    studio = Studio(plan[0].content)
    rows: list[Row] = []
    thumbnails: list[Thumbnail] = []
    for stop in plan:
        frame = studio.draw(stop.content, stop.scene, stop.size)
        row = _row(stop, frame)
        rows.append(row)
        if not frame.image.isNull():
            _save(frame.image, out / stop.name)
            thumbnails.append(Thumbnail.of(frame.image, _caption(row)))
        seen(row)
    _save(contact_sheet(thumbnails), out / "contact-sheet.png")
    table = [asdict(row) for row in rows]
    (out / "tour.json").write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", "utf-8")
    studio.close()
    return tuple(rows)


def _save(image: QImage, path: Path) -> None:
    if not image.save(str(path), quality=QUICK_PNG):
        raise OSError(f"{path} cannot be written; is the disk full or the folder read-only?")


def verdict(frame: Frame) -> Verdict:
    """Judge one frame: its texts fit, its pictures are readable, three decoders read its code."""
    problems = [f"does not fit: {text}; shorten it" for text in frame.composition.misfits]
    readers: tuple[str, ...] = ()
    if frame.refused is not None:
        problems.append(frame.refused)
    else:
        for number, block in enumerate(frame.composition.codes):
            read = readers_of(frame.image, block.code.url, block.tile)
            readers = read if number == 0 else tuple(name for name in readers if name in read)
            if len(read) < ENOUGH:
                problems.extend(f"not read by {name}" for name in DECODERS if name not in read)
            if not block.geometry.scannable:
                problems.append(f"too small to scan at {block.geometry.distance_m:g} m")
    return Verdict(readers, tuple(problems))


def _row(stop: Stop, frame: Frame) -> Row:
    block, found = frame.composition.code, verdict(frame)
    return Row(
        agency=stop.content.agency.agency,
        scene=stop.scene.id if stop.scene else STANDBY,
        size=f"{stop.size[0]}x{stop.size[1]}",
        picture=stop.name,
        url=block.code.url if block else "",
        version=block.code.version if block else 0,
        level=block.code.level if block else "",
        module_px=block.geometry.module_px if block else 0,
        module_mm=round(block.geometry.module_mm, 2) if block else 0.0,
        distance_m=stop.content.screen.scan_distance_m,
        decoded_by=found.readers,
        problems=found.problems,
    )


def _caption(row: Row) -> str:
    return f"{row.agency}  {row.scene}  {row.size}" + ("  !" if row.problems else "")
