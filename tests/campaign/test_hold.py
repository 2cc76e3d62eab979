"""How long a scene stands."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.campaign.hold import count_words, hold_seconds
from tests.campaign.samples import figure, portrait, poster, programme


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("« … » : ! ? – —", 0),
        ("Bonjour", 1),
        ("l’équipe", 1),
        ("l'équipe", 1),
        ("aujourd’hui", 1),
        ("L’équipe d’O2", 2),
        ("aide-ménagère", 2),
        ("garde-enfants", 2),
        ("a-t-il", 3),
        ("Dix ans dans la même famille : la confiance, ça se construit.", 11),
        ("« La confiance ! »", 2),
        ("\u00ab\u202fLa confiance\u202f!\u202f\u00bb", 2),
        ("1 049 000 heures", 2),
        ("1\u202f049\u202f000 heures", 2),
        ("1\u00a0049\u00a0000", 1),
        ("4,8/5", 2),
        ("95 %", 2),
        ("12 €", 2),
        ("dans 100 familles", 3),
        ("24 12", 2),
        ("la 1re fois", 3),
        ("H/F", 2),
        ("l’", 1),
    ],
)
def test_words_are_counted_as_they_are_read(text: str, words: int) -> None:
    assert count_words(text) == words


def test_accents_typed_apart_count_the_same() -> None:
    text = "Élève ménagère : l’été déjà"
    assert count_words(unicodedata.normalize("NFD", text)) == count_words(text) == 4


def test_a_short_scene_stands_twelve_seconds() -> None:
    assert hold_seconds(poster(says="Bonjour")) == 12


def test_a_code_asks_twenty_seconds() -> None:
    assert hold_seconds(poster(says="Bonjour", link="booking")) == 20


def test_a_long_text_stands_longer() -> None:
    scene = programme(title="Un", sentence=" ".join(["mot"] * 49), points=())
    assert hold_seconds(scene) == pytest.approx(3 + 0.45 * 50)
    assert hold_seconds(scene.model_copy(update={"link": "booking"})) == pytest.approx(25.5)


@pytest.mark.parametrize(("asked", "given_s"), [(1, 12), (12, 12), (13, 13), (600, 600)])
def test_the_author_may_lengthen_and_never_shorten(asked: int, given_s: int) -> None:
    assert hold_seconds(figure(hold_s=asked)) == given_s


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 50),
    st.sampled_from([None, "booking"]),
    st.one_of(st.none(), st.integers(1, 600)),
)
def test_the_hold_is_the_longest_of_its_floors(
    words: int, link: str | None, hold_s: int | None
) -> None:
    scene = poster(says=" ".join(["mot"] * words), link=link, hold_s=hold_s)
    floors = (12, 20 if link else 0, 3 + 0.45 * words, hold_s or 0)
    assert hold_seconds(scene) == pytest.approx(max(floors))


def test_a_portrait_is_read_whole() -> None:
    scene = portrait()
    assert hold_seconds(scene) == pytest.approx(max(12, 3 + 0.45 * count_words(scene.words())))
