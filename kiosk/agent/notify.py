"""sd_notify(3): a few words to systemd, where it listens."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from contextlib import suppress


def notifier(environ: Mapping[str, str]) -> Callable[[str], None]:
    """What sends a state such as READY=1 or WATCHDOG=1; does nothing where nobody listens."""
    place = environ.get("NOTIFY_SOCKET", "")
    if not place.startswith(("/", "@")):
        return lambda _state: None
    address = "\0" + place[1:] if place.startswith("@") else place

    def notify(state: str) -> None:
        with (
            suppress(OSError),  # systemd is restarting itself, or its queue is full
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sender,
        ):
            sender.sendto(state.encode(), address)

    return notify
