"""The door: one parser, each command one call into a room. Nothing is decided here."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence

from kiosk import __version__
from kiosk.door import config, demonstrate, keys, play, publish, sync, tour
from kiosk.door.refusal import EXITS, Refusal


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    arguments = parser().parse_args(argv)
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(name)s %(message)s", stream=sys.stderr
    )
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


def parser() -> argparse.ArgumentParser:
    """The command line, whole."""
    whole = argparse.ArgumentParser(
        prog="kiosk",
        description="Real faces in a shop window, with codes that scan.",
        epilog=EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whole.add_argument("--version", action="version", version=f"kiosk {__version__}")
    commands = whole.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in (demonstrate, play, sync, config, tour, publish, keys):
        command.add(commands)
    return whole
