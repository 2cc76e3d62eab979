"""The campaign: `python -m tests.crash --faults 2000` injects so many faults and counts harms."""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from tests.crash.faults import MOUNTS, Faults, Trial
from tests.crash.shop_floor import Harm, set_up
from tests.crash.small_disk import (
    PAGE,
    PowerDisk,
    memory,
    obstacle_to_memory,
    obstacle_to_power_cuts,
)
from tests.crash.strace import obstacle, syncs

Thing = TypeVar("Thing")


@dataclass
class Tally:
    """What became of one kind of fault."""

    old: int = 0
    new: int = 0
    seconds: float = 0.0
    harms: list[str] = field(default_factory=list)

    def row(self, kind: str) -> str:
        """A line of the table."""
        faults = self.old + self.new + len(self.harms)
        counts = f"{faults} | {self.old} | {self.new} | {len(self.harms)} | {self.seconds:.0f}"
        return f"| {kind} | {counts} |"


def main(arguments: list[str]) -> int:
    """Run the campaign; 1 where a promise broke, 2 where this machine cannot inject at all."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--faults", type=int, default=2000, metavar="N", help="how many (2000)")
    parser.add_argument("--seed", type=int, default=1, help="which ones (1)")
    wish = parser.parse_args(arguments)
    if (reason := obstacle()) is not None:
        print(reason, file=sys.stderr)
        return 2
    started = time.monotonic()
    with ExitStack() as stack:
        fast = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=fast)))
        tallies = carry_out(turns(root, stack, random.Random(wish.seed)), wish.faults)
    return report(tallies, time.monotonic() - started)


def turns(root: Path, stack: ExitStack, chance: random.Random) -> Iterator[Trial]:
    """Trials for ever, every kind in its turn; a kind that this machine refuses is named."""
    floor = set_up(root)
    running = stack.enter_context(syncs(floor))
    faults = Faults(floor, running, running.calls(floor.data("data")))
    kinds = [
        _again(list(faults.kills(faults.calls)), chance),
        _again(list(faults.errors(faults.calls)), chance),
        _again(list(faults.errors(faults.calls, for_good=True)), chance),
        faults.twice(chance),
        _lossy(faults, chance),
    ]
    if (reason := obstacle_to_memory(root)) is not None:
        print(f"left out: {reason}")
    else:
        disk = stack.enter_context(memory(root / "memory", 1024 * PAGE))
        kinds.append(_again(list(faults.full(disk, range(110))), chance))
    if (reason := obstacle_to_power_cuts(root)) is not None:
        print(f"left out: {reason}")
    else:
        cut = PowerDisk(root)
        cut.make(root / "start")
        moments = [(call, mount) for call in (*faults.calls, None) for mount in range(len(MOUNTS))]
        kinds.append(_again(list(faults.power(cut, moments)), chance))
    while True:
        for kind in kinds:
            yield next(kind)


def carry_out(trials: Iterator[Trial], most: int) -> dict[str, Tally]:
    """Carry out so many trials; what became of them, by kind."""
    tallies = defaultdict[str, Tally](Tally)
    for number in range(most):
        trial = next(trials)
        tally, started = tallies[trial.kind], time.monotonic()
        try:
            which = trial.act()
        except Harm as harm:
            tally.harms.append(f"fault {number}: {harm}")
        else:
            tally.old += which == "old"
            tally.new += which == "new"
        tally.seconds += time.monotonic() - started
    return tallies


def report(tallies: dict[str, Tally], seconds: float) -> int:
    """Print the table and every harm."""
    print("| fault | count | opened on old | opened on new | failures | seconds |")
    print("|---|---|---|---|---|---|")
    for kind, tally in sorted(tallies.items()):
        print(tally.row(kind))
    harms = [harm for tally in tallies.values() for harm in tally.harms]
    old, new = (sum(getattr(t, side) for t in tallies.values()) for side in ("old", "new"))
    print(Tally(old, new, seconds, harms).row("all"))
    print("\n".join(harms))
    return 1 if harms else 0


def _again(things: list[Thing], chance: random.Random) -> Iterator[Thing]:
    """Each once in an order of chance, then all over again."""
    while True:
        chance.shuffle(things)
        yield from things


def _lossy(faults: Faults, chance: random.Random) -> Iterator[Trial]:
    """The worst disk allowed: at one step of a sync and at its end, after one that was killed."""
    for call in _again([None, *faults.calls], chance):
        step = chance.randrange(len(faults.calls))
        yield from faults.lossy(call, range(step, step + 1), chance)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
