"""When a player that ended is started again, and on what: rules of values and seconds, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

Footing = Literal["current", "previous", "evergreen"]
FOOTINGS: Final[tuple[Footing, ...]] = ("current", "previous", "evergreen")
How = Literal["crashed", "hung", "killed"]
"""By its own doing, by falling silent, or from outside (a person, the system short of memory)."""

BLAMES: Final = 2
"""A picture that was being tried when the player crashed so often is left out."""


@dataclass(frozen=True, slots=True)
class Patience:
    """The seconds and counts of the ladder."""

    delays_s: tuple[float, ...] = (0, 0, 0, 1, 2, 5, 10, 30)
    """Three tries at once: two kills within a second are no reason for a dark window."""
    steady_s: float = 2
    """A run that was on the glass so long starts the delays afresh."""
    crashes: int = 3
    within_s: float = 600
    """So many crashes within so long: the next footing."""
    return_s: float = 3600
    """After so long without a crash the footing above is tried again; twice as long each time."""
    longest_return_s: float = 86_400


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How one player ended: seconds it was on the glass (0: never), and what it was trying."""

    how: How
    on_glass_s: float = 0.0
    trying: frozenset[str] = frozenset()
    software: bool = False
    """Whether it said that it draws without the graphics card anyway."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """What is remembered from one run to the next. Times are monotonic seconds."""

    step: int = 0
    """Runs in a row that did not stay on the glass."""
    level: int = 0
    """Index into FOOTINGS."""
    crashes: tuple[float, ...] = ()
    changed_at: float = 0.0
    """When the footing was last changed, or the last crash on it."""
    returns: int = 0
    """How often going back up has been tried since the last release."""
    software: bool = False
    """Whether to draw without the graphics card: with it no first frame came."""
    blames: Mapping[str, int] = field(default_factory=dict)
    """How often the player crashed with a picture that was then being tried, by its SHA-256."""

    @property
    def footing(self) -> Footing:
        """What the next run stands on."""
        return FOOTINGS[self.level]

    @property
    def without(self) -> tuple[str, ...]:
        """The pictures that are left out."""
        return tuple(sorted(sha for sha, count in self.blames.items() if count >= BLAMES))

    def ended(self, end: RunEnd, now: float, patience: Patience) -> tuple[Ladder, float]:
        """The ladder after this run, and the seconds to wait before the next."""
        steady = end.on_glass_s >= patience.steady_s
        # Killed from outside: nothing speaks against what was shown, once it was shown.
        blameless = end.how == "killed" and end.on_glass_s > 0
        step = 0 if steady or blameless else self.step + 1
        after = replace(self, step=step)
        if not blameless:
            after = after._blamed(end, now, patience)
        return after, patience.delays_s[min(step, len(patience.delays_s) - 1)]

    def _blamed(self, end: RunEnd, now: float, patience: Patience) -> Ladder:
        unseen = end.on_glass_s == 0 and end.how != "killed"
        if unseen and not (self.software or end.software):
            # A driver that draws nothing shows no first frame; the pictures are tried without it.
            return replace(self, software=True, changed_at=now)
        blames = dict(self.blames)
        for sha in end.trying:
            blames[sha] = blames.get(sha, 0) + 1
        crashes = (*(at for at in self.crashes if now - at < patience.within_s), now)
        if len(crashes) < patience.crashes or self.level + 1 == len(FOOTINGS):
            crashes = crashes[-patience.crashes :]
            return replace(self, crashes=crashes, changed_at=now, blames=blames)
        return replace(self, crashes=(), level=self.level + 1, changed_at=now, blames=blames)

    def presented(self, tried: frozenset[str]) -> Ladder:
        """These pictures have been on the glass: nothing speaks against them any more."""
        if not tried & self.blames.keys():
            return self
        kept = {sha: n for sha, n in self.blames.items() if sha not in tried}
        return replace(self, blames=kept)

    def returns_at(self, patience: Patience) -> float | None:
        """When the footing above, or what was left out, is tried again; None: nothing is amiss."""
        if self.level == 0 and not self.without and not self.software:
            return None
        wait = min(patience.return_s * 2.0**self.returns, patience.longest_return_s)
        return self.changed_at + wait

    def returned(self, now: float) -> Ladder:
        """One footing up, or on the highest with every picture and the graphics card."""
        back = replace(self, crashes=(), changed_at=now, returns=self.returns + 1)
        if self.level == 0:
            return replace(back, blames={}, software=False)
        return replace(back, level=self.level - 1)

    def renewed(self, now: float) -> Ladder:
        """A new release is here: it deserves its own trial."""
        return Ladder(step=self.step, changed_at=now, software=self.software, blames=self.blames)
