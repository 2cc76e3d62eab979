"""`kiosk evergreen`: what the installer is to hold for the day when all else fails."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from kiosk.door.needs import SETTINGS, add_settings, required, settings
from kiosk.door.refusal import EX_DATAERR, EX_IOERR, Refusal


def add(command: argparse.ArgumentParser) -> None:
    """Its place in the command line."""
    command.description = (
        "Fetch the newest release as a screen would, and write what of it may lie on a PC for "
        "years, with the trust anchor: every scene that shows no person. `packaging/build "
        "--evergreen FOLDER` puts it into the installer. Give it an agency of its own, whose name "
        "and telephone number are right everywhere."
    )
    command.add_argument(
        "--to", metavar="FOLDER", type=Path, required=True, help="is replaced, if it is there"
    )
    names = (name for name in SETTINGS if name not in ("display", "data"))
    add_settings(command, *names)
    command.set_defaults(run=run, set_display=None)


def run(arguments: argparse.Namespace) -> int:
    """Fetch, pack, and say what is in it."""
    from kiosk.door.sync import poll
    from kiosk.release.evergreen import NothingEvergreen, pack
    from kiosk.release.shown import open_shown
    from kiosk.release.sync import Updated, sync

    with tempfile.TemporaryDirectory() as folder:
        arguments.set_data = folder
        config = required(settings(arguments), "central", "agency")
        outcome = sync(poll(config))
        shown = open_shown(poll(config).store)
        if not isinstance(outcome, Updated) or shown is None:
            raise Refusal(EX_IOERR, str(outcome))
        try:
            scenes = pack(shown, config.root.read_bytes(), arguments.to)
        except NothingEvergreen as nothing:
            raise Refusal(EX_DATAERR, str(nothing)) from nothing
        except OSError as error:
            raise Refusal(EX_IOERR, f"{arguments.to} cannot be written: {error}") from error
    number = shown.release.manifest.number
    print(f"{arguments.to}: {', '.join(scenes)} of release {number}, and the trust anchor")
    return 0
