"""`kiosk rehearse`: what one screen will do from a moment on."""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from kiosk.door.needs import add_folder, content_of_folder, open_folder, require_libraries
from kiosk.door.refusal import EX_NOINPUT, EX_PROBLEMS, Refusal
from kiosk.door.viewpoint import add_viewpoint, moment_there

if TYPE_CHECKING:
    from kiosk.studio.timeline import Timeline

LONGEST: Final = timedelta(days=7)
_UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def add(command: argparse.ArgumentParser) -> None:
    """Its place in the command line."""
    command.description = (
        "Say what a screen will do from a moment on: when it is lit and dark, which scenes it "
        "shows in which order, each audience's share, and why other scenes are left out. It is "
        "the player's own rules that answer, for a screen that has been running since the day "
        "before. Exit code 1 when the screen is lit and has nothing to show, or a picture is "
        "missing."
    )
    add_folder(command)
    add_viewpoint(command)
    command.add_argument(
        "--for",
        metavar="TIME",
        dest="for_",
        type=length,
        default=timedelta(hours=24),
        help="how long: 90m, 24h or 2d, a minute to 7 days; default: 24h",
    )
    command.add_argument("--json", metavar="FILE", help="write everything as JSON; - for stdout")
    command.add_argument(
        "--html", metavar="FILE", type=Path, help="write a page with pictures (in French)"
    )
    command.set_defaults(run=run)


def length(text: str) -> timedelta:
    """90m, 24h or 2d."""
    found = re.fullmatch(r"(\d{1,5})([mhd])", text)
    time = int(found[1]) * _UNITS[found[2]] if found else timedelta()
    if not timedelta() < time <= LONGEST:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a time from 1m to {LONGEST.days}d; write for example 90m, 24h or 2d"
        )
    return time


def run(arguments: argparse.Namespace) -> int:
    """Rehearse, and say it."""
    require_libraries("offscreen")
    folder = open_folder(arguments.folder)
    content = content_of_folder(folder, arguments.agency, arguments.screen)

    from kiosk.campaign.rehearsal import rehearse
    from kiosk.player.regions import orientation_of
    from kiosk.studio.timeline import Timeline, as_json, as_text

    begins = moment_there(arguments.at, ZoneInfo(content.agency.timezone))
    shape = orientation_of(content.screen.seen_size())
    content = replace(content, always_lit=False)
    line = Timeline(content, rehearse(content, shape, begins, begins + arguments.for_))
    if arguments.json is not None:
        facts = json.dumps(as_json(line), indent=1, ensure_ascii=False) + "\n"
        if arguments.json == "-":
            print(facts, end="")
        else:
            _write(Path(arguments.json), facts)
    if arguments.json != "-":
        print(as_text(line))
    if arguments.html is not None:
        _write(arguments.html, _page(line))
    return EX_PROBLEMS if _troubled(line) else 0


def _page(line: Timeline) -> str:
    from kiosk.campaign.today import as_of
    from kiosk.studio.rehearsal_page import page
    from kiosk.studio.rehearsal_pictures import thumbnails

    content, first = line.content, dict[str, datetime]()
    for turn in (*line.told.turns, line.told.after):
        if turn is not None:
            first.setdefault(turn.scene, turn.began)
    scenes = [
        as_of(scene, content.campaign, content.agency, first[name])[0]
        for name, scene in line.scenes.items()
        if name in first
    ]
    return page(line, thumbnails(content, scenes))


def _troubled(line: Timeline) -> bool:
    from kiosk.campaign.selection import Reason

    missing = any(one.reason is Reason.PICTURE_MISSING for one in line.told.absences())
    return missing or bool(line.told.empty())


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise Refusal(EX_NOINPUT, f"cannot write {path} ({reason}); give another path") from error
