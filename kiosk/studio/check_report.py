"""A check's report as a person reads it, and as a program does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from kiosk.studio.findings import Figures, Level, Report


def lines(report: Report, folder: str) -> Iterator[str]:
    """One line for each finding, then what was looked at."""
    for finding in report.findings:
        yield f"{folder}/{finding}" if folder else str(finding)
    counts = [(level, report.count(level)) for level in Level]
    said = ", ".join(f"{n} {level}{'s'[: n != 1]}" for level, n in counts if n)
    clean = "no error" if report.count(Level.WARNING) or report.count(Level.NOTE) else "clean"
    verdict = f"{folder or 'the folder'}: "
    verdict += said if report.count(Level.ERROR) else f"{clean}{' (' + said + ')' if said else ''}"
    if report.figures is None:
        yield f"{verdict}; the rest is checked once the files can be read"
        return
    yield f"{verdict}; {figures_line(report.figures)}"


def figures_line(figures: Figures) -> str:
    """What was looked at, on one line."""
    reach = ""
    if figures.least_reach_m is not None:
        reach = f", least reach {figures.least_reach_m:.2f} m ({figures.least_reach_at})"
    return (
        f"{_many(figures.scenes, 'scene')}, {_many(figures.agencies, 'agency', 'agencies')},"
        f" {_many(figures.screens, 'screen')}, {_many(figures.frames, 'frame')},"
        f" {figures.codes_read} of {_many(figures.codes, 'code')} read{reach},"
        f" {figures.seconds:.1f} s"
    )


def _many(number: int, one: str, more: str | None = None) -> str:
    return f"{number} {one if number == 1 else more or one + 's'}"


def as_json(report: Report, folder: str) -> dict[str, Any]:
    """The report as plain values."""
    return {
        "folder": folder,
        "errors": report.count(Level.ERROR),
        "warnings": report.count(Level.WARNING),
        "notes": report.count(Level.NOTE),
        "findings": [
            {"level": finding.level.value, **asdict(finding)} for finding in report.findings
        ],
        "figures": asdict(report.figures) if report.figures else None,
    }
