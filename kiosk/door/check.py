"""`kiosk check`: all that is wrong with a campaign, each thing with its place and its remedy."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.door.needs import add_folder, known_agencies, require_libraries, require_studio
from kiosk.door.refusal import EX_DATAERR, EX_NOINPUT, Refusal
from kiosk.door.viewpoint import add_agencies, moment_here

if TYPE_CHECKING:
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
        type=moment_here,
        help="check it as on this day and hour, such as 2026-12-24T18:05; default: now",
    )
    command.add_argument(
        "--format", choices=("text", "json", "sarif"), default="text", help="default: text"
    )
    command.set_defaults(run=run)


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
    from kiosk.studio.report import counting

    now = arguments.at or datetime.now().astimezone()
    try:
        folder = read_folder(arguments.folder)
    except FolderError as error:
        raise Refusal(EX_NOINPUT, str(error)) from error
    except CampaignErrors as errors:
        return refused(errors.problems)
    agencies = known_agencies(folder, arguments.agency)

    with counting("drawing and reading back") as said:
        return check(folder, now, agencies, said)


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
