"""A release on the web: what is asked for, and which answers are taken."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

from requests.utils import get_environ_proxies, select_proxy

from kiosk.release.line import Line
from kiosk.release.origin import Answer, Limits, Missing, NoContact, WebPage, whole
from kiosk.release.trouble import HungUp
from kiosk.release.wire import Wire

_MISSING: Final = (403, 404, 410)
"""Object stores answer 403 for what is not there unless listing is allowed."""
_GZIP_OWN: Final = 4096
"""Bytes that gzip may add to what it cannot shrink."""
_LENGTH: Final = "[0-9]{1,18}"
_RANGE: Final = f"bytes ({_LENGTH})-{_LENGTH}/({_LENGTH}|[*])"


class WebOrigin:
    """A release on any HTTP server, object store or cache. No redirect, no cookie, no .netrc."""

    def __init__(
        self, base: str, *, proxy: str | None, ca_file: Path | None, limits: Limits
    ) -> None:
        self._base, self._limits = base, limits
        self._proxies = {"http": proxy, "https": proxy} if proxy else get_environ_proxies(base)
        self._proxied = select_proxy(base, self._proxies) is not None
        self._ca_file = ca_file
        self._line: Line | None = None
        self._wire: Wire | None = None

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
            # What is small already grows by gzip's own header and trailer.
            content = whole(wire, name, most + _GZIP_OWN * (encoding == "gzip"))
            if encoding == "gzip":
                content = _unzipped(content, name, most)
            if _says_html(wire) or content.lstrip()[:1] == b"<":
                raise WebPage(f"{name}: the answer is a web page{_captive(self._proxied)}")
            return content

    def _ask(self, name: str, headers: Mapping[str, str]) -> Wire:
        if self._wire is not None:
            self._wire.close()
        url = f"{self._base}/{quote(name)}"
        if self._line is not None and self._line.serves_again(self._limits.idle_s):
            # A server may close an idle connection in the moment that it is used again.
            with suppress(HungUp):
                return self._begin(self._line, url, headers)
        self._line = Line(self._ca_file)
        return self._begin(self._line, url, headers)

    def _begin(self, line: Line, url: str, headers: Mapping[str, str]) -> Wire:
        wire = Wire(line, url, headers, self._proxies, self._limits)
        with _giving_up(wire):
            wire.wait_for_headers()
        self._wire = wire
        return wire

    def _check(self, wire: Wire, name: str, fine: tuple[int, ...]) -> None:
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
def _giving_up(wire: Wire) -> Iterator[None]:
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


def _encoding(wire: Wire) -> str:
    return wire.headers.get("Content-Encoding", "identity").lower()


def _says_html(wire: Wire) -> bool:
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


def _extent(wire: Wire, name: str, offset: int) -> tuple[int, int | None]:
    """The first byte's offset and the whole length, as the answer's headers say."""
    if wire.status == 200:
        length = wire.headers.get("Content-Length", "")
        return 0, int(length) if re.fullmatch(_LENGTH, length) else None
    found = re.fullmatch(_RANGE, wire.headers.get("Content-Range", ""))
    if found is None or int(found[1]) != offset:
        raise NoContact(f"{name}: asked from byte {offset}, the answer is another part")
    return offset, None if found[2] == "*" else int(found[2])
