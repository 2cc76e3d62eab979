"""Every kind of fault, as trials: each is one fault in a sync, and what must hold after it."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from kiosk.release.sync import Rejected, Updated
from tests.crash.disk import Disk, cuts
from tests.crash.shop_floor import Harm, Opened, ShopFloor
from tests.crash.small_disk import PowerDisk, leave_free
from tests.crash.strace import Call, Ended, Fault, Syncs

ERRORS: Final = {
    "fsync": ("EIO",),
    "write": ("ENOSPC", "EDQUOT", "EIO"),
    "openat": ("ENOSPC", "EIO"),
    "rename": ("ENOSPC", "EIO"),
    "mkdir": ("ENOSPC",),
    "unlink": ("EIO",),
    "ftruncate": ("EIO",),
}
MOUNTS: Final = (("noauto_da_alloc",), ("noauto_da_alloc", "data=writeback"), ())
"""ext4 without, and with, its own help for programs that forget fsync."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A fault, and its trial: which release the store opened on, Harm where a promise broke."""

    kind: str
    act: Callable[[], Opened]


@dataclass(frozen=True)
class Faults:
    """The trials on one shop floor."""

    floor: ShopFloor
    syncs: Syncs
    calls: tuple[Call, ...]

    # -- strace -----------------------------------------------------------------------------

    def kills(self, calls: Iterable[Call]) -> Iterator[Trial]:
        """kill -9 just before each call; what came before it stays, as nothing else fails."""
        for call in calls:
            fault = Fault(call, "signal=KILL")
            yield Trial(fault.kind, partial(self._injected, fault))

    def errors(self, calls: Iterable[Call], *, for_good: bool = False) -> Iterator[Trial]:
        """A disk that says no, to one call or to every one from there on."""
        for call in calls:
            for error in ERRORS.get(call.name, ()):
                fault = Fault(call, f"error={error}", for_good)
                yield Trial(fault.kind, partial(self._injected, fault))

    def twice(self, chance: random.Random) -> Iterator[Trial]:
        """kill -9, and again during the sync that was to heal it; for ever."""
        while True:
            first, second = chance.choices(self.calls, k=2)
            yield Trial("kill -9, then again", partial(self._twice, first, second))

    def _injected(self, fault: Fault) -> Opened:
        data = self.floor.data("data")
        ended = self.syncs.inject(fault, data)
        if fault.action != "signal=KILL":
            _says_disk(ended)
            _not_trusted(fault.call, data)
        return self.floor.judge(data)

    def _twice(self, first: Call, second: Call) -> Opened:
        data = self.floor.data("data")
        self.syncs.inject(Fault(first, "signal=KILL"), data)
        was = self.floor.opened(data)
        ended = self.syncs.run(data, "-e", Fault(second, "signal=KILL").option)
        which = self.floor.judge(data)
        if (was, which) == ("new", "old"):
            raise Harm("opens on the old release after the new one")
        if ended.code != -signal.SIGKILL and which == "old":
            raise Harm(f"opens on the old release after {ended.said}")
        return which

    # -- real disks -------------------------------------------------------------------------

    def full(self, disk: Path, pages: Iterable[int]) -> Iterator[Trial]:
        """A real disk with so many pages left."""
        for left in pages:
            yield Trial("real disk full", partial(self._fill, disk, left))

    def _fill(self, disk: Path, pages: int) -> Opened:
        """A sync on a disk with `pages` left; then room is made."""
        ballast = disk / "ballast"
        data = self.floor.data("data", disk)
        leave_free(disk, ballast, pages)
        outcome = self.floor.shop(data).poll(self.floor.origin())
        which = self.floor.opened(data)
        ballast.unlink()
        if not isinstance(outcome, Updated):
            if not (isinstance(outcome, Rejected) and "room" in outcome.why):
                raise Harm(f"on a full disk: {outcome}")
        elif which == "old":
            raise Harm(f"opens on the old release after {outcome}")
        return self.floor.judge(data)

    def power(self, disk: PowerDisk, chosen: Iterable[tuple[Call | None, int]]) -> Iterator[Trial]:
        """The power goes just after a call, or, where None, after the sync; with such a mount."""
        for call, mount in chosen:
            yield Trial("power cut on ext4", partial(self._cut, disk, call, MOUNTS[mount]))

    def _cut(self, disk: PowerDisk, call: Call | None, options: tuple[str, ...]) -> Opened:
        disk.restore()
        with disk.mounted(*options) as data:
            if call is None:
                ended = self.syncs.run(data)
                disk.cut()
            else:
                trace = ("-e", "trace=%file,%desc", "-e", Fault(call, "signal=STOP").option)
                ended = self.syncs.run(data, *trace, stopped=disk.cut)
                assert ended.code == -signal.SIGKILL, f"{call} was never reached"
        with disk.mounted() as data:
            which = self.floor.judge(data)
        if which == "old" and ended.said:
            raise Harm(f"opens on the old release after {ended.said}")
        return which

    # -- a disk that loses what it may -------------------------------------------------------

    def lossy(
        self, first: Call | None, steps: range, chance: random.Random, more: int = 2
    ) -> Iterator[Trial]:
        """Power cuts in a sync, at those of its steps and at its end.

        Where `first` is given, another sync was killed there before it. `more` says how many cuts
        of chance are tried beside the extremes.
        """
        data, target = self.floor.data("data"), self.floor.root / "cut"
        disk = Disk.of(data)
        if first is not None:
            killed = self.syncs.record(data, "-e", Fault(first, "signal=KILL").option)
            disk.follow_all(killed.log)
        ended = self.syncs.record(data)
        for step, _ in enumerate(disk.follow(ended.log)):
            if step in steps:
                for _ in cuts(disk, target, chance, more):
                    yield Trial("power cut, worst case", partial(self.floor.judge, target))
        for _ in cuts(disk, target, chance, more):
            yield Trial("power cut, worst case", partial(self._must_be_new, target, ended))

    def _must_be_new(self, target: Path, ended: Ended) -> Opened:
        which = self.floor.judge(target)
        if which != "new":
            raise Harm(f"opens on the old release after {ended.said}")
        return which


def _says_disk(ended: Ended) -> None:
    if ended.code or not ended.said.startswith("Rejected") or "disk" not in ended.said:
        raise Harm(f"a disk error ends in {ended.code}: {ended.said}")


def _not_trusted(call: Call, data: Path) -> None:
    """What fsync could not write must be empty, and no object."""
    if call.name != "fsync" or f"<{data}/partial/" not in call.line:
        return
    name = call.line.partition("/partial/")[2].partition(">")[0]
    if (data / "partial" / name).stat().st_size or list(data.glob(f"objects/*/{name}")):
        raise Harm("bytes are trusted that fsync could not write")
