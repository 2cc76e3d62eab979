"""What a player says on its pipe, read: anything else it may print is no news."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from kiosk.agent.journal import Light

LONGEST: Final = 65_536
"""Bytes of one line; a longer one is not ours."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame was presented, of this scene of this release."""

    n: int
    release: str
    scene: str


@dataclass(frozen=True, slots=True)
class Hidden:
    """The player is well, but the display shows no window: it is off or unplugged."""


@dataclass(frozen=True, slots=True)
class Trying:
    """A picture is about to be decoded; its object's hash."""

    object: str


@dataclass(frozen=True, slots=True)
class Playing:
    """A clip is being decoded on the glass; its object's hash, empty: none is any more."""

    object: str


@dataclass(frozen=True, slots=True)
class Look:
    """What the display shows, compared with the player's own frame: 0 to 1, None: not known."""

    verdict: str
    likeness: float | None


@dataclass(frozen=True, slots=True)
class Note:
    """Anything else worth a line in the log and the status."""

    event: str
    facts: tuple[tuple[str, str], ...]


Said = Frame | Hidden | Trying | Playing | Look | Light | Note


def read(line: bytes) -> Said | None:
    """One line of the pipe; None where it is not one of ours."""
    if len(line) > LONGEST:
        return None
    try:
        facts: Any = json.loads(line)
        return _said(facts.pop("event"), facts)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _said(event: str, facts: dict[str, Any]) -> Said:
    match event:
        case "frame":
            return Frame(int(facts["n"]), str(facts["release"]), str(facts["scene"]))
        case "hidden":
            return Hidden()
        case "trying" | "playing":
            kind = Trying if event == "trying" else Playing
            return kind(str(facts["object"]))
        case "look":
            likeness = facts["likeness"]
            return Look(str(facts["verdict"]), None if likeness is None else float(likeness))
        case "light":
            return Light.read(facts)
    return Note(str(event), tuple((name, str(value)[:300]) for name, value in facts.items()))
