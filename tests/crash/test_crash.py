"""A sync is cut short at every step: the store opens on the old or the new release, whole."""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.crash.faults import Faults, Trial
from tests.crash.shop_floor import ShopFloor, set_up
from tests.crash.small_disk import (
    PAGE,
    PowerDisk,
    memory,
    obstacle_to_memory,
    obstacle_to_power_cuts,
)
from tests.crash.strace import obstacle, syncs

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="faults are injected on Linux")
PARTS = 4


@pytest.fixture(scope="module")
def floor() -> Iterator[ShopFloor]:
    """A screen that shows one release while the next is out; in memory, where that is possible."""
    fast = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=fast if fast.is_dir() else None) as root:
        yield set_up(Path(root))


@pytest.fixture(scope="module")
def faults(floor: ShopFloor) -> Iterator[Faults]:
    """Faults by strace."""
    if (reason := obstacle()) is not None:
        pytest.skip(reason)
    with syncs(floor) as running:
        yield Faults(floor, running, running.calls(floor.data("data")))


def opened(trials: Iterable[Trial]) -> list[str]:
    """Carry the trials out; the releases that the store opened on."""
    return [trial.act() for trial in trials]


def most_errors(faults: Faults) -> list[Trial]:
    """A failing fsync and a full disk at every call, a third of the other errors."""
    every = list(faults.errors(faults.calls))
    core = [trial for trial in every if trial.kind in ("EIO at fsync", "ENOSPC at write")]
    return [*core, *[trial for trial in every if trial not in core][::3]]


def test_there_are_more_than_a_hundred_faults(faults: Faults) -> None:
    trials = [*faults.kills(faults.calls), *most_errors(faults)]
    kinds = Counter(trial.kind for trial in trials)
    assert len(trials) >= 150
    assert kinds["kill -9 at fsync"] == kinds["EIO at fsync"] >= 25
    assert kinds["kill -9 at rename"] >= 12
    assert kinds["ENOSPC at write"] >= 12
    assert kinds["kill -9 at unlink"] >= 2


@pytest.mark.parametrize("part", range(PARTS))
def test_kill_9_at_every_change(faults: Faults, part: int) -> None:
    assert opened(faults.kills(faults.calls[part::PARTS]))


def test_kill_9_is_met_on_both_releases(faults: Faults) -> None:
    first_and_last = (faults.calls[0], faults.calls[-1])
    assert opened(faults.kills(first_and_last)) == ["old", "new"]


@pytest.mark.parametrize("part", range(PARTS))
def test_a_disk_that_says_no_once(faults: Faults, part: int) -> None:
    assert opened(most_errors(faults)[part::PARTS])


def test_a_disk_that_says_no_from_then_on(faults: Faults) -> None:
    assert opened(faults.errors(faults.calls[::5], for_good=True))


def test_a_real_disk_that_is_full(faults: Faults, floor: ShopFloor) -> None:
    if (reason := obstacle_to_memory(floor.root)) is not None:
        pytest.skip(reason)
    with memory(floor.root / "memory", 1024 * PAGE) as disk:
        pages = (*range(12), *range(12, 110, 7))
        found = opened(faults.full(disk, pages))
    assert found[0] == "old"
    assert found[-1] == "new"


def test_the_power_goes_on_a_real_ext4(faults: Faults, floor: ShopFloor) -> None:
    if (reason := obstacle_to_power_cuts(floor.root)) is not None:
        pytest.skip(reason)
    disk = PowerDisk(floor.root)
    disk.make(floor.root / "start")
    chosen = [(call, number % 2) for number, call in enumerate(faults.calls[::4])]
    found = opened(faults.power(disk, [*chosen, (None, 0), (None, 1)]))
    assert found[0] == "old"
    assert found[-2:] == ["new", "new"]


def test_the_power_goes_on_the_worst_disk_allowed(faults: Faults) -> None:
    found = opened(faults.lossy(None, range(0, 100, 8), random.Random(1)))
    assert len(found) >= 100
    assert {"old", "new"} == set(found)


def test_what_a_killed_sync_had_not_waited_for_is_waited_for(faults: Faults) -> None:
    folders = [
        call
        for call in faults.calls
        if call.name == "fsync" and ".new-" not in call.line and "/partial/" not in call.line
    ]
    assert len(folders) > 10
    for call in folders:
        assert set(opened(faults.lossy(call, range(0), random.Random(1), more=0))) == {"new"}
