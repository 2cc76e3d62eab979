"""An earlier release once more, under a new number; never with a face that was withdrawn since."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tuf.api.metadata import TargetFile

from kiosk.campaign.model import Campaign, Source
from kiosk.campaign.parse import CAMPAIGN_FILE, Broken, parse_file, parse_source
from kiosk.release.history import version_of
from kiosk.release.publish import Published, Said, agency_files, quiet, release
from kiosk.release.record import CAMPAIGN, MANIFEST, ROLL, Manifest, agency_file
from kiosk.release.repository import Repository, SiteRefused
from kiosk.release.roles import HQ, agency_role


def roll_back(repository: Repository, number: int, said: Said = quiet) -> Published:
    """Publish release `number` once more, under a new number."""
    old = _Old(repository, number)
    facts = dict(old.facts)
    for agency in repository.agencies():  # those that came since stay
        if agency_file(agency) not in facts:
            facts |= repository.files(agency_role(agency))
    texts = {p: _content(repository, number, facts[p]) for p in (CAMPAIGN, *agency_files(facts))}
    _no_withdrawn_face(repository, number, _source(number, texts))
    for target in facts.values():
        _content(repository, number, target)
    kind = old.manifest.identity, old.manifest.max_offline_days
    return release(repository, kind, facts, {}, said)


class _Old:
    """An earlier release, read back from the site."""

    def __init__(self, repository: Repository, number: int) -> None:
        if not 1 <= number < repository.number:
            raise SiteRefused(
                f"there is no earlier release {number}; the site's are 1 to {repository.number}"
            )
        hq = repository.old(HQ, version_of(repository, number)).signed.targets
        self.facts: dict[str, TargetFile] = {
            p: t for p, t in hq.items() if p not in (MANIFEST, ROLL)
        }
        raw = _content(repository, number, hq[MANIFEST])
        self.manifest = Manifest.model_validate_json(raw)
        versions = repository.old_snapshot(self.manifest.snapshot)
        for agency in json.loads(_content(repository, number, hq[ROLL])):
            role = agency_role(agency)
            if role in versions and agency in repository.agencies():
                self.facts |= repository.old(role, versions[role]).signed.targets


def _content(repository: Repository, number: int, target: TargetFile) -> bytes:
    content = repository.content(target)
    if content is None:
        raise SiteRefused(
            f"release {number} cannot come back: {target.path} is no longer on"
            f" {repository.site.where}; publish its folder instead"
        )
    return content


def _source(number: int, texts: Mapping[str, bytes]) -> Source:
    """What the release would say, with the agencies that came since."""
    campaign = {CAMPAIGN_FILE: texts[CAMPAIGN]}
    source = parse_source({**campaign, **{p: texts[p] for p in agency_files(texts)}}, None)
    if isinstance(source, Broken):
        raise SiteRefused(
            f"release {number} is not one that this program would publish:"
            f" {source.problems[0]}; publish its folder instead"
        )
    return source


def _no_withdrawn_face(repository: Repository, earlier: int, source: Source) -> None:
    """A roll-back must not show again whoever withdrew consent since."""
    later = range(earlier + 1, repository.number + 1)
    gone = set[str]().union(*(_withdrawn(repository, number) for number in later))
    shown = {
        rights.ref: scene.id
        for scene in source.campaign.scenes
        if not scene.withdrawn and (rights := scene.person_rights()) is not None
    }
    back = sorted(set(shown) & gone)
    if back:
        who = ", ".join(f"{shown[ref]} ({ref})" for ref in back)
        raise SiteRefused(
            f"release {earlier} shows {who}, whose consent was withdrawn since;"
            " take the scene out of the folder and publish that instead"
        )


def _withdrawn(repository: Repository, number: int) -> set[str]:
    """The records of rights that a release says are withdrawn; refused where it cannot be asked."""
    raw = repository.content(repository.old(HQ, number).signed.targets[CAMPAIGN])
    read = parse_file(CAMPAIGN_FILE, raw, Campaign) if raw is not None else None
    if read is None or isinstance(read, Broken):
        why = f": {read.problems[0]}" if read is not None else ""
        raise SiteRefused(
            f"who withdrew consent in release {number} cannot be read any more on"
            f" {repository.site.where}{why}; publish the folder instead"
        )
    records = ((scene.withdrawn, scene.person_rights()) for scene in read[0].scenes)
    return {rights.ref for withdrawn, rights in records if withdrawn and rights is not None}
