"""`kiosk play`: a folder, or the release in the store, on this PC's display."""

from __future__ import annotations

import argparse
import gc
import os
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.door.needs import (
    add_folder,
    add_settings,
    content_of_folder,
    open_folder,
    require_libraries,
    settings,
)
from kiosk.door.refusal import EX_NOINPUT, EX_UNAVAILABLE, EX_USAGE, Refusal
from kiosk.player import preflight

if TYPE_CHECKING:
    from kiosk.player.app import Options
    from kiosk.player.content import Content
    from kiosk.player.news import News
    from kiosk.player.report import Pipe


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
    add_always_lit(command)
    add_settings(command, "central", "agency", "screen", "display", "root", "data")
    _add_supervised(command)
    command.set_defaults(run=run)


def add_always_lit(command: argparse.ArgumentParser) -> None:
    """The flag that leaves the lit hours out of it."""
    command.add_argument(
        "--always-lit",
        action="store_true",
        help="be lit at any hour, whatever the law and the agency's hours say: for a fair, a test",
    )


def _add_supervised(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("as `kiosk run` starts it")
    group.add_argument(
        "--supervised",
        action="store_true",
        help="tell of every frame on standard output, listen on standard input, and show"
        " something whatever is missing",
    )
    group.add_argument(
        "--footing",
        choices=("current", "previous", "evergreen"),
        default="current",
        help="which release to stand on (default: %(default)s)",
    )
    group.add_argument("--without", metavar="SHA256", action="append", default=[], help="leave out")
    group.add_argument("--software", action="store_true", help="draw without the graphics card")
    group.add_argument("--note", metavar="TEXT", help="a line for the set-up scene")


def run(arguments: argparse.Namespace) -> int:
    """Play until asked to leave."""
    # Start-up makes many objects and no garbage; looking for it would cost the first picture time.
    gc.disable()
    display = preflight.display_wanted(os.environ)
    require_libraries(display)
    if arguments.software:
        os.environ["KIOSK_RENDERER"] = "software"
    if arguments.supervised:
        return _supervised(arguments)
    content, news, chosen = _content(arguments)
    if display == "offscreen":
        from kiosk.player.app import play_offscreen

        print(
            "No display: the loop runs offscreen, once through with short holds;"
            f" pictures go to {arguments.pictures}/",
            flush=True,
        )
        return play_offscreen(content, _options(arguments, chosen, news))
    return _show(content, _options(arguments, chosen, news))


def _supervised(arguments: argparse.Namespace) -> int:
    """Play whatever there is to play, and tell of it."""
    from kiosk.agent.quiet import quiet_errors
    from kiosk.door.footing import footing
    from kiosk.player.report import Pipe

    quiet_errors()
    if not preflight.display_available(os.environ) and "QT_QPA_PLATFORM" not in os.environ:
        raise Refusal(EX_UNAVAILABLE, "no display answers; is the session up?")
    pipe = Pipe.of_stdout()
    content, news, chosen = footing(arguments, pipe.say)
    return _show(content, _options(arguments, chosen, news, pipe))


def _show(content: Content, options: Options) -> int:
    from kiosk.player.app import play
    from kiosk.player.window import NoSuchScreen

    try:
        return play(content, options)
    except NoSuchScreen as error:
        raise Refusal(EX_NOINPUT, str(error)) from error


def _options(
    arguments: argparse.Namespace, display: str | None, news: News | None, pipe: Pipe | None = None
) -> Options:
    from kiosk.player.app import Options

    return Options(
        display=display,
        demonstration=arguments.demonstration,
        plays=arguments.plays,
        pictures=arguments.pictures,
        news=news,
        pipe=pipe,
    )


def _content(arguments: argparse.Namespace) -> tuple[Content, News | None, str | None]:
    """What to show, where news of it comes from, and the display that was chosen."""
    if arguments.folder is None:
        return _from_store(arguments)
    if arguments.set_agency is None:
        raise Refusal(EX_USAGE, "which agency's screen? add --agency ID")
    folder = open_folder(arguments.folder)
    content = content_of_folder(folder, arguments.set_agency, arguments.set_screen)
    return content, None, arguments.set_display


def _from_store(arguments: argparse.Namespace) -> tuple[Content, News, str | None]:
    from kiosk.door.footing import chosen_display, from_store
    from kiosk.release.store import Store

    config = settings(arguments)
    store = Store(config.data)
    found = from_store(store, always_lit=arguments.always_lit)
    if found is None:
        raise Refusal(
            EX_NOINPUT,
            f"there is no release in {store.root} yet; run kiosk sync first, or give a FOLDER",
        )
    return *found, chosen_display(config)
