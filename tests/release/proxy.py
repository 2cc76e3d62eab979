"""An HTTP proxy on loopback, as a shopping centre has one."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from tests.release.faults import PATIENCE_S, Hangup, Request, SocketServer, read_request


class Proxy(SocketServer):
    """An HTTP proxy: CONNECT and absolute addresses, with a password where one is given."""

    def __init__(self, password: str | None = None) -> None:
        self._wanted = password and f"Basic {base64.b64encode(password.encode()).decode()}"
        self.asked: list[Request] = []
        super().__init__()

    def handle(self, connection: socket.socket) -> None:
        """As SocketServer."""
        while True:
            self._pass_on(connection, read_request(connection))

    def _pass_on(self, connection: socket.socket, request: Request) -> None:
        self.asked.append(request)
        if self._wanted and request.headers.get("proxy-authorization") != self._wanted:
            connection.sendall(
                b"HTTP/1.1 407 Proxy Authentication Required\r\n"
                b'Proxy-Authenticate: Basic realm="o2"\r\nContent-Length: 0\r\n\r\n'
            )
            return
        tunnel = request.method == "CONNECT"
        parts = urlsplit(f"//{request.target}" if tunnel else request.target)
        with socket.create_connection((parts.hostname or "", parts.port or 80), 5) as beyond:
            if not tunnel:
                beyond.sendall(_forwarded(request))
                _pump(beyond, connection)
                return
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_pump_and_end, args=(beyond, connection))
            back.start()
            _pump_and_end(connection, beyond)
            back.join(PATIENCE_S)
        raise Hangup


def _forwarded(request: Request) -> bytes:
    kept = {n: v for n, v in request.headers.items() if not n.startswith("proxy-")}
    lines = [f"{name}: {value}" for name, value in {**kept, "connection": "close"}.items()]
    return "\r\n".join([f"GET {urlsplit(request.target).path} HTTP/1.1", *lines, "", ""]).encode()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65_536):
            target.sendall(piece)


def _pump_and_end(source: socket.socket, target: socket.socket) -> None:
    _pump(source, target)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxying(password: str | None = None) -> Iterator[Proxy]:
    """A proxy at work."""
    proxy = Proxy(password)
    try:
        yield proxy
    finally:
        proxy.close()
