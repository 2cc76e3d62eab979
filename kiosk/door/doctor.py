"""`kiosk doctor`: try every step, and name the one that fails."""

from __future__ import annotations

import argparse
import io
import os
import sys
from typing import TYPE_CHECKING

from kiosk import __version__
from kiosk.door.needs import SETTINGS, add_settings, settings
from kiosk.door.refusal import EX_PROBLEMS, Refusal

if TYPE_CHECKING:
    from kiosk.agent.doctor import Case, Step


def add(command: argparse.ArgumentParser) -> None:
    """Its place in the command line."""
    command.description = (
        "Try every step from the settings to the glass, and say of each what was seen and what "
        "to do. The first step that fails is the cause. Writes nothing but one small file, which "
        "it removes. Ends within a minute. Run it as the kiosk's own user, in its session."
    )
    command.epilog = "exit codes: 0 every step passed, or passed with a warning; 1 one failed."
    command.add_argument("--json", action="store_true", help="for programs")
    add_settings(command, *SETTINGS)
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Examine, and tell each step as soon as it is done."""
    from kiosk.agent.doctor import examine, lines, plain, verdict

    if isinstance(sys.stdout, io.TextIOWrapper):  # a file on Windows may not take every sign
        sys.stdout.reconfigure(errors="replace")
    steps: list[Step] = []
    for step in examine(_case(arguments)):
        steps.append(step)
        if not arguments.json:
            print(lines(step), flush=True)
    print(plain(__version__, steps) if arguments.json else f"\n{verdict(steps)}", flush=True)
    return EX_PROBLEMS if any(step.state == "fail" for step in steps) else 0


def _case(arguments: argparse.Namespace) -> Case:
    """The settings in force; where they cannot be read the defaults, and why."""
    from kiosk.agent.doctor import Case
    from kiosk.config import Config, Settings

    problem = None
    try:
        config = settings(arguments)
    except Refusal as refusal:
        problem = str(refusal).removeprefix("settings:\n")
        config = Config(Settings(), {}, arguments.config)
    own = config.settings
    return Case(
        version=__version__,
        data=config.data,
        root=config.root,
        probe=_probe(),
        central=own.central,
        agency=own.agency,
        screen=own.screen,
        display=None if own.display is None else str(own.display),
        proxy=own.proxy,
        ca_file=config.ca_file,
        evergreen=config.evergreen,
        reserve_mb=own.disk_reserve_mb,
        file=config.file,
        origins=config.origins,
        problem=problem,
        note=config.problem,
        blind=os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0] == "offscreen",
        environ=os.environ,
    )


def _probe() -> tuple[str, ...]:
    """The command that runs `kiosk probe`."""
    frozen = getattr(sys, "frozen", False)
    return (sys.executable, "probe") if frozen else (sys.executable, "-m", "kiosk", "probe")
