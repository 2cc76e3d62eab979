"""What is asked of a way to switch a panel, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Order = Literal["on", "off", "status"]
State = Literal["done", "verified", "not offered", "failed"]
"""`verified`: read back from the panel or its server; `done`: it cannot be read back."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an order in one way; `detail` is the reason, or what was read."""

    way: str
    state: State
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.way}: {self.state}" + (f" ({self.detail})" if self.detail else "")


@dataclass(frozen=True, slots=True)
class Way:
    """One way. `carry_out` may take its time and may hang; it is given a thread of its own."""

    name: str
    carry_out: Callable[[Order], Outcome]


def read(way: str, order: Order, levels: list[str]) -> Outcome:
    """The outcome where the panels' levels (`on`, `off` or another word) could be read back."""
    found = ", ".join(levels)
    if order == "status" or all(level == order for level in levels):
        return Outcome(way, "verified", found)
    return Outcome(way, "failed", f"asked to be {order}, it is {found}")
