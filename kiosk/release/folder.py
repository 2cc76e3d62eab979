"""A campaign folder on disk -> a checked source and its media, read with limits."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, get_args

from kiosk.campaign.model import Orientation, Source
from kiosk.campaign.parse import CAMPAIGN_FILE, MOST_BYTES, Broken, Problem, Problems, parse_source

AGENCIES: Final = "agencies"
JOBS: Final = "jobs"
_MISNAMED: Final = ("campaign.yml", "campaign.yaml.txt", "campaign.yml.txt")
_YAML: Final = (".yaml", ".yml", ".yaml.txt", ".yml.txt")
MOST_AGENCIES: Final = 2_000
_MOST_LOOKED_AT: Final = 200


class FolderError(Exception):
    """The folder itself cannot be used; the message is one sentence with what to do."""


class CampaignErrors(Exception):
    """The folder's files have problems: at least one, sorted by file and position."""

    def __init__(self, problems: Problems) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Folder:
    """A campaign folder that was read whole and has no problem. `root` has no symbolic link."""

    root: Path
    source: Source
    release: str
    files: Mapping[str, bytes]
    """The YAML files as they were read: what was checked is what is published."""

    def media(self, name: str) -> Path | None:
        """The file of a picture or clip; None where the folder has no regular file so called."""
        found = _found(self.root, name)
        return found[0] if found else None

    def present(self) -> frozenset[str]:
        """The pictures and clips used by any scene that are there now."""
        return frozenset(name for name in _media(self.source) if self.media(name))


def read_folder(path: Path) -> Folder:
    """The campaign in the folder `path`; FolderError or CampaignErrors where it cannot be used."""
    root = _root(path)
    files = _files(root)
    source = parse_source(files)
    if isinstance(source, Broken):
        raise CampaignErrors(source.problems)
    return Folder(root, source, f"folder-{_digest(root, files, source)[:12]}", files)


def _root(path: Path) -> Path:
    try:
        root = Path(os.path.realpath(path, strict=True))
        is_folder = root.is_dir()
    except (OSError, ValueError) as error:
        raise FolderError(f"{path} cannot be opened ({_reason(error)}); check the path") from error
    if not is_folder:
        raise FolderError(f"{path} is a file; give the folder that holds {CAMPAIGN_FILE}")
    return root


def _reason(error: OSError | ValueError) -> str:
    known = isinstance(error, OSError) and error.strerror
    return (known or "not a possible name").lower()


def _files(root: Path) -> dict[str, bytes]:
    try:
        names = _names(root)
    except OSError as error:
        raise FolderError(
            f"{root} cannot be listed ({_reason(error)}); check its rights"
        ) from error
    contents = {name: _content(root, name) for name in names}
    problems = [found for found in contents.values() if isinstance(found, Problem)]
    if problems:
        raise CampaignErrors(tuple(sorted(problems)))
    return {name: found for name, found in contents.items() if isinstance(found, bytes)}


def _names(root: Path) -> list[str]:
    """The YAML files of the folder, whatever they are and however their suffix is written."""
    if not os.path.lexists(root / CAMPAIGN_FILE):
        raise FolderError(f"{root} holds no {CAMPAIGN_FILE}; {_hint(root)}")
    misnamed = [name for name in _MISNAMED if os.path.lexists(root / name)]
    return [CAMPAIGN_FILE, *misnamed, *_names_in(root, AGENCIES), *_names_in(root, JOBS)]


def _names_in(root: Path, folder: str) -> list[str]:
    """The YAML files of one of its folders."""
    if not (root / folder).is_dir():
        return []
    with os.scandir(root / folder) as entries:
        found = (entry.name for entry in entries if _is_yaml(entry.name))
        names = [f"{folder}/{name}" for name in islice(found, MOST_AGENCIES + 1)]
    if len(names) > MOST_AGENCIES:
        raise FolderError(f"{root / folder} holds more than {MOST_AGENCIES} files; split it")
    return names


def _is_yaml(name: str) -> bool:
    # Windows hides what it knows of a name's end, and editors add .txt behind it.
    return name.lower().endswith(_YAML) and not name.startswith(".")


def _hint(root: Path) -> str:
    for name in _MISNAMED:
        if os.path.lexists(root / name):
            return f"rename {name} to {CAMPAIGN_FILE}"
    with os.scandir(root) as entries:
        for entry in islice(entries, _MOST_LOOKED_AT):
            if os.path.lexists(root / entry.name / CAMPAIGN_FILE):
                return f"did you mean {root / entry.name}?"
    return "give the folder that holds it"


def _content(root: Path, name: str) -> bytes | Problem:
    """The file's bytes, of a larger one the first MOST_BYTES + 1; or why it cannot be read."""
    # Linux allows names that are not UTF-8; they cannot be printed as they are.
    printable = name.encode("utf-8", "backslashreplace").decode()
    if printable != name or not name.endswith(".yaml"):
        stem = printable.lower().removesuffix(".txt").rpartition(".")[0]
        better = f"{printable[: len(stem)]}.yaml"
        return Problem(printable, 1, 1, f"must be called {better}; rename it")
    found = _found(root, name)
    if found is None:
        return Problem(name, 1, 1, "is not a file of this folder; put a copy of the file here")
    try:
        # O_NONBLOCK: what was a file a moment ago may be a pipe that nobody ever writes to.
        flags = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(found[0], os.O_RDONLY | flags), "rb") as stream:
            return stream.read(MOST_BYTES + 1) or b""
    except OSError as error:
        return Problem(name, 1, 1, f"cannot be read ({_reason(error)}); check its rights")


def _found(root: Path, name: str) -> tuple[Path, int] | None:
    """The regular file `name` inside `root`, links resolved, and its size in bytes."""
    try:
        file = Path(os.path.realpath(root / name, strict=True))
        status = file.stat()
    except (OSError, ValueError):
        return None
    inside = file.is_relative_to(root) and stat.S_ISREG(status.st_mode)
    return (file, status.st_size) if inside else None


def _media(source: Source) -> Iterator[str]:
    for scene in source.campaign.scenes:
        for orientation in get_args(Orientation):
            yield from scene.media_for(orientation)


def _digest(root: Path, files: Mapping[str, bytes], source: Source) -> str:
    digest = hashlib.sha256()
    for name, raw in sorted(files.items()):
        digest.update(f"{name}:{len(raw)}:".encode() + raw)
    for name in sorted(set(_media(source))):
        if found := _found(root, name):
            digest.update(f"{name}:{found[1]}:".encode())
    return digest.hexdigest()
