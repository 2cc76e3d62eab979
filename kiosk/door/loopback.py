"""A web server for this machine alone: what stands in for the central site in a demonstration."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from ssl import SSLContext
from typing import Final

POLL_S: Final = 0.05
"""How long its end may be overlooked."""


class Silent(SimpleHTTPRequestHandler):
    """Gives out the files of a folder, keeps connections open and says nothing."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        del format, args


@contextmanager
def served(site: Path) -> Iterator[str]:
    """The site on a loopback port; its address."""
    with serving(partial(Silent, directory=str(site))) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def serving(
    handler: Callable[..., BaseHTTPRequestHandler], tls: SSLContext | None = None
) -> Iterator[int]:
    """Each request handled so, over TLS where that is given; the loopback port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(POLL_S,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
