"""Lit or dark, and why: one row a moment; the rest is worked out minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.campaign.hours import Why, lit
from kiosk.campaign.model import Agency, Blackout, Campaign

OPEN = "Mo-Fr 09:00-12:30,14:00-18:30; Sa 09:00-12:00; PH off"
NIGHTLY = "22:00-07:00"

CAMPAIGN = Campaign.model_validate(
    {
        "campaign": "essai",
        "title": "Essai",
        "brand": {"name": "O2"},
        "links": {"hosts": ("o2.example",)},
        "scenes": ({"id": "x", "kind": "programme", "title": "X", "sentence": "Y"},),
        "blackouts": (
            {
                "from": datetime(2027, 1, 18).date(),
                "until": datetime(2027, 1, 18).date(),
                "hours": "08:00-13:00,18:00-20:00",
                "why": "EcoWatt rouge",
            },
            {
                "from": datetime(2027, 1, 20).date(),
                "until": datetime(2027, 1, 21).date(),
                "agencies": ("nantes",),
                "why": "Coupure annoncée",
            },
        ),
    }
)


def agency(
    hours: str | None = OPEN,
    dark: str | None = None,
    zone: str = "Europe/Paris",
    name: str = "le-mans",
) -> Agency:
    """An agency with these hours."""
    return Agency.model_validate(
        {
            "agency": name,
            "code": "lm",
            "name": "O2",
            "timezone": zone,
            "opening_hours": hours,
            "dark_hours": dark,
            "screens": {"vitrine": {"diagonal_in": 43.0}},
        }
    )


SHOP = agency()
QUIET = agency(dark=NIGHTLY)
ALWAYS = agency(None)
LATE = agency("Mo-Su 18:00-02:00")
NIGHT_OWL = agency("24/7")
NANTES = agency(name="nantes")
REUNION = agency(zone="Indian/Reunion")
MARTINIQUE = agency(zone="America/Martinique")
LONG_LUNCH = agency("Mo-Fr 09:00-11:00,15:00-18:00")
NEVER = agency("off")

H, C, N, D, B, A = (
    Why.OPENING_HOURS,
    Why.CLOSED,
    Why.NIGHT,
    Why.LOCAL_DARK_HOURS,
    Why.BLACKOUT,
    Why.NO_HOURS,
)

# 2026-11-23 is a Monday. Local civil time of the agency.
TABLE = [
    # an ordinary day: from an hour before opening to an hour after closing
    (SHOP, "2026-11-23 07:59:59", C),
    (SHOP, "2026-11-23 08:00:00", H),
    (SHOP, "2026-11-23 08:59:59", H),
    (SHOP, "2026-11-23 09:00:00", H),
    (SHOP, "2026-11-23 18:29:59", H),
    (SHOP, "2026-11-23 18:30:00", H),
    (SHOP, "2026-11-23 19:29:59", H),
    (SHOP, "2026-11-23 19:30:00", C),
    (SHOP, "2026-11-23 23:59:59", C),
    (SHOP, "2026-11-24 00:00:00", C),
    # lunch: an hour and a half is bridged, four hours are not
    (SHOP, "2026-11-23 12:30:00", H),
    (SHOP, "2026-11-23 13:15:00", H),
    (SHOP, "2026-11-23 13:59:59", H),
    (LONG_LUNCH, "2026-11-23 11:59:59", H),
    (LONG_LUNCH, "2026-11-23 12:00:00", C),
    (LONG_LUNCH, "2026-11-23 13:59:59", C),
    (LONG_LUNCH, "2026-11-23 14:00:00", H),
    # Saturday, Sunday
    (SHOP, "2026-11-28 08:00:00", H),
    (SHOP, "2026-11-28 12:59:59", H),
    (SHOP, "2026-11-28 13:00:00", C),
    (SHOP, "2026-11-29 10:00:00", C),
    (SHOP, "2026-11-29 23:00:00", C),
    # public holidays: 11 November, Easter Monday 2027, Christmas; and the days around
    (SHOP, "2026-11-11 10:00:00", C),
    (SHOP, "2026-11-10 19:00:00", H),
    (SHOP, "2026-11-12 08:00:00", H),
    (SHOP, "2027-03-29 10:00:00", C),
    (SHOP, "2026-12-25 10:00:00", C),
    (SHOP, "2026-12-24 10:00:00", H),
    # the night band, to the second; for those without hours and those that never close too
    (ALWAYS, "2026-11-23 00:59:59", A),
    (ALWAYS, "2026-11-23 01:00:00", N),
    (ALWAYS, "2026-11-23 05:59:59", N),
    (ALWAYS, "2026-11-23 06:00:00", A),
    (NIGHT_OWL, "2026-11-23 00:59:59", H),
    (NIGHT_OWL, "2026-11-23 03:00:00", N),
    (NIGHT_OWL, "2026-11-23 06:00:00", H),
    (LATE, "2026-11-23 16:59:59", C),
    (LATE, "2026-11-23 17:00:00", H),
    (LATE, "2026-11-24 00:30:00", H),
    (LATE, "2026-11-24 01:30:00", N),
    (LATE, "2026-11-24 06:00:00", C),
    # local dark hours only shorten
    (QUIET, "2026-11-23 08:00:00", H),
    (agency(dark="18:00-09:00"), "2026-11-23 08:30:00", D),
    (agency(dark="18:00-09:00"), "2026-11-23 09:00:00", H),
    (agency(dark="18:00-09:00"), "2026-11-23 17:59:59", H),
    (agency(dark="18:00-09:00"), "2026-11-23 18:00:00", D),
    (agency(None, NIGHTLY), "2026-11-23 21:59:59", A),
    (agency(None, NIGHTLY), "2026-11-23 22:00:00", D),
    (agency(None, NIGHTLY), "2026-11-24 00:00:00", D),
    (agency(None, NIGHTLY), "2026-11-24 03:00:00", N),
    (agency(None, NIGHTLY), "2026-11-24 06:59:59", D),
    (agency(None, NIGHTLY), "2026-11-24 07:00:00", A),
    # blackouts win over everything, for whom and when they are ordered
    (SHOP, "2027-01-18 07:59:59", C),
    (SHOP, "2027-01-18 08:00:00", B),
    (SHOP, "2027-01-18 12:59:59", B),
    (SHOP, "2027-01-18 13:00:00", H),
    (SHOP, "2027-01-18 18:00:00", B),
    (SHOP, "2027-01-18 20:00:00", C),
    (SHOP, "2027-01-19 08:00:00", H),
    (SHOP, "2027-01-17 19:00:00", C),
    (NANTES, "2027-01-20 03:00:00", B),
    (NANTES, "2027-01-21 23:59:59", B),
    (NANTES, "2027-01-22 00:00:00", C),
    (SHOP, "2027-01-20 10:00:00", H),
    # spring: 28 March 2027, 02:00 becomes 03:00; autumn: 31 October 2027, 03:00 becomes 02:00
    (ALWAYS, "2027-03-28 00:59:59", A),
    (ALWAYS, "2027-03-28 01:00:00", N),
    (ALWAYS, "2027-03-28 03:00:00", N),
    (ALWAYS, "2027-03-28 06:00:00", A),
    (ALWAYS, "2027-10-31 00:59:59", A),
    (ALWAYS, "2027-10-31 02:30:00", N),
    (ALWAYS, "2027-10-31 05:59:59", N),
    (ALWAYS, "2027-10-31 06:00:00", A),
    (SHOP, "2027-03-30 08:00:00", H),
    (SHOP, "2027-11-02 07:59:59", C),
    (SHOP, "2027-11-02 08:00:00", H),
    # overseas: their own clock, without summer time
    (REUNION, "2026-11-23 07:59:59", C),
    (REUNION, "2026-11-23 08:00:00", H),
    (REUNION, "2027-07-05 19:29:59", H),
    (REUNION, "2027-07-05 19:30:00", C),
    (MARTINIQUE, "2026-11-23 08:00:00", H),
    (MARTINIQUE, "2027-07-05 07:59:59", C),
    # never open
    (NEVER, "2026-11-23 10:00:00", C),
]


def local(shop: Agency, text: str, fold: int = 0) -> datetime:
    """A moment on the clock of the agency's wall."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(shop.timezone), fold=fold)


@pytest.mark.parametrize(("shop", "when", "why"), TABLE)
def test_lit_or_dark_and_why(shop: Agency, when: str, why: Why) -> None:
    answer = lit(CAMPAIGN, shop, local(shop, when))
    assert answer.why is why
    assert answer.lit is (why in (H, A))
    assert answer.detail


def test_the_table_is_long_enough() -> None:
    assert len(TABLE) >= 60


def test_the_hour_that_is_shown_twice_is_dark_twice() -> None:
    for fold in (0, 1):
        assert lit(CAMPAIGN, ALWAYS, local(ALWAYS, "2027-10-31 02:15:00", fold)).why is N
    lasting = lit(CAMPAIGN, ALWAYS, local(ALWAYS, "2027-10-31 01:00:00")).until
    assert lasting == local(ALWAYS, "2027-10-31 06:00:00").astimezone(UTC)
    begun = local(ALWAYS, "2027-10-31 01:00:00").astimezone(UTC)
    assert lasting - begun == timedelta(hours=6)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        lit(CAMPAIGN, SHOP, datetime(2026, 11, 23))


def test_what_never_changes_says_so() -> None:
    assert lit(CAMPAIGN, NEVER, local(NEVER, "2026-11-23 10:00:00")).until is not None  # the night
    everything = CAMPAIGN.model_copy(
        update={
            "blackouts": (
                Blackout.model_validate(
                    {
                        "from": datetime(2026, 1, 1).date(),
                        "until": datetime(2028, 1, 1).date(),
                        "why": "Travaux",
                    }
                ),
            )
        }
    )
    assert lit(everything, SHOP, local(SHOP, "2026-11-23 10:00:00")).until is None


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([SHOP, QUIET, ALWAYS, LATE, LONG_LUNCH, REUNION, NANTES]),
    st.datetimes(datetime(2026, 10, 20), datetime(2027, 11, 10)),
)
def test_the_answer_holds_until_it_says(shop: Agency, naive: datetime) -> None:
    now = naive.replace(tzinfo=UTC, microsecond=0)
    answer = lit(CAMPAIGN, shop, now)
    assert answer.until is not None
    assert answer.until > now
    before = answer.until - timedelta(seconds=1)
    assert lit(CAMPAIGN, shop, max(before, now)).why is answer.why
    middle = now + (answer.until - now) / 2
    assert lit(CAMPAIGN, shop, middle).why is answer.why
    assert lit(CAMPAIGN, shop, answer.until).why is not answer.why
