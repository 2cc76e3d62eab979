"""A web server on loopback that can fail in every way that a shop's line does."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from urllib.parse import unquote, urlsplit

PATIENCE_S = 10.0
"""After so long a thread or a socket of a test counts as stuck."""


class Hangup(Exception):
    """The server ends this connection."""


class SocketServer:
    """A listening socket on loopback, one thread for each connection; all end with `close`."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.closing = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def handle(self, connection: socket.socket) -> None:
        """Serve one connection until it ends."""
        raise NotImplementedError

    def close(self) -> None:
        """End every connection and every thread."""
        self.closing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()

    def _accept(self) -> None:
        while not self.closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._open.add(connection)
        try:
            with suppress(OSError, Hangup):
                self.handle(connection)
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked; `turn` counts the requests of one connection from 1."""

    method: str
    target: str
    headers: Mapping[str, str]
    turn: int = 1

    @property
    def path(self) -> str:
        """The path of the target, decoded."""
        return unquote(urlsplit(self.target).path)


def read_request(connection: socket.socket, turn: int = 1) -> Request:
    """Read a request's head, byte by byte so that nothing behind it is taken."""
    head = bytearray()
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            raise Hangup
        head += byte
    first, *lines = head.decode("latin-1").splitlines()
    method, target, _ = first.split(" ")
    pairs = (line.partition(":") for line in lines if line)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    return Request(method, target, headers, turn)


@dataclass(frozen=True, slots=True)
class Call:
    """One request, the file that it asks for, and the connection to answer on."""

    connection: socket.socket
    request: Request
    content: bytes | None
    server: FaultServer

    def head(self, status: str, **headers: object) -> None:
        """Send a status line and headers; content_length becomes Content-Length."""
        pairs = [f"{name.replace('_', '-').title()}: {value}" for name, value in headers.items()]
        self.send("\r\n".join([f"HTTP/1.1 {status}", *pairs, "", ""]).encode("latin-1"))

    def send(self, content: bytes) -> None:
        """Send bytes of any kind."""
        self.connection.sendall(content)

    def body(self, content: bytes) -> None:
        """Send bytes that count as a body's."""
        self.server.sent += len(content)
        self.send(content)

    def drip(self, content: bytes, every_s: float) -> None:
        """Send one byte now and then, until the server closes."""
        for byte in content:
            self.body(bytes([byte]))
            if self.server.closing.wait(every_s):
                raise Hangup

    def wait(self) -> None:
        """Say nothing more."""
        self.server.closing.wait()
        raise Hangup


Fault = Callable[[Call], None]


class FaultServer(SocketServer):
    """Serves a tree with ranges and kept connections; `fault` answers for paths like `where`."""

    def __init__(self, tree: Path, tls: ssl.SSLContext | None = None, mute: bool = False) -> None:
        self.tree, self._tls, self._mute = tree, tls, mute
        self.fault: Fault | None = None
        self.where = "*"
        self.asked: list[Request] = []
        self.sent = 0
        """Bytes of all bodies."""
        super().__init__()

    @property
    def url(self) -> str:
        """Its address."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def paths(self) -> list[str]:
        """Which paths were asked, in order."""
        return [request.path for request in self.asked]

    def handle(self, connection: socket.socket) -> None:
        """As SocketServer."""
        if self._mute:
            self.closing.wait()
        elif self._tls is None:
            self._answer_all(connection)
        else:
            with self._tls.wrap_socket(connection.dup(), server_side=True) as secure:
                self._answer_all(secure)

    def _answer_all(self, connection: socket.socket) -> None:
        turn = 0
        while not self.closing.is_set():
            turn += 1
            request = read_request(connection, turn)
            self.asked.append(request)
            call = Call(connection, request, self._content(request.path), self)
            hit = self.fault is not None and fnmatch(request.path, self.where)
            (self.fault if hit and self.fault else well)(call)
            if request.headers.get("connection") == "close":
                return

    def _content(self, path: str) -> bytes | None:
        file = self.tree / path.lstrip("/")
        return file.read_bytes() if file.is_file() else None


@contextmanager
def faulty(
    tree: Path, tls: ssl.SSLContext | None = None, mute: bool = False
) -> Iterator[FaultServer]:
    """A fault server that serves well until its `fault` is set."""
    server = FaultServer(tree, tls, mute)
    try:
        yield server
    finally:
        server.close()


def closed_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def well(call: Call, **more: object) -> None:
    """The answer as it should be."""
    content, asked = call.content, call.request.headers.get("range")
    if content is None:
        call.head("404 Not Found", content_length=0)
    elif asked is None:
        call.head("200 OK", content_length=len(content), **more)
        call.body(content)
    else:
        begin = int(asked.removeprefix("bytes=").partition("-")[0])
        part, span = content[begin:], f"bytes {begin}-{len(content) - 1}/{len(content)}"
        call.head("206 Partial Content", content_length=len(part), content_range=span)
        call.body(part)
