"""What a check has to say to a publication: what ends it, and what is only to be known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.studio.findings import BY_TIME, Level, Report

MOST_PRINTED: Final = 40


@dataclass(frozen=True, slots=True)
class Checked:
    """Findings as `kiosk check` prints them; `late` are errors that only time may have made."""

    errors: tuple[str, ...]
    late: tuple[str, ...]
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, report: Report, folder: Path) -> Checked:
        """Sort the findings of a report on this folder."""
        levels = {level: [f for f in report.findings if f.level is level] for level in Level}
        return cls(
            errors=tuple(f"{folder}/{e}" for e in levels[Level.ERROR] if e.rule not in BY_TIME),
            late=tuple(f"{folder}/{e}" for e in levels[Level.ERROR] if e.rule in BY_TIME),
            warnings=tuple(f"{folder}/{warning}" for warning in levels[Level.WARNING]),
        )

    def refusal(self) -> str:
        """Why nothing was published."""
        return f"kiosk check finds {_errors(len(self.errors))}:\n" + "\n".join(most(self.errors))

    def notes(self) -> Iterator[str]:
        """What is said once all is published."""
        if self.late:
            count = _errors(len(self.late))
            yield f"{count} of kiosk check held nothing up: screens leave out what time has ended"
        yield from most((*self.late, *self.warnings))


def most(lines: Sequence[str]) -> Iterator[str]:
    """No more than can be read at once."""
    yield from lines[:MOST_PRINTED]
    if len(lines) > MOST_PRINTED:
        yield f"… and {len(lines) - MOST_PRINTED} more"


def _errors(count: int) -> str:
    return f"{count} error{'s'[: count != 1]}"
