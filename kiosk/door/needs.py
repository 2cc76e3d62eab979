"""What several commands need: libraries, settings, a folder, and a screen's content."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from kiosk.door.refusal import EX_CONFIG, EX_DATAERR, EX_NOINPUT, EX_UNAVAILABLE, Refusal
from kiosk.player import preflight

if TYPE_CHECKING:
    from kiosk.config import Config
    from kiosk.player.content import Content
    from kiosk.release.folder import Folder
    from kiosk.release.shown import Shown

Commands = argparse._SubParsersAction
SETTINGS = ("central", "agency", "screen", "display", "root", "data", "proxy", "ca_file")
"""The settings that a flag may override; the others are rarely worth one."""
_SCREENS_BUILD: Final = "this build is a screen's; head office uses the one for Python"


def add_folder(command: argparse.ArgumentParser, *, optional: bool = False) -> None:
    """The campaign's folder as an argument."""
    command.add_argument(
        "folder",
        metavar="FOLDER",
        type=Path,
        nargs="?" if optional else None,
        help="the campaign's folder",
    )


def add_settings(command: argparse.ArgumentParser, *names: str) -> None:
    """A flag for the settings file, and one for each of these settings."""
    from kiosk.config import MEANING

    group = command.add_argument_group("settings", "they win over KIOSK_* and kiosk.yaml")
    group.add_argument("--config", metavar="FILE", type=Path, help="the settings file")
    for name in names:
        flag = f"--{name.replace('_', '-')}"
        group.add_argument(flag, metavar="VALUE", dest=f"set_{name}", help=MEANING[name])


def settings(arguments: argparse.Namespace) -> Config:
    """This PC's settings with the flags of this command."""
    from kiosk.config import ConfigError, load

    given = vars(arguments)
    flags = {name: given.get(f"set_{name}") for name in SETTINGS}
    try:
        return load(arguments.config, os.environ, flags)
    except ConfigError as error:
        raise Refusal(EX_CONFIG, f"settings:\n{error}") from error


def lenient_settings(arguments: argparse.Namespace) -> tuple[Config, str | None]:
    """The settings; where they cannot be read the defaults, and what is wrong with them."""
    from kiosk.config import Config, Settings

    try:
        return settings(arguments), None
    except Refusal as refusal:
        return Config(Settings(), {}, None), str(refusal).splitlines()[-1]


def missing(config: Config) -> tuple[str, ...]:
    """What a screen cannot be kept fresh without, and has not."""
    own = config.settings
    names = [name for name in ("central", "agency") if getattr(own, name) is None]
    return (*names, *(() if config.root.is_file() else ("root",)))


def required(config: Config, *names: str) -> Config:
    """The settings, unless one of these is missing."""
    from kiosk.config import ConfigError

    try:
        return config.require(*names)
    except ConfigError as error:
        raise Refusal(EX_CONFIG, str(error)) from error


def open_folder(path: Path) -> Folder:
    """A campaign's folder, read; all that is wrong with it as a refusal."""
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


def known_agencies(folder: Folder, wanted: Sequence[str] | None) -> Sequence[str]:
    """The agencies asked for, or all; Refusal where one is not in the folder."""
    known = [agency.agency for agency in folder.source.agencies]
    for name in wanted or ():
        if name not in known:
            not_found("agency", name, known)
    return wanted or known


def content_of_folder(folder: Folder, agency_id: str, screen_name: str | None) -> Content:
    """The folder as one screen of one agency sees it."""
    from kiosk.player.content import Content

    known_agencies(folder, [agency_id])
    source = folder.source
    agency = source.agency(agency_id)
    name = screen_name or next(iter(agency.screens))
    if name not in agency.screens:
        not_found(f"screen of {agency_id}", name, list(agency.screens))
    return Content(
        release=folder.release,
        campaign=source.campaign,
        agency=agency,
        screen_name=name,
        screen=agency.screen(name),
        present=folder.present(),
        media=folder.media,
        always_lit=True,
    )


def content_of_release(shown: Shown) -> Content:
    """The release in the store as its screen sees it."""
    from kiosk.player.content import Content

    release = shown.release
    agency = shown.source.agency(release.agency)
    name = release.screen or next(iter(agency.screens))
    return Content(
        release=release.manifest.identity,
        campaign=shown.source.campaign,
        agency=agency,
        screen_name=name,
        screen=agency.screen(name),
        present=shown.present(),
        media=shown.media,
        intact=shown.store.intact,
        seq=release.seq,
    )


def not_found(what: str, name: str, known: Sequence[str]) -> NoReturn:
    """Refuse, with the nearest name there is."""
    from difflib import get_close_matches

    near = get_close_matches(name, known, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"there is: {', '.join(known)}"
    raise Refusal(EX_NOINPUT, f"no {what} {name!r}; {hint}")


def require_libraries(display: preflight.Display) -> None:
    """Refuse where Qt would abort for want of a library."""
    missing = preflight.missing(display)
    if missing:
        raise Refusal(preflight.EX_UNAVAILABLE, preflight.advice(missing))


def require_python_build() -> None:
    """Refuse in a build for screens: it leaves the studio out."""
    if getattr(sys, "frozen", False):
        raise Refusal(EX_UNAVAILABLE, _SCREENS_BUILD)


def require_studio() -> None:
    """Refuse where what only head office needs is not installed."""
    from importlib.util import find_spec

    names = ("rich", "PIL", "av", "numpy", "cv2", "zxingcpp", "pyzbar")
    absent = [name for name in names if not find_spec(name)]
    if absent:
        remedy = "run: pip install 'o2-kiosk[studio]'"
        if getattr(sys, "frozen", False):
            remedy = _SCREENS_BUILD
        raise Refusal(EX_UNAVAILABLE, f"{', '.join(absent)} not installed; {remedy}")
    missing = preflight.absent(preflight.STUDIO)
    if missing:
        raise Refusal(preflight.EX_UNAVAILABLE, preflight.advice(missing))
