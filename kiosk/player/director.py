"""The director: carries out what the rotation decides, and tells it what happened.

Events go in one at a time; every decision is `rotation.step`. Nothing here is a rule.
"""

from __future__ import annotations

import logging
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from kiosk.campaign import mix, rotation
from kiosk.campaign.hold import hold_seconds
from kiosk.campaign.model import Scene
from kiosk.campaign.proof import Play
from kiosk.campaign.selection import Reason, Selection, select
from kiosk.player.backstage import composed, orders
from kiosk.player.blocks import Composition
from kiosk.player.content import Content
from kiosk.player.desk import Desk, Prepared
from kiosk.player.glass import Glass
from kiosk.player.pictures import Unreadable
from kiosk.player.regions import orientation_of

log = logging.getLogger("kiosk.player")

STANDBY: Final = 0
LONGEST_WAIT_S: Final = 24 * 3600.0
LONGEST_SLEEP_S: Final = 60.0
"""The selection is asked again at least so often, should the system's clock have been set."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Where the director reads the time: aware UTC, and monotonic seconds."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float]


@dataclass(slots=True)
class _Cast:
    """One scene being prepared, ready or on the glass; `scene` is None for standby.

    `content` is the release it was cast from, which may no longer be the newest.
    """

    content: Content
    scene: Scene | None
    composition: Composition
    images: Prepared
    began: datetime | None = None


class Director(QObject):
    """Runs the rotation of one screen.

    `standing(token)` follows the first frame a scene has the glass to itself, `played(Play)` its
    departure; `skipped(scene, why)` says once that a scene cannot be shown; `holding(seqs)` says
    of which releases files are in use.
    """

    standing = Signal(int)
    played = Signal(object)
    skipped = Signal(str, str)
    holding = Signal(object)

    def __init__(
        self,
        content: Content,
        size: tuple[int, int],
        glass: Glass,
        desk: Desk,
        clock: Clock,
        *,
        hold: Callable[[Scene], float] = hold_seconds,
    ) -> None:
        super().__init__()
        self._hold = hold
        self._content, self._size = content, size
        self._glass, self._desk, self._clock = glass, desk, clock
        self._state = rotation.State()
        self._events: deque[rotation.Event] = deque()
        self._mix: mix.MixState | None = None
        self._mix_before: mix.MixState | None = None
        self._mix_day: date | None = None
        self._unplayable: dict[str, str] = {}
        self._tokens = self._plays = 0
        self._stopped = False
        self._held = {content.seq}
        self._wake = self._timer(self._due)
        self._ask = self._timer(self._look_again)
        self._casts: dict[int, _Cast] = {}
        self._set_standby()
        glass.presented.connect(self._presented)

    @property
    def content(self) -> Content:
        """The release that the next scene comes from."""
        return self._content

    @property
    def shown(self) -> tuple[str, str]:
        """What is on the glass or fading in: its release, and its scene or `standby`."""
        cast = self._casts[self._glass.token or STANDBY]
        return cast.content.release, cast.scene.id if cast.scene else "standby"

    def begin(self) -> None:
        """Start the loop."""
        self._tell(rotation.Begin(self._clock.monotonic()))

    def open_with_standby(self) -> None:
        """Nothing could be shown in time: let the brand's own scene be the first."""
        if self._glass.token is None:
            self._project(STANDBY)

    def adopt(self, content: Content) -> None:
        """Go on with a new release, from the next scene on.

        What it no longer allows leaves the glass at once; what else stands has its time.
        """
        self._content = content
        self._unplayable.clear()
        self._mix = None
        self._set_standby()
        self._look_again(renewed=True)
        self._hold_on()

    def resize(self, size: tuple[int, int]) -> None:
        """The display has another size or was turned: lay everything out again, now."""
        if size == self._size:
            return
        self._size = size
        self._set_standby()
        for token, cast in list(self._casts.items()):
            if cast.scene is not None:
                cast.composition = composed(cast.content, cast.scene, self._size)
                self._order(token, cast, self._refresh)
        shown = self._casts.get(self._glass.token or STANDBY)
        if self._glass.token is not None and shown is not None:
            self._redraw(shown)

    def allowed(self) -> tuple[Scene, ...]:
        """The scenes that may be shown at this moment."""
        return self._selection().allowed

    def stop(self) -> None:
        """Ask for nothing more; what is on the glass stays."""
        self._wake.stop()
        self._ask.stop()
        self._stopped = True

    def scene_of(self, token: int) -> Scene | None:
        """The scene behind a token still at hand; None for standby."""
        return self._casts[token].scene

    # -- the loop ---------------------------------------------------------------------------

    def _tell(self, event: rotation.Event) -> None:
        if self._stopped:
            return
        self._events.append(event)
        if len(self._events) > 1:
            return
        while self._events:
            self._state, effects = rotation.step(self._state, self._events[0])
            for effect in effects:
                self._carry_out(effect)
            self._events.popleft()

    def _carry_out(self, effect: rotation.Effect) -> None:
        match effect:
            case rotation.Choose():
                self._tell(rotation.Cast(self._choose()))
            case rotation.Prepare(cue):
                cast = self._casts[cue.token]
                self._order(cue.token, cast, self._prepared)
            case rotation.Show(token):
                self._project(token)
            case rotation.Wake(at):
                self._arm(self._wake, at - self._clock.monotonic())
            case rotation.Played(token, began, ended):
                self._record(token, ended - began)
            case rotation.Drop(token):
                self._casts.pop(token, None)
                self._hold_on()

    def _choose(self) -> rotation.Cue | None:
        selection = self._selection()
        if not selection.allowed:
            return None
        self._mix_before = self._mix_of(selection.at)
        shares = self._content.campaign.mix
        scene, self._mix = mix.choose(self._mix_before, selection.allowed, shares)
        self._tokens += 1
        composition = composed(self._content, scene, self._size)
        self._casts[self._tokens] = _Cast(self._content, scene, composition, [])
        closes = selection.closes.get(scene.id)
        left = (closes - selection.at).total_seconds() if closes else None
        closes_at = None if left is None else self._clock.monotonic() + left
        return rotation.Cue(self._tokens, scene.id, self._hold(scene), closes_at)

    def _selection(self) -> Selection:
        content = self._content
        selection = select(
            content.campaign,
            content.agency,
            orientation_of(self._size),
            self._clock.now(),
            present=content.present,
            unplayable=self._unplayable,
        )
        wait = LONGEST_SLEEP_S
        if selection.ask_again is not None:
            wait = min(wait, (selection.ask_again - selection.at).total_seconds())
        self._arm(self._ask, wait)
        for left in selection.left_out:
            if left.reason is Reason.PICTURE_MISSING:
                self._skip(left.scene, left.detail)
        return selection

    def _skip(self, scene: str, why: str) -> None:
        """Say once, until the next release, that a scene cannot be shown."""
        if scene not in self._unplayable:
            self._unplayable[scene] = why
            log.warning("scene %s is skipped: %s", scene, why)
            self.skipped.emit(scene, why)

    def _look_again(self, *, renewed: bool = False) -> None:
        allowed = frozenset(scene.id for scene in self._selection().allowed)
        self._tell(rotation.Changed(allowed, self._clock.monotonic(), renewed))

    def _hold_on(self) -> None:
        seqs = {self._content.seq, *(cast.content.seq for cast in self._casts.values())}
        if seqs != self._held:
            self._held = seqs
            self.holding.emit(tuple(sorted(seqs)))

    def _due(self) -> None:
        self._tell(rotation.Due(self._clock.monotonic()))

    def _mix_of(self, now: datetime) -> mix.MixState:
        """The order of the day is settled by release, agency and local day, as rehearsed."""
        day = now.astimezone(ZoneInfo(self._content.agency.timezone)).date()
        if self._mix is None or day != self._mix_day:
            last = self._casts.get(self._tokens)
            scene = last.scene.id if last and last.scene else None
            self._mix = mix.start(self._content.release, self._content.agency.agency, day, scene)
            self._mix_day = day
        return self._mix

    # -- preparing --------------------------------------------------------------------------

    def _set_standby(self) -> None:
        """Standby without its picture: it can be shown at any moment from now on."""
        full = composed(self._content, None, self._size)
        self._casts[STANDBY] = _Cast(self._content, None, replace(full, pictures=()), [])
        if self._glass.token == STANDBY:
            self._dress_standby()

    def _dress_standby(self) -> None:
        """Add the brand's own picture, which is not kept decoded for a day it may never see."""
        full = composed(self._content, None, self._size)

        def drawn(outcome: Prepared | Unreadable) -> None:
            if isinstance(outcome, Unreadable):
                log.error("the brand's own picture cannot be read: %s", outcome.why)
            elif (full.width, full.height) == self._size:
                self._casts[STANDBY] = _Cast(self._content, None, full, outcome)
                if self._glass.token == STANDBY:
                    self._redraw(self._casts[STANDBY])

        self._desk.prepare(orders(full, self._content), drawn)

    def _order(
        self, token: int, cast: _Cast, then: Callable[[int, Prepared | Unreadable], None]
    ) -> None:
        wanted = orders(cast.composition, cast.content)
        self._desk.prepare(wanted, lambda outcome: then(token, outcome))

    def _prepared(self, token: int, outcome: Prepared | Unreadable) -> None:
        cast = self._casts.get(token)
        if cast is None or cast.scene is None or cast.images:
            return
        if isinstance(outcome, Unreadable):
            self._skip(cast.scene.id, outcome.why)
            self._mix = self._mix_before
            self._tell(rotation.Failed(token, self._clock.monotonic()))
        else:
            cast.images = outcome
            self._tell(rotation.Ready(token, self._clock.monotonic()))

    def _refresh(self, token: int, outcome: Prepared | Unreadable) -> None:
        """The same scene at another size; should that fail, its first pixels serve on."""
        cast = self._casts.get(token)
        if cast is None or isinstance(outcome, Unreadable):
            return
        first_time = not cast.images
        cast.images = outcome
        if first_time:
            self._tell(rotation.Ready(token, self._clock.monotonic()))
        elif self._glass.token == token:
            self._redraw(cast)

    # -- the glass --------------------------------------------------------------------------

    def _project(self, token: int) -> None:
        cast = self._casts[token]
        self._glass.show(token, cast.composition, cast.images)

    def _redraw(self, cast: _Cast) -> None:
        pictures = cast.images if len(cast.images) == len(cast.composition.pictures) else []
        composition = cast.composition if pictures else replace(cast.composition, pictures=())
        self._glass.redraw(composition, pictures)

    def _presented(self, token: int) -> None:
        if token == STANDBY and not self._casts[STANDBY].images:
            self._dress_standby()
        cast = self._casts.get(token)
        if cast is not None:
            cast.began = self._clock.now()
        self._tell(rotation.Opaque(token, self._clock.monotonic()))
        self.standing.emit(token)

    def _record(self, token: int, seconds: float) -> None:
        cast = self._casts[token]
        content = cast.content
        if cast.scene is None or cast.began is None:
            return
        self._plays += 1
        self.played.emit(
            Play(
                counter=self._plays,
                release=content.release,
                agency=content.agency.agency,
                screen=content.screen_name,
                scene=cast.scene.id,
                kind=cast.scene.kind,
                audience=cast.scene.audience,
                began=cast.began.astimezone(UTC),
                seconds=seconds,
            )
        )

    def _timer(self, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(slot)
        return timer

    @staticmethod
    def _arm(timer: QTimer, seconds: float) -> None:
        # Rounded up: a timer that fires before its moment would be asked a second time. Bounded:
        # Qt counts milliseconds in 32 bits, and the rotation answers an early Due with its Wake.
        timer.start(math.ceil(min(max(seconds, 0.0), LONGEST_WAIT_S) * 1000))
