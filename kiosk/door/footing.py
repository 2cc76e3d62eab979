"""What a player stands on: the release in the store, else something that is always there."""

from __future__ import annotations

import argparse
import logging
import platform
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk import __version__
from kiosk.door.needs import content_of_release, lenient_settings, missing
from kiosk.player.content import Content
from kiosk.player.news import News
from kiosk.release.shown import Shown, open_previous, open_shown
from kiosk.release.store import Store

if TYPE_CHECKING:
    from kiosk.config import Config

log = logging.getLogger("kiosk.player")

Say = Callable[..., None]

UNREADABLE: Final = "Les réglages (kiosk.yaml) ne peuvent pas être lus ; le journal dit pourquoi"
"""For the set-up scene; the reason itself is for IT, in English and in the log."""


def footing(arguments: argparse.Namespace, say: Say) -> tuple[Content, News | None, str | None]:
    """What to show, where news of it comes from, and the display; there is always something.

    `say("trying", object=…)` is called before a picture is decoded, on any thread.
    """
    config, problem = lenient_settings(arguments)
    if problem:
        log.error("settings: %s", problem)
    without = frozenset(arguments.without)
    store = Store(config.data)
    with suppress(OSError):
        store.root.mkdir(parents=True, exist_ok=True)  # to be watched for a first release
    news = None
    if arguments.footing == "current":
        news = _news(store, without, say)
    shown = next(_steps(arguments.footing, store, config.evergreen, without), None)
    display = chosen_display(config)
    if shown is None:
        return _set_up(config, arguments.note or (UNREADABLE if problem else None)), news, display
    if news is not None and shown.store is store:
        news.hold((shown.release.seq,))
    threading.Thread(target=shown.verify, daemon=True).start()
    say("stands", on=arguments.footing, release=shown.release.manifest.identity)
    return _telling(content_of_release(shown), say), news, display


def from_store(store: Store) -> tuple[Content, News] | None:
    """The newest release of a store, and the news of the next; None where there is none."""
    news = _news(store, frozenset(), _silent)
    shown = open_shown(store)
    if shown is None:
        return None
    news.hold((shown.release.seq,))
    threading.Thread(target=shown.verify, daemon=True).start()
    return content_of_release(shown), news


def chosen_display(config: Config) -> str | None:
    """The display by name or number, as text."""
    display = config.settings.display
    return None if display is None else str(display)


def _silent(*_: object, **__: object) -> None:
    """Nobody listens."""


def _steps(
    name: str, store: Store, evergreen: Path | None, without: frozenset[str]
) -> Iterator[Shown]:
    """What may be stood on, from this step of the ladder down."""
    first = {"current": open_shown, "previous": open_previous}.get(name)
    own = first(store, without) if first else None
    if own is not None:
        yield own
    inside = open_shown(Store(evergreen), without) if evergreen else None
    if inside is not None:
        yield inside


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


def _telling(content: Content, say: Say) -> Content:
    """The same, leaving a breadcrumb before each picture is decoded."""
    intact = content.intact

    def told(path: Path) -> bool:
        say("trying", object=path.name)
        return intact(path)

    return replace(content, intact=told)


def _news(store: Store, without: frozenset[str], say: Say) -> News:
    """The news of a store, from what its pointer says now."""
    seen = store.pointer()

    def look() -> Content | None:
        """Asked on any thread, one at a time: the newest release, if it has not been told yet."""
        nonlocal seen
        pointer = store.pointer()
        if pointer == seen:
            return None
        shown = open_shown(store, without)
        seen = pointer
        return _telling(content_of_release(shown), say) if shown else None

    return News(store.root, look, _hold(store))


def _hold(store: Store) -> Callable[[tuple[int, ...]], None]:
    """Keep releases' files; on a full or read-only disk nothing is removed anyway."""

    def hold(seqs: tuple[int, ...]) -> None:
        try:
            store.pin(seqs)
        except OSError as error:
            log.warning("%s cannot be written: %s", store.root, error)

    return hold
