"""The releases of a site, as head office looks back on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from kiosk.release.record import MANIFEST, Manifest
from kiosk.release.repository import Repository, SiteRefused
from kiosk.release.roles import HQ


@dataclass(frozen=True, slots=True)
class Entry:
    """One release. `note` says why it cannot come back, where that is known."""

    number: int
    published: datetime | None
    files: int
    note: str = ""


def history(repository: Repository) -> Iterator[Entry]:
    """Every release from the newest, but for those whose signatures were only renewed."""
    seen = set[int]()
    for version in range(repository.number, 0, -1):
        entry = _entry(repository, version)
        if entry.number not in seen:
            seen.add(entry.number)
            yield entry


def version_of(repository: Repository, number: int) -> int:
    """The version of head office's role that signs release `number` with keys that count now."""
    for version in range(repository.number, number, -1):
        if _entry(repository, version).number == number:
            return version
    return number


def _entry(repository: Repository, version: int) -> Entry:
    """A version that was only signed again carries the release of a version before."""
    try:
        files = repository.old(HQ, version).signed.targets
    except SiteRefused:
        return Entry(version, None, 0, "signed with keys that were replaced, or gone")
    raw = repository.content(files[MANIFEST]) if MANIFEST in files else None
    try:
        manifest = Manifest.model_validate_json(raw or b"")
    except ValidationError:
        return Entry(version, None, len(files), "no longer whole on the site")
    return Entry(manifest.number, manifest.published, len(files))
