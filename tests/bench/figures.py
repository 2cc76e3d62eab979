"""What is measured: each part plays one contender once and returns its figures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median
from typing import Final

from tests.bench import contenders
from tests.bench.contenders import Name, Show
from tests.bench.processes import cpu_seconds, machine_busy_seconds, switches, woken
from tests.bench.session import Gallery, Session, SilentError, Watched, session, watch

Figures = dict[str, float]

FADE_S: Final = 1.0
SHOP_FADE_S: Final = 0.6
PERIOD_S: Final = 5.0
"""From one fade to the next, where fades are measured."""
CHANGE_S: Final = 60.0
"""The longest one change may take before a run is given up."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long each part looks; times in s."""

    rest_s: float
    standing_s: float
    fades: int

    @property
    def watch_s(self) -> float:
        """Long enough for that many whole fades, started anywhere."""
        return (self.fades + 0.5) * (PERIOD_S + 0.3)


FULL: Final = Pace(rest_s=10, standing_s=30, fades=8)
QUICK: Final = Pace(rest_s=3, standing_s=5, fades=2)


def start(name: Name, gallery: Gallery, pace: Pace) -> Figures:
    """From exec to the first picture: the program of a shop against the page."""
    del pace
    shop = name == contenders.PLAYER
    show = _show(gallery, (60.0,), FADE_S)

    def command(home: Path) -> list[str]:
        return contenders.shop_command() if shop else contenders.command_of(name, show, home)

    with session(gallery, command) as playing:
        return {"first_picture_s": playing.first_picture()}


def standing(name: Name, gallery: Gallery, pace: Pace) -> Figures:
    """Memory, CPU and wake-ups while one scene stands, after three changes and a rest."""
    long = pace.rest_s + pace.standing_s + CHANGE_S
    with _playing(name, gallery, (1.5, 1.5, 1.5, long), FADE_S) as playing:
        playing.changes(3, 3 * CHANGE_S)
        playing.wait(pace.rest_s)
        pids = playing.tree()
        memory = playing.pss()
        began, cpu, before = time.monotonic(), cpu_seconds(pids), switches(pids)
        playing.wait(pace.standing_s)
        wakeups, cpu = woken(before, switches(pids)), cpu_seconds(pids) - cpu
        spent = time.monotonic() - began
        return {
            "memory_standing_mb": memory / 1e6,
            "cpu_standing_percent": cpu / spent * 100,
            "wakeups_per_s": wakeups / spent,
            "processes": len(pids),
        }


def fades(name: Name, gallery: Gallery, pace: Pace) -> Figures:
    """Frames, CPU and the most memory in fades of 1 s, one each 5 s."""
    with _playing(name, gallery, (1.5, PERIOD_S - FADE_S), FADE_S) as playing:
        playing.changes(2, 2 * CHANGE_S)
        figures = _in_fades(watch(playing, pace.watch_s))
        return figures | {"memory_fading_mb": _most_memory(playing, 4) / 1e6}


def fades_4k(name: Name, gallery: Gallery, pace: Pace) -> Figures:
    """Frames and CPU in fades of 1 s at 3840 x 2160."""
    with _playing(name, gallery, (2.0, PERIOD_S - FADE_S), FADE_S) as playing:
        playing.changes(2, 2 * CHANGE_S)
        return {
            f"{key}_4k": value for key, value in _in_fades(watch(playing, pace.watch_s)).items()
        }


def shop_fades(name: Name, gallery: Gallery, pace: Pace) -> Figures:
    """The player's own fade, as long as in a shop: CPU and frames."""
    with _playing(name, gallery, (1.5, PERIOD_S - SHOP_FADE_S), SHOP_FADE_S) as playing:
        playing.changes(2, 2 * CHANGE_S)
        return {
            f"{key}_shop": value for key, value in _in_fades(watch(playing, pace.watch_s)).items()
        }


def growth(name: Name, gallery: Gallery, changes: int, say: Callable[[str], None]) -> Figures:
    """Memory after 500 changes against memory after `changes`; 0 is as many as fit the time.

    `changes` below 0 is a time in s to play for instead.
    """
    report = 100
    show = _show(gallery, (0.02,), 0.05, report)
    with session(gallery, lambda home: contenders.command_of(name, show, home)) as playing:
        playing.first_picture()
        counted = _Counted(playing)
        settled, began, seen, early = min(500, max(report, changes // 4)), time.monotonic(), 0, 0
        last_heard = began
        while True:
            playing.wait(0.5)
            now, count = time.monotonic(), counted.changes()
            if count != seen:
                seen, last_heard = count, now
                if count % 500 == 0:
                    say(f"{name}: {count} changes, {_between_fades(playing) / 1e6:.1f} MB")
            if not early and seen >= settled:
                early = _between_fades(playing)
            if seen >= changes > 0 or (changes < 0 and now - began > -changes):
                break
            if now - last_heard > CHANGE_S:
                raise SilentError(f"{name} stopped changing after {seen}\n{playing.last_words()}")
        late = _between_fades(playing)
        return {
            "growth_percent": (late - early) / early * 100 if early else float("nan"),
            "growth_changes": seen,
            "growth_seconds": time.monotonic() - began,
            "growth_from_mb": early / 1e6,
            "growth_to_mb": late / 1e6,
            "unexpected_lines": len(counted.unexpected()),
        }


class _Counted:
    """What a contender says of itself: its changes, and lines nobody expects."""

    def __init__(self, playing: Session) -> None:
        self._run = playing.run

    def changes(self) -> int:
        """The last number after the word `changes`, wherever it was printed."""
        text = self._run.stdout.read_text("utf-8", "replace")
        text += self._run.stderr.read_text("utf-8", "replace")
        numbers = [part.split()[0].strip('",') for part in text.split("changes ")[1:]]
        return max((int(number) for number in numbers if number.isdigit()), default=0)

    def unexpected(self) -> list[str]:
        """Lines on stderr that are not the player's own first words."""
        expected = ("kiosk.player renderer:", "kiosk.player on display", "kiosk.player kept awake")
        lines = self._run.stderr.read_text("utf-8", "replace").splitlines()
        return [line for line in lines if line and not line.startswith(expected)]


def _in_fades(watched: Watched) -> Figures:
    """The figures of the whole fades: those with a standing scene on both sides."""
    seen = watched.fades
    whole = [f for f in seen if f.began - watched.own.times[0] > 1][:-1] or list(seen)
    if len(whole) < 2:
        raise SilentError(f"only {len(whole)} whole fades were seen")
    # From the middle of one scene's standing to the middle of the next one's.
    middles = [(one.ended + two.began) / 2 for one, two in pairwise(whole)]
    gaps = [fade.worst_gap_ms for fade in whole]
    count = len(middles) - 1
    figures = {
        "frames_per_s": median(fade.per_second for fade in whole),
        "gap_ms": median(gaps),
        "gap_worst_ms": max(gaps),
        "fades_seen": float(len(whole)),
        "watcher_gap_ms": watched.watcher_gap_ms,
    }
    if count:
        span = middles[0], middles[-1]
        figures["cpu_per_fade_s"] = watched.own.between(*span) / count
        figures["server_cpu_per_fade_s"] = watched.server.between(*span) / count
    return figures


def _between_fades(playing: Session) -> int:
    """The least bytes of many looks: without the share of a fade, which comes and goes."""
    looks = []
    for _ in range(40):
        looks.append(playing.own())
        playing.wait(0.04)
    return min(looks)


def _most_memory(playing: Session, periods: int) -> int:
    """The most bytes seen at any look over so many changes."""
    most, until = 0, time.monotonic() + periods * PERIOD_S
    while time.monotonic() < until:
        most = max(most, playing.pss())
        playing.wait(0.03)
    return most


def _show(gallery: Gallery, holds: tuple[float, ...], fade_s: float, report: int = 0) -> Show:
    return Show(gallery.size, gallery.folder, gallery.order, holds, fade_s, report)


@contextmanager
def _playing(
    name: Name, gallery: Gallery, holds: tuple[float, ...], fade_s: float
) -> Iterator[Session]:
    show = _show(gallery, holds, fade_s)
    with session(gallery, lambda home: contenders.command_of(name, show, home)) as playing:
        playing.first_picture()
        yield playing


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What other processes of the machine did meanwhile, as a share of one processor."""

    began: float
    busy: float

    @staticmethod
    def now() -> Neighbours:
        """Start looking."""
        return Neighbours(time.monotonic(), machine_busy_seconds())

    def share(self) -> float:
        """Everything that ran since, ourselves included, as a share of one processor."""
        return (machine_busy_seconds() - self.busy) / (time.monotonic() - self.began)


def quiet(seconds: float, patience_s: float) -> bool:
    """Wait until the machine is idle for `seconds`; False when it was not within `patience_s`."""
    until = time.monotonic() + patience_s
    shares = []
    while True:
        look = Neighbours.now()
        time.sleep(seconds)
        shares.append(look.share())
        if shares[-1] < 0.2:
            return True
        if time.monotonic() > until:
            return fmean(shares) < 0.2
