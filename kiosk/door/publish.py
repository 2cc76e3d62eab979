"""`kiosk publish`: check, prepare, draw and read back, sign, send."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.door.needs import (
    add_folder,
    open_folder,
    require_libraries,
    require_studio,
)
from kiosk.door.refusal import (
    EX_DATAERR,
    EX_IOERR,
    EX_NOPERM,
    EX_PROBLEMS,
    EX_USAGE,
    Refusal,
)

if TYPE_CHECKING:
    from rich.progress import Progress

    from kiosk.player.content import Content
    from kiosk.release.folder import Folder
    from kiosk.release.publish import NothingNew, Published
    from kiosk.release.repository import Repository
    from kiosk.studio.check_publish import Checked

Prepared = Mapping[str, Path]


def add(command: argparse.ArgumentParser) -> None:
    """Its place in the command line."""
    command.description = (
        "Check FOLDER as `kiosk check` does, prepare its pictures, draw every scene for every "
        "agency's screens and read each code back, then sign what changed and send it. Any error "
        "but those that only time has made, which no screen shows, ends it before that. Until the "
        "last file is there, the site serves the release before."
    )
    add_folder(command, optional=True)
    command.add_argument(
        "--to",
        metavar="SITE",
        required=True,
        help="a folder, a file: address, or s3://bucket/path (and what else fsspec knows)",
    )
    add_keys(command)
    command.add_argument(
        "--cache",
        metavar="DIR",
        type=Path,
        help="where prepared pictures and passed checks are kept; default: your cache folder",
    )
    other = command.add_mutually_exclusive_group()
    other.add_argument(
        "--refresh", action="store_true", help="only sign what is there again; to be run each night"
    )
    other.add_argument("--list", action="store_true", help="print the releases of the site")
    other.add_argument(
        "--rollback", metavar="N", type=int, help="publish release N once more, under a new number"
    )
    command.add_argument(
        "--new-site", action="store_true", help="these keys publish to a further, empty site"
    )
    command.set_defaults(run=run)


def add_keys(command: argparse.ArgumentParser) -> None:
    """Where the keys are."""
    default = os.environ.get("KIOSK_KEYS")
    command.add_argument(
        "--keys",
        metavar="KEYS",
        type=Path,
        default=Path(default) if default else None,
        required=default is None,
        help="the folder that `kiosk keys init` made (or KIOSK_KEYS)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Publish, refresh or roll back."""
    alone = arguments.refresh or arguments.list or arguments.rollback is not None
    if alone and arguments.folder is not None:
        raise Refusal(EX_USAGE, "--refresh, --list and --rollback take no FOLDER")
    if not alone and arguments.folder is None:
        raise Refusal(EX_USAGE, "which campaign? give its FOLDER")
    with refusing():
        if arguments.refresh:
            return _refresh(arguments)
        if arguments.list:
            return _list(arguments)
        if arguments.rollback is not None:
            return _roll_back(arguments)
        return _publish(arguments)


def open_repository(arguments: argparse.Namespace) -> Repository:
    """The site and the keys to it."""
    from kiosk.release.keys import Keys
    from kiosk.release.repository import Repository
    from kiosk.release.site import open_site

    return Repository(open_site(arguments.to), Keys(arguments.keys), datetime.now(UTC))


@contextmanager
def refusing() -> Iterator[None]:
    """Every way a site or a key can fail, as a refusal."""
    from kiosk.release.keys import KeysError
    from kiosk.release.repository import SiteRefused
    from kiosk.release.site import SiteError

    try:
        yield
    except KeysError as error:
        raise Refusal(EX_NOPERM, str(error)) from error
    except (SiteError, SiteRefused) as error:
        raise Refusal(EX_IOERR, str(error)) from error


def _refresh(arguments: argparse.Namespace) -> int:
    from kiosk.release.publish import refresh

    sent = refresh(open_repository(arguments))
    print(f"the signatures at {arguments.to} were renewed: {sent.files} files sent")
    return 0


def _list(arguments: argparse.Namespace) -> int:
    from kiosk.release.history import history

    for entry in history(open_repository(arguments)):
        when = f"{entry.published.astimezone():%Y-%m-%d %H:%M}" if entry.published else "?"
        print(f"release {entry.number:<5} {when:<16} {entry.files:4} files  {entry.note}".rstrip())
    return 0


def _roll_back(arguments: argparse.Namespace) -> int:
    from kiosk.release.rollback import roll_back

    published = roll_back(open_repository(arguments), arguments.rollback)
    print(
        f"release {published.number} is at {arguments.to}: what release {arguments.rollback} was;"
        f" {published.sent.files} files sent"
    )
    return 0


def _publish(arguments: argparse.Namespace) -> int:
    require_libraries("offscreen")
    require_studio()
    folder = open_folder(arguments.folder)
    repository = open_repository(arguments)
    _expected(repository, new_site=arguments.new_site)
    cache = arguments.cache or _cache()
    from rich.console import Console
    from rich.progress import Progress

    from kiosk.studio.check import contents_of
    from kiosk.studio.check_publish import most

    with Progress(console=Console(stderr=True)) as progress:
        contents = contents_of(folder)
        checked = _check(folder, arguments.folder, cache, progress)
        if checked.errors:
            progress.stop()
            raise Refusal(EX_PROBLEMS, f"nothing was published; {checked.refusal()}")
        pictures = _prepare(folder, contents, cache, progress)
        problems = _gate(contents, pictures, cache, progress)
        if problems:
            progress.stop()
            scenes, shown = f"{len(problems)} scene{'s'[: len(problems) != 1]}", most(problems)
            raise Refusal(
                EX_PROBLEMS,
                f"nothing was published; {scenes} would be wrong on a screen:\n" + "\n".join(shown),
            )
        said = _bar(progress, "signing and sending")
        from kiosk.release.publish import publish

        outcome = publish(repository, folder, pictures, said)
    repository.keys.remember_site(repository.site.where)
    _tell(outcome, arguments)
    for note in checked.notes():
        print(f"note: {note}")
    return 0


def _check(folder: Folder, named: Path, cache: Path, progress: Progress) -> Checked:
    """The whole of `kiosk check`, but for the frames in which it found nothing before."""
    from kiosk.studio.check import check
    from kiosk.studio.check_memory import Memory
    from kiosk.studio.check_publish import Checked
    from kiosk.studio.gate_memory import GateError

    now, memory = datetime.now().astimezone(), Memory(cache / "checked.txt")
    try:
        report = check(folder, now, said=_bar(progress, "checking"), memory=memory)
    except GateError as error:
        raise Refusal(EX_IOERR, str(error)) from error
    return Checked.of(report, named)


def _expected(repository: Repository, *, new_site: bool) -> None:
    """A slip in the site's address must not open a second site that no screen looks at."""
    others = repository.keys.sites()
    if repository.empty and others and not new_site:
        raise Refusal(
            EX_USAGE,
            f"{repository.site.where} holds nothing yet, and these keys have published to"
            f" {', '.join(others)}; is the address right? For a further site add --new-site",
        )


def _tell(outcome: Published | NothingNew, arguments: argparse.Namespace) -> None:
    from kiosk.release.publish import NothingNew
    from kiosk.studio.check_publish import most

    where = arguments.to
    if isinstance(outcome, NothingNew):
        print(f"nothing changed: {where} has this already; its signatures were renewed")
        return
    print(f"release {outcome.number} is at {where}")
    marks = {**dict.fromkeys(outcome.new, "new"), **dict.fromkeys(outcome.gone, "gone")}
    for line in most([f"{marks.get(path, 'changed'):<8} {path}" for path in outcome.changed]):
        print(f"  {line}")
    print(f"{outcome.sent.files} files sent, {max(outcome.sent.bytes // 1000, 1)} kB")
    if outcome.keyed:
        few = len(outcome.keyed) <= 3
        whose = ", ".join(outcome.keyed) if few else f"{len(outcome.keyed)} agencies"
        print(f"keys were made for {whose}: back up {arguments.keys} again")


def _prepare(
    folder: Folder, contents: Sequence[Content], cache: Path, progress: Progress
) -> dict[str, Path]:
    """The files to publish, by their names in the folder."""
    from kiosk.release.media import MediaError, Preparation
    from kiosk.studio.covers import covers

    preparation = Preparation(folder.source, covers(contents), cache)
    wanted = sorted(_shown(contents))
    missing = [name for name in wanted if folder.media(name) is None]
    if missing:
        raise Refusal(
            EX_DATAERR,
            "files that scenes name are not in the folder; add them, or correct the names:\n"
            + "\n".join(f"  {name}" for name in missing),
        )
    try:
        said = _bar(progress, "preparing pictures and clips")
        return preparation.every(wanted, folder.media, said)
    except MediaError as error:
        raise Refusal(EX_DATAERR, f"{folder.root}/{error}") from error
    except OSError as error:
        raise Refusal(EX_IOERR, f"{error.filename}: {error.strerror}") from error


def _shown(contents: Sequence[Content]) -> set[str]:
    """Every picture and clip that some screen may show."""
    return {
        name
        for content in contents
        for name in content.campaign.media_of(content.agency.agency, content.screen.orientation)
    }


def _gate(
    contents: Sequence[Content], pictures: Prepared, cache: Path, progress: Progress
) -> list[str]:
    from kiosk.studio.gate import pass_gate
    from kiosk.studio.gate_memory import GateError

    ready = [
        replace(content, present=frozenset(pictures), media=pictures.get) for content in contents
    ]
    cache.mkdir(parents=True, exist_ok=True)
    try:
        gate = pass_gate(
            ready, cache / "passed.txt", seen=_bar(progress, "drawing and reading back")
        )
    except GateError as error:
        raise Refusal(EX_IOERR, str(error)) from error
    progress.console.print(
        f"{gate.looked_at} pictures of {len(contents)} screen{'s'[: len(contents) != 1]}:"
        f" {gate.rendered} drawn and read back,"
        f" {gate.looked_at - gate.rendered} had passed before",
        highlight=False,
    )
    return [str(finding) for finding in gate.findings]


def _bar(progress: Progress, what: str) -> Callable[[int, int], None]:
    task = progress.add_task(what, total=None)

    def said(done: int, total: int) -> None:
        progress.update(task, completed=done, total=total)

    return said


def _cache() -> Path:
    import platformdirs

    return Path(platformdirs.user_cache_dir("o2-kiosk", False))
