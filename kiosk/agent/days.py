"""The journal of light, day by day on the agency's clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from kiosk.agent.journal import Entry
from kiosk.campaign.wall import begin_of

LONGEST: Final = timedelta(days=31)
"""An entry speaks for no longer; every screen has several a day."""
UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of one local civil day, on the agency's clock, and the entry that speaks for it."""

    begin: datetime
    end: datetime
    entry: Entry

    @property
    def state(self) -> str:
        """`lit`, `dark` or `unknown`."""
        lit = self.entry.light.lit
        return UNKNOWN if lit is None else "lit" if lit else "dark"

    @property
    def why(self) -> str:
        """The rule and its detail."""
        light = self.entry.light
        return f"{light.rule} ({light.detail})" if light.detail else light.rule

    @property
    def panel(self) -> str:
        """What became of the panel's standby."""
        ways = [f"{one.way} {one.state}" for one in self.entry.panel if one.state != "not offered"]
        return ", ".join(ways) or "-"

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        light = self.entry.light
        return {
            "day": self.begin.date().isoformat(),
            "agency": light.agency,
            "screen": light.screen,
            "from": self.begin.isoformat(timespec="seconds"),
            "until": self.end.isoformat(timespec="seconds"),
            "state": self.state,
            "rule": light.rule,
            "detail": light.detail,
            "release": light.release,
            "panel": [str(one) for one in self.entry.panel],
        }


def stretches(entries: Sequence[Entry], now: datetime, since: date | None) -> list[Stretch]:
    """The stretches of every day from `since` on; the last entry speaks until `now`."""
    changes = _changes(entries)
    found: list[Stretch] = []
    ends = [*(entry.at for entry in changes[1:]), now]
    for entry, until in zip(changes, ends, strict=False):
        found += _by_day(entry, min(until, entry.at + LONGEST))
    return [one for one in found if since is None or one.begin.date() >= since]


def _changes(entries: Sequence[Entry]) -> list[Entry]:
    """Without those that only say again what was so already."""
    later = (
        after
        for before, after in pairwise(entries)
        if (before.light, before.panel) != (after.light, after.panel)
    )
    return [*entries[:1], *later]


def _by_day(entry: Entry, until: datetime) -> Iterator[Stretch]:
    """From the entry to `until`, cut at each midnight; empty where the clock was set back."""
    zone, begin = entry.light.place, entry.at
    while begin < until:
        day = begin.astimezone(zone).date()
        end = min(begin_of(day + timedelta(days=1), zone), until)
        # Of a datetime with a zone Python subtracts and compares the wall time: only shown.
        yield Stretch(begin.astimezone(zone), end.astimezone(zone), entry)
        begin = end.astimezone(UTC)
