"""The door: one parser, each command one call into a room. Nothing is decided here."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Final

from kiosk import __version__
from kiosk.door.refusal import EXITS, Refusal

COMMANDS: Final[Mapping[str, str]] = {
    "demonstrate": "the whole journey on this machine: publish, serve, sync, play",
    "run": "keep a screen alive: the player and its polls, started again whatever happens",
    "play": "show a campaign full screen",
    "sync": "fetch the newest release, if there is one",
    "config": "print this PC's settings and where each came from",
    "doctor": "try every step from the display to the code, and name the one that fails",
    "probe": "print what this machine's display, renderer, fonts and decoders can do, as JSON",
    "preview": "open a window that follows a campaign's files as they are saved",
    "check": "say everything that is wrong with a campaign, and where",
    "rehearse": "say what a screen will show at a moment, or through a day",
    "scan": "measure how far away each code can be read",
    "schema": "write JSON Schema of each YAML file, for editors",
    "tour": "draw every scene as PNG and read its code back",
    "publish": "sign a campaign and put it on the site that screens sync from",
    "keys": "make the keys that sign releases, or replace them",
    "evergreen": "write what an installer shows when all else fails",
    "panel": "put the panel to sleep or wake it, and show when it was lit",
    "enrol": "write the signed file that gives a new PC its settings from a USB stick",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    words = sys.argv[1:] if argv is None else argv
    arguments = parser(words).parse_args(words)
    # A supervisor's log has the time of each line already.
    own = "%(message)s" if vars(arguments).get("supervised") else "%(asctime)s %(name)s %(message)s"
    logging.basicConfig(level=logging.INFO, format=own, stream=sys.stderr)
    for quiet in ("tuf", "securesystemslib"):  # what they find comes to us as errors
        logging.getLogger(quiet).setLevel(logging.CRITICAL)
    try:
        code: int = arguments.run(arguments)
    except Refusal as refusal:
        print(f"kiosk: {refusal}", file=sys.stderr)
        return refusal.code
    except KeyboardInterrupt:
        print("kiosk: interrupted", file=sys.stderr)
        return 130
    return code


def parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """The command line, with the arguments of the one command that `words` begin with.

    The others are only named: the first picture would wait for all that they import.
    """
    whole = argparse.ArgumentParser(
        prog="kiosk",
        description="Real faces in a shop window, with codes that scan.",
        epilog=EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whole.add_argument("--version", action="version", version=f"kiosk {__version__}")
    commands = whole.add_subparsers(title="commands", required=True, metavar="COMMAND")
    chosen = next((word for word in words if not word.startswith("-")), None)
    for name, meaning in COMMANDS.items():
        command = commands.add_parser(name, help=meaning)
        if name == chosen:
            # By name: one of these is imported, not what all of them need.
            import_module(f"kiosk.door.{name}").add(command)
    return whole
