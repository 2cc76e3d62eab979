"""A display server's socket with somebody behind it who speaks no X."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from kiosk.player.preflight import X_SOCKETS


@contextmanager
def false_display(*, hangs_up: bool) -> Iterator[dict[str, str]]:
    """The environment of programs that shall draw there: Qt aborts, or waits for ever."""
    number = 7000 + os.getpid() % 1000
    kept: list[socket.socket] = []
    ended = threading.Event()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0{X_SOCKETS}/X{number}")
        server.listen()
        server.settimeout(0.1)

        def answer() -> None:
            while not ended.is_set():
                try:
                    guest, _ = server.accept()
                except TimeoutError:
                    continue
                guest.close() if hangs_up else kept.append(guest)

        thread = threading.Thread(target=answer)
        thread.start()
        environ = {name: text for name, text in os.environ.items() if name != "WAYLAND_DISPLAY"}
        try:
            yield {**environ, "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
        finally:
            ended.set()
            thread.join()
            for guest in kept:
                guest.close()
