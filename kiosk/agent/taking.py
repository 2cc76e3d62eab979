"""Taking a signed enrolment from a stick: the PC's settings from then on."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.agent.sticks import Stick

if TYPE_CHECKING:
    from kiosk.release.enrolment import Enrolment, Reason


@dataclass(frozen=True, slots=True)
class Desk:
    """The PC that asks: its data folder, its trust anchor's file and its name."""

    data: Path
    root: Path
    pc: str


@dataclass(frozen=True, slots=True)
class NoStick:
    """No stick with an enrolment is plugged in."""

    def __str__(self) -> str:
        return "no stick"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """This PC has new settings: load them again."""

    path: Path
    enrolment: Enrolment

    def __str__(self) -> str:
        return f"enrolled from {self.path} for agency {self.enrolment.agency}"


@dataclass(frozen=True, slots=True)
class Known:
    """The stick says what this PC was enrolled with already."""

    path: Path

    def __str__(self) -> str:
        return f"{self.path} is known"


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The stick's file gives this PC nothing; `why` is a phrase for the log."""

    path: Path
    reason: Reason
    why: str

    def __str__(self) -> str:
        return f"{self.path}: {self.why}"


Outcome = NoStick | Enrolled | Known | NotTaken


def take(sticks: Sequence[Stick], desk: Desk, now: datetime) -> Outcome:
    """Take the first enrolment that may be taken; `now` is what the system's clock says."""
    if not sticks:
        return NoStick()
    from kiosk.release.enrolment import Reason, Refused

    outcome: Outcome = NoStick()
    for stick in sticks:
        try:
            return _taken(stick, desk, now)
        except Refused as refused:
            outcome = NotTaken(stick.path, refused.reason, str(refused))
        except OSError as error:
            why = f"the data folder {desk.data} cannot be written ({error.strerror})"
            outcome = NotTaken(stick.path, Reason.NOT_KEPT, why)
    return outcome


def _taken(stick: Stick, desk: Desk, now: datetime) -> Enrolled | Known:
    from kiosk.release.clock import trusted_now
    from kiosk.release.durable import make_folder
    from kiosk.release.enrolment import Refused, apply, held, newest_root, read
    from kiosk.release.store import Store

    anchor = _anchor(desk.root)
    store = Store(desk.data)
    proven = read(
        stick.content,
        anchor,
        now=trusted_now(now, store.floor().signed_at),
        pc=desk.pc,
        newest=newest_root(store, anchor),
    )
    before = None
    with suppress(Refused):  # a damaged one is replaced
        before = held(desk.data, anchor)
    make_folder(desk.data)
    changed = apply(proven, desk.data, before)
    return Enrolled(stick.path, proven.enrolment) if changed else Known(stick.path)


def _anchor(root: Path) -> bytes:
    from kiosk.release.enrolment import Reason, Refused

    try:
        return root.read_bytes()
    except OSError as error:
        why = f"the trust anchor {root} cannot be read ({error.strerror})"
        raise Refused(Reason.NO_ANCHOR, why) from error
