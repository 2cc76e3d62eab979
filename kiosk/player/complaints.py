"""What Qt complains of while something is tried, for whoever wants to hear it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler


@contextmanager
def listening(hear: Callable[[str], None]) -> Iterator[None]:
    """Have Qt's warnings told to `hear`, on any thread; only its last words go to stderr."""

    def told(kind: QtMsgType, _: QMessageLogContext, message: str) -> None:
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg):
            hear(message)
        if kind == QtMsgType.QtFatalMsg:  # abort() follows
            print(message, file=sys.stderr, flush=True)

    qInstallMessageHandler(told)
    try:
        yield
    finally:
        qInstallMessageHandler(None)
