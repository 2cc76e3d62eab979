"""A PC whose clock is wrong, a PC that slept for long, a head office whose clock is wrong."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kiosk.release.clock import BUILT, age, trusted_now
from kiosk.release.origin import Origin, open_origin
from kiosk.release.rotate import rotate_daily
from kiosk.release.sync import Rejected, Unchanged, Updated
from tests.release.head_office import NOW, HeadOffice, Shop

YEAR = timedelta(days=365.25)
DAY = timedelta(days=1)


@pytest.fixture
def site(office: HeadOffice) -> Origin:
    """Its site."""
    return open_origin(office.tree.as_uri())


@pytest.fixture
def shop(tmp_path: Path, office: HeadOffice, site: Origin) -> Shop:
    """A screen that has release 1."""
    shop = Shop(tmp_path / "shop", office.anchor)
    assert isinstance(shop.poll(site), Updated)
    return shop


def speak(office: HeadOffice, words: str) -> None:
    """Publish other words."""
    office.write({"am1": words, "am2": "Bonsoir."})
    office.publish()


@pytest.mark.parametrize(
    "clock",
    [datetime(1970, 1, 1, tzinfo=UTC), NOW - 5 * YEAR, NOW - DAY],
    ids=["1970", "five years behind", "a day behind"],
)
def test_a_clock_that_is_behind_does_no_harm(
    office: HeadOffice, site: Origin, shop: Shop, tmp_path: Path, clock: datetime
) -> None:
    fresh = Shop(tmp_path / "fresh", office.anchor, now=clock)
    assert isinstance(fresh.poll(site), Updated)
    shop.now = clock
    assert isinstance(shop.poll(site), Unchanged)
    speak(office, "Salut.")
    assert isinstance(shop.poll(site), Updated)
    assert isinstance(fresh.poll(site), Updated)


@pytest.mark.parametrize(
    "ahead",
    [40 * DAY, 11 * YEAR],
    ids=["forty days", "eleven years"],
)
def test_a_clock_that_is_ahead_is_named_and_forgiven(
    office: HeadOffice, site: Origin, shop: Shop, tmp_path: Path, ahead: timedelta
) -> None:
    before = shop.release
    fresh = Shop(tmp_path / "fresh", office.anchor, now=NOW + ahead)
    shop.now = NOW + ahead
    for screen in (shop, fresh):
        outcome = screen.poll(site)
        assert isinstance(outcome, Rejected)
        assert (
            f"expired; this PC's clock says {shop.now:%Y-%m-%d %H:%M} UTC: is it right"
            in outcome.why
        )
    assert shop.release == before
    shop.now = fresh.now = NOW
    assert isinstance(shop.poll(site), Unchanged)
    assert isinstance(fresh.poll(site), Updated)
    contact = shop.store.contact()
    assert contact is not None
    assert contact.at == NOW


def test_an_old_copy_is_refused_though_the_clock_is_as_old(
    office: HeadOffice, site: Origin, shop: Shop
) -> None:
    office.copy_site("old")
    office.now = shop.now = NOW + 20 * DAY
    office.refresh()
    assert isinstance(shop.poll(site), Unchanged)
    shutil.rmtree(shop.root / "tuf")
    shop.now = NOW
    outcome = shop.poll(open_origin((office.root / "old").as_uri()))
    assert isinstance(outcome, Rejected)
    assert "head office has signed since, on 2026-12-10 10:00 UTC" in outcome.why


def test_a_screen_that_knows_better_than_its_clock_says_so(
    office: HeadOffice, site: Origin, shop: Shop
) -> None:
    office.now = shop.now = NOW + 20 * DAY
    office.refresh()
    shop.poll(site)
    office.now = shop.now = NOW  # a day comes when head office's clock is behind
    office.refresh()
    outcome = shop.poll(site)
    assert isinstance(outcome, Rejected)
    assert "head office has signed since, on 2026-12-10 10:00 UTC" in outcome.why
    office.now = NOW + 21 * DAY
    office.refresh()
    assert isinstance(shop.poll(site), Unchanged)


def test_head_office_signed_in_a_wrong_year_and_new_keys_set_it_right(
    office: HeadOffice, site: Origin, shop: Shop
) -> None:
    office.now = NOW + 11 * YEAR
    office.refresh()
    assert isinstance(shop.poll(site), Unchanged)
    office.now = shop.now = NOW + DAY
    office.refresh()
    outcome = shop.poll(site)
    assert isinstance(outcome, Rejected)
    assert "on 2037-11-20 04:00 UTC" in outcome.why
    assert "if that date is wrong: kiosk keys rotate timestamp" in outcome.why
    rotate_daily(office.repository(), "timestamp", office.root_signers(1, 2))  # type: ignore[arg-type]
    assert isinstance(shop.poll(site), Unchanged)
    floor = shop.store.floor()
    assert floor.signed_at == NOW + DAY


@pytest.mark.parametrize(("fold", "kind"), [(0, Unchanged), (1, Rejected)])
def test_the_night_the_clocks_change_has_one_hour_twice(
    office: HeadOffice, site: Origin, shop: Shop, fold: int, kind: type
) -> None:
    office.now = datetime(2027, 10, 31, 1, 0, tzinfo=UTC) - 14 * DAY
    office.refresh()
    shop.now = datetime(2027, 10, 31, 2, 30, fold=fold, tzinfo=ZoneInfo("Europe/Paris"))
    outcome = shop.poll(site)
    assert isinstance(outcome, kind)
    assert isinstance(outcome, Unchanged) or "says 2027-10-31 01:30 UTC" in str(outcome)


def test_a_screen_that_was_off_for_eighteen_months_comes_back(
    office: HeadOffice, site: Origin, shop: Shop, tmp_path: Path
) -> None:
    before = shop.release
    for month in range(1, 19):
        office.now = NOW + month * 30 * DAY
        if month in (6, 12):
            rotate_daily(office.repository(), "daily", office.root_signers(1, 3))  # type: ignore[arg-type]
        office.refresh()
    shop.now = office.now
    late = Shop(tmp_path / "late", office.anchor, now=datetime(1970, 1, 1, tzinfo=UTC))
    assert (office.tree / "metadata" / "3.root.json").is_file()
    assert isinstance(shop.poll(site), Unchanged)
    assert shop.release == before
    assert isinstance(late.poll(site), Updated)
    speak(office, "Nous revoilà.")
    assert isinstance(shop.poll(site), Updated)
    assert isinstance(late.poll(site), Updated)


def test_a_site_that_nobody_refreshed_for_eighteen_months_is_not_believed(
    office: HeadOffice, site: Origin, shop: Shop
) -> None:
    shop.now = NOW + 18 * 30 * DAY
    outcome = shop.poll(site)
    assert isinstance(outcome, Rejected)
    assert "does head office refresh the site?" in outcome.why
    office.now = shop.now
    office.refresh()
    assert isinstance(shop.poll(site), Unchanged)


def test_no_time_before_the_program_was_made_is_believed() -> None:
    assert trusted_now(datetime(1970, 1, 1, tzinfo=UTC)) == BUILT
    assert trusted_now(NOW) == NOW
    assert trusted_now(NOW, NOW + DAY) == NOW + DAY
    assert trusted_now(NOW, NOW - DAY) == NOW


def test_how_long_ago_head_office_was_heard() -> None:
    ninety = 90 * DAY
    assert age(None, NOW, ninety) == "never"
    assert age(NOW, NOW + DAY, ninety) == "fresh"
    assert age(NOW, NOW + DAY + timedelta(seconds=1), ninety) == "stale"
    assert age(NOW, NOW + ninety, ninety) == "stale"
    assert age(NOW, NOW + ninety + timedelta(seconds=1), ninety) == "old"
    assert age(NOW + YEAR, NOW, ninety) == "fresh"
