"""When a player has grown so much that a fresh one should take its place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

MB: Final = 2**20
SETTLED_S: Final = 600
"""Seconds on the glass after which memory is what it will be: every scene has been there."""
QUIET: Final = range(2, 5)
"""Hours of the local day in which no window may be lit."""


@dataclass(frozen=True, slots=True)
class Growth:
    """One player's memory: what it had once settled, and what it has now; bytes."""

    settled: int | None = None
    now: int = 0

    def measured(self, memory: int, on_glass_s: float) -> Growth:
        """With a new measurement."""
        if self.settled is None and on_glass_s >= SETTLED_S:
            return Growth(memory, memory)
        return replace(self, now=memory)

    def too_much(self, hour: int) -> bool:
        """Whether to begin afresh: in the dark hours early, in the light only where it presses."""
        if self.settled is None:
            return self.now > 1500 * MB
        slack = 64 * MB if hour in QUIET else 400 * MB
        return self.now > self.settled * 3 // 2 + slack
