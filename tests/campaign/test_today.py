"""What an agency says of its hours at a moment, and until when it is true."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kiosk.campaign.model import AgencyScene, AgencyToday
from kiosk.campaign.selection import select
from kiosk.campaign.today import phone, sentence
from kiosk.campaign.wall import shown_at
from tests.campaign.samples import agency, campaign, figure

PARIS, REUNION, MARTINIQUE = "Europe/Paris", "Indian/Reunion", "America/Martinique"
LUNCH = "Mo-Fr 09:00-12:30,14:00-18:30; PH off"
SATURDAY = "Mo-Fr 09:00-12:30,14:00-18:30; Sa 09:00-12:00; PH off"
LATE = "Fr 18:00-02:00"

# Hours, zone, the local moment, what is said, and the local moment until when it is said.
TABLE = [
    (LUNCH, PARIS, "2026-09-15 08:00", "Ouvre à 9 h", "2026-09-15 09:00"),
    (LUNCH, PARIS, "2026-09-15 09:00", "Ouvert jusqu’à 12 h 30", "2026-09-15 11:30"),
    (LUNCH, PARIS, "2026-09-15 11:29", "Ouvert jusqu’à 12 h 30", "2026-09-15 11:30"),
    (LUNCH, PARIS, "2026-09-15 11:30", "Ferme à 12 h 30", "2026-09-15 12:30"),
    (LUNCH, PARIS, "2026-09-15 12:30", "Ouvre à 14 h", "2026-09-15 14:00"),
    (LUNCH, PARIS, "2026-09-15 14:00", "Ouvert jusqu’à 18 h 30", "2026-09-15 17:30"),
    (LUNCH, PARIS, "2026-09-15 18:29", "Ferme à 18 h 30", "2026-09-15 18:30"),
    (LUNCH, PARIS, "2026-09-15 18:30", "Ouvre demain à 9 h", "2026-09-16 00:00"),
    (LUNCH, PARIS, "2026-09-16 00:00", "Ouvre à 9 h", "2026-09-16 09:00"),
    # a weekend, with and without a Saturday
    (LUNCH, PARIS, "2026-09-18 18:30", "Ouvre lundi à 9 h", "2026-09-19 00:00"),
    (LUNCH, PARIS, "2026-09-19 10:00", "Ouvre lundi à 9 h", "2026-09-20 00:00"),
    (LUNCH, PARIS, "2026-09-20 10:00", "Ouvre demain à 9 h", "2026-09-21 00:00"),
    (SATURDAY, PARIS, "2026-09-18 18:30", "Ouvre demain à 9 h", "2026-09-19 00:00"),
    (SATURDAY, PARIS, "2026-09-19 11:15", "Ferme à 12 h", "2026-09-19 12:00"),
    # public holidays: Friday 1 May 2026; 14 July, a Tuesday
    (LUNCH, PARIS, "2026-04-30 18:30", "Ouvre lundi à 9 h", "2026-05-01 00:00"),
    (LUNCH, PARIS, "2026-05-01 10:00", "Ouvre lundi à 9 h", "2026-05-02 00:00"),
    (LUNCH, PARIS, "2026-07-13 18:30", "Ouvre mercredi à 9 h", "2026-07-14 00:00"),
    (LUNCH, PARIS, "2026-07-14 11:00", "Ouvre demain à 9 h", "2026-07-15 00:00"),
    # closed for long
    (
        "2026 Sep 01-20 Mo-Fr 09:00-18:00; 2026 Oct 01 08:15-18:00",
        PARIS,
        "2026-09-21 10:00",
        "Ouvre le 1er octobre à 8 h 15",
        "2026-09-22 00:00",
    ),
    ("2026 Sep 01 09:00-18:00", PARIS, "2026-09-15 10:00", "Fermé pour le moment", None),
    # midnight
    (LATE, PARIS, "2026-09-18 18:00", "Ouvert jusqu’à 2 h", "2026-09-19 00:00"),
    (LATE, PARIS, "2026-09-19 00:00", "Ouvert jusqu’à 2 h", "2026-09-19 01:00"),
    (LATE, PARIS, "2026-09-19 01:30", "Ferme à 2 h", "2026-09-19 02:00"),
    (LATE, PARIS, "2026-09-19 02:00", "Ouvre vendredi à 18 h", "2026-09-20 00:00"),
    ("Tu 10:00-24:00", PARIS, "2026-09-15 12:00", "Ouvert jusqu’à minuit", "2026-09-15 23:00"),
    ("Tu 10:00-24:00", PARIS, "2026-09-15 23:00", "Ferme à minuit", "2026-09-16 00:00"),
    ("Mo-Su 00:00-06:00", PARIS, "2026-09-15 23:30", "Ouvre demain à minuit", "2026-09-16 00:00"),
    # always, and nearly
    ("24/7", PARIS, "2026-09-15 12:00", "Toujours ouvert", None),
    (
        "Mo-Th 00:00-24:00; Fr 00:00-18:00",
        PARIS,
        "2026-09-16 12:00",
        "Ouvert jusqu’à vendredi 18 h",
        "2026-09-17 00:00",
    ),
    # both changes of the clock: 29 March and 25 October 2026
    ("Mo-Su 02:30-05:00", PARIS, "2026-03-29 01:00", "Ouvre à 3 h", "2026-03-29 03:00"),
    ("Mo-Su 09:00-18:00", PARIS, "2026-03-28 18:00", "Ouvre demain à 9 h", "2026-03-29 00:00"),
    ("Sa 20:00-24:00; Su 00:00-04:00", PARIS, "2026-03-29 00:30", "Ouvert jusqu’à 4 h", None),
    ("Sa 20:00-24:00; Su 00:00-04:00", PARIS, "2026-10-25 00:30", "Ouvert jusqu’à 4 h", None),
    ("Mo-Su 09:00-18:00", PARIS, "2026-10-25 08:59", "Ouvre à 9 h", "2026-10-25 09:00"),
    # overseas
    (LUNCH, REUNION, "2026-09-15 08:00", "Ouvre à 9 h", "2026-09-15 09:00"),
    (LUNCH, REUNION, "2026-09-15 18:30", "Ouvre demain à 9 h", "2026-09-16 00:00"),
    (LUNCH, MARTINIQUE, "2026-09-15 18:00", "Ferme à 18 h 30", "2026-09-15 18:30"),
    (LUNCH, MARTINIQUE, "2026-03-28 20:00", "Ouvre lundi à 9 h", "2026-03-29 00:00"),
]


def moment(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(("hours", "zone", "at", "text", "until"), TABLE)
def test_what_is_said_and_until_when(
    hours: str, zone: str, at: str, text: str, until: str | None
) -> None:
    said = sentence(agency(opening_hours=hours, timezone=zone), moment(at, zone))
    assert said.text == text
    if until is not None:
        assert said.until == moment(until, zone)
        assert said.until.tzinfo is UTC
    elif text in ("Toujours ouvert", "Fermé pour le moment"):
        assert said.until is None


@pytest.mark.parametrize("zone", [PARIS, REUNION, MARTINIQUE])
@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24", "2026-05-01", "2026-12-31"])
def test_it_is_said_for_as_long_as_it_is_true(zone: str, day: str) -> None:
    """From one sentence to the next over three days: what is said is said of every moment."""
    shop = agency(opening_hours="Mo-Su 02:30-05:00,09:00-12:30,22:00-01:30; PH off", timezone=zone)
    assert shop.opening_hours is not None
    now = moment(f"{day} 00:00", zone)
    last = now + timedelta(days=3)
    sentences = 0
    while now < last:
        said = sentence(shop, now)
        assert said.until is not None
        assert said.until > now
        for share in (0.0, 0.5, 0.999):
            at = now + (said.until - now) * share
            is_open = shown_at(shop.opening_hours, at, ZoneInfo(zone))
            assert is_open == said.text.startswith(("Ouvert", "Ferme "))
            assert sentence(shop, at) == said
        sentences += 1
        now = said.until
    assert sentences >= 6


def test_no_hours_nothing_said() -> None:
    assert sentence(agency(), moment("2026-09-15 12:00", PARIS)) == ("", None)


@pytest.mark.parametrize(
    ("number", "printed"),
    [
        ("+33199000001", "01~99~00~00~01"),
        ("+262262123456", "02~62~12~34~56"),
        ("+596596123456", "05~96~12~34~56"),
        ("+3224112233", "+3224112233"),
        ("+331990000", "+331990000"),
    ],
)
def test_a_phone_number_as_it_is_dialled(number: str, printed: str) -> None:
    assert phone(number).replace("\u00a0", "~") == printed


def test_the_scene_is_cast_with_its_sentence_and_leaves_when_that_changes() -> None:
    shown = campaign(AgencyScene(id="ag1", kind="agency"), figure())
    shop = agency(opening_hours=LUNCH)
    at = moment("2026-09-15 10:00", PARIS)
    answer = select(shown, shop, "landscape", at, present=())
    scene = answer.allowed[0]
    assert isinstance(scene, AgencyToday)
    assert (scene.id, scene.kind, scene.sentence) == ("ag1", "agency", "Ouvert jusqu’à 12 h 30")
    assert "Ouvert jusqu’à 12 h 30" in scene.words()
    change = moment("2026-09-15 11:30", PARIS)
    assert answer.closes["ag1"] == answer.ask_again == change
    after = select(shown, shop, "landscape", change, present=()).allowed[0]
    assert isinstance(after, AgencyToday)
    assert after.sentence == "Ferme à 12 h 30"
