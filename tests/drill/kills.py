"""Player, sync and supervisor are killed at random moments: how soon is the picture back?"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import numpy as np

from tests.drill.intact import harms_at_rest, harms_now
from tests.drill.load import burners
from tests.drill.shop import Shop, furnished
from tests.drill.watcher import Gap, Watcher

Victim = Literal["player", "sync", "supervisor"]
VICTIMS: Final[tuple[Victim, ...]] = ("player", "sync", "supervisor")
SHARES: Final = (5, 2, 3)
EARLY: Final = 0.2
"""The share of kills that come while the picture may not be back yet."""
PROMISE_S: Final = 3.0
GIVE_UP_S: Final = 60.0
CHECK_EVERY: Final = 25


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill, in monotonic seconds; `standing`: a picture had stood for two seconds."""

    victim: Victim
    at: float
    standing: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """Seconds without a picture after a kill; None where the next kill came before it was back."""

    kill: Kill
    dark_s: float | None


@dataclass
class Killer:
    """Carries out kills, one after the other."""

    shop: Shop
    chance: random.Random
    longest_s: float = 5.0
    """How long a picture may stand before the next kill."""
    kills: list[Kill] = field(default_factory=list)
    harms: list[str] = field(default_factory=list)

    def run(self, count: int) -> None:
        """So many kills, each after the picture is back, or while it comes."""
        for number in range(count):
            early = self.kills != [] and self.chance.random() < EARLY
            if early:
                time.sleep(self.chance.uniform(0.05, 1.5))
            else:
                self._await_picture(number)
                time.sleep(self.chance.uniform(0.5, self.longest_s))
            self._kill(self.chance.choices(VICTIMS, SHARES)[0])
            if number % CHECK_EVERY == 0:
                self.harms += harms_now(self.shop.data)
                self._tell(number)
        self._await_picture(count)

    def _kill(self, victim: Victim) -> None:
        process: subprocess.Popen[bytes] | None = None
        while (pid := self._pid(victim)) is None:
            if victim == "sync":
                process = self.shop.sync()
                time.sleep(self.chance.uniform(0.2, 1.5))
                pid = process.pid
                break
            time.sleep(0.02)  # between two players
        at = time.monotonic()
        standing = self.shop.watcher.standing_s(at) >= 2.0
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        self.kills.append(Kill(victim, at, standing))
        if process is not None:
            process.wait()

    def _pid(self, victim: Victim) -> int | None:
        keeper = self.shop.keeper
        match victim:
            case "player":
                return keeper.player()
            case "supervisor":
                return keeper.supervisor
        return next(iter(keeper.children("sync")), None)

    def _await_picture(self, number: int) -> None:
        """Until a true frame was seen a moment after the last kill."""
        after = self.kills[-1].at + 0.3 if self.kills else time.monotonic()
        if not self.shop.watcher.until_true(after, GIVE_UP_S):
            self.harms.append(f"no picture for {GIVE_UP_S:g} s after kill {number - 1}")

    def _tell(self, number: int) -> None:
        state, seen = self.shop.status().get("state"), self.shop.watcher.now
        load = os.getloadavg()[0]
        print(f"{number} kills; {state}; {seen.kind} {seen.name}; load {load:.1f}", flush=True)


@contextmanager
def releasing(opened: Shop, every_s: float) -> Iterator[None]:
    """New releases all the time, and polls of our own that fetch them."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(every_s):
            opened.presses.publish()
            opened.sync().wait()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def outcomes(kills: Sequence[Kill], gaps: Sequence[Gap]) -> list[Outcome]:
    """What each kill led to."""
    ends = [*(kill.at for kill in kills[1:]), float("inf")]
    return [Outcome(kill, _dark(kill.at, end, gaps)) for kill, end in zip(kills, ends, strict=True)]


def _dark(began: float, ended: float, gaps: Sequence[Gap]) -> float | None:
    mine = [gap for gap in gaps if gap.began < ended and gap.ended > began]
    if any(gap.ended > ended for gap in mine):
        return None
    return max((gap.ended - max(gap.began, began) for gap in mine), default=0.0)


def run(count: int, seed: int, nice: int, folder: Path) -> int:
    """Kill so often; 1 where a promise broke. `nice` is the kiosk's own, the burners have 0."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    began = time.monotonic()
    with ExitStack() as stack:
        make = stack.enter_context(furnished(folder, folder / "data"))
        opened = stack.enter_context(make(_program(nice), {}))
        start = time.monotonic()
        with burners(2), releasing(opened, 20.0):
            killer = Killer(opened, random.Random(seed))
            killer.run(count)
        watcher, keeper = opened.watcher, opened.keeper
        keeper.leave()
        killer.harms += harms_at_rest(opened.data, opened.presses)
    lies = [lie for lie in watcher.lies if lie.at >= start]
    killer.harms += [f"a false frame, {lie.name}: {lie.file}" for lie in lies]
    found = outcomes(killer.kills, watcher.gaps)
    lines = [f"{o.kill.victim},{o.kill.at:.2f},{o.kill.standing},{o.dark_s}\n" for o in found]
    (folder / "kills.csv").write_text("victim,at,standing,dark_s\n" + "".join(lines), "utf-8")
    late = [one for one in found if (one.dark_s or 0.0) > PROMISE_S]
    killer.harms += [
        f"{one.dark_s:.1f} s without a picture after killing the {one.kill.victim}" for one in late
    ]
    print(report(found, watcher, time.monotonic() - began))
    print(f"{len(opened.presses.released)} releases; {len(keeper.ends)} ends of the supervisor")
    print("\n".join(killer.harms) or "no harm")
    return 1 if killer.harms else 0


def _program(nice: int) -> Sequence[str]:
    """`kiosk run` with a priority, as a unit's `Nice=` gives it one."""
    return ["nice", "-n", str(nice), sys.executable, "-m", "kiosk", "run"] if nice else []


def report(found: Sequence[Outcome], watcher: Watcher, took_s: float) -> str:
    """The table."""
    lines = ["| killed | count | no gap | median s | 95 % | longest | over 3 s | cut short |"]
    lines.append("|---|---|---|---|---|---|---|---|")
    groups = {(v, w): [] for v in VICTIMS for w in (True, False)}  # type: ignore[var-annotated]
    for one in found:
        groups[one.kill.victim, one.kill.standing].append(one)
    for (victim, standing), some in groups.items():
        when = "standing" if standing else "within 2 s of the last"
        lines.append(_line(f"{victim}, {when}", some))
    lines.append(_line("all", found))
    seen = Counter(name for gap in watcher.gaps for name in gap.seen)
    lines.append(f"in the gaps: {dict(seen)}; watcher held up {len(watcher.starved)} times")
    lines.append(f"{took_s / 60:.1f} minutes; load {os.getloadavg()[0]:.1f}, 2 burners")
    return "\n".join(lines)


def _line(name: str, some: Sequence[Outcome]) -> str:
    times = [one.dark_s for one in some if one.dark_s is not None]
    gaps = [dark for dark in times if dark > 0] or [0.0]
    middle, most = (float(np.percentile(gaps, part)) for part in (50, 95))
    none, over = times.count(0.0), sum(dark > PROMISE_S for dark in times)
    cut = len(some) - len(times)
    figures = f"{middle:.2f} | {most:.2f} | {max(gaps):.2f} | {over} | {cut}"
    return f"| {name} | {len(some)} | {none} | {figures} |"
