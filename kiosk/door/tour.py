"""`kiosk tour`: every scene as PNG, its code read back."""

from __future__ import annotations

import argparse
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.door.needs import (
    add_folder,
    content_of_folder,
    known_agencies,
    open_folder,
    require_libraries,
    require_studio,
)
from kiosk.door.refusal import EX_NOINPUT, Refusal
from kiosk.door.viewpoint import add_agencies

if TYPE_CHECKING:
    from kiosk.studio.tour import Row


def add(command: argparse.ArgumentParser) -> None:
    """Its place in the command line."""
    command.description = (
        "Draw every scene exactly as the player does, at each size, into DIR: one PNG "
        "each, a contact sheet, and a table of what three decoders read from the codes."
    )
    add_folder(command)
    add_agencies(command)
    command.add_argument(
        "--size",
        metavar="WxH",
        nargs="+",
        type=size,
        default=[],
        help="sizes in pixels, such as 1920x1080; default: each agency's own screen",
    )
    command.add_argument("--out", metavar="DIR", type=Path, required=True, help="where to draw")
    command.set_defaults(run=run)


def size(text: str) -> tuple[int, int]:
    """1920x1080 -> width and height in px."""
    found = re.fullmatch(r"(\d{3,5})x(\d{3,5})", text)
    if found is None or not all(320 <= int(side) <= 16384 for side in found.groups()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 1920x1080")
    return int(found[1]), int(found[2])


def run(arguments: argparse.Namespace) -> int:
    """Draw and read."""
    require_libraries("offscreen")
    require_studio()
    folder = open_folder(arguments.folder)
    agencies = known_agencies(folder, arguments.agency)
    contents = [content_of_folder(folder, agency, None) for agency in agencies]

    from kiosk.studio.report import following, print_table
    from kiosk.studio.tour import stops, tour

    plan = stops(contents, datetime.now(UTC), arguments.size)
    try:
        with following(len(plan)) as advance:
            rows: tuple[Row, ...] = tour(plan, arguments.out, advance)
    except OSError as error:
        raise Refusal(EX_NOINPUT, f"cannot write to {arguments.out}: {error}") from error
    print_table(rows, arguments.out)
    return 1 if any(row.problems for row in rows) else 0
