"""`kiosk preview`: a window that follows a campaign's files as they are saved."""

from __future__ import annotations

import argparse
import os
import signal
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kiosk.door.needs import (
    add_folder,
    content_of_folder,
    require_libraries,
    require_python_build,
)
from kiosk.door.refusal import EX_NOINPUT, EX_UNAVAILABLE, Refusal
from kiosk.door.viewpoint import add_viewpoint, moment_there
from kiosk.player import preflight

if TYPE_CHECKING:
    from kiosk.studio.preview import Preview
    from kiosk.studio.preview_view import View


def add(command: argparse.ArgumentParser) -> None:
    """Its place in the command line."""
    command.description = (
        "Open a window on the campaign in FOLDER that follows its files as they are saved. What "
        "is wrong with them is said in the window, with its place, while the last good picture "
        "stays. Left and right step through the scenes, up and down through the agencies, Tab "
        "through an agency's screens, S through sizes; a scene's clip runs once, C runs it again; "
        "+ and - set the clock by an hour, T by a day (Shift+T: back); Space plays the loop, V "
        "ten times as fast, without clips; R reads again, Esc or Ctrl+Q leaves."
    )
    add_folder(command)
    add_viewpoint(command)
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Show the window until it is left."""
    require_python_build()
    require_libraries(preflight.display_wanted(os.environ))
    if not preflight.display_available(os.environ) and "QT_QPA_PLATFORM" not in os.environ:
        raise Refusal(
            EX_UNAVAILABLE,
            "no display answers; a preview needs a desktop (kiosk tour draws the scenes as PNG)",
        )
    view = _view(arguments)

    from kiosk.player import scenery
    from kiosk.studio.preview import Preview

    app = scenery.application(offscreen=False)
    window = Preview(arguments.folder, view, content_of_folder)
    window.closed.connect(app.quit)
    _leave_on_interrupt(window)
    window.show()
    window.begin()
    app.exec()
    window.end()
    return 0


def _view(arguments: argparse.Namespace) -> View:
    """What to look at first; a folder with mistakes in it will do, one that is not there not."""
    from kiosk.release.folder import CampaignErrors, FolderError, read_folder
    from kiosk.studio.preview_view import View

    path: Path = arguments.folder
    try:
        content = content_of_folder(read_folder(path), arguments.agency, arguments.screen)
    except FolderError as error:
        raise Refusal(EX_NOINPUT, str(error)) from error
    except CampaignErrors:
        at = moment_there(arguments.at, ZoneInfo("Europe/Paris"))
        return View(arguments.agency, arguments.screen or "", "", at)
    at = moment_there(arguments.at, ZoneInfo(content.agency.timezone))
    return View(content.agency.agency, content.screen_name, "", at.astimezone(UTC))


def _leave_on_interrupt(window: Preview) -> None:
    """Ctrl+C closes the window; the timers of its watch let Python hear of it within a second."""

    def leave(*_: object) -> None:
        window.close()

    signal.signal(signal.SIGINT, leave)
