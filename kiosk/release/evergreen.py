"""The evergreen release: what the installer holds, and a screen shows when all else fails.

It lies on PCs for years, where no withdrawal of consent can reach it: it holds no face.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from kiosk.campaign.model import Campaign, Orientation, Source
from kiosk.release.durable import write_durably
from kiosk.release.record import MEDIA, Release
from kiosk.release.shown import Shown
from kiosk.release.store import Store

ANCHOR = "root.json"


class NothingEvergreen(Exception):
    """The release has no scene that could stand for years; the message says what to add."""


def faceless(source: Source) -> Source:
    """The same campaign without every scene that shows a person who had to consent."""
    scenes = tuple(s for s in source.campaign.scenes if s.person_rights() is None)
    campaign: Campaign = source.campaign.model_copy(update={"scenes": scenes})
    return source.model_copy(update={"campaign": campaign})


def pack(shown: Shown, anchor: bytes, target: Path) -> tuple[str, ...]:
    """Write a release's faceless part and the trust anchor as a store; the scenes it has.

    `target` is made anew. NothingEvergreen where no scene is left for its agency.
    """
    release, campaign = shown.release, faceless(shown.source).campaign
    scenes = tuple(scene.id for scene in campaign.scenes if scene.is_for(release.agency))
    if not scenes:
        raise NothingEvergreen(
            f"release {release.manifest.number} has no scene without a person for agency"
            f" {release.agency}; add a figure, a programme or a poster"
        )
    pictures = campaign.media_of(release.agency, _orientation(shown))
    wanted = {f"{MEDIA}{name}" for name in pictures}
    files = {
        name: signed
        for name, signed in release.files.items()
        if not name.startswith(MEDIA) or name in wanted
    }
    shutil.rmtree(target, ignore_errors=True)
    _copy(shown.store, release.model_copy(update={"seq": 1, "files": files}), target)
    write_durably(target / ANCHOR, anchor)
    return scenes


def _orientation(shown: Shown) -> Orientation:
    agency = shown.source.agency(shown.release.agency)
    return agency.screen(shown.release.screen).orientation


def _copy(store: Store, release: Release, target: Path) -> None:
    new = Store(target)
    (target / "releases").mkdir(parents=True)
    for sha256 in sorted(release.hashes()):
        new.path(sha256).parent.mkdir(parents=True, exist_ok=True)
        write_durably(new.path(sha256), store.path(sha256).read_bytes())
    new.activate(release)
