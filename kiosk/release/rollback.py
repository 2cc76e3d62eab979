"""An earlier release once more, under a new number; never with a face that was withdrawn since."""

from __future__ import annotations

import yaml
from tuf.api.metadata import TargetFile

from kiosk.campaign.parse import CAMPAIGN_FILE, Broken, parse_source
from kiosk.release.publish import Published, Said, agency_files, quiet, send, signed_now
from kiosk.release.record import CAMPAIGN, MANIFEST, Manifest
from kiosk.release.repository import Repository, SiteRefused
from kiosk.release.roles import HQ, agency_role


def roll_back(repository: Repository, number: int, said: Said = quiet) -> Published:
    """Publish release `number` once more, under a new number."""
    old = _Old(repository, number)
    _no_withdrawn_face(repository, old)
    before, facts = signed_now(repository), dict(old.facts)
    kept = {agency for agency in repository.agencies() if f"agencies/{agency}.yaml" not in facts}
    for agency in kept:
        facts |= repository.files(agency_role(agency))
    manifest = Manifest(
        number=repository.number + 1,
        identity=old.manifest.identity,
        published=repository.now,
        agencies=tuple(sorted({*old.manifest.agencies, *kept})),
        max_offline_days=old.manifest.max_offline_days,
        snapshot=repository.next_snapshot,
    )
    for path, target in facts.items():
        if repository.content(target) is None:
            raise SiteRefused(
                f"release {number} cannot come back: {path} is no longer on"
                f" {repository.site.where}; publish its folder instead"
            )
    sent = send(repository, manifest, facts, {}, said)
    changed = tuple(p for p in sorted({*before, *facts}) if before.get(p) != facts.get(p))
    return Published(manifest.number, changed, sent)


class _Old:
    """An earlier release, read back from the site."""

    def __init__(self, repository: Repository, number: int) -> None:
        if not 1 <= number < repository.number:
            raise SiteRefused(
                f"there is no earlier release {number}; the site's are 1 to {repository.number}"
            )
        hq = repository.old(HQ, number).signed.targets
        self.facts: dict[str, TargetFile] = {p: t for p, t in hq.items() if p != MANIFEST}
        raw = repository.content(hq[MANIFEST])
        campaign = repository.content(hq[CAMPAIGN])
        if raw is None or campaign is None:
            raise SiteRefused(f"release {number} is no longer whole on {repository.site.where}")
        self.number, self.manifest = number, Manifest.model_validate_json(raw)
        agencies = {}
        versions = repository.old_snapshot(self.manifest.snapshot)
        for agency in self.manifest.agencies:
            role = agency_role(agency)
            if role in versions and agency in repository.agencies():
                self.facts |= repository.old(role, versions[role]).signed.targets
        for path in agency_files(self.facts):
            target = self.facts[path]
            agencies[path] = repository.content(target) or b""
        source = parse_source({CAMPAIGN_FILE: campaign, **agencies}, self.manifest.agencies)
        if isinstance(source, Broken):
            raise SiteRefused(
                f"release {number} is not one that this program would publish:"
                f" {source.problems[0]}; publish its folder instead"
            )
        self.source = source


def _no_withdrawn_face(repository: Repository, old: _Old) -> None:
    """A roll-back must not show again whoever withdrew consent since."""
    gone = set[str]()
    for number in range(old.number + 1, repository.number + 1):
        target = repository.old(HQ, number).signed.targets[CAMPAIGN]
        raw = repository.content(target)
        if raw is not None:
            gone |= withdrawn_records(raw)
    shown = {
        rights.ref: scene.id
        for scene in old.source.campaign.scenes
        if (rights := scene.person_rights()) is not None and not rights.withdrawn
    }
    back = sorted(set(shown) & gone)
    if back:
        who = ", ".join(f"{shown[ref]} ({ref})" for ref in back)
        raise SiteRefused(
            f"release {old.number} shows {who}, whose consent was withdrawn since;"
            " take the scene out of the folder and publish that instead"
        )


def withdrawn_records(campaign: bytes) -> set[str]:
    """The records of rights that a campaign says are withdrawn."""
    try:
        scenes = yaml.safe_load(campaign)["scenes"]
        records = [scene.get("rights") or {} for scene in scenes]
    except (yaml.YAMLError, KeyError, TypeError, AttributeError):
        return set()
    return {str(record.get("ref")) for record in records if record.get("withdrawn") is True}
