"""Who may sign what, and for how long (TUF roles)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

HQ: Final = "hq"
DAILY: Final = ("targets", HQ, "snapshot", "timestamp")
"""The keys that daily work needs, but for one for each agency."""
ROOT_KEYS: Final = 3
ROOT_THRESHOLD: Final = 2
HQ_PATHS: Final = ("campaign/*", "media/*", *(f"media/{'*/' * depth}*" for depth in (1, 2, 3)))
"""A TUF pattern's * stands for one part of a path; pictures may lie up to three folders deep."""

_DAYS: Final = {"root": 5 * 365, "snapshot": 14, "timestamp": 14}
_DAYS_OF_TARGETS: Final = 2 * 365


def agency_role(agency: str) -> str:
    """The role that may sign agencies/<agency>.yaml and nothing else."""
    return f"agency-{agency}"


def lifetime(role: str) -> timedelta:
    """How long a signature of this role holds."""
    return timedelta(days=_DAYS.get(role, _DAYS_OF_TARGETS))


def expiry(role: str, now: datetime) -> datetime:
    """When a signature made now expires, to the second."""
    return (now + lifetime(role)).replace(microsecond=0)


def wants_renewal(role: str, expires: datetime, now: datetime) -> bool:
    """Whether a third or less of its life is left: time to sign again."""
    return expires - now <= lifetime(role) / 3
