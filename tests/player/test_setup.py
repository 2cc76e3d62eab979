"""The set-up scene: what a new PC has to say fits on every glass; the campaign follows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage

from kiosk.campaign.model import Brand
from kiosk.player.backstage import composed
from kiosk.player.blocks import Rect, TextBlock
from kiosk.player.content import Content
from kiosk.player.regions import Measures
from kiosk.player.setup import NAMES, STICK_NOTES, SetupFacts, setup_content
from kiosk.player.typeset import width_of
from kiosk.release.enrolment import Reason
from tests.player.conftest import Until
from tests.player.theatre import Theatre, content_of, with_pictures

LACKING = SetupFacts(
    pc="PC-LEMANS-01",
    missing=("agency", "central", "root"),
    agency=None,
    central=None,
    note=STICK_NOTES["not-signed"],
    version="0.1.0",
    data="/var/lib/o2-kiosk",
    waiting=False,
)
WAITING = replace(
    LACKING,
    missing=(),
    agency="le-mans",
    central="https://kiosk.o2.example/site",
    note=None,
    waiting=True,
)
LONG = replace(
    LACKING,
    pc="W" * 63,
    note="Clé USB lue : " + "fichier illisible " * 20,
    data="C:\\Users\\" + "prestataire.informatique" * 4 + "\\AppData\\Local\\o2-kiosk",
)
LONG_WAIT = replace(WAITING, agency="a" * 32, central="https://" + "kiosk." * 60 + "example/site")
SIZES = [
    *((1920, 1080), (3840, 2160), (1366, 768), (2560, 1080), (640, 360)),
    *((1080, 1920), (2160, 3840), (768, 1366), (1080, 1080), (2160, 2160)),
]
FACTS = {"lacking": LACKING, "waiting": WAITING, "long": LONG, "long-wait": LONG_WAIT}


@pytest.fixture
def stage() -> Iterator[list[Theatre]]:
    """Theatres that are closed after the test."""
    opened: list[Theatre] = []
    yield opened
    for each in opened:
        each.close()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("facts", FACTS.values(), ids=FACTS)
def test_every_word_fits_apart_and_large_enough(facts: SetupFacts, size: tuple[int, int]) -> None:
    content = setup_content(facts)
    made = composed(content, None, size)
    assert made.misfits == ()
    floor = Measures.of(content.screen, size).small_floor
    for text in made.texts:
        lines = text.text.split("\n")
        assert text.area.inside(Rect(0, 0, *size)), text
        assert max(width_of(line, text.px, text.weight) for line in lines) <= text.area.width + 1
        assert text.line_px * len(lines) <= text.area.height, text
        assert text.px >= floor
    for one, other in combinations(made.texts, 2):
        assert not one.area.overlaps(other.area), (one, other)
    (panel,) = (shape.area for shape in made.shapes)
    inside = [text for text in made.texts if text.area.overlaps(panel)]
    assert len(inside) >= 3
    assert all(text.area.inside(panel) for text in inside)


def test_it_says_what_is_missing_who_it_is_and_what_to_do() -> None:
    said = _said(setup_content(LACKING))
    assert "Cet écran attend ses réglages" in said
    assert "clé USB d’enrôlement" in said
    assert "PC-LEMANS-01" in said
    assert "l’agence, l’adresse centrale et l’ancre de confiance (root.json)." in said
    assert "O2 Kiosk 0.1.0" in said
    assert "/var/lib/o2-kiosk" in said
    assert "signature refusée" in said
    assert all(name in said for name in NAMES.values())
    one = _said(setup_content(replace(LACKING, missing=("agency",), note=None)))
    assert "Il manque\u00a0: l’agence." in one
    assert "Clé USB lue" not in one


def test_while_content_is_awaited_it_names_the_agency_and_asks_for_nothing() -> None:
    said = _said(setup_content(WAITING))
    assert "Contenu en cours de réception" in said
    assert "le-mans" in said
    assert "https://kiosk.o2.example/site" in said
    assert "Insérez" not in said
    assert "manque" not in said


def test_every_refusal_of_a_stick_has_a_note() -> None:
    assert set(STICK_NOTES) == {str(reason) for reason in Reason}


def test_the_words_are_on_the_glass_whole(stage: list[Theatre], until: Until) -> None:
    content = setup_content(LACKING)
    theatre = _opened(stage, content, (960, 540))
    until(lambda: theatre.stood == ["standby"])
    frame = theatre.view.window.grabWindow()
    for text in composed(content, None, (960, 540)).texts:
        found = _inked(frame, text)
        longest = max(width_of(line, text.px, text.weight) for line in text.text.split("\n"))
        assert abs(found.width - longest) <= text.px * 0.25, text
        assert found.x - text.area.x <= text.px * 0.25, text
    assert theatre.plays == []
    assert theatre.skipped == []


def test_what_it_says_changes_where_it_stands(stage: list[Theatre], until: Until) -> None:
    theatre = _opened(stage, setup_content(LACKING), (960, 540))
    until(lambda: theatre.stood == ["standby"])
    theatre.director.adopt(setup_content(WAITING))
    headline = composed(setup_content(WAITING), None, (960, 540)).texts[1]
    assert headline.text.startswith("Contenu")

    def there() -> bool:
        width = _inked(theatre.view.window.grabWindow(), headline).width
        lines = headline.text.split("\n")
        longest = max(width_of(line, headline.px, headline.weight) for line in lines)
        return abs(width - longest) <= headline.px * 0.25

    until(there)


def test_the_first_release_takes_its_place_without_a_restart(
    tmp_path: Path, stage: list[Theatre], until: Until
) -> None:
    theatre = _opened(stage, setup_content(WAITING), (960, 540))
    until(lambda: theatre.stood == ["standby"])
    theatre.director.adopt(content_of(with_pictures(tmp_path, "am1", "am2")))
    until(lambda: len(theatre.plays) >= 3)
    assert {play.scene for play in theatre.plays} == {"am1", "am2"}
    assert theatre.stood.count("standby") == 1


def test_it_wears_the_brand_s_own_colours(stage: list[Theatre], until: Until) -> None:
    brand = Brand(name="O2", accent="#7A1FA2", paper="#FFF8E1")
    content = setup_content(LACKING, brand)
    theatre = _opened(stage, content, (640, 360))
    until(lambda: theatre.stood == ["standby"])
    made = composed(content, None, (640, 360))
    assert made.ground == brand.paper
    assert {text.colour for text in made.texts} == {brand.accent, brand.ink}


def _opened(stage: list[Theatre], content: Content, size: tuple[int, int]) -> Theatre:
    theatre = Theatre(content, size=size)
    stage.append(theatre)
    theatre.director.begin()
    theatre.director.open_with_standby()
    return theatre


def _said(content: Content) -> str:
    made = composed(content, None, (1920, 1080))
    return "\n".join(text.text.replace("\n", " ") for text in made.texts)


def _inked(frame: QImage, text: TextBlock) -> Rect:
    """The box around what is drawn in a text's area in its own colour."""
    colour, area = QColor(text.colour), text.area
    ink = [
        (x, y)
        for y in range(area.y, area.bottom)
        for x in range(area.x, min(area.right, frame.width()))
        if _near(frame.pixelColor(x, y), colour)
    ]
    assert ink, f"nothing is drawn of {text.text!r}"
    columns, rows = [x for x, _ in ink], [y for _, y in ink]
    left, top = min(columns), min(rows)
    return Rect(left, top, max(columns) + 1 - left, max(rows) + 1 - top)


def _near(one: QColor, other: QColor) -> bool:
    return (
        abs(one.red() - other.red())
        + abs(one.green() - other.green())
        + abs(one.blue() - other.blue())
        < 120
    )
