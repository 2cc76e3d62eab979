"""Whose screens, and when: the options of commands that look at a campaign's folder."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

YEARS: Final = range(2000, 2100)


def add_agencies(command: argparse.ArgumentParser) -> None:
    """Which agencies' screens."""
    command.add_argument(
        "--agency", metavar="ID", action="append", help="only this agency (repeatable)"
    )


def add_viewpoint(command: argparse.ArgumentParser) -> None:
    """Which screen, and at which moment."""
    command.add_argument("--agency", metavar="ID", required=True, help="whose screen")
    command.add_argument("--screen", metavar="NAME", help="default: the agency's first")
    command.add_argument(
        "--at",
        metavar="MOMENT",
        type=moment,
        help="2026-12-24T18:05 in the agency's local time, or with an offset (…+01:00, …Z);"
        " default: now",
    )


def moment(text: str) -> datetime:
    """A moment as a person writes it; without an offset it is naive."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a moment ({error}); write 2026-12-24T18:05"
        ) from error
    if at.year not in YEARS:
        raise argparse.ArgumentTypeError(
            f"the year of {text!r} must be from {YEARS[0]} to {YEARS[-1]}"
        )
    return at


def moment_here(text: str) -> datetime:
    """The same; in this machine's time zone where it names none."""
    return moment(text).astimezone()


def moment_there(at: datetime | None, zone: ZoneInfo) -> datetime:
    """The moment meant, in UTC; a time that the agency's clock skips is the moment it jumps."""
    from kiosk.campaign.wall import begin_of
    from kiosk.campaign.wall import moment as on_the_wall

    if at is None:
        return datetime.now(UTC).replace(microsecond=0)
    if at.tzinfo is not None:
        return at.astimezone(UTC)
    return on_the_wall(at, zone, after=begin_of(at.date() - timedelta(days=1), zone))
