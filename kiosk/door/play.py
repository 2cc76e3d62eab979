"""`kiosk play`: a folder, or the release in the store, on this PC's display."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.door.needs import (
    add_folder,
    add_settings,
    content_of_folder,
    content_of_release,
    open_folder,
    require_libraries,
    settings,
)
from kiosk.door.refusal import EX_NOINPUT, EX_USAGE, Refusal
from kiosk.player import preflight

if TYPE_CHECKING:
    from kiosk.player.content import Content
    from kiosk.player.news import News
    from kiosk.release.store import Store

log = logging.getLogger("kiosk.player")


def add(command: argparse.ArgumentParser) -> None:
    """Its place in the command line."""
    command.description = (
        "Show the release that `kiosk sync` brought, or the campaign in FOLDER, full "
        "screen, as the agency's screen shows it. Ctrl+Shift+Q leaves. With no display the same "
        "loop runs offscreen, once through."
    )
    add_folder(command, optional=True)
    command.add_argument(
        "--demonstration", action="store_true", help="Esc leaves too, and say what is shown"
    )
    command.add_argument(
        "--plays",
        metavar="FILE",
        type=Path,
        help="append one line of JSON for every scene that was really on the glass",
    )
    command.add_argument(
        "--pictures",
        metavar="DIR",
        type=Path,
        default=Path("kiosk-pictures"),
        help="with no display: where a picture of each scene is left (default: %(default)s)",
    )
    add_settings(command, "agency", "screen", "display", "data")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Play until asked to leave."""
    # Start-up makes many objects and no garbage; looking for it would cost the first picture time.
    gc.disable()
    display = preflight.display_wanted(os.environ)
    require_libraries(display)
    content, news, chosen = _content(arguments)

    from kiosk.player.app import Options, play, play_offscreen
    from kiosk.player.window import NoSuchScreen

    options = Options(
        display=chosen,
        demonstration=arguments.demonstration,
        plays=arguments.plays,
        pictures=arguments.pictures,
        news=news,
    )
    if display == "offscreen":
        print(
            "No display: the loop runs offscreen, once through with short holds;"
            f" pictures go to {arguments.pictures}/",
            flush=True,
        )
        return play_offscreen(content, options)
    try:
        return play(content, options)
    except NoSuchScreen as error:
        raise Refusal(EX_NOINPUT, str(error)) from error


def _content(arguments: argparse.Namespace) -> tuple[Content, News | None, str | None]:
    """What to show, where news of it comes from, and the display that was chosen."""
    if arguments.folder is None:
        from kiosk.release.store import Store

        config = settings(arguments)
        display = config.settings.display
        return *_from_store(Store(config.data)), None if display is None else str(display)
    if arguments.set_agency is None:
        raise Refusal(EX_USAGE, "which agency's screen? add --agency ID")
    folder = open_folder(arguments.folder)
    content = content_of_folder(folder, arguments.set_agency, arguments.set_screen)
    return content, None, arguments.set_display


def _from_store(store: Store) -> tuple[Content, News]:
    from kiosk.player.news import News
    from kiosk.release.shown import open_shown

    seen = store.pointer()
    shown = open_shown(store)
    if shown is None:
        raise Refusal(
            EX_NOINPUT,
            f"there is no release in {store.root} yet; run kiosk sync first, or give a FOLDER",
        )
    hold = _hold(store)
    hold((shown.release.seq,))
    threading.Thread(target=shown.verify, daemon=True).start()
    return content_of_release(shown), News(store.root, _look(store, seen), hold)


def _look(store: Store, seen: bytes | None) -> Callable[[], Content | None]:
    """Called on any thread, one at a time: the newest release, if it has not been told yet."""
    from kiosk.release.shown import open_shown

    def look() -> Content | None:
        nonlocal seen
        pointer = store.pointer()
        if pointer == seen:
            return None
        shown = open_shown(store)
        seen = pointer
        return content_of_release(shown) if shown else None

    return look


def _hold(store: Store) -> Callable[[tuple[int, ...]], None]:
    """Keep releases' files; on a full or read-only disk nothing is removed anyway."""

    def hold(seqs: tuple[int, ...]) -> None:
        try:
            store.pin(seqs)
        except OSError as error:
            log.warning("%s cannot be written: %s", store.root, error)

    return hold
