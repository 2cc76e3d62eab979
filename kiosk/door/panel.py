"""`kiosk panel`: put the panel to sleep or wake it, and show when it was lit."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from kiosk.door.needs import add_settings, lenient_settings
from kiosk.door.refusal import EX_IOERR, EX_PROBLEMS, Refusal

if TYPE_CHECKING:
    from kiosk.agent.days import Stretch
    from kiosk.agent.panels.attempt import Equipment, Use
    from kiosk.config import Config


def add(command: argparse.ArgumentParser) -> None:
    """Its place in the command line."""
    command.description = (
        "Switch this PC's panel on or off in every way that it offers, or say what can be read "
        "of it; `kiosk run` does so when the window is to be dark. `journal` shows when it was "
        "lit and when dark, and by which rule. Run it in the kiosk's own session."
    )
    command.epilog = (
        "exit codes: 0 one way at least has worked, or none is offered; 1 every way has failed."
    )
    command.add_argument("order", choices=("on", "off", "status", "journal"))
    command.add_argument("--json", action="store_true", help="for programs")
    command.add_argument(
        "--since",
        metavar="DATE",
        type=date.fromisoformat,
        help="journal: from this day on, as 2026-11-23",
    )
    command.add_argument("--ddc", action="store_true", help="try DDC/CI, whatever `panel` says")
    add_settings(command, "data")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do it."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # a file on Windows may not take every sign
        sys.stdout.reconfigure(errors="replace")
    config, problem = lenient_settings(arguments)
    if problem:
        print(f"kiosk: {problem}", file=sys.stderr)
    return _journal(arguments, config) if arguments.order == "journal" else _do(arguments, config)


def _do(arguments: argparse.Namespace, config: Config) -> int:
    from kiosk.agent.panels.attempt import attempt, ways, worked

    order = arguments.order
    outcomes = attempt(order, ways(_equipment(config, arguments.ddc), os.environ, order))
    if arguments.json:
        told = [{"way": o.way, "state": o.state, "detail": o.detail} for o in outcomes]
        print(json.dumps({"panel": order, "ways": told}, ensure_ascii=False), flush=True)
    else:
        print("\n".join(map(str, outcomes)) or "no way is offered: black frame alone", flush=True)
    return 0 if worked(outcomes) else EX_PROBLEMS


def _equipment(config: Config, ddc: bool) -> Equipment:
    from kiosk.agent.panels.attempt import Equipment

    own = config.settings.model_dump()
    use: Use = "ddc" if ddc else own.get("panel", "auto")
    return Equipment(use, own.get("panel_off"), own.get("panel_on"))


def _journal(arguments: argparse.Namespace, config: Config) -> int:
    from kiosk.agent.days import stretches
    from kiosk.agent.journal import FILE, read

    try:
        entries = read(config.data)
    except OSError as error:
        raise Refusal(
            EX_IOERR, f"{config.data / FILE} cannot be read ({error.strerror}); check the path"
        ) from error
    found = stretches(entries, datetime.now(UTC), arguments.since)
    if arguments.json:
        print(json.dumps([one.plain() for one in found], indent=1, ensure_ascii=False))
    elif found:
        print("\n".join(_table(found)))
    else:
        print(f"no change of light is journalled in {config.data}")
    return 0


def _table(found: Sequence[Stretch]) -> list[str]:
    """A line a stretch; the day and the screen only where they change."""
    lines: list[str] = []
    before = ""
    for one in found:
        light = one.entry.light
        head = f"{one.begin:%Y-%m-%d}  {light.agency or '-'}/{light.screen or '-'}"
        if head != before:
            lines += [""] * bool(lines) + [f"{head}  ({light.zone})"]
        before = head
        last = "24:00" if one.end.date() > one.begin.date() else f"{one.end:%H:%M}"
        times = f"{one.begin:%H:%M}-{last}"
        lines.append(f"  {times}  {one.state:<7}  {one.why}  [panel: {one.panel}]")
    return lines
