"""Freed pictures go back to the system at once."""

from __future__ import annotations

import ctypes
import sys
from typing import Final

M_TRIM_THRESHOLD: Final = -1
M_MMAP_THRESHOLD: Final = -3
M_ARENA_MAX: Final = -8
LARGE: Final = 256 * 1024
"""Bytes from which a block is mapped on its own. glibc raises its threshold to the largest block
ever freed, up to 32 MB; from then on pictures come from the heap and leave holes in it."""


def return_what_is_freed() -> None:
    """Tell glibc (mallopt(3)) to map large blocks one by one and to keep to one arena."""
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:  # another C library: musl returns large blocks anyway
        return
    mallopt(M_MMAP_THRESHOLD, LARGE)
    mallopt(M_TRIM_THRESHOLD, LARGE)
    mallopt(M_ARENA_MAX, 1)
