"""The way to the central address, walked as far as a step needs: to the proxy, through it, TLS."""

from __future__ import annotations

import http.client
import ssl
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

from requests.auth import _basic_auth_str
from requests.utils import (
    get_auth_from_url,
    get_environ_proxies,
    select_proxy,
)

from kiosk import __version__

WAIT_S: Final = 6.0
"""For one connection."""
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy, and who named it."""

    secure: bool
    host: str
    port: int
    headers: tuple[tuple[str, str], ...]
    named_by: str

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Route:
    """A web address, and the proxy on the way to it."""

    url: str
    secure: bool
    host: str
    port: int
    proxy: Proxy | None

    @property
    def first(self) -> str:
        """The host that this PC has to find."""
        return self.proxy.host if self.proxy else self.host

    def connect(self, context: ssl.SSLContext | None) -> http.client.HTTPConnection:
        """A connection to the origin, through the proxy where there is one; OSError.

        `context` None stops before TLS.
        """
        end = self.proxy or self
        line = (
            http.client.HTTPConnection(end.host, end.port, timeout=WAIT_S)
            if context is None
            else http.client.HTTPSConnection(end.host, end.port, timeout=WAIT_S, context=context)
        )
        if self.proxy and self.secure:
            line.set_tunnel(self.host, self.port, dict(self.proxy.headers))
        try:
            line.connect()
        except BaseException:
            line.close()
            raise
        return line

    def ask(self, name: str) -> http.client.HTTPResponse:
        """The head of an answer of which nothing is believed; OSError or HTTPException."""
        context = blind_trust() if self.secure else None
        with closing(self.connect(context)) as line:
            url = f"{self.url}/{name}"
            path = urlsplit(url).path
            through = self.proxy and not self.secure
            headers = {"User-Agent": f"o2-kiosk/{__version__}"}
            headers |= dict(self.proxy.headers) if self.proxy and through else {}
            line.request("GET", url if through else path, headers=headers)
            answer = line.getresponse()
            answer.close()
            return answer

    def date(self) -> datetime | None:
        """What time the other end says it is; None where it does not. OSError, HTTPException."""
        told = self.ask("metadata/timestamp.json").getheader("Date")
        try:
            found = parsedate_to_datetime(told) if told else None
        except ValueError:
            return None
        return found.astimezone(UTC) if found and found.tzinfo else None


def blind_trust() -> ssl.SSLContext:
    """For what is looked at and never believed: the date, and whose a bad certificate is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def route_of(central: str | None, proxy: str | None, named_in: str) -> Route | None:
    """The route that a poll takes, by the rules of release/web.py."""
    parts = urlsplit(central or "")
    if central is None or parts.scheme not in _PORTS or not parts.hostname:
        return None
    proxies = {"http": proxy, "https": proxy} if proxy else get_environ_proxies(central)
    chosen = select_proxy(central, proxies)
    named_by = f"`proxy` in {named_in}" if proxy else "the system"
    return Route(
        url=central.rstrip("/"),
        secure=parts.scheme == "https",
        host=parts.hostname,
        port=parts.port or _PORTS[parts.scheme],
        proxy=_proxy(chosen, named_by) if chosen else None,
    )


def _proxy(text: str, named_by: str) -> Proxy:
    parts = urlsplit(text if "://" in text else f"http://{text}")
    user, password = get_auth_from_url(parts.geturl())
    headers = (("Proxy-Authorization", _basic_auth_str(user, password)),) if user else ()
    port = parts.port or _PORTS.get(parts.scheme, 80)
    return Proxy(parts.scheme == "https", parts.hostname or "", port, headers, named_by)
