"""Facts of a play -> one line of JSON, and back. Nothing about who passed by."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any, Final

LONGEST_LINE: Final = 2000
LONGEST_PLAY_S: Final = 366 * 24 * 3600.0

_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Play:
    """One scene really on screen.

    `counter` numbers the plays of a screen; `began` is the aware moment of the first opaque
    frame; `seconds` last until the next fade starts. ValueError when a fact cannot be true.
    """

    counter: int
    release: str
    agency: str
    screen: str
    scene: str
    kind: str
    audience: str
    began: datetime
    seconds: float

    def __post_init__(self) -> None:
        if self.counter < 0:
            raise ValueError(f"counter ({self.counter}) is below 0")
        if self.began.utcoffset() is None:
            raise ValueError(f"began ({self.began.isoformat()}) has no time zone")
        if not 0 <= self.seconds <= LONGEST_PLAY_S:
            raise ValueError(f"seconds ({self.seconds}) must be from 0 to a year")


def record(play: Play) -> str:
    """The play as one line of ASCII JSON without its end, keys in the order of `Play`.

    `began` is written in UTC to the millisecond (2026-09-15T10:00:00.250Z), `seconds` likewise.
    """
    began = play.began.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
    facts = asdict(play) | {"began": f"{began}Z", "seconds": round(float(play.seconds), 3)}
    return json.dumps(facts, separators=(",", ":"))


def parse_record(line: str) -> Play:
    """The play that `record` wrote; ValueError that says what is wrong with any other line."""
    if len(line) > LONGEST_LINE:
        raise ValueError(f"is not a play: {len(line)} characters, more than {LONGEST_LINE}")
    try:
        facts = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is not a play: not one line of JSON ({error})") from error
    names = [field.name for field in fields(Play)]
    if not isinstance(facts, dict) or sorted(facts) != sorted(names):
        raise ValueError(f"is not a play: an object of exactly {', '.join(names)} is expected")
    return Play(**{name: _fact(name, facts[name]) for name in names})


def _fact(name: str, value: Any) -> Any:
    if name == "began":
        return _moment(value)
    wanted = {"counter": (int,), "seconds": (int, float)}.get(name, (str,))
    if type(value) not in wanted:
        raise ValueError(f"is not a play: {name} is {value!r}")
    return value


def _moment(value: Any) -> datetime:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise ValueError(f"is not a play: began is {value!r}, not like 2026-09-15T10:00:00.250Z")
    return datetime.fromisoformat(value)
