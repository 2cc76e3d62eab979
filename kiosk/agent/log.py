"""The log of a screen: what changed, in a file that cannot grow."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

FILE: Final = Path("log", "kiosk.log")
BYTES: Final = 256 * 1024
"""Of each of the two files."""
LINES: Final = 60
"""So many lines of a child's own within `WITHIN_S`; the others are only counted."""
WITHIN_S: Final = 600.0


class BoundedFile(RotatingFileHandler):
    """Two files of a bounded size; a disk that is full or read-only costs lines, nothing else."""

    def __init__(self, folder: Path) -> None:
        path = folder / FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(path, maxBytes=BYTES, backupCount=1, encoding="utf-8", delay=True)
        self.setFormatter(_utc("%(asctime)sZ %(levelname).1s %(message)s"))

    def handleError(self, _record: logging.LogRecord) -> None:  # noqa: N802
        """The line is lost; standard error has it."""


def _utc(form: str) -> logging.Formatter:
    formatter = logging.Formatter(form, "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    return formatter


class Trickle:
    """Lets a child's own lines through as long as they are few. Times are monotonic seconds."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._since = float("-inf")
        self._count = 0

    def line(self, text: str, now: float) -> None:
        """Write it, or count it."""
        if now - self._since > WITHIN_S:
            if self._count > LINES:
                self._write(f"{self._count - LINES} further lines were left out")
            self._since, self._count = now, 0
        self._count += 1
        if self._count <= LINES:
            self._write(text[:500])
        elif self._count == LINES + 1:
            self._write("more lines than are worth keeping; they are counted from here")
