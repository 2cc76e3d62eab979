"""`kiosk probe`: what display, renderer, fonts and decoders can do here, tried for real."""

from __future__ import annotations

import faulthandler
import json
import os
import platform
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from kiosk import __version__
from kiosk.player.finding import Finding

WHOLE_S: Final = 13.5
"""All parts together."""
LAST_S: Final = 14.0
"""When the process ends, whatever holds it."""
LIMITS_S: Final[Mapping[str, float]] = {
    "display": 6.0,
    "renderer": 3.0,
    "fonts": 2.0,
    "images": 3.0,
    "video": 5.0,
    "code": 4.0,
}
"""Each part; a part that needs longer ends the probe, which says so."""

MOST_COMPLAINTS: Final = 20
"""Of Qt's warnings so many are told."""

Reader = Callable[[Any, str], tuple[str, ...]]
"""(QImage, URL) -> the names of the decoders that read this URL from it."""


@dataclass(frozen=True, slots=True)
class Machine:
    """How to look: with a display or without, and who reads the drawn code back, if anybody."""

    offscreen: bool
    reader: Reader | None = None
    begins: Callable[[str], None] = lambda _: None
    """Told the name of each part that begins: the last word of a process that dies in it."""
    found: Callable[[str, Finding], None] = lambda _name, _finding: None
    """Told what each part found, as soon as it did."""


def look(machine: Machine, tell: Callable[[str], None]) -> None:
    """Try every part and `tell` one JSON object, once.

    A part that hangs past its limit is named in the object, and this process ends with 0. Where it
    hangs with Python's lock in its hand the process ends with 1 and a traceback, and Qt may abort
    it at any time: run it as a child.
    """
    # PySide keeps the lock while Qt connects to the display: only a thread of C can end that.
    faulthandler.dump_traceback_later(LAST_S, exit=True)
    notes = _Notes(tell)
    machine.begins("display")
    with notes.within("display"):
        # Qt is imported under the guard: on a disk that dies it may never come.
        from kiosk.player import findings
        from kiosk.player.complaints import listening
    parts: Mapping[str, Callable[[], Finding]] = {
        "display": lambda: findings.display(offscreen=machine.offscreen),
        "renderer": findings.renderer_and_scenes,
        "fonts": findings.fonts,
        "images": findings.images,
        "video": _video,
        "code": lambda: _code(machine.reader),
    }
    with listening(notes.hear):
        for name, part in parts.items():
            machine.begins(name)
            with notes.within(name):
                found = part()
            notes.keep(name, found)
            machine.found(name, found)
    notes.tell_all()
    faulthandler.cancel_dump_traceback_later()


def _video() -> Finding:
    """Its own import: where QtMultimedia cannot be loaded, all else still works."""
    from PySide6.QtCore import QLoggingCategory

    # Else it writes each clip's streams to stderr, past everybody who listens.
    QLoggingCategory.setFilterRules("qt.multimedia.*.info=false\nqt.multimedia.*.debug=false")
    try:
        from kiosk.player.clips import video
    except ImportError as error:
        return Finding("fail", f"QtMultimedia cannot be loaded ({error})")
    return video()


def _code(reader: Reader | None) -> Finding:
    from kiosk.player.drawn_code import code

    return code(reader)


class _Notes:
    """What has been found so far, told once: at the end, or when a part does not end."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._ends = time.monotonic() + WHOLE_S
        self._found: dict[str, Finding] = {}
        self._complaints: list[str] = []
        self._once = threading.Lock()

    @contextmanager
    def within(self, name: str) -> Iterator[None]:
        """Give up, with the whole process, when the part `name` outlasts its limit."""
        seconds = max(0.1, min(LIMITS_S[name], self._ends - time.monotonic()))
        guard = threading.Timer(seconds, self._give_up, (name, seconds))
        guard.daemon = True
        guard.start()
        try:
            yield
        finally:
            guard.cancel()

    def hear(self, complaint: str) -> None:
        """Keep one of Qt's warnings; the first few say enough."""
        if len(self._complaints) < MOST_COMPLAINTS:
            self._complaints.append(complaint)

    def keep(self, name: str, finding: Finding) -> None:
        """Keep what the part `name` found."""
        self._found[name] = finding

    def tell_all(self) -> None:
        """Tell it, unless it has been told."""
        if self._once.acquire(blocking=False):
            self._tell(json.dumps(self._whole(), indent=1))

    def _give_up(self, name: str, seconds: float) -> None:
        self.keep(name, Finding("fail", f"did not end within {seconds:.1f} s"))
        for other in LIMITS_S:
            if other not in self._found:
                self.keep(other, Finding("skipped", f"because {name} did not end"))
        self.tell_all()
        # The main thread hangs inside Qt: nothing else would end it.
        os._exit(0)

    def _whole(self) -> dict[str, Any]:
        return {
            "kiosk": __version__,
            "python": platform.python_version(),
            "system": platform.platform(),
            "frozen": bool(getattr(sys, "frozen", False)),
            **{name: self._found[name].plain() for name in LIMITS_S},
            "complaints": self._complaints,
        }
