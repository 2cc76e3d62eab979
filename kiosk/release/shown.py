"""The release on disk as the player is handed it: its words read, its pictures by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kiosk.campaign.model import Source
from kiosk.campaign.parse import CAMPAIGN_FILE, Broken, parse_source
from kiosk.release.record import CAMPAIGN, MEDIA, Release, agency_file, jobs_file
from kiosk.release.store import Store


@dataclass(frozen=True, slots=True)
class Shown:
    """A release whose own words have been verified and read."""

    store: Store
    release: Release
    source: Source
    without: frozenset[str] = frozenset()
    """Objects that brought a player down, by their hash; they are taken for missing."""

    def media(self, name: str) -> Path | None:
        """The picture's file, verified when it is used; None where it is not here."""
        signed = self.release.files.get(f"{MEDIA}{name}")
        if signed is None or signed.sha256 in self.without:
            return None
        if not self.store.has(signed.sha256, signed.length):
            return None
        return self.store.path(signed.sha256)

    def present(self) -> frozenset[str]:
        """The pictures that are here."""
        names = (n.removeprefix(MEDIA) for n in self.release.files if n.startswith(MEDIA))
        return frozenset(name for name in names if self.media(name))

    def verify(self) -> None:
        """Look at every picture's bytes; what has changed is put away and will be fetched again."""
        for name in sorted(self.present()):
            path = self.media(name)
            if path is not None:
                self.store.intact(path)


def open_shown(store: Store, without: frozenset[str] = frozenset()) -> Shown | None:
    """The current release, or the newest before it that can still be read; None: there is none."""
    return next(readable(store, without), None)


def open_previous(store: Store, without: frozenset[str] = frozenset()) -> Shown | None:
    """The release to go back to when the current one brings the player down."""
    releases = readable(store, without)
    next(releases, None)
    return next(releases, None)


def readable(store: Store, without: frozenset[str]) -> Iterator[Shown]:
    """Every release whose own words can still be read, the current one first."""
    for release in store.releases():
        agency = agency_file(release.agency)
        words = {path: store.read(release.files[path].sha256) for path in (CAMPAIGN, agency)}
        campaign, own = words[CAMPAIGN], words[agency]
        if campaign is None or own is None:
            continue
        files = {CAMPAIGN_FILE: campaign, agency: own}
        jobs = release.files.get(jobs_file(release.agency))
        offers = store.read(jobs.sha256) if jobs is not None else None
        if offers is not None:
            files[f"jobs/{release.agency}.yaml"] = offers
        source = parse_source(files, None)
        if not isinstance(source, Broken):
            yield Shown(store, release, source, without)
