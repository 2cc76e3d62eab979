"""`kiosk config`: the settings in force, and where each came from."""

from __future__ import annotations

import argparse
import json

from kiosk.door.needs import SETTINGS, add_settings, settings


def add(command: argparse.ArgumentParser) -> None:
    """Its place in the command line."""
    command.description = (
        "Print every setting, the value in force and its origin: default, a line of "
        "kiosk.yaml, a KIOSK_* variable, or a flag."
    )
    command.add_argument("--json", action="store_true", help="for programs")
    command.add_argument(
        "--post",
        action="store_true",
        help="as `kiosk run` asks: one line of JSON, whatever is wrong; looks for a USB stick"
        " where settings are missing",
    )
    add_settings(command, *SETTINGS)
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print them."""
    if arguments.post:
        from kiosk.door.post import post

        print(json.dumps(post(arguments), ensure_ascii=False), flush=True)
        return 0
    config = settings(arguments)
    rows = config.rows()
    if arguments.json:
        table = {name: {"value": value, "origin": origin} for name, value, origin in rows}
        print(json.dumps(table, indent=1, ensure_ascii=False))
        return 0
    width = max(len(value) for _, value, _ in rows)
    for name, value, origin in rows:
        print(f"{name:<16} {value:<{width}}  {origin}")
    return 0
