"""A player that hangs: its picture stays until another one's first frame covers it."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.drill.shop import Shop, shop

PROMISE_S: Final = 15.0
GIVE_UP_S: Final = 90.0
ON_AIR: Final = "on air after"
"""What the supervisor says at a player's first frame."""


@dataclass(frozen=True, slots=True)
class Stall:
    """Seconds until another player's frame was there, and the longest without a picture."""

    replaced_s: float
    dark_s: float


def stall(opened: Shop) -> Stall:
    """Stop the player where it stands, and wait for the next one's picture."""
    before, on_air = len(opened.watcher.gaps), opened.said.count(ON_AIR)
    player = opened.keeper.player()
    assert player is not None
    os.kill(player, signal.SIGSTOP)
    began = time.monotonic()
    try:
        while opened.said.count(ON_AIR) == on_air:
            assert time.monotonic() - began < GIVE_UP_S, opened.said
            time.sleep(0.05)
        replaced = time.monotonic()
        # The hung one is ended once it is covered: nothing may flash then either.
        while _is_there(player):
            assert time.monotonic() - began < GIVE_UP_S, opened.said
            time.sleep(0.05)
        opened.watcher.until_true(time.monotonic() + 0.3, GIVE_UP_S)
    finally:
        with suppress(ProcessLookupError):
            os.kill(player, signal.SIGCONT)
    gaps = opened.watcher.gaps[before:]
    return Stall(replaced - began, max((gap.seconds for gap in gaps), default=0.0))


def _is_there(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def run(count: int, seed: int, folder: Path) -> int:
    """Let so many players hang; 1 where a promise broke."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    chance, harms = random.Random(seed), []
    with shop(folder) as opened:
        for number in range(count):
            time.sleep(chance.uniform(2.0, 8.0))
            found = stall(opened)
            print(
                f"stall {number}: replaced after {found.replaced_s:.1f} s,"
                f" {found.dark_s:.2f} s without a picture, load {os.getloadavg()[0]:.1f}",
                flush=True,
            )
            if found.replaced_s > PROMISE_S:
                harms.append(f"stall {number}: replaced after {found.replaced_s:.1f} s only")
            if found.dark_s > 0:
                harms.append(f"stall {number}: {found.dark_s:.2f} s without a picture")
        harms += [f"a false frame, {lie.name}: {lie.file}" for lie in opened.watcher.lies]
        opened.keeper.leave()
    print("\n".join(harms) or "no harm")
    return 1 if harms else 0
