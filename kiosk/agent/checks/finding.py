"""What a check found: a state, the value seen, and one sentence that says what to do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

State = Literal["pass", "warn", "fail", "skipped"]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Finding:
    """The remedy is empty where there is nothing to do."""

    state: State
    seen: str
    remedy: str = ""


def passed(seen: str) -> Finding:
    """All is well."""
    return Finding("pass", seen)


def warned(seen: str, remedy: str) -> Finding:
    """The screen works, but somebody should know."""
    return Finding("warn", seen, remedy)


def failed(seen: str, remedy: str) -> Finding:
    """The screen does not work, or will not for long."""
    return Finding("fail", seen, remedy)


def skipped(why: str) -> Finding:
    """There was nothing to look at, or no sense in it."""
    return Finding("skipped", why)


def within(seconds: float, work: Callable[[], Result]) -> Result:
    """What `work` returns or raises; TimeoutError after `seconds`, and it is left behind.

    A name server, a disk and a TLS handshake can hang in ways that no timeout of theirs ends.
    """
    found: list[Result] = []
    trouble: list[BaseException] = []

    def run() -> None:
        try:
            found.append(work())
        except BaseException as error:
            trouble.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(max(seconds, 0.1))
    if trouble:
        raise trouble[0]
    if not found:
        raise TimeoutError
    return found[0]


def one_line(text: object, most: int = 300) -> str:
    """Text of any origin as one line of at most so many characters."""
    return " ".join(str(text).split())[:most]
