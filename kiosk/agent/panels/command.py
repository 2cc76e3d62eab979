"""A command line from the settings, for what we cannot know: wlr-randr, CEC, a serial line."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from kiosk.agent.panels.way import Order, Outcome

NAME: Final = "own command"
LONGEST_S: Final = 2.5
"""Below the deadline of a way, so that the command is ended and not only left behind."""
REAP_S: Final = 0.3
"""Only one that the system holds fast takes longer to end."""
MOST: Final = 10_000
"""Bytes of what it says."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that was run; `code` None: it was ended for taking too long."""

    code: int | None
    said: str

    def why(self) -> str:
        """Why it failed, in its own last line."""
        if self.code is None:
            return f"not done within {LONGEST_S:g} s"
        last = self.said.strip().splitlines()[-1:] or ["it said nothing"]
        return f"exit code {self.code}: {last[0][:200]}"


def carry_out(off: str | None, on: str | None, order: Order) -> Outcome:
    """Run the command line for this order."""
    if not off and not on:
        return Outcome(NAME, "not offered", "no panel_off and panel_on in the settings")
    if not off or not on:
        lacking = "panel_on" if off else "panel_off"
        return Outcome(NAME, "failed", f"{lacking} is not set; set both, for the way back")
    if order == "status":
        return Outcome(NAME, "done", "cannot be read back")
    line = off if order == "off" else on
    try:
        ran = run(line if sys.platform == "win32" else shlex.split(line))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return Outcome(NAME, "failed", f"{line}: {reason}".lower())
    return Outcome(NAME, "done") if ran.code == 0 else Outcome(NAME, "failed", ran.why())


def run(command: str | Sequence[str]) -> Ran:
    """Run it without a shell and end it, with all it started, when it takes too long. OSError."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
            creationflags=_flags(),
        )
        code: int | None = None
        with suppress(subprocess.TimeoutExpired):
            code = process.wait(LONGEST_S)
        if code is None:
            _end(process)
        said.seek(0)
        return Ran(code, said.read(MOST).decode("utf-8", "replace"))


def _flags() -> int:
    if sys.platform != "win32":
        return 0
    return subprocess.CREATE_NO_WINDOW


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(REAP_S)
