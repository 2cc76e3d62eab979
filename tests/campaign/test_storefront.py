"""Notices, the agency's hours, offers and the lease, as a screen plays them through its day."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from kiosk.campaign.fields import Window
from kiosk.campaign.jobs import JobOffer
from kiosk.campaign.model import Agency, AgencyScene, Campaign, CampaignNotice, JobsScene
from kiosk.campaign.rehearsal import Rehearsal, Turn, rehearse
from kiosk.campaign.rotation import FADE_S
from kiosk.campaign.selection import Reason, scenes_at
from kiosk.campaign.showrunner import Showrunner
from kiosk.campaign.today import sentence
from tests.campaign import samples

PARIS = ZoneInfo("Europe/Paris")
HOURS = "Mo-Fr 09:00-12:30,14:00-18:30; PH off"
TUESDAY = datetime(2026, 11, 24, tzinfo=PARIS)
WEDNESDAY = datetime(2026, 11, 25, tzinfo=PARIS)
SCENES = (
    samples.programme("f1"),
    samples.programme("f2"),
    samples.programme("c1", audience="candidates"),
    AgencyScene(id="ag", kind="agency"),
)


@dataclass(frozen=True)
class Bill:
    """A release as one screen sees it."""

    campaign: Campaign
    agency: Agency
    release: str = "release-1"
    present: Collection[str] = ("portraits/am1.jpg",)
    always_lit: bool = True
    contact: Callable[[], datetime | None] = lambda: None


def bill(campaign: Campaign) -> Bill:
    return Bill(campaign, samples.agency(opening_hours=HOURS))


def notice(text: str, first: date, last: date, priority: str = "normal") -> CampaignNotice:
    return CampaignNotice.model_validate(
        {"text": text, "from": first, "until": last, "priority": priority}
    )


def turns(told: Rehearsal, begins: datetime, ends: datetime) -> list[Turn]:
    return [turn for turn in told.turns if begins <= turn.began < ends]


def test_what_the_glass_says_of_the_hours_is_true_all_day() -> None:
    """The scene has left before its sentence changes, and comes back with the next one."""
    what = bill(samples.campaign(*SCENES))
    told = rehearse(what, "landscape", TUESDAY, TUESDAY + timedelta(hours=24), since=TUESDAY)
    seen = [turn for turn in told.turns if turn.scene == "ag"]
    said = set()
    for turn in seen:
        begins = turn.began - timedelta(seconds=FADE_S)
        ends = turn.ended + timedelta(seconds=FADE_S)
        text, until = sentence(what.agency, begins)
        said.add(text)
        assert until is not None
        assert ends <= until
    assert len(seen) > 300
    assert said == {
        "Ouvre à 9 h",
        "Ouvert jusqu’à 12 h 30",
        "Ferme à 12 h 30",
        "Ouvre à 14 h",
        "Ouvert jusqu’à 18 h 30",
        "Ferme à 18 h 30",
        "Ouvre demain à 9 h",
    }


def test_an_urgent_notice_of_one_day_rules_that_day_from_midnight_to_midnight() -> None:
    flood = notice("Fermé : inondation", WEDNESDAY.date(), WEDNESDAY.date(), "urgent")
    what = bill(samples.campaign(*SCENES, notices=(flood,)))
    told = rehearse(
        what, "landscape", TUESDAY, TUESDAY + timedelta(hours=72), since=TUESDAY, hold=lambda _: 60
    )
    day = turns(told, WEDNESDAY, WEDNESDAY + timedelta(hours=24))
    flags = [turn.scene.startswith("avis.") for turn in day]
    first = flags.index(True)
    assert first <= 2
    assert flags[first:] == [n % 3 == 0 for n in range(len(flags) - first)]
    assert len(flags) > 1000
    others = [turn for turn in told.turns if turn not in day]
    assert not any(turn.scene.startswith("avis.") for turn in others)
    shown = [turn for turn in day if turn.scene.startswith("avis.")]
    assert shown[-1].ended <= WEDNESDAY + timedelta(hours=24)


def test_an_offer_leaves_at_the_end_of_its_last_day() -> None:
    offer = JobOffer(
        id="o1",
        title="Jardinier H/F",
        employment_type="CDI",
        job_location="Le Mans",
        date_posted=date(2026, 11, 1),
        valid_through=TUESDAY.date(),
        agencies=("le-mans",),
    )
    jobs = JobsScene(id="em", kind="jobs", link="jobs")
    what = bill(samples.campaign(*SCENES, jobs).with_offers([offer]))
    told = rehearse(what, "landscape", TUESDAY, TUESDAY + timedelta(hours=48), since=TUESDAY)
    shown = [turn for turn in told.turns if turn.scene == "em"]
    assert len(shown) > 300
    assert shown[-1].ended + timedelta(seconds=FADE_S) <= WEDNESDAY
    assert [(one.scene, one.reason, one.begins) for one in told.absences()] == [
        ("em", Reason.NO_OFFER, WEDNESDAY)
    ]


def test_a_face_leaves_offline_and_comes_back_after_contact() -> None:
    heard: list[datetime] = [TUESDAY]
    campaign = samples.campaign(samples.portrait(), samples.figure(), valid=Window())
    shop = samples.agency()
    what = Bill(campaign, shop, contact=lambda: heard[-1])
    show = Showrunner(what)

    def allowed(at: datetime) -> list[str]:
        return [scene.id for scene in show.look(at, "landscape").allowed]

    over = TUESDAY + timedelta(days=7)
    assert allowed(over - timedelta(seconds=1)) == ["am1", "ch1"]
    assert allowed(over) == ["ch1"]
    assert allowed(over + timedelta(days=20)) == ["ch1"]
    heard.append(over + timedelta(days=20))
    assert allowed(over + timedelta(days=20, minutes=1)) == ["am1", "ch1"]


def test_a_contact_before_the_end_keeps_the_face_without_a_break() -> None:
    """Heard every hour, a screen that has not had a new release for a month shows faces still."""
    heard: list[datetime] = [TUESDAY]
    campaign = samples.campaign(samples.portrait(), samples.figure())
    show = Showrunner(Bill(campaign, samples.agency(), contact=lambda: heard[-1]))
    for hour in range(24 * 30):
        heard.append(TUESDAY + timedelta(hours=hour))
        allowed = show.look(heard[-1] + timedelta(minutes=59), "landscape").allowed
        assert [scene.id for scene in allowed] == ["am1", "ch1"]


def test_every_scene_has_its_form_of_the_moment() -> None:
    flood = notice("Fermé", WEDNESDAY.date(), WEDNESDAY.date())
    what = bill(samples.campaign(*SCENES, notices=(flood,)))
    early, late = (scenes_at(what.campaign, what.agency, at) for at in (TUESDAY, WEDNESDAY))
    assert [scene.kind for scene in early] == ["programme"] * 3 + ["agency", "notice"]
    assert all(a.id == b.id for a, b in zip(early, late, strict=True))
    assert [getattr(scene, "sentence", None) for scene in early][3] == "Ouvre à 9 h"
    assert not any(a.id == b.id for a, b in pairwise(early))
