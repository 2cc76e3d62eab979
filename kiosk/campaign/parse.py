"""YAML bytes -> model: every problem of a whole campaign folder at once, each with its place."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from kiosk.campaign.crosscheck import (
    Entry,
    Model,
    agency_of,
    agency_problems,
    campaign_problems,
    jobs_problems,
)
from kiosk.campaign.document import Node, Problem
from kiosk.campaign.jobs import JobsFile
from kiosk.campaign.model import Agency, Campaign, Source
from kiosk.campaign.wording import problems_of
from kiosk.campaign.yaml_reader import MOST_BYTES, read_yaml

__all__ = ["CAMPAIGN_FILE", "MOST_BYTES", "Broken", "Problem", "Problems", "parse_source"]

CAMPAIGN_FILE: Final = "campaign.yaml"
_AGENCY_FILE: Final = re.compile(r"agencies/[^/\\]+\.yaml")
_JOBS_FILE: Final = re.compile(r"jobs/[^/\\]+\.yaml")

Problems = tuple[Problem, ...]
Shape = TypeVar("Shape", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Broken:
    """A folder that cannot be used: at least one problem, sorted by file and position."""

    problems: Problems


def parse_source(
    files: Mapping[str, bytes], elsewhere: Collection[str] | None = ()
) -> Source | Broken:
    """The campaign in `files` (folder-relative names with "/" -> their bytes), or what is wrong.

    `elsewhere` are ids of agencies that exist though their files are not among `files`; None:
    which others exist is not known, so that scenes may name any.
    """
    problems = list(_misplaced(files))
    names = sorted(file for file in files if _AGENCY_FILE.fullmatch(file))
    read = (_entry(file, files[file], Agency, problems) for file in names)
    agencies = [entry for entry in read if entry]
    problems += agency_problems(agencies)
    jobs = list(_jobs(files, problems))
    models = sorted((entry.model for entry in agencies), key=lambda agency: agency.agency)
    if CAMPAIGN_FILE in files:
        campaign = _entry(CAMPAIGN_FILE, files[CAMPAIGN_FILE], Campaign, problems)
        if campaign:
            here = {*map(agency_of, names), *(agency.agency for agency in models)}
            ids = None if elsewhere is None else sorted({*here, *elsewhere})
            offers = [offer for entry in jobs for offer in entry.model.offers]
            problems += campaign_problems(campaign, models, ids, offers)
            problems += jobs_problems(jobs, campaign.model, ids)
            if not problems:
                return Source(campaign=campaign.model.with_offers(offers), agencies=tuple(models))
    return Broken(tuple(sorted(set(problems))))


def _jobs(files: Mapping[str, bytes], problems: list[Problem]) -> Iterator[Entry[JobsFile]]:
    for file in sorted(filter(_JOBS_FILE.fullmatch, files)):
        entry = _entry(file, files[file], JobsFile, problems)
        if entry:
            yield entry


def parse_file(file: str, raw: bytes, model: type[Shape]) -> tuple[Shape, Node] | Broken:
    """One YAML file of another shape, with the places of its values, or what is wrong with it."""
    reading = read_yaml(file, raw)
    root, problems = reading.root, list(reading.problems)
    if root is None:
        return Broken(tuple(sorted(set(problems))))
    refused: ValidationError | None = None
    try:
        value = model.model_validate(root.value)
    except ValidationError as error:
        refused = error
    problems += problems_of(file, root, model, refused)
    # pydantic's error hides what it holds from the collector: through the frames of the errors in
    # it, this name would keep all of them alive for ever.
    refused = None
    return Broken(tuple(sorted(set(problems)))) if problems else (value, root)


def _misplaced(files: Mapping[str, bytes]) -> Iterator[Problem]:
    agencies = False
    for file in files:
        is_agency = bool(_AGENCY_FILE.fullmatch(file))
        agencies = agencies or is_agency
        if not is_agency and file != CAMPAIGN_FILE and not _JOBS_FILE.fullmatch(file):
            yield Problem(file, 1, 1, "is not part of a campaign folder; delete or rename it")
    if CAMPAIGN_FILE not in files:
        yield Problem(CAMPAIGN_FILE, 1, 1, "is missing; write the campaign into this file")
    if not agencies:
        message = "there is no agency; write at least one file agencies/<id>.yaml"
        yield Problem(CAMPAIGN_FILE, 1, 1, message)


def _entry(
    file: str, raw: bytes, model: type[Model], problems: list[Problem]
) -> Entry[Model] | None:
    """The file's entry; None where it has problems, which are added to `problems`."""
    read = parse_file(file, raw, model)
    if isinstance(read, Broken):
        problems += read.problems
        return None
    return Entry(file, read[1], read[0])
