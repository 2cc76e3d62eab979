"""`kiosk schema`: what the campaign's files may hold, for editors that complete and check."""

from __future__ import annotations

import argparse
from pathlib import Path

from kiosk.door.refusal import EX_IOERR, Refusal


def add(command: argparse.ArgumentParser) -> None:
    """Its place in the command line."""
    command.description = (
        "Write the JSON Schema of each YAML file into DIR, or print them. An editor with a YAML "
        "language server uses one where a file begins with: "
        "# yaml-language-server: $schema=../schema/campaign.schema.json"
    )
    command.add_argument("--to", metavar="DIR", type=Path, help="write them there; default: print")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write or print."""
    from kiosk.studio.schema import texts, write

    if arguments.to is None:
        print("[" + ",\n".join(text.rstrip() for text in texts().values()) + "]")
        return 0
    try:
        for path in write(arguments.to):
            print(path)
    except OSError as error:
        raise Refusal(EX_IOERR, f"{arguments.to}: {error.strerror or error}") from error
    return 0
