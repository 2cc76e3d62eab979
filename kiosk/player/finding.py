"""What one part of a probe found. No Qt: it must be told even where Qt hangs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

State = Literal["pass", "warn", "fail", "skipped"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one part found: a state, a phrase for a person, facts for a program."""

    state: State
    seen: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"state": self.state, "seen": self.seen, **self.facts}
