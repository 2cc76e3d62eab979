"""A web server, a proxy and an authority that can fail in every way that a shop's line does."""

from __future__ import annotations

import base64
import os
import socket
import ssl
import struct
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PAGE = b"<!DOCTYPE html><title>Bienvenue</title><p>Connectez-vous pour naviguer.</p>"
PATIENCE_S = 10.0
"""After so long a thread or a socket of a test counts as stuck."""


# -- sockets ------------------------------------------------------------------------------------


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


# -- the server ---------------------------------------------------------------------------------


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


# -- answers ------------------------------------------------------------------------------------


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


def black_hole(call: Call) -> None:
    """The request is taken, and nothing ever comes."""
    call.wait()


def hang_up(call: Call) -> None:
    """The connection is closed instead of an answer."""
    del call
    raise Hangup


def hang_up_when_kept(call: Call) -> None:
    """A second request on one connection gets no answer but its end."""
    (well if call.request.turn == 1 else hang_up)(call)


def silent_when_kept(call: Call) -> None:
    """A second request on one connection is lost, as where a firewall forgot it."""
    (well if call.request.turn == 1 else black_hole)(call)


def reset_mid_body(call: Call) -> None:
    """Half of the body, then RST."""
    _half(call)
    now = struct.pack("ii", 1, 0)
    call.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
    raise Hangup


def stall_mid_body(call: Call) -> None:
    """Half of the body, then nothing."""
    _half(call)
    call.wait()


def short_body(call: Call) -> None:
    """Half of the body, then an orderly end."""
    _half(call)
    raise Hangup


def _half(call: Call) -> None:
    content = call.content or PAGE
    call.head("200 OK", content_length=len(content))
    call.body(content[: len(content) // 2])


def dribble(call: Call) -> None:
    """The body at 2 bytes a second."""
    content = call.content or PAGE
    call.head("200 OK", content_length=len(content))
    call.drip(content, 0.5)


def dribble_chunked(call: Call) -> None:
    """The size of the first chunk, which never ends, at 10 bytes a second."""
    call.head("200 OK", transfer_encoding="chunked", connection="close")
    call.drip(b"0" * 60_000, 0.1)


def dribble_headers(call: Call) -> None:
    """The headers at 3 bytes a second: no single wait is long."""
    call.drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 60_000, 0.3)


def length_too_long(call: Call) -> None:
    """A Content-Length of 100 bytes more than there are."""
    content = call.content or PAGE
    call.head("200 OK", content_length=len(content) + 100)
    call.body(content)
    raise Hangup


def length_too_short(call: Call) -> None:
    """A Content-Length of 100 bytes fewer than there are."""
    content = call.content or PAGE
    call.head("200 OK", content_length=len(content) - 100)
    call.body(content)


def length_absurd(call: Call) -> None:
    """A Content-Length of 5,000 digits, and a sign that only looks like one."""
    call.head("200 OK", content_length="9" * 5_000 + "²")
    call.body(call.content or PAGE)
    raise Hangup


def ignore_range(call: Call) -> None:
    """The whole file, whatever part was asked for."""
    content = call.content or PAGE
    call.head("200 OK", content_length=len(content))
    call.body(content)


def wrong_offset(call: Call) -> None:
    """206, from ten bytes later than asked; a wrong 206 even where none was asked for."""
    content = call.content or PAGE
    span = f"bytes 10-{len(content) - 1}/{len(content)}"
    call.head("206 Partial Content", content_length=len(content) - 10, content_range=span)
    call.body(content[10:])


def lying_offset(call: Call) -> None:
    """206 with the right words and other bytes."""
    asked, content = call.request.headers.get("range"), call.content or PAGE
    if asked is None:
        well(call)
        return
    begin = int(asked.removeprefix("bytes=").partition("-")[0])
    span = f"bytes {begin}-{len(content) - 1}/{len(content)}"
    call.head("206 Partial Content", content_length=len(content) - begin, content_range=span)
    call.body(content[: len(content) - begin])


def endless(call: Call) -> None:
    """A body without length or end."""
    call.head("200 OK", connection="close")
    while not call.server.closing.is_set():
        call.body(b"x" * 65_536)


def endless_chunked(call: Call) -> None:
    """Chunks without end."""
    call.head("200 OK", transfer_encoding="chunked")
    while not call.server.closing.is_set():
        call.body(b"10000\r\n" + b"x" * 65_536 + b"\r\n")


def gzip_bomb(call: Call) -> None:
    """4 MB of gzip that grow to 4 GB; a smaller one where only little is taken."""
    small = call.request.path.endswith("timestamp.json")
    content = bomb(8 if small else 4096)
    call.head("200 OK", content_length=len(content), content_encoding="gzip")
    call.body(content)


def bomb(mebibytes: int) -> bytes:
    """A gzip stream of zeros."""
    machine = zlib.compressobj(9, wbits=-15)
    block = machine.compress(bytes(2**20)) + machine.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff" + block * mebibytes


def gzipped(call: Call) -> None:
    """The right bytes, compressed, whoever asked for that."""
    if call.content is None:
        well(call)
        return
    machine = zlib.compressobj(wbits=31)
    content = machine.compress(call.content) + machine.flush()
    call.head("200 OK", content_length=len(content), content_encoding="gzip")
    call.body(content)


def half_gzip(call: Call) -> None:
    """Compressed, and half of that."""
    machine = zlib.compressobj(wbits=31)
    content = machine.compress(os.urandom(2000)) + machine.flush()
    call.head("200 OK", content_length=1000, content_encoding="gzip")
    call.body(content[:1000])


def brotli(call: Call) -> None:
    """An encoding that nobody asked for."""
    call.head("200 OK", content_length=3, content_encoding="br")
    call.body(b"\x0b\x01\x80")


def nonsense(call: Call) -> None:
    """Not HTTP at all."""
    call.send(b"SSH-2.0-OpenSSH_9.6\r\n")
    raise Hangup


def status(line: str, **headers: object) -> Fault:
    """An error page of this status."""

    def answer(call: Call) -> None:
        bodyless = line.startswith("304")
        content = b"" if bodyless else b"no"
        more = {} if bodyless else {"content_length": len(content)}
        call.head(line, **more, **headers)
        call.body(content)

    return answer


def portal_page(call: Call) -> None:
    """A captive portal that answers in the place of everybody."""
    call.head("200 OK", content_type="text/html; charset=utf-8", content_length=len(PAGE))
    call.body(PAGE)


def portal_chunks(call: Call) -> None:
    """The same, without a length, and without saying what it is."""
    call.head("200 OK", transfer_encoding="chunked")
    call.body(b"%x\r\n%s\r\n0\r\n\r\n" % (len(PAGE), PAGE))


def portal_redirect(call: Call) -> None:
    """A captive portal that sends everybody to its page."""
    there = f"{call.server.url}/portal"
    call.head("302 Found", location=there, content_length=0)


def heavy_redirect(call: Call) -> None:
    """A redirect with a gzip bomb for a page."""
    content = bomb(4096)
    call.head("302 Found", location="/portal", content_encoding="gzip", content_length=len(content))
    call.body(content)


def senseless_redirect(call: Call) -> None:
    """A redirect to what is no address."""
    call.head("302 Found", location="http://[", content_length=0)


def page_for_missing(call: Call) -> None:
    """A host that has a page for whatever is not there."""
    (well if call.content is not None else portal_page)(call)


def with_cookie(call: Call) -> None:
    """The right answer, and a cookie."""
    well(call, set_cookie="who=you; Path=/")


# -- a proxy ------------------------------------------------------------------------------------


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


# -- an authority -------------------------------------------------------------------------------


@dataclass
class Authority:
    """A certificate authority of its own, whose certificate is in `file`."""

    folder: Path
    _key: ec.EllipticCurvePrivateKey = field(init=False, repr=False)
    _name: x509.Name = field(init=False)

    def __post_init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("Siege CA")
        body = self._body(self._name, self._key, timedelta(days=1)).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self.file.write_bytes(self._signed(body))

    @property
    def file(self) -> Path:
        """Its own certificate (PEM)."""
        return self.folder / "ca.pem"

    def server(
        self, host: str = "127.0.0.1", ends: timedelta = timedelta(days=1)
    ) -> ssl.SSLContext:
        """What a server of this name needs, until `ends` from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        numeric = host.replace(".", "").isdecimal()
        san = x509.IPAddress(ip_address(host)) if numeric else x509.DNSName(host)
        body = self._body(_name(host), key, ends).add_extension(
            x509.SubjectAlternativeName([san]), critical=False
        )
        path = self.folder / f"{host}{ends.days}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        path.write_bytes(private + self._signed(body))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _body(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, ends: timedelta
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=9))
            .not_valid_after(now + ends)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
        )

    def _signed(self, body: x509.CertificateBuilder) -> bytes:
        return body.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
