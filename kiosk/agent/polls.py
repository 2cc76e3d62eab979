"""When to ask head office: a phase of the screen's own, and patience where nobody answers."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import Final

SPREAD: Final = 0.1
"""Each wait is up to so much shorter or longer, so that 600 screens drift apart."""
FIRST_RETRY_S: Final = 30.0
LONGEST_RETRY_S: Final = 1800.0
LEAST_S: Final = 30.0
"""However urgent it is."""
FIRST_POLL_S: Final = 2.0
"""After the start: long enough for the first picture to have the machine to itself."""


@dataclass(frozen=True, slots=True)
class Polls:
    """When the next poll is due. Times are monotonic seconds."""

    every_s: float
    due: float
    failures: int = 0
    settled: bool = False

    @classmethod
    def start(cls, every_s: float, now: float) -> Polls:
        """The first poll comes soon after the start."""
        return cls(every_s, now + FIRST_POLL_S)

    def answered(
        self, seat: str, now: float, chance: float, urgent_s: float | None = None
    ) -> Polls:
        """Head office was heard. `chance`, in [0, 1), is drawn by the caller.

        The wait after the first answer is the screen's own: those that were all switched on at
        nine are spread from then on. `urgent_s` shortens this one wait, never below LEAST_S.
        """
        part = 1 + SPREAD * (2 * chance - 1) if self.settled else phase(seat)
        every = self.every_s if urgent_s is None else min(self.every_s, max(urgent_s, LEAST_S))
        return replace(self, failures=0, settled=True, due=now + every * part)

    def unanswered(self, now: float, chance: float) -> Polls:
        """Nobody answered, or what was offered was refused: sooner at first, then rarely."""
        wait = min(FIRST_RETRY_S * 2.0**self.failures, LONGEST_RETRY_S)
        return replace(
            self,
            failures=min(self.failures + 1, 20),
            due=now + wait * (1 + SPREAD * (2 * chance - 1)),
        )


def urgent_s(said: str) -> float | None:
    """The seconds to the next poll that a line of `kiosk sync` asks for; None: it asks for none."""
    asked = re.match(r"poll: (\d{1,5}) s\b", said)
    return float(asked[1]) if asked else None


def phase(seat: str) -> float:
    """A number in [0, 1) that is this screen's own, from `agency/screen`."""
    return int.from_bytes(hashlib.sha256(seat.encode()).digest()[:4]) / 2**32
