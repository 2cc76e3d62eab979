"""The showrunner: decides what a screen shows next. The player and the rehearsal both ask it.

It knows neither a clock nor a display: whoever has them, or plays at having them, says what time it
is and how the screen is held.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Final, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from kiosk.campaign import mix, rotation
from kiosk.campaign.hold import hold_seconds
from kiosk.campaign.model import Agency, Campaign, Orientation, Scene
from kiosk.campaign.selection import Selection, select

LONGEST_SLEEP_S: Final = 60.0
"""The selection is asked again at least so often, should the system's clock have been set."""


class Bill(Protocol):
    """One release as one screen sees it."""

    @property
    def release(self) -> str:
        """The release's name."""

    @property
    def campaign(self) -> Campaign:
        """What may be shown."""

    @property
    def agency(self) -> Agency:
        """Where."""

    @property
    def present(self) -> Collection[str]:
        """The pictures that exist."""

    @property
    def always_lit(self) -> bool:
        """Whether the hours in which a window may be lit are left out of it."""

    @property
    def contact(self) -> Callable[[], datetime | None]:
        """Tells when head office was last heard, as far as is known now."""


class Casting(NamedTuple):
    """The next play, and the scene it is of."""

    cue: rotation.Cue
    scene: Scene


class _Seen(NamedTuple):
    """An answer, and what it was asked with."""

    selection: Selection
    orientation: Orientation
    contact: datetime | None

    def holds(self, now: datetime, orientation: Orientation, contact: datetime | None) -> bool:
        """Whether it would be the same now."""
        until = self.selection.ask_again
        in_time = self.selection.at <= now and (until is None or now < until)
        return in_time and (self.orientation, self.contact) == (orientation, contact)


class Showrunner:
    """What one screen may show, what it shows next, and when to ask again."""

    def __init__(self, bill: Bill) -> None:
        self._bill = bill
        self._unplayable: dict[str, str] = {}
        self._seen: _Seen | None = None
        self._mix: mix.MixState | None = None
        self._mix_before: mix.MixState | None = None
        self._mix_day: date | None = None
        self._at_hand: dict[int, str] = {}
        self._tokens = 0

    def adopt(self, bill: Bill) -> None:
        """Go on with a new release: its order starts afresh, what could not be shown may be."""
        self._bill = bill
        self._unplayable.clear()
        self._seen = None
        self._mix = None

    def skip(self, scene: str, why: str) -> bool:
        """Leave a scene out until the next release; whether it was not left out already."""
        if scene in self._unplayable:
            return False
        self._unplayable[scene] = why
        self._seen = None
        return True

    def look(self, now: datetime, orientation: Orientation) -> Selection:
        """What may be shown at the aware moment `now`.

        An answer is kept for as long as it says it stays the same.
        """
        bill = self._bill
        contact = bill.contact()
        if self._seen is None or not self._seen.holds(now, orientation, contact):
            selection = select(
                bill.campaign,
                bill.agency,
                orientation,
                now,
                present=bill.present,
                unplayable=self._unplayable,
                always_lit=bill.always_lit,
                contact=contact,
            )
            self._seen = _Seen(selection, orientation, contact)
        return self._seen.selection

    def choose(
        self,
        selection: Selection,
        now: datetime,
        monotonic: float,
        hold: Callable[[Scene], float] = hold_seconds,
    ) -> Casting | None:
        """The next play: at `now` it is `monotonic` seconds. None when nothing is allowed."""
        if not selection.allowed:
            return None
        self._mix_before = self._mix_of(now)
        scene, self._mix = mix.choose(self._mix_before, selection.allowed, self._bill.campaign.mix)
        self._tokens += 1
        self._at_hand[self._tokens] = scene.id
        closes = selection.closes.get(scene.id)
        closes_at = None if closes is None else monotonic + (closes - now).total_seconds()
        return Casting(rotation.Cue(self._tokens, scene.id, hold(scene), closes_at), scene)

    def take_back(self) -> None:
        """The last choice could not be made ready: it was no turn."""
        self._mix = self._mix_before

    def drop(self, token: int) -> None:
        """This play is over or given up."""
        self._at_hand.pop(token, None)

    def _mix_of(self, now: datetime) -> mix.MixState:
        """The order of the day is settled by release, agency and local day."""
        agency = self._bill.agency
        day = now.astimezone(ZoneInfo(agency.timezone)).date()
        if self._mix is None or day != self._mix_day:
            last = self._at_hand[max(self._at_hand)] if self._at_hand else None
            self._mix = mix.start(self._bill.release, agency.agency, day, last)
            self._mix_day = day
        return self._mix


def asks_in(selection: Selection, now: datetime) -> float:
    """In how many seconds to look again."""
    if selection.ask_again is None:
        return LONGEST_SLEEP_S
    return min(LONGEST_SLEEP_S, (selection.ask_again - now).total_seconds())
