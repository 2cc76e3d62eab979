"""Two releases, a screen that holds the first, and what no fault may change of it."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.release.download import TRIES
from kiosk.release.origin import Limits
from kiosk.release.sync import Outcome, Updated
from kiosk.release.wire import THREAD
from tests.release.head_office import Shop

TIGHT = Limits(answer_s=1.0, window_s=0.5, window_bytes=1024)
DEADLINE_S = TRIES * (TIGHT.answer_s + TIGHT.window_s) + 5.0
"""What a poll with one bad file may take at most, and 5 s for a busy machine."""
BIG = 3 * 2**20
MEDIA = "/targets/media/*"
ALONE = pytest.mark.usefixtures("no_environment", "quick_collections", "nothing_left")
"""For a module of tests that ask the web: see conftest.py."""


@dataclass(frozen=True, slots=True)
class World:
    """Two releases of one head office, and a screen that holds the first."""

    shop: Shop
    first: Path
    second: Path


def assert_no_request_left() -> None:
    """No request outlives the poll that gave it up, though the server still drips."""
    for thread in threading.enumerate():
        if thread.name.startswith(THREAD):
            thread.join(DEADLINE_S)
            assert not thread.is_alive(), thread.name


def number(shop: Shop) -> int:
    """Which release the screen shows."""
    return shop.release.manifest.number


def assert_whole(shop: Shop) -> None:
    """Every object of the current release is there, byte for byte."""
    for signed in shop.release.files.values():
        content = shop.store.path(signed.sha256).read_bytes()
        assert hashlib.sha256(content).hexdigest() == signed.sha256


@contextmanager
def untouched(shop: Shop) -> Iterator[None]:
    """What is current stays as it is, to the byte, and this ends within its deadline."""
    before, release = shop.store.pointer(), shop.release
    begin = time.monotonic()
    yield
    assert time.monotonic() - begin < DEADLINE_S
    assert_no_request_left()
    assert shop.store.pointer() == before
    assert shop.release == release
    assert_whole(shop)


def assert_recovers(shop: Shop, outcome: Outcome) -> None:
    """The second release is here, whole."""
    assert isinstance(outcome, Updated), outcome
    assert number(shop) == 2
    assert_whole(shop)
    assert (
        b"Au revoir."
        in shop.store.path(shop.release.files["campaign/campaign.yaml"].sha256).read_bytes()
    )
