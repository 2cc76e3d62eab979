"""Every scene of the demonstration, laid out for every screen: nothing clipped, nothing covered."""

from __future__ import annotations

from itertools import combinations

import pytest

from kiosk.campaign.links import QUIET_MODULES, pixel_pitch_mm
from kiosk.campaign.model import Agency, Poster, Scene
from kiosk.player.blocks import Composition, Rect
from kiosk.player.compose import compose, standby
from kiosk.player.regions import HEADLINE_MM_PER_M, SMALL_MM_PER_M, orientation_of
from kiosk.player.typeset import CAP_HEIGHT, width_of
from kiosk.release.folder import read_folder
from tests.places import DEMONSTRATION

SOURCE = read_folder(DEMONSTRATION).source
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


def _composed(agency: Agency, scene: Scene, size: tuple[int, int]) -> Composition:
    return compose(scene, SOURCE.campaign, agency, agency.screen(), size)


@pytest.mark.parametrize(("agency", "scene", "size"), CASES)
def test_all_text_fits_apart_and_on_the_glass(
    agency: Agency, scene: Scene, size: tuple[int, int]
) -> None:
    made = _composed(agency, scene, size)
    assert made.misfits == ()
    glass = Rect(0, 0, *size)
    texts = [*made.texts, *([made.code.domain] if made.code else [])]
    for text in texts:
        assert text.area.inside(glass), text
        for line in text.text.split("\n"):
            assert width_of(line, text.px, text.weight) <= text.area.width + 1, text
        assert text.line_px * len(text.text.split("\n")) <= text.area.height, text
    for one, other in combinations(texts, 2):
        assert not one.area.overlaps(other.area), (one, other)


@pytest.mark.parametrize(("agency", "scene", "size"), CASES)
def test_letters_are_legible_at_the_declared_distance(
    agency: Agency, scene: Scene, size: tuple[int, int]
) -> None:
    made = _composed(agency, scene, size)
    screen = agency.screen()
    mm_per_m = pixel_pitch_mm(screen, size) * CAP_HEIGHT / screen.scan_distance_m
    texts = [*made.texts, *([made.code.domain] if made.code else [])]
    assert all(text.px * mm_per_m >= SMALL_MM_PER_M for text in texts)
    if not isinstance(scene, Poster):
        assert made.texts[0].px * mm_per_m >= HEADLINE_MM_PER_M


@pytest.mark.parametrize(("agency", "scene", "size"), CASES)
def test_nothing_enters_the_code_or_its_quiet_zone(
    agency: Agency, scene: Scene, size: tuple[int, int]
) -> None:
    made = _composed(agency, scene, size)
    assert made.code is not None
    tile, geometry = made.code.tile, made.code.geometry
    assert tile.inside(Rect(0, 0, *size))
    assert tile.width == tile.height == geometry.module_px * made.code.code.side
    assert made.code.code.side == len(made.code.code.modules) + 2 * QUIET_MODULES
    assert geometry.scannable
    texts = [*made.texts, made.code.domain]
    assert not any(text.area.overlaps(tile) for text in texts)
    if not isinstance(scene, Poster):
        assert not any(picture.area.overlaps(tile) for picture in made.pictures)


@pytest.mark.parametrize(("agency", "scene", "size"), CASES)
def test_agency_and_domain_are_on_every_scene(
    agency: Agency, scene: Scene, size: tuple[int, int]
) -> None:
    made = _composed(agency, scene, size)
    assert made.code is not None
    assert made.code.domain.text == "o2.example"
    assert any(text.text.replace("\n", " ") == agency.name for text in made.texts)


@pytest.mark.parametrize("agency", SOURCE.agencies, ids=lambda agency: agency.agency)
def test_drawn_people_are_marked_on_the_glass(agency: Agency) -> None:
    for scene in SOURCE.campaign.scenes:
        made = _composed(agency, scene, agency.screen().seen_size())
        marked = any(text.text == "Illustration" for text in made.texts)
        assert marked or isinstance(scene, Poster), scene.id


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
