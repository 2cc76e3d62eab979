"""Put on the path of a player, this makes it crash on the pictures that a file names.

As a decoder with a flaw does: at the moment at which the picture is opened to be decoded. Python
imports it at its start; the variable DRILL_CRASHES_ON names the file, one name of a picture a line.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any


def _watch(listed: str) -> None:
    def heard(event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" or not _decoding():
            return
        name = os.path.basename(str(arguments[0]))  # noqa: PTH119
        if name in Path(listed).read_text("utf-8").split():
            os.kill(os.getpid(), signal.SIGSEGV)

    sys.addaudithook(heard)


def _decoding() -> bool:
    """Whether the picture loader is what opens the file, and not whoever checks its bytes."""
    frame = sys._getframe(2)
    for _ in range(6):
        if frame.f_code.co_name == "_truncated_jpeg":
            return True
        if frame.f_back is None:
            return False
        frame = frame.f_back
    return False


if "DRILL_CRASHES_ON" in os.environ and "play" in sys.orig_argv:
    _watch(os.environ["DRILL_CRASHES_ON"])
