"""Link templates, codes, and how large a code is drawn."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.campaign.links import (
    FLOOR_MM_PER_M,
    GOAL_MM_PER_M,
    LONGEST_URL,
    MOST_BESIDE_MUCH,
    MOST_OF_SHORT_SIDE,
    QUIET_MODULES,
    domain_of,
    encode,
    expand,
    geometry,
    pixel_pitch_mm,
    url_of,
)
from kiosk.campaign.model import Screen
from tests.campaign.samples import agency, campaign, figure, portrait

SHORT = "https://o2.example/r/lmam1"


def test_a_template_names_agency_scene_and_audience() -> None:
    template = "https://o2.example/{audience}/{agency}/{scene}"
    scene = portrait(id="am1", audience="candidates")
    assert expand(template, agency(code="lm"), scene) == "https://o2.example/candidates/lm/am1"


def test_what_is_no_placeholder_stays() -> None:
    assert expand("https://o2.example/{else}", agency(), portrait()) == "https://o2.example/{else}"


def test_a_scene_without_a_link_has_no_url() -> None:
    assert url_of(campaign(), agency(), figure(link=None)) is None


def test_a_scene_with_a_link_has_its_own_url() -> None:
    url = url_of(campaign(), agency(code="lm"), portrait(id="am1", link="booking"))
    assert url is not None and url.endswith("lm/am1")
    assert domain_of(url) == "o2.example"


@pytest.mark.parametrize(
    ("length", "version", "level"),
    [
        (26, 2, "M"),
        (20, 2, "Q"),
        (14, 1, "M"),
        (27, 3, "Q"),
        (32, 3, "Q"),
        (33, 3, "M"),
        (42, 3, "M"),
    ],
)
def test_the_smallest_version_at_its_strongest_level(length: int, version: int, level: str) -> None:
    """Byte-mode capacities of ISO/IEC 18004, table 7: 2-M 26, 2-Q 20, 1-M 14, 3-Q 32, 3-M 42."""
    code = encode("https://o2.e".ljust(length, "x"))
    assert (code.version, code.level) == (version, level)
    assert len(code.modules) == 17 + 4 * version
    assert all(len(row) == len(code.modules) for row in code.modules)
    assert code.side == len(code.modules) + 2 * QUIET_MODULES


def test_the_longest_url_allowed_is_a_version_3() -> None:
    assert encode("h" * LONGEST_URL).version == 3
    assert encode("h" * (LONGEST_URL + 1)).version == 4


def test_the_design_screen_gets_the_design_code() -> None:
    """43 inches, 1080p, 2 m: 16 px a module, a tile of 528 px."""
    drawn = geometry(encode(SHORT), Screen(diagonal_in=43.0), (1920, 1080))
    assert (drawn.module_px, drawn.tile_px) == (16, 528)
    assert drawn.scannable


def test_too_far_for_the_screen_is_said_not_hidden() -> None:
    far = Screen(diagonal_in=20.0, scan_distance_m=9.0)
    assert not geometry(encode(SHORT), far, (1920, 1080)).scannable


SIZES = st.sampled_from([(1920, 1080), (1080, 1920), (3840, 2160), (1080, 1080), (640, 360)])


@given(
    size=SIZES,
    diagonal=st.floats(10, 120),
    distance=st.floats(0.5, 6),
    poster=st.booleans(),
)
def test_the_goal_where_there_is_room_the_floor_where_there_must_be(
    size: tuple[int, int], diagonal: float, distance: float, poster: bool
) -> None:
    screen = Screen(diagonal_in=diagonal, scan_distance_m=distance)
    code = encode(SHORT)
    drawn = geometry(code, screen, size, poster=poster)
    pitch = pixel_pitch_mm(screen, size)
    assert drawn.tile_px == drawn.module_px * code.side
    assert drawn.module_px == 1 or drawn.tile_px <= min(size) * MOST_OF_SHORT_SIDE
    assert drawn.module_px == 1 or (drawn.module_px - 1) * pitch < GOAL_MM_PER_M * distance
    crowded = poster or size[0] == size[1]
    fair = min(size) * (MOST_BESIDE_MUCH if crowded else MOST_OF_SHORT_SIDE)
    if drawn.module_px > 1 and drawn.tile_px > fair:
        assert (drawn.module_px - 1) * pitch < FLOOR_MM_PER_M * distance
    room = int(min(size) * MOST_OF_SHORT_SIDE) // code.side
    assert drawn.scannable or drawn.module_px >= room
