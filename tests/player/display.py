"""A real X display for the tests that need a real window."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

needs_xvfb = pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed")


@contextmanager
def xvfb(width: int, height: int, *more: str) -> Iterator[Mapping[str, str]]:
    """An X server without a window manager; the environment of programs that draw on it."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24", "-noreset"]
        + ["-nolisten", "tcp", *more],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as answer:
            number = answer.readline().strip()
        assert number, "Xvfb did not start"
        environ = {k: v for k, v in os.environ.items() if k != "QT_QPA_PLATFORM"}
        yield {**environ, "DISPLAY": f":{number}"}
    finally:
        server.terminate()
        server.wait(10)
