"""A real `kiosk run` with its real player and polls, and ways to see what it does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.places import ROOT

PATIENCE_S = 60.0
"""For what takes a second on a machine that does nothing else."""


@dataclass
class Keeper:
    """One `kiosk run`. Words are its command line after `run`."""

    words: tuple[str, ...]
    data: Path
    environ: Mapping[str, str]
    cwd: Path
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.output = self.cwd / "kiosk-run.out"
        self.start()

    def start(self) -> None:
        """Start it, again as well."""
        clean = {k: v for k, v in self.environ.items() if not k.startswith("KIOSK_")}
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "kiosk", "run", "--always-lit", *self.words],
                cwd=self.cwd,
                env={**clean, "PYTHONPATH": str(ROOT)},
                stdout=output,
                stderr=output,
            )

    def status(self) -> dict[str, Any]:
        """status.json; empty before there is one."""
        try:
            told: dict[str, Any] = json.loads((self.data / "status.json").read_bytes())
        except OSError:
            return {}
        return told

    def state(self) -> str:
        """The state that this supervisor, not one before it, last wrote."""
        told = self.status()
        return str(told.get("state")) if told.get("pid") == self.process.pid else ""

    def said(self) -> str:
        """All it has printed."""
        return self.output.read_text("utf-8", "replace")

    def until(self, seen: Callable[[], object], what: str = "") -> float:
        """Wait for it; the seconds that took."""
        started = time.monotonic()
        while not seen():
            passed = time.monotonic() - started
            assert self.process.poll() is None, f"kiosk run ended:\n{self.said()}"
            assert passed < PATIENCE_S, f"not within {PATIENCE_S} s: {what}\n{self.said()}"
            time.sleep(0.02)
        return time.monotonic() - started

    def on_air(self) -> None:
        """Wait until it is."""
        self.until(lambda: self.state() == "on air", "on air")

    def players(self) -> list[psutil.Process]:
        """The players that run with its data or its settings, oldest first."""
        found = []
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.Error):
                if "--supervised" in child.cmdline():
                    found.append(child)
        return sorted(found, key=lambda child: child.create_time())

    def player(self) -> psutil.Process:
        """The player on the glass, as the status has it; it may have ended since."""
        return psutil.Process(self.pid())

    def pid(self) -> int:
        """The number of that player's process; 0: there is none."""
        return int((self.status().get("player") or {"pid": 0})["pid"])

    def reload(self) -> None:
        """Say that the settings have changed."""
        self.process.send_signal(signal.SIGHUP)

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)


@contextmanager
def keeping(cwd: Path, data: Path, *words: str, **environ: str) -> Iterator[Keeper]:
    """A keeper that is ended with everything it started, whatever becomes of the test."""
    keeper = Keeper(words, data, {**os.environ, **environ}, cwd)
    try:
        yield keeper
    finally:
        family = []
        with suppress(psutil.Error):
            family = psutil.Process(keeper.process.pid).children(recursive=True)
        keeper.process.kill()
        keeper.process.wait()
        for process in family:
            with suppress(psutil.Error):
                process.kill()
