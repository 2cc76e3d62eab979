"""`kiosk check`: all that is wrong with a campaign, each thing with its place and its remedy."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.door.needs import add_folder, not_found, require_libraries, require_studio
from kiosk.door.refusal import EX_DATAERR, EX_NOINPUT, EX_USAGE, Refusal

if TYPE_CHECKING:
    from kiosk.release.folder import Folder
    from kiosk.studio.findings import Report


def add(command: argparse.ArgumentParser) -> None:
    """Its place in the command line."""
    command.description = (
        "Look at everything in FOLDER that could be wrong on a screen: files, links, consents, "
        "dates, hours with nothing to show, texts, pictures, and each code as drawn, with its "
        "reach. Exit code 0: no error (warnings are allowed), 65: at least one."
    )
    add_folder(command)
    add_agencies(command)
    command.add_argument(
        "--at",
        metavar="MOMENT",
        type=moment,
        help="check it as on this day and hour, such as 2026-12-24T18:05; default: now",
    )
    command.add_argument(
        "--format", choices=("text", "json", "sarif"), default="text", help="default: text"
    )
    command.set_defaults(run=run)


def add_agencies(command: argparse.ArgumentParser) -> None:
    """Which agencies' screens."""
    command.add_argument(
        "--agency", metavar="ID", action="append", help="only this agency (repeatable)"
    )


def moment(text: str) -> datetime:
    """2026-12-24T18:05 -> a moment, in this machine's time zone where it names none."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError, OSError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not such as 2026-12-24T18:05") from error


def known_agencies(folder: Folder, wanted: list[str] | None) -> list[str]:
    """The agencies asked for, or all; Refusal where one is not in the folder."""
    known = [agency.agency for agency in folder.source.agencies]
    for name in wanted or ():
        if name not in known:
            not_found("agency", name, known)
    return wanted or known


def run(arguments: argparse.Namespace) -> int:
    """Check and tell."""
    from kiosk.studio.findings import Level

    report = _report(arguments)
    _print(report, arguments)
    return EX_DATAERR if report.count(Level.ERROR) else 0


def _report(arguments: argparse.Namespace) -> Report:
    from kiosk.release.folder import CampaignErrors, FolderError, read_folder

    require_libraries("offscreen")
    require_studio()
    from kiosk.studio.check import check, refused

    now = arguments.at or datetime.now().astimezone()
    try:
        folder = read_folder(arguments.folder)
    except FolderError as error:
        raise Refusal(EX_NOINPUT, str(error)) from error
    except CampaignErrors as errors:
        return refused(errors.problems)
    agencies = known_agencies(folder, arguments.agency)

    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("drawing and reading back", total=None)
        try:
            return check(
                folder,
                now,
                agencies,
                lambda done, total: progress.update(task, completed=done, total=total),
            )
        except OverflowError as error:
            raise Refusal(EX_USAGE, f"--at {now}: too far away to be checked") from error


def _print(report: Report, arguments: argparse.Namespace) -> None:
    from kiosk.studio.check_report import as_json, lines
    from kiosk.studio.sarif import sarif

    folder: Path = arguments.folder
    if arguments.format == "json":
        print(json.dumps(as_json(report, str(folder)), indent=1, ensure_ascii=False))
    elif arguments.format == "sarif":
        print(json.dumps(sarif(report, folder.resolve().as_uri()), indent=1, ensure_ascii=False))
    else:
        for line in lines(report, str(folder)):
            print(line)
