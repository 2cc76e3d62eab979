"""Job offers: how they read, when they play, and that what travels is what was written."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.campaign.jobs import JobOffer, JobsFile, Salary, written
from kiosk.campaign.model import JobsScene, JobsToday, Source
from kiosk.campaign.parse import Broken, parse_file, parse_source
from kiosk.campaign.selection import Reason, Selection, select
from kiosk.campaign.typography import french
from tests.campaign import samples
from tests.campaign.samples import agency, campaign, figure

PARIS = ZoneInfo("Europe/Paris")
TICK = timedelta(microseconds=1)


def offer(offer_id: str = "am12", **fields: Any) -> JobOffer:
    values: dict[str, Any] = {
        "id": offer_id,
        "title": "Aide-ménager H/F",
        "employment_type": "CDI",
        "job_location": "Le Mans",
        "date_posted": date(2026, 9, 1),
        "valid_through": date(2026, 9, 30),
        "base_salary": Salary(min_value=12.1, max_value=13.4),
        "agencies": ("le-mans",),
    }
    return JobOffer.model_validate(values | fields)


@pytest.mark.parametrize(
    ("salary", "words"),
    [
        ({"min_value": 12.1, "max_value": 13.4}, "12,10 à 13,40 € brut de l’heure"),
        ({"min_value": 12, "max_value": 12}, "12,00 € brut de l’heure"),
        (
            {"min_value": 1850, "max_value": 2100, "unit_text": "month"},
            "1_850 à 2_100 € brut par mois",
        ),
        (
            {"min_value": 1850.5, "max_value": 2100, "unit_text": "month"},
            "1_850,50 à 2_100 € brut par mois",
        ),
        (
            {"min_value": 28000, "max_value": 1e6, "unit_text": "year"},
            "28_000 à 1_000_000 € brut par an",
        ),
    ],
)
def test_the_pay_in_words(salary: dict[str, Any], words: str) -> None:
    set_ = french(offer(base_salary=salary).pay())
    plain = set_.replace("\u202f€", " €").replace("\u202f", "_").replace("\u00a0", " ")
    assert plain == words


@pytest.mark.parametrize(
    "title", ["Jardinier H/F", "Jardinier (F/H)", "H/F Jardinier", "Garde F / H de nuit"]
)
def test_a_title_is_for_both(title: str) -> None:
    assert offer(title=title).title == title


@pytest.mark.parametrize("title", ["Jardinier", "Jardinier HF", "Jardinier h/f", "THX/FOO"])
def test_a_title_for_one_is_refused(title: str) -> None:
    with pytest.raises(ValueError, match="open to both sexes"):
        offer(title=title)


def ask(now: datetime, *offers: JobOffer, shop: str = "le-mans") -> Selection:
    scene = JobsScene(id="em", kind="jobs", link="jobs")
    staffed = campaign(scene, figure()).with_offers(offers)
    return select(staffed, agency(shop), "landscape", now, present=(), always_lit=True)


def shown(selection: Selection) -> list[str]:
    first = selection.allowed[0]
    return [one.id for one in first.offers] if isinstance(first, JobsToday) else []


def test_an_offer_plays_from_the_day_it_is_posted_through_its_last() -> None:
    begins = datetime(2026, 9, 1, tzinfo=PARIS)
    ends = datetime(2026, 10, 1, tzinfo=PARIS)
    assert shown(ask(begins - TICK, offer())) == []
    assert shown(ask(begins, offer())) == ["am12"]
    assert shown(ask(ends - TICK, offer())) == ["am12"]
    assert shown(ask(ends, offer())) == []


def test_without_an_open_offer_the_scene_is_left_out_until_the_next() -> None:
    begins = datetime(2026, 9, 1, tzinfo=PARIS)
    early = ask(begins - timedelta(days=3), offer())
    assert [(left.scene, left.reason) for left in early.left_out] == [("em", Reason.NO_OFFER)]
    assert early.left_out[0].detail == "No job offer of le-mans is open."
    assert early.ask_again == begins
    assert [left.reason for left in ask(begins, offer(), shop="nantes").left_out] == [
        Reason.NO_OFFER
    ]


def test_the_scene_leaves_the_glass_when_one_of_its_offers_ends() -> None:
    noon = datetime(2026, 9, 15, 12, tzinfo=PARIS)
    short = offer("am13", valid_through=date(2026, 9, 15))
    answer = ask(noon, offer(), short)
    assert sorted(shown(answer)) == ["am12", "am13"]
    midnight = datetime(2026, 9, 16, tzinfo=PARIS)
    assert answer.closes["em"] == answer.ask_again == midnight
    assert shown(ask(midnight, offer(), short)) == ["am12"]


def test_the_newest_four_are_shown() -> None:
    noon = datetime(2026, 9, 15, 12, tzinfo=PARIS)
    many = [offer(f"o{n}", date_posted=date(2026, 9, n)) for n in (3, 1, 5, 2, 4)]
    assert shown(ask(noon, *many)) == ["o5", "o4", "o3", "o2"]


lines = st.text(min_size=1, max_size=40).filter(lambda text: text.isprintable() and text.strip())
offers = st.builds(
    offer,
    st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True),
    title=lines.map(lambda text: f"{text.strip()} H/F"),
    employment_type=st.sampled_from(["CDI", "CDD", "intérim", "apprentissage", "stage"]),
    work_hours=st.none() | lines.map(str.strip),
    job_location=lines.map(str.strip),
    base_salary=st.none()
    | st.builds(
        Salary,
        min_value=st.floats(0.01, 1000),
        max_value=st.floats(1000, 1_000_000),
        unit_text=st.sampled_from(["hour", "month", "year"]),
    ),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(offers, min_size=1, max_size=4))
def test_what_is_written_reads_back_the_same(some: list[JobOffer]) -> None:
    read = parse_file("jobs/x.yaml", written(some), JobsFile)
    assert not isinstance(read, Broken), read.problems
    assert read[0].offers == tuple(some)
    assert written(some) == written(read[0].offers)


def test_a_copied_campaign_keeps_its_offers() -> None:
    source = parse_source(samples.files(jobs=samples.JOBS_YAML))
    assert isinstance(source, Source)
    fewer = source.campaign.model_copy(update={"scenes": source.campaign.scenes[:1]})
    assert fewer.offers == source.campaign.offers
    assert len(fewer.offers) == 1
