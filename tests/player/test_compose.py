"""Every scene of the demonstration, laid out for every screen: nothing clipped, nothing covered."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import combinations

import pytest

from kiosk.campaign.jobs import JobOffer
from kiosk.campaign.links import QUIET_MODULES, pixel_pitch_mm
from kiosk.campaign.model import (
    Agency,
    AgencyScene,
    JobsScene,
    JobsToday,
    NoticeScene,
    Poster,
    Scene,
    Screen,
)
from kiosk.campaign.today import as_of
from kiosk.player.blocks import Composition, Rect
from kiosk.player.compose import compose, standby
from kiosk.player.regions import HEADLINE_MM_PER_M, SMALL_MM_PER_M, orientation_of
from kiosk.player.typeset import BOLD, CAP_HEIGHT, REGULAR, width_of
from kiosk.release.folder import read_folder
from tests.places import DEMONSTRATION

SOURCE = read_folder(DEMONSTRATION).source
AT = datetime(2026, 9, 18, 20, tzinfo=UTC)
"""A Friday evening: the sentence is one of the longest."""
SIZES = {
    "landscape": [(1920, 1080), (3840, 2160), (1366, 768), (2560, 1080)],
    "portrait": [(1080, 1920), (2160, 3840), (768, 1366)],
    "square": [(1080, 1080), (1920, 1920)],
}
CASES = [
    pytest.param(agency, scene, size, id=f"{agency.agency}-{scene.id}-{size[0]}x{size[1]}")
    for agency in SOURCE.agencies
    for scene in SOURCE.campaign.scenes
    for size in SIZES[agency.screen().orientation]
]


FULL = Agency.model_validate(
    SOURCE.agency("le-mans").model_dump()
    | {
        "name": "O2 Saint-Germain-en-Laye Centre",
        "address": {
            "street": "128 bis avenue du Maréchal de Lattre de Tassigny",
            "postal_code": "78100",
            "city": "Saint-Germain-en-Laye",
        },
    }
)
MORE: tuple[Scene, ...] = (
    NoticeScene(id="avis.1", text="Agence fermée le 24 décembre", urgent=False),
    NoticeScene(id="avis.2", text="Fermé", urgent=True),
    NoticeScene(
        id="avis.3",
        text="En raison de la neige, aucune intervention ce mercredi dans tout le département"
        " de la Sarthe : nous vous rappelons.",
        urgent=True,
    ),
    AgencyScene(id="ag1", kind="agency"),
    AgencyScene(id="ag2", kind="agency", link="booking"),
)
OFFERS = tuple(
    JobOffer.model_validate(
        {
            "id": f"r{n}",
            "title": title,
            "employment_type": "CDI",
            "work_hours": "25 h par semaine, hors vacances",
            "job_location": "Le Mans",
            "date_posted": date(2026, 9, 1),
            "valid_through": date(2026, 12, 31),
            "base_salary": {"min_value": 12.1, "max_value": 13.4},
            "agencies": tuple(agency.agency for agency in SOURCE.agencies),
        }
    )
    for n, title in enumerate(
        (
            "Jardinier H/F",
            "Assistant de vie auprès de personnes âgées H/F",
            "Aide-ménagère ou aide-ménager H/F",
            "Garde d'enfants H/F",
            "Responsable d'agence H/F",
        )
    )
)
NEAR = Screen(diagonal_in=55, orientation="landscape", scan_distance_m=1.5)
NEAR_UPRIGHT = Screen(diagonal_in=55, orientation="portrait", scan_distance_m=1.5)
"""Screens with room for four codes."""


def jobs(count: int, link: str | None = "jobs") -> JobsToday:
    """The scene of so many offers."""
    staffed = SOURCE.campaign.with_offers(OFFERS[:count])
    scene = JobsScene(id=f"em{count}", kind="jobs", link=link)
    today = as_of(scene, staffed, SOURCE.agency("le-mans"), AT)[0]
    assert isinstance(today, JobsToday)
    return today


EVERY_CASE = [
    *CASES,
    *(
        pytest.param(shop, scene, size, id=f"{shop.name}-{scene.id}-{size[0]}x{size[1]}")
        for agency in SOURCE.agencies
        for shop in (agency, FULL.model_copy(update={"screens": agency.screens}))
        for scene in (
            *(as_of(scene, SOURCE.campaign, shop, AT)[0] for scene in MORE),
            *(jobs(count) for count in (1, 2, 3, 4)),
            jobs(4, None),
        )
        for size in SIZES[agency.screen().orientation]
    ),
]


def _composed(agency: Agency, scene: Scene, size: tuple[int, int]) -> Composition:
    return compose(scene, SOURCE.campaign, agency, agency.screen(), size)


@pytest.mark.parametrize(("agency", "scene", "size"), EVERY_CASE)
def test_all_text_fits_apart_and_on_the_glass(
    agency: Agency, scene: Scene, size: tuple[int, int]
) -> None:
    made = _composed(agency, scene, size)
    assert made.misfits == ()
    glass = Rect(0, 0, *size)
    texts = [*made.texts, *(code.domain for code in made.codes)]
    for text in texts:
        assert text.area.inside(glass), text
        for line in text.text.split("\n"):
            assert width_of(line, text.px, text.weight) <= text.area.width + 1, text
        assert text.line_px * len(text.text.split("\n")) <= text.area.height, text
    for one, other in combinations(texts, 2):
        assert not one.area.overlaps(other.area), (one, other)


@pytest.mark.parametrize(("agency", "scene", "size"), EVERY_CASE)
def test_letters_are_legible_at_the_declared_distance(
    agency: Agency, scene: Scene, size: tuple[int, int]
) -> None:
    made = _composed(agency, scene, size)
    screen = agency.screen()
    mm_per_m = pixel_pitch_mm(screen, size) * CAP_HEIGHT / screen.scan_distance_m
    texts = [*made.texts, *(code.domain for code in made.codes)]
    assert all(text.px * mm_per_m >= SMALL_MM_PER_M for text in texts)
    if not isinstance(scene, Poster):
        assert made.texts[0].px * mm_per_m >= HEADLINE_MM_PER_M


@pytest.mark.parametrize(("agency", "scene", "size"), EVERY_CASE)
def test_nothing_enters_the_code_or_its_quiet_zone(
    agency: Agency, scene: Scene, size: tuple[int, int]
) -> None:
    made = _composed(agency, scene, size)
    assert (made.code is not None) == (scene.link is not None)
    texts = [*made.texts, *(block.domain for block in made.codes)]
    for block in made.codes:
        tile, geometry = block.tile, block.geometry
        assert tile.inside(Rect(0, 0, *size))
        assert tile.width == tile.height == geometry.module_px * block.code.side
        assert block.code.side == len(block.code.modules) + 2 * QUIET_MODULES
        assert geometry.scannable
        assert not any(text.area.overlaps(tile) for text in texts)
        if not isinstance(scene, Poster):
            assert not any(picture.area.overlaps(tile) for picture in made.pictures)
    for one, other in combinations(made.codes, 2):
        assert not one.panel.overlaps(other.panel)


@pytest.mark.parametrize(("agency", "scene", "size"), EVERY_CASE)
def test_agency_and_domain_are_on_every_scene(
    agency: Agency, scene: Scene, size: tuple[int, int]
) -> None:
    made = _composed(agency, scene, size)
    texts = [text.text.replace("\n", " ") for text in made.texts]
    assert "o2.example" in [*texts, *(code.domain.text for code in made.codes)]
    assert all(code.domain.text == "o2.example" for code in made.codes)
    assert agency.name in texts


@pytest.mark.parametrize("agency", SOURCE.agencies, ids=lambda agency: agency.agency)
def test_drawn_people_are_marked_on_the_glass(agency: Agency) -> None:
    for scene in SOURCE.campaign.scenes:
        made = _composed(agency, scene, agency.screen().seen_size())
        marked = any(text.text == "Illustration" for text in made.texts)
        assert marked == bool(made.pictures), scene.id


@pytest.mark.parametrize("agency", SOURCE.agencies, ids=lambda agency: agency.agency)
def test_standby_names_the_agency_and_needs_no_campaign_picture(agency: Agency) -> None:
    size = agency.screen().seen_size()
    made = standby(SOURCE.campaign, agency, agency.screen(), size)
    assert made.misfits == ()
    assert made.texts[0].text.replace("\n", " ") == agency.name
    assert [p.name for p in made.pictures] == [f"standby:{orientation_of(size)}"]


def test_a_sentence_too_long_is_named_not_clipped() -> None:
    agency = SOURCE.agency("le-mans")
    scene = SOURCE.campaign.scene("am1").model_copy(update={"quote": "constitution " * 16})
    made = _composed(agency, scene, (1920, 1080))
    assert any("constitution" in text for text in made.misfits)


@pytest.mark.parametrize("screen", [NEAR, NEAR_UPRIGHT], ids=["landscape", "portrait"])
@pytest.mark.parametrize("count", [2, 3, 4])
def test_every_offer_has_a_code_of_its_own_where_all_can_be_scanned(
    screen: Screen, count: int
) -> None:
    agency, scene = SOURCE.agency("le-mans"), jobs(count)
    made = compose(scene, SOURCE.campaign, agency, screen, screen.seen_size())
    assert [code.code.url for code in made.codes] == [
        f"https://o2.example/j/lm{offer.id}" for offer in scene.offers
    ]
    assert all(code.geometry.scannable for code in made.codes)
    assert made.misfits == ()
    glass = Rect(0, 0, *screen.seen_size())
    blocks = [text.area for text in made.texts] + [code.panel for code in made.codes]
    assert all(block.inside(glass) for block in blocks)
    assert not any(one.overlaps(other) for one, other in combinations(blocks, 2))


UPRIGHT = Screen(diagonal_in=49, orientation="portrait", scan_distance_m=2.0)
SQUARE = Screen(diagonal_in=26.5, orientation="square", resolution=(1080, 1080))


@pytest.mark.parametrize("screen", [NEAR, NEAR_UPRIGHT, UPRIGHT, SQUARE])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_what_to_do_is_said_once_beside_the_offers(screen: Screen, count: int) -> None:
    agency = FULL.model_copy(update={"screens": SOURCE.agency("le-mans").screens})
    made = compose(jobs(count), SOURCE.campaign, agency, screen, screen.seen_size())
    calls = [text for text in made.texts if text.text.replace("\n", " ") == "Rejoindre l’équipe"]
    assert len(calls) == 1
    assert calls[0].px >= 42
    assert made.misfits == ()
    for weight in (REGULAR, BOLD):
        ink = SOURCE.campaign.brand.ink
        offers = [text.px for text in made.texts if (text.weight, text.colour) == (weight, ink)]
        assert len(set(offers)) == 1


@pytest.mark.parametrize(("screen", "facts"), [(UPRIGHT, 42), (NEAR_UPRIGHT, 56)])
def test_two_offers_are_as_large_as_there_is_room(screen: Screen, facts: int) -> None:
    made = compose(jobs(2), SOURCE.campaign, SOURCE.agency("le-mans"), screen, screen.seen_size())
    assert min(text.px for text in made.texts if text.weight == REGULAR) >= facts
    assert min(text.px for text in made.texts if "H/F" in text.text) >= 1.4 * facts
    assert not any(line.startswith("·") for text in made.texts for line in text.text.split("\n"))


def test_where_they_cannot_one_code_leads_to_the_list() -> None:
    agency, scene = SOURCE.agency("le-mans"), jobs(4)
    made = _composed(agency, scene, (1920, 1080))
    assert [code.code.url for code in made.codes] == ["https://o2.example/j/lmem4"]
    assert sum(text.weight == BOLD and "H/F" in text.text for text in made.texts) == 4


def test_a_single_offer_has_its_own_code() -> None:
    made = _composed(SOURCE.agency("le-mans"), jobs(1), (1920, 1080))
    assert [code.code.url for code in made.codes] == ["https://o2.example/j/lmr0"]


def test_of_many_offers_four_are_shown_and_what_does_not_fit_is_left_to_the_code() -> None:
    assert [offer.id for offer in jobs(5).offers] == ["r0", "r1", "r2", "r3"]
    narrow = Screen(diagonal_in=26.5, orientation="square", resolution=(1080, 1080))
    made = compose(jobs(4), SOURCE.campaign, SOURCE.agency("le-mans"), narrow, (1080, 1080))
    assert made.misfits == ()
    assert 1 <= sum("H/F" in text.text for text in made.texts) < 4
