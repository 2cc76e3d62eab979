"""What a player stands on: the release in the store, else something that is always there."""

from __future__ import annotations

import argparse
import logging
import platform
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from kiosk import __version__
from kiosk.door.needs import content_of_release, lenient_settings, missing
from kiosk.player.content import Content
from kiosk.player.news import News
from kiosk.release.clock import BUILT, Age, age, trusted_now
from kiosk.release.evergreen import faceless
from kiosk.release.shown import Shown, open_previous, open_shown
from kiosk.release.store import Store

if TYPE_CHECKING:
    from kiosk.config import Config

log = logging.getLogger("kiosk.player")

Say = Callable[..., None]
Name = Literal["current", "previous", "evergreen"]

UNREADABLE: Final = "Les réglages (kiosk.yaml) ne peuvent pas être lus ; le journal dit pourquoi"
"""For the set-up scene; the reason itself is for IT, in English and in the log."""


def footing(arguments: argparse.Namespace, say: Say) -> tuple[Content, News | None, str | None]:
    """What to show, where news of it comes from, and the display; there is always something.

    `say("trying", object=…)` is called before a picture is decoded, on any thread.
    """
    config, problem = lenient_settings(arguments)
    if problem:
        log.error("settings: %s", problem)
    ground = Ground(
        Store(config.data),
        config.evergreen,
        frozenset(arguments.without),
        say,
        always_lit=arguments.always_lit,
    )
    with suppress(OSError):
        ground.store.root.mkdir(parents=True, exist_ok=True)  # to be watched for a first release
    display = chosen_display(config)
    news = ground.news() if arguments.footing == "current" else None
    content = ground.content(arguments.footing)
    if content is None:
        note = arguments.note or (UNREADABLE if problem else None)
        return _set_up(config, note), news, display
    if news is not None and content.seq:
        news.hold((content.seq,))
    return content, news, display


def from_store(store: Store, *, always_lit: bool) -> tuple[Content, News] | None:
    """The newest release of a store, and the news of the next; None where there is none."""
    ground = Ground(store, always_lit=always_lit)
    news, content = ground.news(), ground.content("current")
    if content is None:
        return None
    news.hold((content.seq,))
    return content, news


def chosen_display(config: Config) -> str | None:
    """The display by name or number, as text."""
    display = config.settings.display
    return None if display is None else str(display)


def _silent(*_: object, **__: object) -> None:
    """Nobody listens."""


class Heard:
    """When head office was last heard. Kept in memory: the player asks at every choice."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._moment = BUILT
        self.look()

    def look(self) -> None:
        """Ask the store again."""
        floor, contact = self._store.floor(), self._store.contact()
        known = contact is not None and contact.at <= trusted_now(datetime.now(UTC))
        # A contact that is lost, or of a clock that ran ahead: what head office signed is certain.
        self._moment = contact.at if contact and known else floor.signed_at or BUILT

    def moment(self) -> datetime:
        """The answer of the last look."""
        return self._moment


@dataclass(frozen=True, slots=True, weakref_slot=True)  # Qt refers to its methods weakly
class Ground:
    """All that can be stood on: the store, the installer's evergreen release; and who is told."""

    store: Store
    evergreen: Path | None = None
    without: frozenset[str] = frozenset()
    say: Say = _silent
    always_lit: bool = False
    """Whether lit hours are left out of it: at a fair, in a test."""
    heard: Heard = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "heard", Heard(self.store))

    def content(self, name: Name) -> Content | None:
        """The release of this name, or else the evergreen one; None: there is neither."""
        shown = None
        if name == "current" and not self.old():
            shown = open_shown(self.store, self.without)
        elif name == "previous":
            shown = open_previous(self.store, self.without)
        if shown is not None:
            return self._standing(shown, content_of_release(shown))
        return self._evergreen(orphan=name == "current")

    def old(self) -> bool:
        """Whether head office was last heard longer ago than it allows."""
        return self._age() == "old"

    def _age(self) -> Age:
        """How long ago head office was last heard."""
        release = self.store.current()
        if release is None:
            return "never"
        now = trusted_now(datetime.now(UTC), self.store.floor().signed_at)
        longest = timedelta(days=release.manifest.max_offline_days)
        return age(self.heard.moment(), now, longest)

    def news(self) -> News:
        """The news of the store, from what is true now."""
        seen = self._mark()

        def look() -> Content | None:
            """Asked on any thread, one at a time: what is to be shown, if that has changed."""
            nonlocal seen
            self.heard.look()
            mark = self._mark()
            if mark == seen:
                return None
            content = self.content("current")
            seen = mark
            return content

        return News(self.store.root, look, self._hold)

    def _mark(self) -> object:
        """What has to be looked at again when it changes. The age, because faces whose lease is
        over may be shown once head office is heard, and nothing else would have them chosen."""
        return self.store.pointer(), self._age()

    def _evergreen(self, *, orphan: bool) -> Content | None:
        """The installer's release, on the panel that this PC has; faces may have been withdrawn.

        `orphan`: without one, what the store has serves on, faceless too.
        """
        own = open_shown(self.store, self.without)
        inside = open_shown(Store(self.evergreen), self.without) if self.evergreen else None
        shown = inside or (own if orphan else None)
        if shown is None:
            return None
        content = content_of_release(replace(shown, source=faceless(shown.source)))
        if inside is not None:
            content = replace(content, seq=0)
            if own is not None:
                panel = content_of_release(own)
                content = replace(content, screen=panel.screen, screen_name=panel.screen_name)
        return self._standing(shown, content)

    def _standing(self, shown: Shown, content: Content) -> Content:
        """Have the bytes verified behind the first picture; leave a breadcrumb before each."""
        threading.Thread(target=shown.verify, daemon=True).start()

        def trying(path: Path) -> None:
            self.say("trying", object=path.name)

        lit, heard = self.always_lit, self.heard.moment
        return replace(content, trying=trying, always_lit=lit, contact=heard)

    def _hold(self, seqs: tuple[int, ...]) -> None:
        """Keep releases' files; on a full or read-only disk nothing is removed anyway."""
        try:
            self.store.pin(seqs)
        except OSError as error:
            log.warning("%s cannot be written: %s", self.store.root, error)


def _set_up(config: Config, note: str | None) -> Content:
    from kiosk.player.setup import SetupFacts, setup_content

    own = config.settings
    lacking = missing(config)
    return setup_content(
        SetupFacts(
            pc=platform.node(),
            missing=lacking,
            agency=own.agency,
            central=own.central,
            note=note,
            version=__version__,
            waiting=not lacking,
            data=str(config.data),
        )
    )
