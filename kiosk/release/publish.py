"""A folder that passed the studio's gate -> a signed release on a site."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tuf.api.metadata import TargetFile

from kiosk.campaign.crosscheck import agency_of
from kiosk.campaign.jobs import written
from kiosk.campaign.parse import CAMPAIGN_FILE
from kiosk.release.folder import Folder
from kiosk.release.record import CAMPAIGN, MANIFEST, MEDIA, ROLL, Manifest, jobs_file
from kiosk.release.repository import Body, Repository, Sent, SiteRefused, target_file
from kiosk.release.roles import HQ, agency_role

Said = Callable[[int, int], None]


def quiet(_done: int, _total: int) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Published:
    """A release on the site.

    `changed` are the target paths that differ from the release before; those of them in `new` were
    not in it, those in `gone` are in it no more. `keyed` are agencies that have got a key.
    """

    number: int
    changed: tuple[str, ...]
    sent: Sent
    new: frozenset[str]
    gone: frozenset[str]
    keyed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NothingNew:
    """The site has exactly this already; its signatures were renewed."""

    number: int
    sent: Sent


def publish(
    repository: Repository, folder: Folder, pictures: Mapping[str, Path], said: Said = quiet
) -> Published | NothingNew:
    """Sign and send a folder. `pictures` are the prepared files by their name in the folder."""
    bodies = _bodies(folder, pictures)
    facts = {path: target_file(path, body) for path, body in bodies.items()}
    if facts == signed_now(repository) and not repository.empty:
        sent = refresh(repository, bodies, said)
        repository.forget(_withdrawn(folder))
        return NothingNew(repository.number, sent)
    days = folder.source.campaign.max_offline_days
    published = release(repository, (folder.release, days), facts, bodies, said)
    repository.forget(_withdrawn(folder))
    return published


def refresh(
    repository: Repository, bodies: Mapping[str, Body] | None = None, said: Said = quiet
) -> Sent:
    """Sign timestamp and snapshot again, and whatever else expires before long."""
    if repository.empty:
        raise SiteRefused(f"{repository.site.where} holds no release yet; publish one first")
    repository.renew()
    return repository.commit(bodies or {}, said)


def _bodies(folder: Folder, pictures: Mapping[str, Path]) -> dict[str, Body]:
    agencies = {name: folder.files[name] for name in agency_files(folder.files)}
    media = {f"{MEDIA}{name}": path for name, path in pictures.items()}
    return {CAMPAIGN: folder.files[CAMPAIGN_FILE], **agencies, **_jobs(folder), **media}


def _jobs(folder: Folder) -> dict[str, Body]:
    """Each agency's offers as one file, so that a screen fetches those of its own agency only."""
    campaign = folder.source.campaign
    ids = (agency.agency for agency in folder.source.agencies)
    return {jobs_file(id_): written(offers) for id_ in ids if (offers := campaign.offers_of(id_))}


def signed_now(repository: Repository) -> dict[str, TargetFile]:
    """What is signed for now, without the manifest, which differs each time."""
    roles = [HQ, *map(agency_role, repository.agencies())]
    files: dict[str, TargetFile] = {}
    for role in roles:
        files |= repository.files(role)
    files.pop(MANIFEST, None)
    files.pop(ROLL, None)
    return files


def release(
    repository: Repository,
    of: tuple[str, int],
    facts: Mapping[str, TargetFile],
    bodies: Mapping[str, Body],
    said: Said,
) -> Published:
    """Sign these files as the next release, each by its own role, and send what the site lacks.

    `of` is what they are: an identity, and how many days they may be shown without contact.
    """
    before = signed_now(repository)
    manifest = Manifest(
        number=repository.number + 1,
        identity=of[0],
        published=repository.now,
        max_offline_days=of[1],
        snapshot=repository.next_snapshot,
    )
    agencies = {path: agency_of(path) for path in agency_files(facts)}
    own = {
        MANIFEST: manifest.model_dump_json().encode(),
        ROLL: json.dumps(sorted(agencies.values())).encode(),
    }
    repository.delegate(agencies.values())
    hq = {path: target for path, target in facts.items() if path not in agencies}
    repository.sign_files(HQ, hq | {path: target_file(path, body) for path, body in own.items()})
    for path, agency in agencies.items():
        repository.sign_files(agency_role(agency), {path: facts[path]})
    return Published(
        number=manifest.number,
        changed=tuple(p for p in sorted({*before, *facts}) if before.get(p) != facts.get(p)),
        sent=repository.commit({**bodies, **own}, said),
        new=frozenset(facts) - frozenset(before),
        gone=frozenset(before) - frozenset(facts),
        keyed=tuple(repository.keyed),
    )


def agency_files(paths: Iterable[str]) -> list[str]:
    """Those of the target paths that are an agency's own file."""
    return [path for path in paths if path.startswith("agencies/")]


def _withdrawn(folder: Folder) -> set[str]:
    """What goes off the site, now that no screen is told of it."""
    return {f"{MEDIA}{name}" for name in folder.source.campaign.withdrawn_media()}
