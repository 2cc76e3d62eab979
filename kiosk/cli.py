"""The door: one parser, each command one call into a room. Nothing is decided here."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from kiosk import __version__
from kiosk.player import preflight

if TYPE_CHECKING:
    from kiosk.player.content import Content
    from kiosk.release.folder import Folder
    from kiosk.studio.tour import Row

EX_USAGE: Final = 2
EX_DATAERR: Final = 65
EX_NOINPUT: Final = 66
EXITS: Final = """\
exit codes:
  0   done
  1   done, with problems that the output names
  2   the command line was not understood
  65  the campaign folder has errors; each is named with file:line:column
  66  the folder, agency, screen or display was not found
  69  a system library that Qt needs is missing; it is named
"""


class Refusal(Exception):
    """Something a person asked for cannot be done: one message, one exit code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    arguments = parser().parse_args(argv)
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(name)s %(message)s", stream=sys.stderr
    )
    try:
        code: int = arguments.run(arguments)
    except Refusal as refusal:
        print(f"kiosk: {refusal}", file=sys.stderr)
        return refusal.code
    return code


def parser() -> argparse.ArgumentParser:
    """The command line, whole."""
    whole = argparse.ArgumentParser(
        prog="kiosk",
        description="Real faces in a shop window, with codes that scan.",
        epilog=EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whole.add_argument("--version", action="version", version=f"kiosk {__version__}")
    commands = whole.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_play(commands)
    _add_tour(commands)
    return whole


def _add_play(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser(
        "play",
        help="show a campaign full screen",
        description="Show the campaign in FOLDER full screen, as the agency's screen shows it. "
        "Ctrl+Shift+Q leaves. With no display the same loop runs offscreen, once through.",
    )
    _add_folder(command)
    command.add_argument("--agency", metavar="ID", required=True, help="the agency to be")
    command.add_argument(
        "--screen",
        metavar="NAME",
        help="the display to use, by name or number (HDMI-1, 0); default: the primary one",
    )
    command.add_argument(
        "--as",
        dest="as_screen",
        metavar="NAME",
        help="which of the agency's screens to be; default: the first in its file",
    )
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
    command.set_defaults(run=_play)


def _add_tour(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser(
        "tour",
        help="draw every scene as PNG and read its code back",
        description="Draw every scene exactly as the player does, at each size, into DIR: one PNG "
        "each, a contact sheet, and a table of what three decoders read from the codes.",
    )
    _add_folder(command)
    command.add_argument(
        "--agency", metavar="ID", action="append", help="only this agency (repeatable)"
    )
    command.add_argument(
        "--size",
        metavar="WxH",
        nargs="+",
        type=_size,
        default=[],
        help="sizes in pixels, such as 1920x1080; default: each agency's own screen",
    )
    command.add_argument("--out", metavar="DIR", type=Path, required=True, help="where to draw")
    command.set_defaults(run=_tour)


def _add_folder(command: argparse.ArgumentParser) -> None:
    command.add_argument("folder", metavar="FOLDER", type=Path, help="the campaign's folder")


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{3,5})x(\d{3,5})", text)
    if found is None or not all(320 <= int(side) <= 16384 for side in found.groups()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 1920x1080")
    return int(found[1]), int(found[2])


# -- play ---------------------------------------------------------------------------------------


def _play(arguments: argparse.Namespace) -> int:
    # Start-up makes many objects and no garbage; looking for it would cost the first picture time.
    gc.disable()
    display = preflight.display_wanted(os.environ)
    offscreen = display == "offscreen"
    _require_libraries(display)
    folder = _open(arguments.folder)
    content = _content(folder, arguments.agency, arguments.as_screen)

    from kiosk.player.app import Options, play, play_offscreen
    from kiosk.player.window import NoSuchScreen

    options = Options(
        display=arguments.screen,
        demonstration=arguments.demonstration,
        plays=arguments.plays,
        pictures=arguments.pictures,
    )
    if offscreen:
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


# -- tour ---------------------------------------------------------------------------------------


def _tour(arguments: argparse.Namespace) -> int:
    _require_libraries("offscreen")
    _require_studio()
    folder = _open(arguments.folder)
    wanted = arguments.agency or [a.agency for a in folder.source.agencies]
    contents = [_content(folder, agency, None) for agency in wanted]

    from kiosk.studio.report import following, print_table
    from kiosk.studio.tour import stops, tour

    plan = stops(contents, arguments.size)
    try:
        with following(len(plan)) as advance:
            rows: tuple[Row, ...] = tour(plan, arguments.out, advance)
    except OSError as error:
        raise Refusal(EX_NOINPUT, f"cannot write to {arguments.out}: {error}") from error
    print_table(rows, arguments.out)
    return 1 if any(row.problems for row in rows) else 0


# -- what both need -----------------------------------------------------------------------------


def _open(path: Path) -> Folder:
    from kiosk.release.folder import CampaignErrors, FolderError, read_folder

    try:
        return read_folder(path)
    except FolderError as error:
        raise Refusal(EX_NOINPUT, str(error)) from error
    except CampaignErrors as errors:
        lines = "\n".join(f"{path}/{problem}" for problem in errors.problems)
        count = len(errors.problems)
        raise Refusal(
            EX_DATAERR, f"{count} problem{'s'[: count > 1]} in {path}:\n{lines}"
        ) from errors


def _content(folder: Folder, agency_id: str, screen_name: str | None) -> Content:
    from kiosk.player.content import Content

    source = folder.source
    known = [agency.agency for agency in source.agencies]
    if agency_id not in known:
        _not_found("agency", agency_id, known)
    agency = source.agency(agency_id)
    name = screen_name or next(iter(agency.screens))
    if name not in agency.screens:
        _not_found(f"screen of {agency_id}", name, list(agency.screens))
    return Content(
        release=folder.release,
        campaign=source.campaign,
        agency=agency,
        screen_name=name,
        screen=agency.screen(name),
        present=folder.present(),
        media=folder.media,
    )


def _not_found(what: str, name: str, known: Sequence[str]) -> NoReturn:
    from difflib import get_close_matches

    near = get_close_matches(name, known, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"there is: {', '.join(known)}"
    raise Refusal(EX_NOINPUT, f"no {what} {name!r}; {hint}")


def _require_libraries(display: preflight.Display) -> None:
    missing = preflight.missing(display)
    if missing:
        raise Refusal(preflight.EX_UNAVAILABLE, preflight.advice(missing))


def _require_studio() -> None:
    from importlib.util import find_spec

    absent = [
        name for name in ("rich", "numpy", "cv2", "zxingcpp", "pyzbar") if not find_spec(name)
    ]
    if absent:
        raise Refusal(
            preflight.EX_UNAVAILABLE,
            f"{', '.join(absent)} not installed; run: pip install 'o2-kiosk[studio]'",
        )
    missing = preflight.absent(preflight.STUDIO)
    if missing:
        raise Refusal(preflight.EX_UNAVAILABLE, preflight.advice(missing))
