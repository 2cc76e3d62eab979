"""No error box of the system's own over the picture: a program that fails ends at once."""

from __future__ import annotations

import ctypes
import sys
from typing import Final

SEM_FAILCRITICALERRORS: Final = 0x0001
SEM_NOGPFAULTERRORBOX: Final = 0x0002
SEM_NOOPENFILEERRORBOX: Final = 0x8000
WER_FAULT_REPORTING_NO_UI: Final = 0x0020


def quiet_errors() -> tuple[str, ...]:
    """Switch Windows' error boxes off for this process and those it starts; what has agreed.

    Elsewhere there are none, and nothing is done.
    """
    return _windows() if sys.platform == "win32" else ()


def _windows() -> tuple[str, ...]:  # pragma: no cover - runs on Windows only
    kernel32 = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined,unused-ignore]
    wanted = SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX
    kernel32.SetErrorMode(kernel32.GetErrorMode() | wanted)
    agreed = ["SetErrorMode"] if kernel32.GetErrorMode() & wanted == wanted else []
    try:
        refused = kernel32.WerSetFlags(WER_FAULT_REPORTING_NO_UI)
    except AttributeError:  # a Windows without error reporting
        return tuple(agreed)
    return (*agreed, *([] if refused else ["WerSetFlags"]))
