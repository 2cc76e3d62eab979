"""What a tree of processes costs, from /proc: memory, CPU, wake-ups. Linux only."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

PROC: Final = Path("/proc")
TICKS: Final = os.sysconf("SC_CLK_TCK")
PATIENCE_S: Final = 5.0


class _Stat(NamedTuple):
    pid: int
    parent: int
    session: int
    ticks: int


def tree(root: int) -> tuple[int, ...]:
    """The process, its descendants, and whatever else runs in the session it leads."""
    stats = [stat for entry in PROC.iterdir() if entry.name.isdigit() if (stat := _stat(entry))]
    found = {stat.pid for stat in stats if root in (stat.pid, stat.session)}
    while more := {s.pid for s in stats if s.parent in found} - found:
        found |= more
    return tuple(sorted(found))


def _stat(entry: Path) -> _Stat | None:
    try:
        # The name, in brackets, may hold anything, spaces and brackets too.
        fields = (entry / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    state = fields[0]
    if state == "Z":
        return None
    ticks = int(fields[11]) + int(fields[12])
    return _Stat(int(entry.name), int(fields[1]), int(fields[3]), ticks)


def pss_bytes(pids: Iterable[int]) -> int:
    """Proportional set size of these processes together, in bytes."""
    return sum(_line(PROC / str(pid) / "smaps_rollup", "Pss:") for pid in pids) * 1024


def own_bytes(pids: Iterable[int]) -> int:
    """Anonymous memory, in bytes: a file's share changes with whoever else maps it."""
    return sum(_line(PROC / str(pid) / "smaps_rollup", "Pss_Anon:") for pid in pids) * 1024


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of these processes so far, their ended threads included, in s."""
    stats = (_stat(PROC / str(pid)) for pid in pids)
    return sum(stat.ticks for stat in stats if stat) / TICKS


def switches(pids: Iterable[int]) -> dict[str, int]:
    """Context switches, given up or taken away, of each living thread: each is a wake-up."""
    return {
        str(task): _line(task / "status", "voluntary_ctxt_switches:")
        + _line(task / "status", "nonvoluntary_ctxt_switches:")
        for pid in pids
        for task in _tasks(pid)
    }


def woken(before: Mapping[str, int], after: Mapping[str, int]) -> int:
    """Switches between two counts. A thread that has ended takes its few last ones with it."""
    return sum(max(0, count - before.get(task, 0)) for task, count in after.items())


def _tasks(pid: int) -> list[Path]:
    try:
        return list((PROC / str(pid) / "task").iterdir())
    except OSError:
        return []


def _line(path: Path, label: str) -> int:
    """The number after a label; 0 where the process is gone."""
    with suppress(OSError):
        for line in path.read_text().splitlines():
            if line.startswith(label):
                return int(line.split()[1])
    return 0


def machine_busy_seconds() -> float:
    """What all processors together have worked since the machine started, in s."""
    fields = [int(field) for field in (PROC / "stat").read_text().split("\n", 1)[0].split()[1:]]
    user, nice, system, _, _, irq, softirq, steal = fields[:8]
    return (user + nice + system + irq + softirq + steal) / TICKS


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask the root to leave, then make whatever is left of its tree: nothing is, afterwards."""
    _signal((process.pid,) if process.poll() is None else (), signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(PATIENCE_S)
    deadline = time.monotonic() + PATIENCE_S
    while (left := tree(process.pid)) and time.monotonic() < deadline:
        _signal(left, signal.SIGKILL)
        time.sleep(0.02)
    with suppress(subprocess.TimeoutExpired):
        process.wait(PATIENCE_S)


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
