"""One request on a thread of its own, so that nothing it waits for can hold us."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

import requests
import urllib3

from kiosk.release.line import Line
from kiosk.release.origin import Limits, NoContact
from kiosk.release.trouble import trouble

THREAD: Final = "release origin"
"""How the names of this file's threads begin."""
_LEAST: Final = 64 * 1024
_MOST: Final = 1024 * 1024
"""Bytes of room for one read: twice what the last one brought, within these bounds."""
_QUEUED: Final = 16
"""Chunks received ahead of the reader."""


class Wire:
    """A request and its Answer; `start` and `total` are for its asker to say."""

    def __init__(
        self,
        line: Line,
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
                # TLS brings 16 kB a read; making room for 1 MB each time halved its rate.
                room = _LEAST
                while chunk := raw.read1(room, decode_content=False):
                    self._put("chunk", chunk)
                    room = min(max(_LEAST, 2 * len(chunk)), _MOST)
                self._put("end", None)
        except _Abandoned:
            pass
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            with suppress(_Abandoned):
                self._put("error", trouble(error))
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
