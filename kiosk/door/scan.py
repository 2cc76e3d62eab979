"""`kiosk scan`: from how far a phone reads each code, as a table and one picture."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path

from kiosk.door.needs import (
    add_folder,
    known_agencies,
    open_folder,
    require_libraries,
    require_studio,
)
from kiosk.door.refusal import EX_IOERR, EX_PROBLEMS, Refusal
from kiosk.door.viewpoint import add_agencies


def add(command: argparse.ArgumentParser) -> None:
    """Its place in the command line."""
    command.description = (
        "Simulate a phone on the pavement before each screen's codes, and tell the reach in "
        "metres. It does not model autofocus, real glass or the sun. Exit code 1 where a code "
        "is not read from the distance that its screen asks."
    )
    add_folder(command)
    add_agencies(command)
    command.add_argument("--out", metavar="PNG", type=Path, help="draw them as a picture too")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Measure and tell."""
    require_libraries("offscreen")
    require_studio()
    folder = open_folder(arguments.folder)
    agencies = known_agencies(folder, arguments.agency)

    from rich.console import Console

    from kiosk.studio.check import contents_of
    from kiosk.studio.reach_codes import codes_of
    from kiosk.studio.reach_report import draw, least, table
    from kiosk.studio.report import counting

    with counting("reading from afar") as said:
        codes = codes_of(contents_of(folder, agencies), datetime.now().astimezone(), said)
    console = Console()
    console = console if console.is_terminal else Console(width=120)
    console.print(table(codes))
    console.print(least(codes), highlight=False, soft_wrap=True)
    if arguments.out is not None:
        try:
            draw(codes).save(arguments.out, "PNG")
        except OSError as error:
            why = f"{arguments.out}: {error.strerror or error}"
            raise Refusal(EX_IOERR, f"{why}; is there such a folder?") from error
        print(f"drawn in {arguments.out}")
    return EX_PROBLEMS if any(each.verdict != "reads" for each in codes) else 0
