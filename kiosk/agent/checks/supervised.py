"""The supervisor: whether `kiosk run` lives, and when a frame was last on the glass."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from kiosk.agent.checks.case import Case
from kiosk.agent.checks.finding import Finding, failed, one_line, passed, skipped, warned
from kiosk.agent.status import FILE

_ALIVE: Final = timedelta(minutes=3)
"""`kiosk run` writes each minute."""
_SILENT: Final = timedelta(seconds=30)
"""The player tells of a frame each 5 s."""
_LARGEST: Final = 1_000_000
_START: Final = (
    "Start kiosk run (Debian: systemctl restart o2-kiosk; Windows: sign out and in again)."
)


def supervisor(case: Case) -> Finding:
    """Judge by the file that it writes."""
    told = _status(case)
    if told is None:
        return skipped(f"no {FILE} in {case.data}: kiosk run has not been started here")
    written, state = _moment(told.get("written")), one_line(told.get("state"), 40)
    if written is None:
        return failed(f"{case.data / FILE} cannot be read", f"Delete that file. {_START}")
    age = case.now() - written
    if age > _ALIVE:
        return failed(f"kiosk run was last heard {_span(age)} ago ({state})", _START)
    return _on_glass(told, written, state)


def on_air(case: Case) -> bool:
    """Whether the supervisor lives and its player has frames on the glass."""
    return supervisor(case).state == "pass"


def _on_glass(told: Mapping[str, Any], written: datetime, state: str) -> Finding:
    player: Mapping[str, Any] = told.get("player") or {}
    frame = _moment(player.get("last_frame"))
    restarts = f"{told.get('restarts', 0)} restarts"
    if state == "set-up":
        return warned(f"{state}: no release to show yet", "Mend the first step that fails above.")
    if player.get("hidden"):
        return warned(
            f"{state}: the display shows no window, {restarts}",
            "Switch the display on and plug it in.",
        )
    if frame is None or written - frame > _SILENT:
        when = f"the last frame was {_span(written - frame)} before" if frame else "no frame yet"
        return failed(f"{state}, {when}, {restarts}", "Look into log/kiosk.log in the data folder.")
    scene = one_line(player.get("scene") or "a scene", 60)
    seen = f"{state}: {scene} on the glass, {restarts}"
    problem = told.get("problem")
    if state != "on air" or problem:
        return warned(
            f"{seen}{f'; {one_line(problem)}' if problem else ''}",
            "Look into log/kiosk.log in the data folder.",
        )
    return passed(seen)


def _status(case: Case) -> Mapping[str, Any] | None:
    """What the file says, empty where that is nothing; None where there is no file."""
    try:
        with (case.data / FILE).open("rb") as file:
            found = json.loads(file.read(_LARGEST))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _moment(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def _span(age: timedelta) -> str:
    seconds = age.total_seconds()
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.0f} hours"
