"""Plays systemd: `kiosk run` is started, and at once again whenever it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

import psutil

from tests.bench.processes import tree

Role = Literal["player", "sync", "supervisor"]
PATIENCE_S: Final = 20.0


class Keeper:
    """Restart=always, with no delay. `ends` lists when each supervisor ended, and its code."""

    def __init__(
        self, command: Sequence[str], environ: Mapping[str, str], cwd: Path, said: Path
    ) -> None:
        self._command, self._environ, self._cwd, self._said = command, environ, cwd, said
        self.ends: list[tuple[float, int]] = []
        self._sessions: list[int] = []
        self._over = False
        self._process = self._start()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()

    @property
    def supervisor(self) -> int:
        """The pid of the supervisor."""
        return self._process.pid

    def children(self, word: str) -> list[int]:
        """The pids of the supervisor's children of a command, such as `play`; the oldest first."""
        try:
            found = psutil.Process(self.supervisor).children()
        except psutil.NoSuchProcess:
            return []
        found.sort(key=lambda child: child.create_time())
        return [child.pid for child in found if _runs(child, word)]

    def player(self) -> int | None:
        """The pid of the newest player of this supervisor."""
        players = self.children("play")
        return players[-1] if players else None

    def leave(self) -> int:
        """End the supervisor as systemd does; its exit code."""
        self._over = True
        self._process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(PATIENCE_S)
        self.close()
        return self._process.wait(PATIENCE_S)

    def kill_all(self) -> None:
        """End every process of ours at once, as a power cut does."""
        self._over = True
        self.close()

    def close(self) -> None:
        """Leave nothing behind."""
        self._over = True
        deadline = time.monotonic() + PATIENCE_S
        while (left := self._left()) and time.monotonic() < deadline:
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process.poll()
            time.sleep(0.02)
        self._thread.join(PATIENCE_S)

    def _left(self) -> list[int]:
        return [pid for session in self._sessions for pid in tree(session)]

    def _start(self) -> subprocess.Popen[bytes]:
        with self._said.open("ab") as said:
            process = subprocess.Popen(
                self._command,
                cwd=self._cwd,
                env=dict(self._environ),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        self._sessions.append(process.pid)
        return process

    def _keep(self) -> None:
        while not self._over:
            code = self._process.wait()
            self.ends.append((time.monotonic(), code))
            if not self._over:
                self._process = self._start()


def _runs(process: psutil.Process, word: str) -> bool:
    try:
        return word in process.cmdline()[:5]
    except psutil.Error:
        return False
