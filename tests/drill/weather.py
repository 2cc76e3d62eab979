"""What may happen to a shop in a day, one thing after the other."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.crash.small_disk import leave_free
from tests.drill.office import SIZE
from tests.drill.shop import Shop
from tests.release.answers import (
    black_hole,
    dribble,
    hang_up,
    nonsense,
    portal_page,
    reset_mid_body,
    status,
)
from tests.release.faults import Fault

Happens = Callable[[Shop, Path], AbstractContextManager[None]]
"""Given the shop and the disk of its data; lasts until it is left."""


@dataclass(frozen=True, slots=True)
class Spell:
    """One kind of weather and its minutes. `lit`: whether the display shows anything."""

    name: str
    minutes: float
    happens: Happens
    lit: bool = True


def fair(_shop: Shop, _disk: Path) -> AbstractContextManager[None]:
    """Everything works."""
    return nullcontext()


def line(fault: Fault, where: str = "*") -> Happens:
    """The server answers like this."""

    @contextmanager
    def happens(shop: Shop, _disk: Path) -> Iterator[None]:
        shop.server.fault, shop.server.where = fault, where
        try:
            yield
        finally:
            shop.server.fault, shop.server.where = None, "*"

    return happens


@contextmanager
def display_off(shop: Shop, _disk: Path) -> Iterator[None]:
    """The only screen loses power, and gets it back."""
    shop.desktop.switch_off()
    try:
        yield
    finally:
        shop.desktop.set_mode(*SIZE)


@contextmanager
def disk_full(_shop: Shop, disk: Path) -> Iterator[None]:
    """Somebody else fills the disk to its last page."""
    ballast = disk / "ballast"
    for pages in (0, 8, 64):  # a poll may be taking some at this very moment
        with suppress(OSError):
            leave_free(disk, ballast, pages)
            break
    try:
        yield
    finally:
        ballast.unlink()


@contextmanager
def read_only(_shop: Shop, disk: Path) -> Iterator[None]:
    """The disk can only be read: the same disk, laid over itself, as seen by whoever opens a file.

    Not a remount, which a kernel refuses while a log is open for writing.
    """
    before = disk.stat().st_dev
    _run("mount", "--bind", str(disk), str(disk))
    _run("mount", "-o", "remount,bind,ro", str(disk))
    assert disk.stat().st_dev == before
    try:
        yield
    finally:
        _run("umount", "-l", str(disk))


def _run(*words: str) -> None:
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


DAY: Final = (
    Spell("fair", 4, fair),
    Spell("server down", 2, line(hang_up)),
    Spell("fair", 3, fair),
    Spell("errors of 500", 2, line(status("500 Internal Server Error"))),
    Spell("fair", 3, fair),
    Spell("display off", 1, display_off, lit=False),
    Spell("slow", 2, line(dribble)),
    Spell("fair", 3, fair),
    Spell("garbage", 1, line(nonsense)),
    Spell("portal", 1, line(portal_page)),
    Spell("silent", 2, line(black_hole)),
    Spell("fair", 3, fair),
    Spell("cut off", 2, line(reset_mid_body, "/targets/*")),
    Spell("fair", 2, fair),
    Spell("disk full", 3, disk_full),
    Spell("fair", 2, fair),
    Spell("display off", 1, display_off, lit=False),
    Spell("read-only", 3, read_only),
)
"""Forty minutes."""
