"""The power goes while the whole kiosk runs and releases change; then it comes back."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kiosk.release.store import Store
from tests.crash.small_disk import PowerDisk, obstacle_to_power_cuts
from tests.drill.intact import harms_at_rest, harms_now
from tests.drill.shop import Open, Shop, furnished

PROMISE_S: Final = 5.0
DARK_S: Final = 10.0


@dataclass
class Deliveries:
    """Releases come out and are fetched without a pause, until the power goes."""

    shop: Shop
    safe: int
    """The newest release that a poll has reported as here."""
    _over: threading.Event = field(default_factory=threading.Event)
    _process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._deliver)
        self._thread.start()

    def end(self) -> None:
        """No more of them, also of the one under way."""
        self._over.set()
        if self._process is not None:
            self._process.kill()
        self._thread.join()

    def _deliver(self) -> None:
        while not self._over.is_set():
            self.shop.presses.publish()
            number = len(self.shop.presses.released)
            self._process = self.shop.sync()
            code = self._process.wait()
            if code == 0 and not self._over.is_set():
                self.safe = number


@dataclass
class Cuts:
    """A disk, a shop on it, and what became of them."""

    disk: PowerDisk
    open: Open
    chance: random.Random
    harms: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    _safe: int = 1

    def cut(self, number: int) -> None:
        """Switch on, wait for the picture, and cut the power at some moment."""
        with ExitStack() as stack:
            stack.enter_context(self.disk.mounted())
            began = time.monotonic()
            opened = stack.enter_context(self.open((), {}))
            self.times.append(time.monotonic() - began)
            self._check(number, opened)
            deliveries = Deliveries(opened, self._safe)
            time.sleep(self.chance.uniform(0.3, 6.0))
            self.disk.cut()
            self._safe = deliveries.safe
            opened.keeper.kill_all()
            deliveries.end()
        until = time.monotonic() + DARK_S
        while opened.watcher.now.true and time.monotonic() < until:
            time.sleep(0.05)

    def _check(self, number: int, opened: Shop) -> None:
        release = Store(opened.data).current()
        now = release.manifest.number if release is not None else 0
        took, seen = self.times[-1], opened.watcher.now
        print(
            f"start {number}: on air after {took:.1f} s with release {now} of"
            f" {len(opened.presses.released)}, {seen.name}, load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
        if took > PROMISE_S:
            self.harms.append(f"start {number}: on air after {took:.1f} s only")
        if now < self._safe:
            self.harms.append(f"start {number}: release {now}, though {self._safe} was here")
        self.harms += [f"start {number}: {harm}" for harm in harms_now(opened.data)]


def run(count: int, seed: int, folder: Path) -> int:
    """Cut the power so often; 1 where a promise broke, 2 where this machine cannot."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "empty").mkdir(parents=True)
    if (obstacle := obstacle_to_power_cuts(folder)) is not None:
        print(obstacle)
        return 2
    disk = PowerDisk(folder)
    disk.make(folder / "empty")
    data = disk.point / "data"
    with ExitStack() as stack:
        on = stack.enter_context(ExitStack())
        on.enter_context(disk.mounted())
        opener = stack.enter_context(furnished(folder / "shop", data))
        on.close()
        cuts = Cuts(disk, opener, random.Random(seed))
        for number in range(count):
            cuts.cut(number)
        on.enter_context(disk.mounted())
        with opener((), {}) as opened:
            opened.keeper.leave()
            cuts.harms += harms_at_rest(data, opened.presses)
            cuts.harms += [f"a false frame, {one.name}: {one.file}" for one in opened.watcher.lies]
        on.close()
    times = sorted(cuts.times[1:])
    if times:
        middle = times[len(times) // 2]
        print(f"{count} cuts; on air again after {middle:.1f} s (median), {times[-1]:.1f} s (most)")
    print("\n".join(cuts.harms) or "no harm")
    return 1 if cuts.harms else 0
