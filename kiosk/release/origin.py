"""Where releases come from: a web address or a folder. The only file that opens a connection."""

from __future__ import annotations

import queue
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote, urlsplit
from urllib.request import url2pathname

import requests
import truststore
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies, select_proxy
from urllib3.connection import HTTPConnection

from kiosk import __version__

CHUNK: Final = 256 * 1024
THREAD: Final = "release origin"
"""How the names of this file's threads begin."""
_QUEUED: Final = 16
"""Chunks received ahead of the reader."""
_MISSING: Final = (403, 404, 410)
"""Object stores answer 403 for what is not there unless listing is allowed."""


class NoContact(Exception):
    """No usable answer from the origin: one phrase with the cause, and a remedy where known."""


class Missing(NoContact):
    """The origin answers, and has no such file."""


class WebPage(NoContact):
    """The origin, or something in its place, answers with a web page."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait, in seconds, and how slow is too slow."""

    answer_s: float = 30.0
    """From the question to the first byte of the answer: name, connection, TLS, headers."""
    window_s: float = 20.0
    window_bytes: int = 16 * 1024
    """In each window so many bytes must come, or all that is left."""
    idle_s: float = 15.0
    """For how long an idle connection is used again: firewalls forget them without a word."""


class Answer(Protocol):
    """One file on its way."""

    @property
    def start(self) -> int:
        """The offset of its first byte."""
        ...

    @property
    def total(self) -> int | None:
        """The whole file's length in bytes, where the origin says it."""
        ...

    def chunks(self) -> Iterator[bytes]:
        """The bytes from `start`, as they come; NoContact where they stop coming."""
        ...

    def close(self) -> None:
        """Want no more of it."""
        ...


class Origin(Protocol):
    """A static tree of files, asked for one at a time."""

    def open(self, name: str, offset: int = 0) -> Answer:
        """Begin to fetch `name` from byte `offset`; NoContact where that fails."""
        ...

    def fetch(self, name: str, most: int) -> bytes:
        """The whole of a small file; NoContact where it is not there or longer than `most`."""
        ...


def open_origin(
    url: str,
    *,
    proxy: str | None = None,
    ca_file: Path | None = None,
    limits: Limits | None = None,
) -> Origin:
    """The origin at an http:, https: or file: address; ValueError for any other."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return FolderOrigin(Path(url2pathname(parts.path)))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url} is not an address; write https://…, http://… or file:///…")
    return WebOrigin(url.rstrip("/"), proxy=proxy, ca_file=ca_file, limits=limits or Limits())


# -- a folder -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _FileAnswer:
    path: Path
    start: int
    total: int | None

    def chunks(self) -> Iterator[bytes]:
        try:
            with self.path.open("rb") as file:
                file.seek(self.start)
                while chunk := file.read(CHUNK):
                    yield chunk
        except OSError as error:
            raise NoContact(f"{self.path} cannot be read ({error.strerror})") from error

    def close(self) -> None:
        """As Answer."""


class FolderOrigin:
    """A release on a USB stick or a network folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def open(self, name: str, offset: int = 0) -> Answer:
        """As Origin."""
        path = self._root / name
        if not self._root.is_dir():
            raise NoContact(f"{self._root} is not there; is the stick plugged in?")
        try:
            total = path.stat().st_size
        except OSError as error:
            raise Missing(f"{path} cannot be read ({error.strerror})") from error
        return _FileAnswer(path, min(offset, total), total)

    def fetch(self, name: str, most: int) -> bytes:
        """As Origin."""
        with closing(self.open(name)) as answer:
            return _bounded(answer, name, most)


def _bounded(answer: Answer, name: str, most: int) -> bytes:
    content = bytearray()
    for chunk in answer.chunks():
        content += chunk
        if len(content) > most:
            raise NoContact(f"{name} is longer than {most} bytes")
    return bytes(content)


# -- the web ------------------------------------------------------------------------------------


class _Cord:
    """A hold on the connection in use, to cut it from another thread.

    A name server, a proxy, a TLS handshake or headers that drip in can hang in ways that no socket
    timeout ends.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._end: int | None = None
        self.is_cut = False

    def hold(self, connection: socket.socket) -> socket.socket:
        """Hold this connection instead of the one before."""
        with self._lock:
            self._let_go()
            if self.is_cut:
                connection.close()
                raise ConnectionAbortedError("nobody waits for this connection any more")
            # TLS takes the socket over: only another handle on the same connection stays valid.
            self._end = connection.dup().detach()
        return connection

    def cut(self) -> None:
        """End the connection, and any that is still to come."""
        with self._lock:
            self.is_cut = True
            if self._end is not None:
                with socket.socket(fileno=self._end) as end, suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                self._end = None

    def _let_go(self) -> None:
        if self._end is not None:
            socket.close(self._end)
            self._end = None

    def __del__(self) -> None:
        self._let_go()


def _held(kind: type[HTTPConnection], cord: _Cord) -> type[HTTPConnection]:
    class Held(kind):  # type: ignore[valid-type,misc]
        def _new_conn(self) -> socket.socket:
            return cord.hold(super()._new_conn())

    return Held


class _OnCord(HTTPAdapter):
    """Connections that can be cut."""

    def __init__(self, cord: _Cord) -> None:
        self._cord = cord
        super().__init__(max_retries=0)

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        if "ConnectionCls" not in vars(pool):
            pool.ConnectionCls = _held(pool.ConnectionCls, self._cord)
        return pool


class _SystemTrust(_OnCord):
    """Certificates are judged by the operating system's own store, and a CA file beside it."""

    def __init__(self, cord: _Cord, ca_file: Path | None) -> None:
        self._context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if ca_file is not None:
            self._context.load_verify_locations(cafile=str(ca_file))
        super().__init__(cord)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
        return super().proxy_manager_for(proxy, ssl_context=self._context, **kwargs)

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        # requests would add certifi's authorities to ours here.
        del url, verify, cert
        conn.cert_reqs = "CERT_REQUIRED"


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """None, or requests would read all that comes with a redirect into memory."""
        del resp
        return None


class _Line:
    """A session and its one connection, kept open from file to file."""

    def __init__(self, ca_file: Path | None) -> None:
        self.cord = _Cord()
        self.session = _Session()
        # Neither .netrc, nor REQUESTS_CA_BUNDLE, nor a proxy that `proxies` does not name.
        self.session.trust_env = False
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.session.headers["User-Agent"] = f"o2-kiosk/{__version__}"
        self.session.mount("http://", _OnCord(self.cord))
        try:
            self.session.mount("https://", _SystemTrust(self.cord, ca_file))
        except (OSError, ssl.SSLError) as error:
            raise NoContact(f"the CA file {ca_file} cannot be used ({error})") from error
        self.free_since = time.monotonic()

    def serves_again(self, idle_s: float) -> bool:
        """Whether its connection may well still be open at both ends."""
        return not self.cord.is_cut and time.monotonic() - self.free_since < idle_s


class WebOrigin:
    """A release on any HTTP server, object store or cache. No redirect, no cookie, no .netrc."""

    def __init__(
        self, base: str, *, proxy: str | None, ca_file: Path | None, limits: Limits
    ) -> None:
        self._base, self._limits = base, limits
        self._proxies = {"http": proxy, "https": proxy} if proxy else get_environ_proxies(base)
        self._proxied = select_proxy(base, self._proxies) is not None
        self._ca_file = ca_file
        self._line: _Line | None = None
        self._wire: _Wire | None = None

    def open(self, name: str, offset: int = 0) -> Answer:
        """As Origin."""
        headers = {"Accept-Encoding": "identity"}
        if offset:
            headers["Range"] = f"bytes={offset}-"
        wire = self._ask(name, headers)
        with _giving_up(wire):
            if wire.status == 416:
                raise Missing(f"{name} is shorter than {offset} bytes at the origin")
            self._check(wire, name, (200, 206) if offset else (200,))
            if _encoding(wire) != "identity":
                raise NoContact(f"{name} came compressed, though it was asked for as it is")
            if _says_html(wire):
                raise WebPage(f"{name}: the answer is a web page{_captive(self._proxied)}")
            wire.start, wire.total = _extent(wire, name, offset)
        return wire

    def fetch(self, name: str, most: int) -> bytes:
        """As Origin; may travel compressed."""
        wire = self._ask(name, {"Accept-Encoding": "gzip", "Cache-Control": "no-cache"})
        with _giving_up(wire):
            self._check(wire, name, (200,))
            encoding = _encoding(wire)
            if encoding not in ("identity", "gzip"):
                raise NoContact(f"{name} came encoded as {encoding}, which was not asked for")
            content = _bounded(wire, name, most)
            if encoding == "gzip":
                content = _unzipped(content, name, most)
            if _says_html(wire) or content.lstrip()[:1] == b"<":
                raise WebPage(f"{name}: the answer is a web page{_captive(self._proxied)}")
            return content

    def _ask(self, name: str, headers: Mapping[str, str]) -> _Wire:
        if self._wire is not None:
            self._wire.close()
        url = f"{self._base}/{quote(name)}"
        if self._line is not None and self._line.serves_again(self._limits.idle_s):
            # A server may close an idle connection in the moment that it is used again.
            with suppress(_HungUp):
                return self._begin(self._line, url, headers)
        self._line = _Line(self._ca_file)
        return self._begin(self._line, url, headers)

    def _begin(self, line: _Line, url: str, headers: Mapping[str, str]) -> _Wire:
        wire = _Wire(line, url, headers, self._proxies, self._limits)
        with _giving_up(wire):
            wire.wait_for_headers()
        self._wire = wire
        return wire

    def _check(self, wire: _Wire, name: str, fine: tuple[int, ...]) -> None:
        status = wire.status
        if status in fine:
            return
        if status in _MISSING:
            wire.drain()
            raise Missing(f"{name} is not at the origin (status {status})")
        if status == 407:
            raise NoContact("the proxy wants a name and a password; write them into `proxy`")
        if 300 <= status < 400 and status != 304:
            where = _host(wire.headers.get("Location", ""))
            raise WebPage(f"{name} is redirected to {where}{_captive(self._proxied)}")
        again = wire.headers.get("Retry-After")
        wish = f"; it wishes to be asked again in {again[:20]} s" if again else ""
        raise NoContact(f"the origin answers {name} with status {status}{wish}")


@contextmanager
def _giving_up(wire: _Wire) -> Iterator[None]:
    """A request that failed is left behind with its connection: it may hang for ever."""
    try:
        yield
    except BaseException:
        wire.close()
        raise


def _captive(proxied: bool) -> str:
    who = "the proxy" if proxied else "a captive portal"
    return f"; does {who} want somebody to sign in?"


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or "nowhere"
    except ValueError:
        return "nowhere"


def _encoding(wire: _Wire) -> str:
    return wire.headers.get("Content-Encoding", "identity").lower()


def _says_html(wire: _Wire) -> bool:
    return "html" in wire.headers.get("Content-Type", "").lower()


def _unzipped(content: bytes, name: str, most: int) -> bytes:
    machine = zlib.decompressobj(wbits=31)
    try:
        plain = machine.decompress(content, most + 1)
    except zlib.error as error:
        raise NoContact(f"{name} is not the gzip it says it is") from error
    if len(plain) > most:
        raise NoContact(f"{name} is longer than {most} bytes")
    if not machine.eof:
        raise NoContact(f"{name} stopped half-way")
    return plain


def _extent(wire: _Wire, name: str, offset: int) -> tuple[int, int | None]:
    """The first byte's offset and the whole length, as the answer's headers say."""
    if wire.status == 200:
        length = wire.headers.get("Content-Length", "")
        return 0, int(length) if re.fullmatch(_LENGTH, length) else None
    found = re.fullmatch(_RANGE, wire.headers.get("Content-Range", ""))
    if found is None or int(found[1]) != offset:
        raise NoContact(f"{name}: asked from byte {offset}, the answer is another part")
    return offset, None if found[2] == "*" else int(found[2])


_LENGTH: Final = "[0-9]{1,18}"
_RANGE: Final = f"bytes ({_LENGTH})-{_LENGTH}/({_LENGTH}|[*])"


class _Wire:
    """One request on a thread of its own, so that nothing it waits for can hold us."""

    def __init__(
        self,
        line: _Line,
        url: str,
        headers: Mapping[str, str],
        proxies: Mapping[str, str],
        limits: Limits,
    ) -> None:
        self.start: int = 0
        self.total: int | None = None
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self._line, self._limits = line, limits
        self._ended = False
        self._box: queue.Queue[tuple[str, Any]] = queue.Queue(_QUEUED)
        self._abandoned = threading.Event()
        work = threading.Thread(
            target=self._work,
            args=(url, dict(headers), dict(proxies)),
            name=f"{THREAD} {url}",
            daemon=True,
        )
        work.start()

    def wait_for_headers(self) -> None:
        """NoContact unless the answer begins in time."""
        kind, value = self._take(self._limits.answer_s, "no answer")
        assert kind == "headers"
        self.status, self.headers = value

    def chunks(self) -> Iterator[bytes]:
        """As Answer."""
        try:
            yield from self._chunks()
        finally:
            self.close()

    def _chunks(self) -> Iterator[bytes]:
        limits = self._limits
        window_ends, due = time.monotonic() + limits.window_s, limits.window_bytes
        while True:
            kind, value = self._take(
                window_ends - time.monotonic(),
                f"too slow: less than {limits.window_bytes} bytes",
                limits.window_s,
            )
            if kind == "end":
                self._line.free_since = time.monotonic()
                self._ended = True
                return
            yield value
            due -= len(value)
            if due <= 0:
                window_ends = time.monotonic() + limits.window_s
                due = limits.window_bytes

    def drain(self) -> None:
        """Take a short error page off the line, so that the connection serves again."""
        left = 64 * 1024
        with suppress(NoContact):
            for chunk in self.chunks():
                left -= len(chunk)
                if left < 0:
                    return

    def close(self) -> None:
        """As Answer: what is still on its way is cut off, with its connection."""
        if not self._ended:
            self._abandoned.set()
            self._line.cord.cut()

    def _take(self, seconds: float, lack: str, span: float | None = None) -> tuple[str, Any]:
        try:
            kind, value = self._box.get(timeout=max(seconds, 0.001))
        except queue.Empty:
            raise NoContact(f"{lack} within {span or seconds:g} s") from None
        if kind == "error":
            raise value
        return kind, value

    def _work(
        self,
        url: str,
        headers: dict[str, str],
        proxies: dict[str, str],
    ) -> None:
        wait = (self._limits.answer_s, max(self._limits.window_s, self._limits.answer_s))
        try:
            with self._line.session.get(
                url,
                headers=headers,
                proxies=proxies,
                stream=True,
                allow_redirects=False,
                timeout=wait,
                verify=True,
            ) as response:
                self._put("headers", (response.status_code, response.headers))
                raw: urllib3.HTTPResponse = response.raw
                while chunk := raw.read1(CHUNK, decode_content=False):
                    self._put("chunk", chunk)
                self._put("end", None)
        except _Abandoned:
            pass
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            with suppress(_Abandoned):
                self._put("error", _trouble(error))
        except ValueError as error:
            with suppress(_Abandoned):
                self._put("error", NoContact(f"the answer makes no sense ({error})"))

    def _put(self, kind: str, value: Any) -> None:
        while not self._abandoned.is_set():
            with suppress(queue.Full):
                self._box.put((kind, value), timeout=1.0)
                return
        raise _Abandoned


class _Abandoned(Exception):
    """Nobody reads this wire any more."""


class _HungUp(NoContact):
    """The other end closed the connection instead of answering."""


_HUNG_UP: Final = ("RemoteDisconnected", "ConnectionResetError", "BrokenPipe", "SSLEOFError")
_PHRASES: Final[tuple[tuple[str, str], ...]] = (
    ("certificate has expired", "the origin's certificate has expired; is this PC's clock right?"),
    ("certificate is not yet valid", "the certificate is not valid yet; is this PC's clock right?"),
    ("Hostname mismatch", "the certificate is for another host; check `central`"),
    ("IP address mismatch", "the certificate is for another host; check `central`"),
    (
        "CERTIFICATE_VERIFY_FAILED",
        "this PC does not know the certificate's authority; set `ca_file`",
    ),
    # Windows and macOS judge in their own words, perhaps in French.
    (
        "SSLCertVerificationError",
        "this PC does not accept the certificate; is its clock right, is `ca_file` set?",
    ),
    ("407 Proxy", "the proxy wants a name and a password; write them into `proxy`"),
    ("ProxyError", "the proxy cannot be reached or refuses; check `proxy`"),
    # The address may hold a password: it is not repeated.
    ("LocationParseError", "an address cannot be read; check `central` and `proxy`"),
    ("InvalidURL", "an address cannot be read; check `central` and `proxy`"),
    ("InvalidProxyURL", "an address cannot be read; check `proxy`"),
    ("Failed to resolve", "the host's name is unknown; check `central` and the name server"),
    ("NameResolutionError", "the host's name is unknown; check `central` and the name server"),
    ("Network is unreachable", "no route to the network; check the cable"),
    ("No route to host", "no route to the host; check the network"),
    ("Connection refused", "the connection was refused; is the address and port right?"),
    ("timed out", "no answer in time"),
    ("reset by peer", "the connection was cut"),
    ("IncompleteRead", "the answer stopped half-way"),
    ("RemoteDisconnected", "the connection was cut before an answer"),
    ("SSLError", "no secure connection could be made"),
)


def _trouble(error: BaseException) -> NoContact:
    hung_up = any(mark in repr(error) for mark in _HUNG_UP)
    return (_HungUp if hung_up else NoContact)(_phrase(error))


def _phrase(error: BaseException) -> str:
    text = repr(error)
    for mark, phrase in _PHRASES:
        if mark in text:
            return phrase
    return " ".join(str(error).split())[:200] or type(error).__name__
