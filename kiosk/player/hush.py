"""QtMultimedia's chatter kept off standard error: what matters of a clip, its film says itself."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Final

from PySide6.QtCore import QLibraryInfo, QLoggingCategory

AV_LOG_FATAL: Final = 8
"""By libavutil/log.h. At its own level FFmpeg prints the description of every file."""
_RULES: Final = "qt.multimedia*=false"


@lru_cache(maxsize=1)
def hush_qt() -> None:
    """Before QtMultimedia is imported: it looks for a sound system that is not needed."""
    QLoggingCategory.setFilterRules(_RULES)


@contextmanager
def hushed() -> Iterator[None]:
    """While a first picture is converted: Qt warns, under no name, that the CPU does it."""
    QLoggingCategory.setFilterRules(f"{_RULES}\ndefault.warning=false")
    try:
        yield
    finally:
        QLoggingCategory.setFilterRules(_RULES)


@lru_cache(maxsize=1)
def hush_ffmpeg() -> None:
    """Once the plug-in is loaded, and FFmpeg with it."""
    folder = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.LibrariesPath))
    for found in (*folder.glob("libavutil.so.*"), *folder.parent.glob("avutil-*.dll")):
        # Not loaded here: alone it would lack what the plug-in brings.
        mode = os.RTLD_NOLOAD | os.RTLD_LAZY if hasattr(os, "RTLD_NOLOAD") else 0
        with suppress(OSError, AttributeError):
            ctypes.CDLL(str(found), mode=mode).av_log_set_level(AV_LOG_FATAL)
            return
