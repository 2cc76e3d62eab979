"""`kiosk play` as a child process on a real display, watched from outside."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from tests.places import ROOT, stills

PATIENCE_S: Final = 30
LOG_LINE: Final = re.compile(r"\d{4}-\d\d-\d\d [\d:,]+ kiosk\.\w+ .*")


class Player:
    """A running player and what it has said so far."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        assert process.stderr is not None
        self._pipe = process.stderr.fileno()
        self.said = ""

    def until(self, condition: Callable[[], bool], through_s: float = 0) -> None:
        """Read what the player says until a condition has held through so many seconds.

        Fails after `PATIENCE_S` seconds, and when the player leaves.
        """
        began = held_from = time.monotonic()
        while True:
            now, holds = time.monotonic(), condition()
            held_from = held_from if holds else now
            if holds and now - held_from >= through_s:
                return
            assert now < began + PATIENCE_S, f"it never happened; the player said:\n{self.said}"
            assert self.process.poll() is None, f"the player has left:\n{self.said}{self._rest()}"
            self._listen(0.02)

    def code(self) -> int:
        """The exit code of a player that leaves by itself."""
        self.process.wait(PATIENCE_S)
        self.said += self._rest()
        return self.process.returncode

    def complaints(self) -> list[str]:
        """Everything on stderr that is not a line of the player's own log."""
        return [line for line in self.said.splitlines() if not LOG_LINE.fullmatch(line)]

    def _listen(self, seconds: float) -> None:
        if select.select([self._pipe], [], [], seconds)[0]:
            self.said += os.read(self._pipe, 65536).decode()

    def _rest(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read().decode()


@contextmanager
def playing(
    environ: Mapping[str, str], *more: str, folder: Path | Literal["stills", "store"] = "stills"
) -> Iterator[Player]:
    """Start `kiosk play` as O2 Le Mans; it is killed at the end if it is still there.

    The demonstration's stills, another folder, or what the store has that `--data` names.
    """
    what = [] if folder == "store" else [str(stills() if folder == "stills" else folder)]
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "kiosk",
            "play",
            "--always-lit",
            *what,
            "--agency",
            "le-mans",
            *more,
        ],
        cwd=ROOT,
        env={**environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        yield Player(process)
    finally:
        process.kill()
        process.wait(10)
        assert process.stderr is not None
        process.stderr.close()
