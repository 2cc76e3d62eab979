"""Real syncs on demand, each in a process of its own that waits for the word to begin.

`python -m tests.crash.one_sync ANCHOR URL AGENCY WARM` reads a data folder a line, answers with the
process's id, begins at the next line, and answers with how it ended. Python starts only once.
"""

from __future__ import annotations

import os
import sys
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from kiosk.release.origin import open_origin
from kiosk.release.store import Store
from kiosk.release.sync import Outcome, Poll, Seat, sync

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """What every sync of this server has in common."""

    anchor: Path
    url: str
    agency: str

    def sync(self, data: Path) -> Outcome:
        """One real poll into the data folder."""
        return sync(
            Poll(
                origin=open_origin(self.url),
                store=Store(data),
                anchor=self.anchor.read_bytes(),
                seat=Seat(self.agency),
                now=lambda: NOW,
                reserve=0,
                pause=lambda _: None,
            )
        )


def main(arguments: list[str]) -> int:
    """Answer until the input ends."""
    anchor, url, agency, warm = arguments
    asked = Asked(Path(anchor), url, agency)
    say(f"warm: {asked.sync(Path(warm))}")  # now every module is loaded
    for line in iter(sys.stdin.readline, ""):
        _serve(asked, Path(line.rstrip("\n")))
    return 0


def _serve(asked: Asked, data: Path) -> None:
    gate, opener = os.pipe()
    hears, says = os.pipe()
    pid = os.fork()
    if pid == 0:
        _child(asked, data, gate, says)
    os.close(says)
    say(str(pid))
    sys.stdin.readline()
    os.write(opener, b"!")
    while os.WIFSTOPPED(status := os.waitpid(pid, os.WUNTRACED)[1]):
        say("stopped")
    outcome = os.read(hears, 4096).decode().replace("\n", " ")
    say(f"{os.waitstatus_to_exitcode(status)} {outcome}")
    for end in (gate, opener, hears):
        os.close(end)


def _child(asked: Asked, data: Path, gate: int, says: int) -> NoReturn:
    """writev, because write may be made to fail."""
    code = 1
    try:
        os.read(gate, 1)
        outcome = asked.sync(data)
        os.writev(says, [f"{type(outcome).__name__} {outcome}".encode()])
        code = 0
    except BaseException:
        os.writev(says, [traceback.format_exc().encode()[-4000:]])
    finally:
        os._exit(code)


def say(line: str) -> None:
    """Tell whoever asked."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
