"""Faults at chosen system calls of a real sync, injected by strace."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from tests.crash.shop_floor import ShopFloor

CHANGES: Final = (
    *("openat", "write", "ftruncate", "fsync", "fdatasync"),
    *("rename", "renameat", "renameat2", "unlink", "unlinkat", "mkdir", "mkdirat"),
)
"""The calls by which a store changes."""
_TRACE: Final = "trace=" + ",".join(f"?{call}" for call in (*CHANGES, "lseek"))
_LINE: Final = re.compile(r"^(\w+)\(")


@dataclass(frozen=True, slots=True)
class Call:
    """A system call on the data folder, the `nth` of its name in the process."""

    name: str
    nth: int
    line: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What strace does to a call: signal=KILL, error=EIO, …; `for_good` to all after it too."""

    call: Call
    action: str
    for_good: bool = False

    @property
    def kind(self) -> str:
        """What is counted together."""
        what = "kill -9" if self.action == "signal=KILL" else self.action.removeprefix("error=")
        return f"{what} at {_family(self.call.name)}{' and ever after' if self.for_good else ''}"

    @property
    def option(self) -> str:
        """As strace wants it."""
        return f"inject={self.call.name}:{self.action}:when={self.call.nth}{'+' * self.for_good}"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a sync's process ended: code (a signal is negative), outcome in words, strace's log."""

    code: int
    said: str
    log: str


class Syncs:
    """The server of syncs (one_sync), and strace on each of them."""

    def __init__(self, floor: ShopFloor, server: subprocess.Popen[str]) -> None:
        self._floor, self._server = floor, server
        assert server.stdin is not None
        assert server.stdout is not None
        self._in: IO[str] = server.stdin
        self._out: IO[str] = server.stdout

    def run(self, data: Path, *options: str, stopped: Callable[[], None] = lambda: None) -> Ended:
        """One sync into `data` under strace; when it stops itself, `stopped`, then kill -9."""
        log = self._floor.root / f"strace-{os.getpid()}"
        print(data, file=self._in, flush=True)
        pid = int(self._out.readline())
        with _attached(pid, log, options):
            print("go", file=self._in, flush=True)
            while (line := self._out.readline().rstrip("\n")) == "stopped":
                stopped()
                os.kill(pid, signal.SIGKILL)
        code, _, said = line.partition(" ")
        return Ended(int(code), said, log.read_text("utf-8"))

    def calls(self, data: Path) -> tuple[Call, ...]:
        """By which calls a whole sync into `data` changes it, in order."""
        ended = self.run(data, "-e", _TRACE)
        assert ended.said.startswith("Updated"), ended
        return tuple(_calls(ended.log, str(data)))

    def inject(self, fault: Fault, data: Path) -> Ended:
        """One sync with the fault; an AssertionError where it did not strike."""
        ended = self.run(data, "-e", _TRACE, "-e", fault.option)
        struck = ended.code == -signal.SIGKILL or "(INJECTED)" in ended.log
        assert struck, f"{fault} did not strike: {ended.said}"
        return ended

    def record(self, data: Path, *options: str) -> Ended:
        """One sync, its log with every byte that it wrote."""
        return self.run(data, "-e", _TRACE, "-xx", "-s", "10000000", *options)


@contextmanager
def syncs(floor: ShopFloor) -> Iterator[Syncs]:
    """A running server of syncs."""
    command = [sys.executable, "-m", "tests.crash.one_sync", str(floor.anchor)]
    command += [floor.site.as_uri(), "le-mans", str(floor.data("warm"))]
    with subprocess.Popen(
        command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline().startswith("warm: updated")
        yield Syncs(floor, server)
        assert server.stdin is not None
        server.stdin.close()


def obstacle() -> str | None:
    """Why strace cannot be used here; None where it can."""
    if shutil.which("strace") is None:
        return "no strace here (sudo apt-get install strace)"
    tried = subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, check=False)
    return None if tried.returncode == 0 else "strace may not trace here (ptrace is not permitted)"


@contextmanager
def _attached(pid: int, log: Path, options: tuple[str, ...]) -> Iterator[None]:
    command = ["strace", "-y", "-o", str(log), "-p", str(pid), *options]
    with subprocess.Popen(command, text=True, stderr=subprocess.PIPE) as strace:
        assert strace.stderr is not None
        first = strace.stderr.readline()
        assert "attached" in first, first
        yield


def _calls(log: str, data: str) -> Iterator[Call]:
    count = Counter[str]()
    for line in log.splitlines():
        found = _LINE.match(line)
        if found is None or found[1] not in CHANGES:
            continue
        count[found[1]] += 1
        if data in line and (found[1] != "openat" or "O_CREAT" in line):
            yield Call(found[1], count[found[1]], line)


def _family(name: str) -> str:
    return re.sub(r"at2?$", "", name)
