"""What the supervisor has to know of this PC's settings, as `kiosk config --post` says it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Post:
    """A screen's post. `missing` names settings without which nothing can be fetched.

    `problem` says why settings cannot be read, `note` what became of an enrolment; `mark`
    changes whenever any setting does.
    """

    data: Path
    agency: str | None
    screen: str | None
    central: str | None
    poll_s: int
    deadline_s: int
    missing: tuple[str, ...]
    problem: str | None
    note: str | None
    mark: str

    @property
    def seat(self) -> str:
        """This screen among all of a chain."""
        return f"{self.agency}/{self.screen or ''}"


def read(said: bytes) -> Post | None:
    """The last line of what the command printed; None where it is no post."""
    try:
        facts: dict[str, Any] = json.loads(said)
        return Post(
            data=Path(facts["data"]),
            agency=facts["agency"],
            screen=facts["screen"],
            central=facts["central"],
            poll_s=int(facts["poll_s"]),
            deadline_s=int(facts["deadline_s"]),
            missing=tuple(facts["missing"]),
            problem=facts["problem"],
            note=facts["note"],
            mark=str(facts["mark"]),
        )
    except (ValueError, TypeError, KeyError):
        return None
