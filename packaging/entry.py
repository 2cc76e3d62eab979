"""Where the frozen program begins: the same door as the console command."""

from __future__ import annotations

import locale
import os
import sys
from contextlib import suppress
from pathlib import Path

from kiosk.cli import main


def give_streams() -> None:
    """A Windows program without a console has no streams; what it prints goes nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115


def speak_utf8() -> None:
    """Python's own start lifts the C locale to UTF-8 (PEP 538), a frozen one does not; Qt would
    print four lines about it."""
    if sys.platform != "linux":
        return
    with suppress(locale.Error):  # a locale that was never generated here
        locale.setlocale(locale.LC_CTYPE, "")
    if locale.nl_langinfo(locale.CODESET) != "UTF-8":
        os.environ["LC_ALL"] = "C.UTF-8"


if __name__ == "__main__":
    give_streams()
    speak_utf8()
    sys.exit(main())
