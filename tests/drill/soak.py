"""Hours with everything on: polls, new releases, faults of line, display and disk, one by one."""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.crash.small_disk import memory, obstacle_to_memory
from tests.drill.figures import MB, Row, harms_of, measure, slope
from tests.drill.plot import svg
from tests.drill.shop import Shop, shop
from tests.drill.weather import DAY, Spell, disk_full, read_only

DISK: Final = 48 * MB
RELEASE_S: Final = 120.0
DARK_S: Final = 0.5
BACK_S: Final = 5.0
"""After a display comes back the picture may take so long."""
STANDS_S: Final = 90.0
"""No scene stands longer."""
LAST_S: Final = 300.0
"""In fair weather the newest release is on the glass within so long: the longest wait between
polls after two bad minutes, a fetch, a scene's time, and a little."""


@dataclass
class Soak:
    """One soak: how it goes, minute by minute, and every harm so far."""

    shop: Shop
    disk: Path
    folder: Path
    hours: float
    mounts: bool
    rows: list[Row] = field(default_factory=list)
    harms: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    _gaps: int = 0
    _lies: int = 0
    _dark_from: float = 0.0
    _worst: float = 0.0
    _stood: str = ""
    _unlit: list[tuple[float, float]] = field(default_factory=list)

    def run(self) -> None:
        """The hours."""
        ends = self.began + self.hours * 3600
        scale = min(1.0, self.hours * 60 / sum(spell.minutes for spell in DAY))
        spells: Iterator[Spell] = itertools.cycle(self._possible())
        with (self.folder / "soak.csv").open("w", buffering=1) as table:
            table.write(Row.header() + "\n")
            minute = publish = time.monotonic()
            while time.monotonic() < ends:
                spell = next(spells)
                until = min(time.monotonic() + spell.minutes * 60 * scale, ends)
                with self._weather(spell):
                    while (now := time.monotonic()) < until:
                        if now >= publish:
                            publish = now + max(RELEASE_S * scale, 4.0)
                            self.shop.presses.publish()
                        if now >= minute:
                            minute = now + 60 * max(scale, 1 / 30)
                            table.write(self._row(spell.name).line() + "\n")
                        self._check(spell.name)
                        time.sleep(0.2)
            table.write(self._row("end").line() + "\n")

    def _possible(self) -> list[Spell]:
        return [s for s in DAY if self.mounts or s.happens not in (disk_full, read_only)]

    @contextmanager
    def _weather(self, spell: Spell) -> Iterator[None]:
        began = time.monotonic()
        self._say(f"weather: {spell.name}")
        with spell.happens(self.shop, self.disk):
            if not spell.lit:
                self._unlit.append((began, float("inf")))
            yield
        if not spell.lit:
            back = time.monotonic()
            self._unlit[-1] = (began, back)
            if not self.shop.watcher.until_true(back, BACK_S):
                self._harm(f"no picture {BACK_S:g} s after the display came back")
            self._say(f"picture {time.monotonic() - back:.1f} s after the display came back")
            self._unlit[-1] = (began, max(time.monotonic(), back))

    def _check(self, weather: str) -> None:
        watcher = self.shop.watcher
        for gap in watcher.gaps[self._gaps :]:
            self._gaps += 1
            if gap.began >= self.began and self._is_lit(gap.began, gap.ended):
                self._worst = max(self._worst, gap.seconds)
                if gap.seconds > DARK_S:
                    self._harm(
                        f"{gap.seconds:.1f} s without a picture: {sorted(gap.seen)}, {weather}"
                    )
        for lie in watcher.lies[self._lies :]:
            self._lies += 1
            if self._is_lit(lie.at, lie.at):
                self._harm(f"a false frame, {lie.name}, {weather}: {lie.file}")
        lit = self._is_lit(time.monotonic(), time.monotonic())
        stood = time.monotonic() - watcher.changed
        if lit and stood > STANDS_S and self._stood != watcher.scene:
            self._stood = watcher.scene
            self._harm(f"{watcher.scene} stands for {stood:.0f} s, {weather}")

    def _is_lit(self, began: float, ended: float) -> bool:
        return not any(ended >= off and began <= on + BACK_S for off, on in self._unlit)

    def at_last(self) -> None:
        """In fair weather everything becomes as it should be."""
        edition = self.shop.presses.edition
        began = time.monotonic()
        if not self.shop.watcher.until(edition, LAST_S):
            self._harm(f"the newest release is not on the glass after {LAST_S:g} s")
        self._say(f"the newest release was on the glass after {time.monotonic() - began:.0f} s")
        self._check("end")

    def _row(self, weather: str) -> Row:
        dark, self._worst = self._worst, 0.0
        row = measure(self.shop, self.began, weather, dark)
        self.rows.append(row)
        return row

    def _harm(self, what: str) -> None:
        self._say(f"HARM: {what}")
        self.harms.append(what)

    def _say(self, what: str) -> None:
        hours, rest = divmod(int(time.monotonic() - self.began), 3600)
        print(f"{hours:02}:{rest // 60:02}:{rest % 60:02} {what}", flush=True)


def run(hours: float, folder: Path) -> int:
    """Soak for so long; the table, the drawing and the kiosk's log are left in `folder`."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    obstacle = obstacle_to_memory(folder)
    if obstacle:
        print(f"left out: the full and the read-only disk, for {obstacle}")
        (folder / "disk").mkdir()
    with (
        nullcontext(folder / "disk") if obstacle else memory(folder / "disk", DISK) as disk,
        shop(folder / "shop", disk / "data") as opened,
    ):
        soak = Soak(opened, disk, folder, hours, mounts=obstacle is None)
        try:
            soak.run()
            soak.at_last()
        finally:
            shutil.copytree(opened.data / "log", folder / "log", dirs_exist_ok=True)
            (folder / "soak.svg").write_text(svg(soak.rows, f"soak of {hours:g} h"), "utf-8")
        harms = soak.harms + harms_of(soak.rows) + left(opened)
    print(summary(soak, harms), flush=True)
    return 1 if harms else 0


def left(opened: Shop) -> list[str]:
    """What is wrong with how the supervisor leaves."""
    began = time.monotonic()
    code = opened.keeper.leave()
    took = time.monotonic() - began
    return [] if code == 0 and took < 10 else [f"it left with {code} after {took:.0f} s"]


def summary(soak: Soak, harms: list[str]) -> str:
    """The figures of all hours."""
    rows, watcher = soak.rows, soak.shop.watcher
    dark = max((row.dark_s for row in rows), default=0.0)
    lines = [
        f"{soak.hours:g} h, {len(soak.shop.presses.released)} releases, {watcher.looks} looks",
        f"longest time without a picture while lit: {dark:.2f} s; false frames: {soak._lies}",
        f"watcher held up for over a second: {len(watcher.starved)} times",
    ]
    for name in ("player_mb", "player_own_mb", "supervisor_mb", "supervisor_own_mb"):
        values = [float(getattr(row, name)) for row in rows]
        span = f"{min(values):.1f} to {max(values):.1f}"
        lines.append(f"{name}: {span} MB, {slope(rows, name):+.2f} MB/h")
    for name in ("player_fds", "supervisor_fds", "player_threads", "supervisor_threads"):
        counts = [getattr(row, name) for row in rows]
        lines.append(f"{name}: {min(counts)} to {max(counts)}, {slope(rows, name):+.2f}/h")
    lines.append(f"log: {max(row.log_kb for row in rows):.1f} kB; data: {rows[-1].data_mb} MB")
    lines.append(f"load of the machine: {min(r.load for r in rows)} to {max(r.load for r in rows)}")
    lines += [f"harm: {harm}" for harm in harms] or ["no harm"]
    return "\n".join(lines)
