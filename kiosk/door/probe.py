"""`kiosk probe`: what this machine can do, as one JSON object."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from kiosk.door.needs import require_libraries
from kiosk.player import preflight

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from kiosk.player.finding import Finding
    from kiosk.player.probe import Reader


def add(command: argparse.ArgumentParser) -> None:
    """Its place in the command line."""
    command.description = (
        "Try the display, the renderer, the fonts, the picture and video decoders and a drawn "
        "code on this machine, and print what was found as one JSON object. Shows nothing on "
        "the display. Ends within 15 s; exit code 0 whatever was found, 69 where a library is "
        "missing. `kiosk doctor` runs it and says what to do."
    )
    command.add_argument(
        "--progress", action="store_true", help="say on stderr which part begins and what it found"
    )
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Look and tell."""
    display = preflight.display_wanted(os.environ)
    require_libraries(display)

    from kiosk.player.probe import Machine, look

    machine = Machine(display == "offscreen", _reader())
    if arguments.progress:
        machine = replace(machine, begins=_begins, found=_found)
    look(machine, lambda text: print(text, flush=True))
    return 0


def _begins(part: str) -> None:
    print(f"probe: {part}", file=sys.stderr, flush=True)


def _found(part: str, finding: Finding) -> None:
    print(f"found: {json.dumps({part: finding.plain()})}", file=sys.stderr, flush=True)


def _reader() -> Reader | None:
    """The studio's decoders, where this machine has them; a screen's PC has not."""
    from importlib.util import find_spec

    if not all(map(find_spec, ("numpy", "cv2", "zxingcpp", "pyzbar"))):
        return None
    if preflight.absent(preflight.STUDIO):
        return None

    def read(image: QImage, url: str) -> tuple[str, ...]:
        from kiosk.player.blocks import Rect
        from kiosk.studio.scan import readers_of

        return readers_of(image, url, Rect(0, 0, image.width(), image.height()))

    return read
