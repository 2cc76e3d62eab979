"""Consents that run out are told to head office, those that last are not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kiosk.release.folder import read_folder
from kiosk.studio.check_dates import dates_of
from kiosk.studio.check_places import Places
from tests.places import DEMONSTRATION

LAST = datetime(2036, 12, 31, 12, tzinfo=UTC)
"""The consents' last day."""


def consents(days: int) -> list[tuple[str, str]]:
    """What is told so many days before the last one: rule and words, once for each."""
    folder = read_folder(DEMONSTRATION)
    people = [s for s in folder.source.campaign.scenes if s.person_rights() is not None]
    found = dates_of(folder.source, Places(folder.files), LAST - timedelta(days))
    told = [(each.rule, each.message) for each in found if ": consent " in each.message]
    assert len(told) in (0, len(people))
    return [(rule, said.split(": ", 1)[1]) for rule, said in told if said.startswith("am1: ")]


@pytest.mark.parametrize(
    ("days", "rule", "words"),
    [
        (-1, "rights-over", "ended on 2036-12-31"),
        (0, "rights-soon", "ends on 2036-12-31 (in 0 days)"),
        (30, "rights-soon", "ends on 2036-12-31 (in 30 days)"),
    ],
)
def test_a_consent_that_runs_out_is_told(days: int, rule: str, words: str) -> None:
    assert consents(days) == [(rule, f"consent ILLUSTRATION-01 {words}")]


def test_a_consent_that_lasts_is_not() -> None:
    assert consents(31) == []


def test_a_consent_that_is_over_is_renewed_or_its_end_is_told_to_the_screens() -> None:
    folder = read_folder(DEMONSTRATION)
    found = dates_of(folder.source, Places(folder.files), LAST + timedelta(days=1))
    (remedy,) = {each.remedy for each in found if each.rule == "rights-over"}
    assert remedy == (
        "renew it or delete the scene;"
        " if the person took it back, keep the scene and write withdrawn: true"
    )
