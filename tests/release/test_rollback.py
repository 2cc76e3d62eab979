"""An earlier release comes back whole under a new number, or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kiosk.release.origin import open_origin
from kiosk.release.repository import SiteRefused
from kiosk.release.rollback import roll_back
from kiosk.release.rotate import rotate_daily
from kiosk.release.sync import Outcome, Rejected, Seat, Unchanged, Updated
from tests.release.head_office import HeadOffice, Shop, picture


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> HeadOffice:
    """A head office with three releases, and below it a screen that has the third."""
    office = HeadOffice(tmp_path_factory.mktemp("scene") / "office")
    shop = Shop(office.root / "shop", office.anchor)
    office.publish()
    poll(shop, office)
    office.write({"am1": "Deux.", "am3": "Bonne nuit."})
    office.picture("am1").write_bytes(picture("#123456"))
    office.publish()
    office.write({"am3": "Trois."})
    rename(office, "le-mans")
    office.publish()
    poll(shop, office)
    return office


def rename(office: HeadOffice, agency: str) -> None:
    """Another name in an agency's file."""
    path = office.folder / "agencies" / f"{agency}.yaml"
    path.write_text(path.read_text().replace("O2", "Ô2"))


def poll(shop: Shop, office: HeadOffice) -> Outcome:
    """Ask the site once."""
    return shop.poll(open_origin(office.tree.as_uri()))


def back(office: HeadOffice, number: int) -> tuple[str, ...]:
    """Roll back; the paths that differ."""
    return roll_back(office.repository(), number).changed


def test_texts_agencies_and_pictures_come_back_under_a_new_number(
    office: HeadOffice, shop: Shop
) -> None:
    first = Shop(office.root / "first", office.anchor)
    published = roll_back(office.repository(), 1)
    assert published.number == 4
    assert published.changed == (
        "agencies/le-mans.yaml",
        "campaign/campaign.yaml",
        "media/portraits/am1.svg",
        "media/portraits/am2.svg",
        "media/portraits/am3.svg",
    )
    assert published.sent.files == 5  # manifest, hq, the agency, snapshot, timestamp
    for screen in (shop, first):
        assert isinstance(poll(screen, office), Updated)
        assert screen.release.manifest.number == 4
        texts = {n: screen.store.read(s.sha256) or b"" for n, s in screen.release.files.items()}
        assert b"quote: Bonjour." in texts["campaign/campaign.yaml"]
        assert b"name: O2 le-mans" in texts["agencies/le-mans.yaml"]
        assert b"#00" in texts["media/portraits/am1.svg"]
    assert back(office, 3) == published.changed
    assert isinstance(poll(shop, office), Updated)
    assert shop.release.manifest.number == 5
    assert back(office, 4) == published.changed
    assert isinstance(poll(shop, office), Updated)


@pytest.mark.parametrize("number", [-1, 0, 3, 4, 99])
def test_a_release_that_is_not_an_earlier_one_is_refused(office: HeadOffice, number: int) -> None:
    with pytest.raises(SiteRefused, match=rf"no earlier release {number}; the site's are 1 to 3"):
        back(office, number)


def test_a_withdrawn_face_does_not_come_back(office: HeadOffice, shop: Shop) -> None:
    office.write({"am1": "Non.", "am3": "Quatre."}, withdrawn=frozenset({"am1"}))
    office.publish()
    office.write({"am3": "Cinq."})
    office.publish()
    before = office.latest("timestamp").read_bytes()
    for number in (1, 2):
        with pytest.raises(SiteRefused, match=r"shows am1 \(R-am1\), whose consent was withdrawn"):
            back(office, number)
    assert office.latest("timestamp").read_bytes() == before
    back(office, 3)  # never had that face
    assert isinstance(poll(shop, office), Unchanged | Updated)
    back(office, 4)  # had it withdrawn already
    assert isinstance(poll(shop, office), Updated)
    assert "media/portraits/am1.svg" not in shop.release.files


def test_who_withdrew_must_be_readable(office: HeadOffice) -> None:
    for path in office.tree.rglob("*.campaign.yaml"):
        if b"Deux." in path.read_bytes():
            path.unlink()
    with pytest.raises(SiteRefused, match="withdrew consent in release 2 cannot be read any more"):
        back(office, 1)


def test_a_campaign_that_this_program_does_not_understand_may_hold_a_withdrawal(
    office: HeadOffice,
) -> None:
    later = b"campaign: essai\nshape_of_another_version: 1\nscenes: []\n"
    office.have_signed("hq", "campaign/campaign.yaml", later)
    with pytest.raises(SiteRefused, match=r"cannot be read any more on \S+: campaign.yaml:1:1: "):
        back(office, 1)


def test_an_agency_that_came_since_stays(office: HeadOffice, shop: Shop) -> None:
    office.agency("angers", "an")
    office.publish()
    back(office, 1)
    angers = Shop(office.root / "angers", office.anchor, Seat("angers"))
    assert isinstance(poll(shop, office), Updated)
    assert isinstance(poll(angers, office), Updated)
    assert set(office.repository().agencies()) == {"angers", "le-mans", "nantes"}


def test_an_agency_that_left_since_stays_away(office: HeadOffice, shop: Shop) -> None:
    (office.folder / "agencies" / "nantes.yaml").unlink()
    office.write({"am3": "Quatre."}, {"am3": "[le-mans]"})
    office.publish()
    back(office, 1)
    nantes = Shop(office.root / "nantes", office.anchor, Seat("nantes"))
    assert isinstance(poll(shop, office), Updated)
    assert isinstance(poll(nantes, office), Rejected)


def test_what_no_longer_fits_together_is_refused(office: HeadOffice) -> None:
    office.agency("le-mans", "xx")
    office.agency("angers", "lm")
    office.publish()
    with pytest.raises(SiteRefused, match=r"1 is not one that .* would publish: agencies/\S+:2:7:"):
        back(office, 1)


@pytest.mark.parametrize(
    ("gone", "why"),
    [
        ("*.campaign.yaml", "campaign/campaign.yaml is no longer on"),
        ("*.am2.svg", "media/portraits/am2.svg is no longer on"),
        ("*.le-mans.yaml", "agencies/le-mans.yaml is no longer on"),
        ("*.release.json", "campaign/release.json is no longer on"),
        ("1.hq.json", "hq 1 was signed with keys that count no more, or is gone"),
        ("1.snapshot.json", "snapshot 1 was signed with keys that count no more, or is gone"),
    ],
)
def test_what_is_gone_from_the_site_is_named(office: HeadOffice, gone: str, why: str) -> None:
    for path in office.tree.rglob(gone):
        path.unlink()
    with pytest.raises(SiteRefused, match=why):
        back(office, 1)


@pytest.mark.parametrize("what", ["hq", "snapshot", "le-mans", "daily"])
def test_what_old_keys_signed_is_not_believed(office: HeadOffice, shop: Shop, what: str) -> None:
    rotate_daily(office.repository(), what, office.root_signers(1, 2))  # type: ignore[arg-type]
    with pytest.raises(SiteRefused, match=r"keys that count no more.* publish its folder instead"):
        back(office, 1)
    assert isinstance(poll(shop, office), Unchanged)


def test_a_release_that_was_signed_again_in_the_meantime_comes_back(
    office: HeadOffice, shop: Shop
) -> None:
    office.now = shop.now = office.now + timedelta(days=500)
    office.refresh()
    assert office.repository().number == 4
    assert isinstance(poll(shop, office), Unchanged)
    back(office, 2)
    assert isinstance(poll(shop, office), Updated)
    assert shop.release.manifest.number == 5
    back(office, 4)
    assert isinstance(poll(shop, office), Updated)
    text = shop.store.read(shop.release.files["campaign/campaign.yaml"].sha256)
    assert b"Trois." in (text or b"")
