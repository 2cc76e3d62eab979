"""The sync bench: what a poll, a change and a full sync cost a screen, its line and the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Figure = float | str | Sequence[float] | Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Finding:
    """One row: what was found, against which limit, and the figures behind it."""

    part: str
    what: str
    found: str
    limit: str = ""
    met: bool | None = None
    """None where there is no limit, or the row is there to compare."""
    figures: Mapping[str, Figure] = field(default_factory=dict)
