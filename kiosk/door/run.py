"""`kiosk run`: the supervisor, which keeps one screen alive."""

from __future__ import annotations

import argparse
import logging
import os
import platform
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk import __version__
from kiosk.door.refusal import EX_TEMPFAIL, Refusal

if TYPE_CHECKING:
    from kiosk.agent.ladder import Ladder
    from kiosk.agent.supervisor import Commands

LOCAL = ("--config", "--central", "--agency", "--screen", "--display", "--root", "--data")
"""What the player is told: the set-up scene names what is missing."""
SETTINGS = ("central", "agency", "screen", "display", "root", "data", "proxy", "ca_file")


def add(command: argparse.ArgumentParser) -> None:
    """Its place in the command line."""
    command.description = (
        "Keep this PC's screen alive: start the player, see that it presents frames, start it "
        "again whatever happens, and ask head office for news. Without settings it says on the "
        "glass what is missing, and takes them from kiosk.yaml, KIOSK_* variables or a USB stick "
        "with an enrolment file. The log and status.json are in the data folder."
    )
    group = command.add_argument_group("settings", "they win over KIOSK_* and kiosk.yaml")
    group.add_argument("--config", metavar="FILE", help="the settings file")
    for name in SETTINGS:
        group.add_argument(
            f"--{name.replace('_', '-')}",
            metavar="VALUE",
            dest=f"set_{name}",
            help="as for `kiosk sync`; see kiosk config",
        )
    command.add_argument("--always-lit", action="store_true", help="as for kiosk play")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Keep the screen alive until somebody leaves."""
    from kiosk.agent.notify import notifier
    from kiosk.agent.quiet import quiet_errors
    from kiosk.agent.single import Taken
    from kiosk.agent.supervisor import Supervisor

    quiet_errors()
    logging.raiseExceptions = False  # where nobody reads standard error, that is no reason to stop
    supervisor = Supervisor(
        commands(arguments), notifier(os.environ), __version__, platform.node() or "?"
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: supervisor.stop(signal.Signals(number).name))
    if sys.platform != "win32":
        signal.signal(signal.SIGHUP, lambda *_: supervisor.reload())
    try:
        return supervisor.run()
    except Taken as taken:
        raise Refusal(EX_TEMPFAIL, f"{taken}; end that one first") from taken


def commands(arguments: argparse.Namespace) -> Commands:
    """The children's command lines: this program again, with the settings that were given."""
    from kiosk.agent.supervisor import Commands

    program = [*_program()]
    given = vars(arguments)
    flags = [f"--config={arguments.config}"] if arguments.config else []
    said = {name: given[f"set_{name}"] for name in SETTINGS if given[f"set_{name}"] is not None}
    flags += [f"--{name.replace('_', '-')}={value}" for name, value in said.items()]
    lit = ["--always-lit"] if arguments.always_lit else []
    local = [flag for flag in flags if flag.partition("=")[0] in LOCAL]

    def play(ladder: Ladder, note: str | None) -> list[str]:
        words = [*program, "play", "--supervised", *lit, *local, f"--footing={ladder.footing}"]
        words += [f"--without={sha}" for sha in ladder.without]
        words += ["--software"] if ladder.software or ladder.footing == "evergreen" else []
        return [*words, f"--note={note}"] if note else words

    own = [flag for flag in flags if flag.partition("=")[0] in ("--config", "--data")]
    polls = [flag for flag in flags if not flag.startswith("--display=")]
    return Commands(
        play=play,
        sync=[*program, "sync", *polls],
        post=[*program, "config", "--post", *flags],
        panel=lambda wish: [*program, "panel", wish, "--json", *own],
        environ=os.environ,
    )


def _program() -> Sequence[str]:
    """How this program is started; on Windows its twin that has a standard output."""
    if not getattr(sys, "frozen", False):
        return sys.executable, "-m", "kiosk"
    own = Path(sys.executable)
    return (str(own.with_name("kiosk.exe") if sys.platform == "win32" else own),)
