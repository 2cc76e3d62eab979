"""What no field can know alone: names that must agree across scenes, links, agencies and files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlsplit

from kiosk.campaign.document import Node, Path, Problem, shown
from kiosk.campaign.jobs import JobOffer, JobsFile
from kiosk.campaign.links import LONGEST_URL, PLACEHOLDERS, expand
from kiosk.campaign.model import Agency, Campaign, JobsScene, Scene
from kiosk.campaign.wording import suggestion

_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST: Final = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)+(?=[a-z]){_LABEL}")
_NO_ADDRESS: Final = re.compile(r"[^A-Za-z0-9\-._~:/?#@!$&'()*+,;=%{}]")

Model = TypeVar("Model", Campaign, Agency, JobsFile)


@dataclass(frozen=True, slots=True)
class Entry(Generic[Model]):
    """One file whose shape is right, and the values it was read from."""

    file: str
    root: Node
    model: Model

    def problem(self, path: Path, message: str) -> Problem:
        """A problem of the value at `path`."""
        place = self.root.at(path).place
        return Problem(self.file, place.line, place.column, message)


def agency_of(file: str) -> str:
    """The id of the agency that belongs in agencies/<id>.yaml."""
    return file.removeprefix("agencies/").removesuffix(".yaml")


def agency_problems(entries: Sequence[Entry[Agency]]) -> Iterator[Problem]:
    """Agencies that are not called as their file is, or share a code.

    No two can share an id without one of them differing from its file's name.
    """
    codes: dict[str, str] = {}
    for entry in sorted(entries, key=lambda entry: entry.model.agency != agency_of(entry.file)):
        written, named, code = entry.model.agency, agency_of(entry.file), entry.model.code
        if written != named:
            message = f'agency: "{written}" is not the file\'s name; write {named}, or rename'
            yield entry.problem(("agency",), f"{message} the file to {written}.yaml")
        first = codes.setdefault(code, entry.file)
        if first != entry.file:
            message = f'code: "{code}" is already the code of {first}; choose another'
            yield entry.problem(("code",), message)


def campaign_problems(
    entry: Entry[Campaign],
    agencies: Sequence[Agency],
    agency_ids: Sequence[str] | None,
    offers: Sequence[JobOffer] = (),
) -> Iterator[Problem]:
    """Names in the campaign that name nothing or two things, and links that make no good code.

    `agency_ids` also holds the agencies whose own file has problems, which are not in `agencies`;
    None where they are not known.
    """
    for number, scene in enumerate(entry.model.scenes):
        yield from _link_problems(entry, number, scene)
        yield from unknown_agencies(entry, ("scenes", number), scene.agencies, agency_ids)
    for number, notice in enumerate(entry.model.notices):
        yield from unknown_agencies(entry, ("notices", number), notice.agencies, agency_ids)
    for number, blackout in enumerate(entry.model.blackouts):
        yield from unknown_agencies(entry, ("blackouts", number), blackout.agencies, agency_ids)
    yield from _repeated_ids(entry)
    links = entry.model.links
    for number, host in enumerate(links.hosts):
        if not _HOST.fullmatch(host):
            message = f'hosts: "{shown(host)}" is not a host name; write only the host, in lower'
            yield entry.problem(("links", "hosts", number), f"{message} case, such as o2.example")
    for name, link in links.named.items():
        scenes = [scene for scene in entry.model.scenes if scene.link == name]
        listed = offers if any(isinstance(scene, JobsScene) for scene in scenes) else ()
        faults = list(_template_faults(link.to, links.hosts))
        for fault in faults or _address_faults(link.to, [*scenes, *listed], agencies):
            yield entry.problem(("links", name, "to"), f"to: {fault}")


def jobs_problems(
    entries: Sequence[Entry[JobsFile]], campaign: Campaign, agency_ids: Sequence[str] | None
) -> Iterator[Problem]:
    """Offers that name no agency, have another's id or a scene's, or do not say the pay."""
    first = {scene.id: f"the scene {scene.id} of campaign.yaml" for scene in campaign.scenes}
    for entry in entries:
        for number, offer in enumerate(entry.model.offers):
            path: Path = ("offers", number)
            yield from unknown_agencies(entry, path, offer.agencies, agency_ids)
            place = entry.root.at((*path, "id")).place
            earlier = first.setdefault(offer.id, f"the offer on line {place.line} of {entry.file}")
            if earlier != f"the offer on line {place.line} of {entry.file}":
                message = f'id: "{offer.id}" is already the id of {earlier}; choose another'
                yield entry.problem((*path, "id"), message)
            if campaign.jobs_pay and offer.base_salary is None:
                message = 'the key "base_salary" is missing; add the pay range, or write'
                yield entry.problem(path, f"{message} `jobs_pay: false` in campaign.yaml")


def _link_problems(entry: Entry[Campaign], number: int, scene: Scene) -> Iterator[Problem]:
    links = list(entry.model.links.named)
    if scene.link is not None and scene.link not in links:
        remedy = suggestion(scene.link, links) or f"; the links are: {', '.join(links) or 'none'}"
        message = f'link: there is no link "{scene.link}"{remedy}'
        yield entry.problem(("scenes", number, "link"), message)


def unknown_agencies(
    entry: Entry[Any],
    path: Path,
    named: Sequence[str] | None,
    agency_ids: Sequence[str] | None,
) -> Iterator[Problem]:
    """Agencies `named` in the group at `path` that are none of `agency_ids`."""
    for item, agency in enumerate(named or ()):
        if agency_ids is not None and agency not in agency_ids:
            remedy = suggestion(agency, agency_ids) or f"; write the file agencies/{agency}.yaml"
            message = f'agencies: there is no agency "{agency}"{remedy}'
            yield entry.problem((*path, "agencies", item), message)


def _repeated_ids(entry: Entry[Campaign]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for number, scene in enumerate(entry.model.scenes):
        earlier = first.setdefault(scene.id, number)
        if earlier != number:
            line = entry.root.at(("scenes", earlier, "id")).place.line
            message = f'id: "{scene.id}" is already the id of the scene on line {line}; choose'
            yield entry.problem(("scenes", number, "id"), f"{message} another")


def _template_faults(template: str, hosts: Sequence[str]) -> Iterator[str]:
    if found := _NO_ADDRESS.search(template):
        yield f'holds "{found[0]}", which no address can hold; delete or encode it'
        return
    if template != template.lower():
        yield "must be in lower case: some phones do not open addresses in capitals"
    template = template.lower()
    if not template.startswith("https://"):
        yield 'must begin with "https://"'
        return
    parts = urlsplit(template)
    yield from _host_faults(parts.netloc, hosts)
    if "#" in template:
        yield 'must hold no "#"; delete it and what follows'
    if re.search(r"(?:^|[&;])utm_", parts.query):
        yield 'must hold no "utm_" parameter; the site adds it when it redirects the short link'
    yield from _placeholder_faults(template)


def _host_faults(netloc: str, hosts: Sequence[str]) -> Iterator[str]:
    user, at, place = netloc.rpartition("@")
    host, colon, port = place.partition(":")
    if at:
        yield f'must hold no name or password; delete "{shown(user)}@"'
    if colon:
        yield f'must hold no port; delete ":{shown(port)}"'
    if host not in hosts:
        remedy = suggestion(host, hosts) or "; add it there if it is ours"
        yield f'the host "{shown(host)}" is not among the hosts of the links{remedy}'


def _placeholder_faults(template: str) -> Iterator[str]:
    for name in re.findall(r"\{([^{}]*)\}", template):
        if name not in PLACEHOLDERS:
            remedy = suggestion(name, PLACEHOLDERS) or f"; there are {', '.join(PLACEHOLDERS)}"
            yield f'"{{{shown(name)}}}" stands for nothing{remedy}'
    if re.search(r"[{}]", re.sub(r"\{[^{}]*\}", "", template)):
        yield 'a "{" or "}" has no partner; write for example {scene}'


def _address_faults(
    template: str, scenes: Sequence[Scene | JobOffer], agencies: Sequence[Agency]
) -> Iterator[str]:
    longest, twice, owners = "", "", dict[str, tuple[str, str]]()
    for scene in scenes:
        for agency in agencies:
            if scene.agencies is None or agency.agency in scene.agencies:
                address, owner = expand(template, agency, scene), (agency.code, scene.id)
                longest = max(longest, address, key=len)
                if owners.setdefault(address, owner) != owner:
                    twice = address
    if len(longest) > LONGEST_URL:
        yield (
            f"the code's address is {len(longest)} characters; at most {LONGEST_URL} fit a code"
            " that can be scanned: shorten the link, the agency's code or the scene's id"
            f" ({longest})"
        )
    if twice and "{agency}" in template and "{scene}" in template:
        yield f'{twice} would stand for two scenes; put a "/" between {{agency}} and {{scene}}'
