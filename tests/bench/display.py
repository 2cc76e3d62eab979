"""A display for one contender: an X server in memory whose pixels we can read."""

from __future__ import annotations

import os
import select
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench.framebuffer import Framebuffer
from tests.bench.processes import end

START_S: Final = 15.0
SHARED_MEMORY: Final = Path("/dev/shm")

Size = tuple[int, int]


class DisplayError(RuntimeError):
    """Xvfb did not come up."""


@dataclass(frozen=True, slots=True)
class Display:
    """A running X server: its name for DISPLAY, its process, its pixels."""

    name: str
    pid: int
    path: Path
    framebuffer: Framebuffer


@contextmanager
def display(size: Size) -> Iterator[Display]:
    """A black X display of `size` (px), without a window manager, gone at the end."""
    memory = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="o2-bench-", dir=memory) as folder:
        read, write = os.pipe()
        server = subprocess.Popen(
            [
                *("Xvfb", "-displayfd", str(write), "-screen", "0", f"{size[0]}x{size[1]}x24"),
                *("-fbdir", folder, "-noreset", "-nolisten", "tcp", "-nocursor"),
            ],
            pass_fds=[write],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(write)
        try:
            number = _answer(read)
            path = Path(folder, "Xvfb_screen0")
            yield Display(f":{number}", server.pid, path, Framebuffer(path))
        finally:
            end(server)


def _answer(read: int) -> str:
    """The number of the display that Xvfb chose."""
    with os.fdopen(read) as answer:
        ready, _, _ = select.select([answer], [], [], START_S)
        number = answer.readline().strip() if ready else ""
    if not number:
        raise DisplayError(f"Xvfb did not start within {START_S:g} s")
    return number
