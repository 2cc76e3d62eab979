"""Job offers travel: each screen fetches its own agency's, and shows no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.release.folder import CampaignErrors
from kiosk.release.publish import NothingNew, Published
from kiosk.release.rollback import roll_back
from kiosk.release.shown import Shown, open_shown
from kiosk.release.sync import Seat, Unchanged, Updated
from tests.release.head_office import HeadOffice, Shop, served

OFFER = """\
  - id: %s
    title: Aide-ménager H/F
    employment_type: CDI
    job_location: Le Mans
    date_posted: 2026-09-01
    valid_through: 2026-12-31
    base_salary: {min_value: 12.1, max_value: 13.4}
    agencies: %s
"""
OWN = "campaign/jobs-le-mans.yaml"


def offers(office: HeadOffice, name: str, where: dict[str, str]) -> None:
    """Write a file of offers: their ids, and for which agencies."""
    (office.folder / "jobs").mkdir(exist_ok=True)
    text = "offers:\n" + "".join(OFFER % pair for pair in where.items())
    (office.folder / "jobs" / f"{name}.yaml").write_text(text, "utf-8")


@pytest.fixture
def office(tmp_path: Path) -> HeadOffice:
    """A head office with offers for one agency, and for both."""
    office = HeadOffice(tmp_path / "office")
    offers(office, "sarthe", {"o1": "[le-mans]"})
    offers(office, "zone", {"o2": "[le-mans, nantes]"})
    office.publish()
    return office


def taken(shop: Shop, office: HeadOffice) -> tuple[Shown, list[str]]:
    """What a screen has after a poll, and which files of offers it asked for."""
    with served(office.tree) as (origin, asked):
        assert isinstance(shop.poll(origin), Updated | Unchanged)
    shown = open_shown(shop.store)
    assert shown is not None
    return shown, [path for path in asked if "jobs" in path]


def names(shown: Shown) -> list[str]:
    return [offer.id for offer in shown.source.campaign.offers]


@pytest.mark.parametrize(("agency", "expected"), [("le-mans", ["o1", "o2"]), ("nantes", ["o2"])])
def test_a_screen_has_its_agencys_offers(
    office: HeadOffice, tmp_path: Path, agency: str, expected: list[str]
) -> None:
    shop = Shop(tmp_path / agency, office.anchor, Seat(agency))
    shown, asked = taken(shop, office)
    assert names(shown) == expected
    assert len(asked) == 1
    assert asked[0].endswith(f".jobs-{agency}.yaml")
    assert all(agency in offer.agencies for offer in shown.source.campaign.offers)


def test_one_agencys_offer_changes_nothing_of_anothers(office: HeadOffice, tmp_path: Path) -> None:
    offers(office, "sarthe", {"o3": "[le-mans]"})
    again = office.publish()
    assert isinstance(again, Published)
    assert again.changed == (OWN,)
    shown, _ = taken(Shop(tmp_path / "shop", office.anchor), office)
    assert names(shown) == ["o2", "o3"]


def test_offers_leave_with_their_file_and_publishing_twice_is_nothing_new(
    office: HeadOffice, tmp_path: Path
) -> None:
    shop = Shop(tmp_path / "shop", office.anchor)
    assert OWN in taken(shop, office)[0].release.files
    assert isinstance(office.publish(), NothingNew)
    for file in (office.folder / "jobs").iterdir():
        file.unlink()
    gone = office.publish()
    assert isinstance(gone, Published)
    assert OWN in gone.gone
    shown, asked = taken(shop, office)
    assert (names(shown), asked) == ([], [])
    assert OWN not in shown.release.files


def test_a_roll_back_brings_the_offers_of_then(office: HeadOffice, tmp_path: Path) -> None:
    offers(office, "sarthe", {"o3": "[le-mans]"})
    office.publish()
    roll_back(office.repository(), 1)
    assert names(taken(Shop(tmp_path / "shop", office.anchor), office)[0]) == ["o1", "o2"]


def test_the_rest_is_shown_where_the_offers_were_lost(office: HeadOffice, tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop", office.anchor)
    shown, _ = taken(shop, office)
    path = shop.store.path(shown.release.files[OWN].sha256)
    path.write_bytes(path.read_bytes().replace(b"Le Mans", b"Le Mens"))
    left = open_shown(shop.store)
    assert left is not None
    assert names(left) == []
    assert left.source.campaign.scenes == shown.source.campaign.scenes
    assert names(taken(shop, office)[0]) == ["o1", "o2"]


def test_a_broken_offer_is_told_with_its_place(office: HeadOffice) -> None:
    path = office.folder / "jobs" / "zone.yaml"
    path.write_text(path.read_text("utf-8").replace(" H/F", ""), "utf-8")
    with pytest.raises(CampaignErrors, match=r"jobs/zone\.yaml:3:12: title: must say that it is"):
        office.read()


def test_a_file_that_is_misnamed_is_told(office: HeadOffice) -> None:
    path = office.folder / "jobs" / "zone.yaml"
    path.rename(path.with_suffix(".yml"))
    with pytest.raises(CampaignErrors, match=r"jobs/zone\.yml:1:1: must be called jobs/zone\.yaml"):
        office.read()
