"""Consents and campaigns that run out are told to head office, those that do not are not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kiosk.release.folder import read_folder
from kiosk.studio.notices import notices
from tests.places import DEMONSTRATION

LAST = date(2036, 12, 31)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (-1, "ended on 2036-12-31; no screen shows it"),
        (0, "ends on 2036-12-31 (today); no screen shows it after that"),
        (8, "ends on 2036-12-31 (in 8 days); no screen shows it after that"),
    ],
)
def test_a_consent_that_runs_out_is_told(days: int, words: str) -> None:
    campaign = read_folder(DEMONSTRATION).source.campaign
    told = list(notices(campaign, LAST - timedelta(days)))
    assert f"am1: consent ILLUSTRATION-01 {words}" in told
    assert len(told) == sum(scene.person_rights() is not None for scene in campaign.scenes)


def test_what_lasts_is_not_told() -> None:
    assert list(notices(read_folder(DEMONSTRATION).source.campaign, date(2026, 11, 23))) == []


def test_a_campaign_that_ends_is_told() -> None:
    campaign = read_folder(DEMONSTRATION).source.campaign
    ending = campaign.model_copy(
        update={"valid": campaign.valid.model_copy(update={"until": date(2026, 12, 1)})}
    )
    assert list(notices(ending, date(2026, 11, 23))) == [
        "the campaign ends on 2026-12-01 (in 8 days); then every screen shows standby"
    ]
