"""A process of ours: started quietly, listened to on threads, ended for certain."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any, Final

LONGEST_LINE: Final = 65_536
"""Bytes; a program that never ends its line is heard in pieces."""

KILL_AGAIN_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Line:
    """A child said something; `error` on its standard error."""

    child: Child
    text: bytes
    error: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """A child has ended, and all that it said has been told before; the code is Popen's."""

    child: Child
    code: int


Tell = Callable[[Line | Ended], None]


class Child:
    """One running child. What it says and that it ends comes to `tell`, on threads of its own."""

    def __init__(
        self,
        command: Sequence[str],
        tell: Tell,
        environ: Mapping[str, str],
        *,
        within_s: float = math.inf,
        low: bool = False,
    ) -> None:
        self.deadline = time.monotonic() + within_s
        """Monotonic seconds; when it is to be ended."""
        self._tell = tell
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(environ),
            creationflags=_flags(low=low),
        )
        self.pid = self._process.pid
        if low:
            _lower(self.pid)
        out, err = self._process.stdout, self._process.stderr
        assert out is not None
        assert err is not None
        self._readers = [self._thread(self._read, out, False), self._thread(self._read, err, True)]
        self._thread(self._wait)

    def say(self, word: str) -> None:
        """Write a line on its standard input, if it still listens."""
        assert self._process.stdin is not None
        with suppress(OSError, ValueError):
            self._process.stdin.write(word.encode() + b"\n")
            self._process.stdin.flush()

    def kill(self) -> None:
        """End it now, whatever it does."""
        with suppress(OSError):
            self._process.kill()

    def end_at_deadline(self, now: float) -> bool:
        """Kill it if it has had its time; should it be past killing, again after a while."""
        if now < self.deadline:
            return False
        self.deadline = now + KILL_AGAIN_S
        self.kill()
        return True

    def memory(self) -> int | None:
        """Bytes that it has in memory; None where it has just ended."""
        import psutil  # here: the first picture does not wait for it

        try:
            return psutil.Process(self.pid).memory_info().rss
        except psutil.Error:
            return None

    def handles(self) -> int | None:
        """Its open files; None where it has just ended."""
        import psutil

        try:
            process = psutil.Process(self.pid)
            if sys.platform == "win32":
                return process.num_handles()
            return process.num_fds()
        except (psutil.Error, OSError):
            return None

    def _thread(self, work: Callable[..., None], *arguments: Any) -> threading.Thread:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        thread.start()
        return thread

    def _read(self, pipe: IO[bytes], error: bool) -> None:
        with suppress(OSError, ValueError), pipe:
            while line := pipe.readline(LONGEST_LINE):
                self._tell(Line(self, line.rstrip(b"\r\n"), error))

    def _wait(self) -> None:
        code = self._process.wait()
        for reader in self._readers:
            reader.join(1.0)  # a grandchild may hold the pipe open
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        self._tell(Ended(self, code))


def how(code: int) -> str:
    """An exit code in words."""
    if code < 0:
        import signal

        with suppress(ValueError):
            return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}" if code < 2**31 else f"exit code 0x{code:08X}"


def _flags(*, low: bool) -> int:
    if sys.platform != "win32":
        return 0
    below = subprocess.BELOW_NORMAL_PRIORITY_CLASS if low else 0
    return subprocess.CREATE_NO_WINDOW | below


def _lower(pid: int) -> None:
    """Let the picture come first, at the processor and at the disk."""
    import psutil

    if sys.platform == "win32":
        return
    with suppress(OSError, psutil.Error):
        os.setpriority(os.PRIO_PROCESS, pid, 10)
        psutil.Process(pid).ionice(psutil.IOPRIO_CLASS_IDLE)
