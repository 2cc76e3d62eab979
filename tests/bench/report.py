"""Figures of several runs -> medians, ratios, budgets: a table to read and JSON to keep."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final, Literal

from rich.console import Console
from rich.table import Table

from tests.bench.contenders import CHROMIUM, PLAYER

Kind = Literal["ratio", "below", "at least"]


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit of DESIGN section 13: on the ratio to Chromium, or on the player's own figure."""

    kind: Kind
    limit: float

    def met(self, own: float, ratio: float | None) -> bool | None:
        """Whether it is; None where there is no ratio to judge."""
        if self.kind == "ratio":
            return None if ratio is None else ratio <= self.limit
        return own < self.limit if self.kind == "below" else own >= self.limit

    def __str__(self) -> str:
        sign = {"ratio": "≤ {}x", "below": "< {}", "at least": "≥ {}"}[self.kind]
        return sign.format(f"{self.limit:g}")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: its key, what it is, in which unit, and its budget if it has one."""

    key: str
    what: str
    unit: str
    budget: Budget | None = None
    digits: int = 2


ROWS: Final = (
    Row("first_picture_s", "first picture after exec", "s", Budget("ratio", 0.6)),
    Row("memory_standing_mb", "memory, a scene stands", "MB", Budget("ratio", 0.25), 1),
    Row("memory_fading_mb", "memory, most in a fade", "MB", Budget("ratio", 0.18), 1),
    Row("cpu_standing_percent", "CPU, a scene stands", "% core", Budget("below", 0.1), 3),
    Row("wakeups_per_s", "wake-ups, a scene stands", "/s", Budget("below", 2.0)),
    Row("cpu_per_fade_s", "CPU per 1 s fade", "s", Budget("ratio", 0.35), 3),
    Row("cpu_per_fade_s_shop", "CPU per 0.6 s fade, as in a shop", "s", None, 3),
    Row("server_cpu_per_fade_s", "X server's CPU per 1 s fade", "s", None, 3),
    Row("frames_per_s", "frames in a fade, 1080p", "/s", Budget("at least", 60.0), 1),
    Row("gap_ms", "worst gap of a fade, 1080p", "ms", Budget("below", 25.0), 1),
    Row("gap_worst_ms", "worst gap of all fades, 1080p", "ms", None, 1),
    Row("frames_per_s_shop", "frames in a 0.6 s fade, 1080p", "/s", None, 1),
    Row("gap_ms_shop", "worst gap of a 0.6 s fade, 1080p", "ms", None, 1),
    Row("frames_per_s_4k", "frames in a fade, 4K", "/s", Budget("at least", 60.0), 1),
    Row("gap_ms_4k", "worst gap of a fade, 4K", "ms", None, 1),
    Row("gap_worst_ms_4k", "worst gap of all fades, 4K", "ms", None, 1),
    Row("cpu_per_fade_s_4k", "CPU per 1 s fade, 4K", "s", None, 3),
    Row("growth_percent", "memory growth, changes 500 to last", "%", Budget("below", 1.0)),
    Row("growth_changes", "scene changes made", "", None, 0),
    Row("unexpected_lines", "unexpected lines on stderr", "", Budget("below", 1.0), 0),
)


@dataclass(slots=True)
class Results:
    """Every figure of every run, in the order they were taken."""

    facts: dict[str, str]
    runs: dict[str, dict[str, list[float]]] = field(
        default_factory=lambda: {PLAYER: {}, CHROMIUM: {}}
    )

    def add(self, contender: str, figures: Mapping[str, float]) -> None:
        """Keep one run's figures."""
        for key, value in figures.items():
            self.runs[contender].setdefault(key, []).append(value)

    def ratio(self, key: str) -> list[float]:
        """The player's figure over Chromium's, pair by pair."""
        own, other = (self.runs[name].get(key, []) for name in (PLAYER, CHROMIUM))
        return [a / b for a, b in zip(own, other, strict=False) if b]

    def verdict(self, row: Row) -> bool | None:
        """Whether the budget is met; None where there is none or nothing to judge."""
        own = self.runs[PLAYER].get(row.key)
        if row.budget is None or not own:
            return None
        ratios = self.ratio(row.key)
        return row.budget.met(median(own), median(ratios) if ratios else None)

    def missed(self) -> list[Row]:
        """The rows whose budget is not met."""
        return [row for row in ROWS if self.verdict(row) is False]

    def write(self, path: Path) -> None:
        """Leave everything as JSON: facts, every run, and each row's medians and verdict."""
        whole = {
            "facts": self.facts,
            "figures": [self._record(row) for row in ROWS if self.runs[PLAYER].get(row.key)],
            "runs": self.runs,
        }
        path.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", "utf-8")

    def _record(self, row: Row) -> dict[str, object]:
        return {
            "key": row.key,
            "what": row.what,
            "unit": row.unit,
            "player": _summary(self.runs[PLAYER].get(row.key, [])),
            "chromium": _summary(self.runs[CHROMIUM].get(row.key, [])),
            "ratio": _summary(self.ratio(row.key)),
            "budget": str(row.budget) if row.budget else None,
            "met": self.verdict(row),
        }


def _summary(values: Sequence[float]) -> dict[str, float] | None:
    if not values:
        return None
    return {"median": median(values), "min": min(values), "max": max(values), "runs": len(values)}


def print_table(results: Results, console: Console) -> None:
    """Print a row per figure that was measured."""
    for key, value in results.facts.items():
        console.print(f"{key}: {value}", highlight=False)
    table = Table(title="O2 Kiosk against a Chromium kiosk slideshow: median (min-max)")
    for heading in ("figure", "unit", "player", "Chromium", "ratio", "budget", ""):
        table.add_column(heading, justify="left" if heading in ("figure", "unit") else "right")
    for row in ROWS:
        own = results.runs[PLAYER].get(row.key, [])
        if own:
            cells = _cells(row, own, results)
            table.add_row(*cells)
    console.print(table)


def _cells(row: Row, own: Sequence[float], results: Results) -> tuple[str, ...]:
    number: Callable[[float], str] = f"{{:.{row.digits}f}}".format
    verdict = results.verdict(row)
    word = {None: "", True: "[green]pass[/]", False: "[bold red]MISSED[/]"}[verdict]
    other = results.runs[CHROMIUM].get(row.key, [])
    ratio = results.ratio(row.key)
    budget = str(row.budget) if row.budget else ""
    spreads = (_spread(own, number), _spread(other, number), _spread(ratio, "{:.2f}x".format))
    return (row.what, row.unit, *spreads, budget, word)


def _spread(values: Sequence[float], number: Callable[[float], str]) -> str:
    if not values:
        return ""
    middle = number(median(values))
    if len(values) == 1:
        return middle
    return f"{middle} ({number(min(values))}-{number(max(values))})"
