"""The line to an origin, kept open from file to file: the only file that opens connections."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import suppress
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import requests
import truststore
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection

from kiosk import __version__
from kiosk.release.origin import NoContact


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


class Line:
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
