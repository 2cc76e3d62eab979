"""The director: carries out what the rotation decides, and tells it what happened.

Events go in one at a time; every decision is `rotation.step` or the showrunner's. Nothing here is
a rule.
"""

from __future__ import annotations

import logging
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from kiosk.campaign import rotation
from kiosk.campaign.hold import hold_seconds
from kiosk.campaign.hours import Lit
from kiosk.campaign.model import Scene
from kiosk.campaign.proof import Play
from kiosk.campaign.selection import Reason, Selection
from kiosk.campaign.showrunner import Showrunner, asks_in
from kiosk.player.backstage import composed, orders
from kiosk.player.blocks import Composition, TextBlock
from kiosk.player.cast import Cast
from kiosk.player.compose import dark
from kiosk.player.content import Content
from kiosk.player.desk import Desk, Prepared
from kiosk.player.glass import Glass
from kiosk.player.pictures import Unreadable
from kiosk.player.reels import Reels
from kiosk.player.regions import orientation_of

log = logging.getLogger("kiosk.player")

STANDBY: Final = 0
LONGEST_WAIT_S: Final = 24 * 3600.0
SOON_S: Final = 1.0
"""What fades in so shortly before the screen goes dark is black already."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Where the director reads the time: aware UTC, and monotonic seconds."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float]


class Director(QObject):
    """Runs the rotation of one screen.

    `standing(token)` follows the first frame a scene has the glass to itself, `played(Play)` its
    departure; `skipped(scene, why)` says once that a scene cannot be shown; `holding(seqs)` says
    of which releases files are in use; `light(Lit)` says when the screen goes dark or is lit.
    """

    standing = Signal(int)
    played = Signal(object)
    skipped = Signal(str, str)
    holding = Signal(object)
    light = Signal(object)

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
        self._showrunner = Showrunner(content)
        self._light: Lit | None = None
        self._plays = 0
        self.reels = Reels(desk)
        self.reels.settled.connect(self._is_ready)
        self.reels.given_up.connect(self._without_clip)
        self.reels.says.connect(self._says)
        self._stopped = False
        self._held = {content.seq}
        self._wake = self._timer(self._due)
        self._ask = self._timer(self._look_again)
        self._casts: dict[int, Cast] = {}
        self._set_standby()
        glass.presented.connect(self._presented)

    @property
    def content(self) -> Content:
        """The release that the next scene comes from."""
        return self._content

    @property
    def lit(self) -> Lit | None:
        """What the light is; None: it has not been asked yet."""
        return self._light

    @property
    def shown(self) -> tuple[str, str]:
        """What is on the glass or fading in: its release; its scene, `standby` or `dark`."""
        cast = self._casts[self._glass.token or STANDBY]
        still = "standby" if self._light is None or self._light.lit else "dark"
        return cast.content.release, cast.scene.id if cast.scene else still

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
        self.reels.renew()
        self._showrunner.adopt(content)
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
                cast.lay_out(composed(cast.content, cast.scene, self._size))
                self._order(token, cast, self._refresh)
        shown = self._casts.get(self._glass.token or STANDBY)
        if self._glass.token is not None and shown is not None:
            self._redraw(shown)

    def allowed(self) -> tuple[Scene, ...]:
        """The scenes that may be shown at this moment."""
        return self._selection(self._clock.now()).allowed

    def stop(self) -> None:
        """Ask for nothing more; what is on the glass stays, and a clip stands still."""
        self._wake.stop()
        self._ask.stop()
        self._stopped = True
        for cast in self._casts.values():
            self.reels.part_with(cast)

    def moves(self, token: int) -> bool:
        """Whether what this token shows is a clip, and not a still picture."""
        cast = self._casts.get(token)
        return cast is not None and cast.film is not None

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
                self.reels.load(cue.token, cast)
                self._order(cue.token, cast, self._prepared)
            case rotation.Show(token):
                self._project(token)
            case rotation.Wake(at):
                self._arm(self._wake, at - self._clock.monotonic())
            case rotation.Played(token, began, ended):
                self._record(token, ended - began)
            case rotation.Drop(token):
                dropped = self._casts.pop(token, None)
                if dropped is not None:
                    self.reels.part_with(dropped)
                self._showrunner.drop(token)
                self._hold_on()

    def _choose(self) -> rotation.Cue | None:
        now = self._clock.now()
        selection, monotonic = self._selection(now), self._clock.monotonic()
        casting = self._showrunner.choose(selection, now, monotonic, self._hold)
        if casting is None:
            return None
        composition = composed(self._content, casting.scene, self._size)
        self._casts[casting.cue.token] = Cast(self._content, casting.scene, composition, [])
        return casting.cue

    def _selection(self, now: datetime) -> Selection:
        selection = self._showrunner.look(now, orientation_of(self._size))
        self._heed(selection.light)
        self._arm(self._ask, asks_in(selection, now))
        for left in selection.left_out:
            if left.reason is Reason.PICTURE_MISSING:
                self._skip(left.scene, left.detail)
        return selection

    def _heed(self, light: Lit) -> None:
        """Go dark, or be lit again: what stands behind the scenes is black, or the brand's own."""
        before, self._light = self._light, light
        if before is None or (before.lit, before.why) != (light.lit, light.why):
            if before is not None or not light.lit:  # lit at the start is no news
                log.info("the screen is %s: %s", "lit" if light.lit else "dark", light.why)
            self.light.emit(light)
        if (before is None or before.lit) != light.lit:
            self._set_standby()

    def _skip(self, scene: str, why: str) -> None:
        """Say once, until the next release, that a scene cannot be shown."""
        if self._showrunner.skip(scene, why):
            log.warning("scene %s is skipped: %s", scene, why)
            self.skipped.emit(scene, why)

    def _look_again(self, *, renewed: bool = False) -> None:
        allowed = frozenset(scene.id for scene in self._selection(self._clock.now()).allowed)
        self._tell(rotation.Changed(allowed, self._clock.monotonic(), renewed))

    def _hold_on(self) -> None:
        seqs = {self._content.seq, *(cast.content.seq for cast in self._casts.values())}
        if seqs != self._held:
            self._held = seqs
            self.holding.emit(tuple(sorted(seqs)))

    def _due(self) -> None:
        self._tell(rotation.Due(self._clock.monotonic()))

    # -- preparing --------------------------------------------------------------------------

    def _set_standby(self) -> None:
        """Standby without its picture: it can be shown at any moment from now on."""
        full = self._still()
        self._casts[STANDBY] = Cast(self._content, None, replace(full, pictures=()), [])
        if self._glass.token == STANDBY:
            self._redraw(self._casts[STANDBY])
            self._dress_standby()

    def _still(self) -> Composition:
        """What stands where no scene may: the brand's own, or nothing but black."""
        light = self._light
        if light is not None:
            left = (
                None if light.until is None else (light.until - self._clock.now()).total_seconds()
            )
            if not light.lit or (left is not None and left <= rotation.FADE_S + SOON_S):
                return dark(self._size)
        return composed(self._content, None, self._size)

    def _dress_standby(self) -> None:
        """Add the brand's own picture, which is not kept decoded for a day it may never see."""
        full = self._still()
        if not full.pictures:
            return

        def drawn(outcome: Prepared | Unreadable) -> None:
            if isinstance(outcome, Unreadable):
                log.error("the brand's own picture cannot be read: %s", outcome.why)
            elif full == self._still():
                self._casts[STANDBY] = Cast(self._content, None, full, outcome)
                if self._glass.token == STANDBY:
                    self._redraw(self._casts[STANDBY])

        self._desk.prepare(orders(full, self._content), drawn)

    def _order(
        self, token: int, cast: Cast, then: Callable[[int, Prepared | Unreadable], None]
    ) -> None:
        wanted = orders(cast.composition, cast.content)
        self._desk.prepare(wanted, lambda outcome: then(token, outcome))

    def _prepared(self, token: int, outcome: Prepared | Unreadable) -> None:
        cast = self._casts.get(token)
        if cast is None or cast.scene is None or cast.images:
            return
        if isinstance(outcome, Unreadable):
            self._skip(cast.scene.id, outcome.why)
            self._showrunner.take_back()
            self._tell(rotation.Failed(token, self._clock.monotonic()))
        else:
            cast.images = outcome
            self._is_ready(token)

    def _is_ready(self, token: int) -> None:
        cast = self._casts.get(token)
        if cast is not None and cast.is_ready:
            self._tell(rotation.Ready(token, self._clock.monotonic()))

    def _refresh(self, token: int, outcome: Prepared | Unreadable) -> None:
        """The same scene at another size; should that fail, its first pixels serve on."""
        cast = self._casts.get(token)
        if cast is None or isinstance(outcome, Unreadable):
            return
        first_time = not cast.images
        cast.images = outcome
        if first_time:
            self._is_ready(token)
        elif self._glass.token == token:
            self._redraw(cast)

    # -- the glass --------------------------------------------------------------------------

    def _project(self, token: int) -> None:
        if token == STANDBY and self._glass.token != STANDBY:
            self._set_standby()
        cast, leaving = self._casts[token], self._casts.get(self._glass.token or STANDBY)
        if leaving is not None:
            self.reels.freeze(leaving)
        self._glass.show(token, cast.composition, cast.images, cast.film)

    def _redraw(self, cast: Cast) -> None:
        pictures = cast.images if len(cast.images) == len(cast.composition.pictures) else []
        composition = cast.composition if pictures else replace(cast.composition, pictures=())
        self._glass.redraw(composition, pictures, cast.film)

    def _without_clip(self, token: int) -> None:
        """A clip was given up: if it is on the glass, its picture stands in at once."""
        if self._glass.token == token and (cast := self._casts.get(token)) is not None:
            self._redraw(cast)

    def _says(self, token: int, texts: tuple[TextBlock, ...]) -> None:
        if self._glass.token == token:
            self._glass.say(texts)

    def _presented(self, token: int) -> None:
        if token == STANDBY and not self._casts[STANDBY].images:
            self._dress_standby()
        cast = self._casts.get(token)
        if cast is not None:
            cast.began = self._clock.now()
        self._tell(rotation.Opaque(token, self._clock.monotonic()))
        self.standing.emit(token)
        if cast is not None:
            self.reels.play(cast)

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
