"""Text set into a box."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QFont, QFontMetricsF, QGuiApplication

from kiosk.campaign.typography import french
from kiosk.player import typeset
from kiosk.player.typeset import BOLD, FAMILY, REGULAR, SEMIBOLD, Setting, set_text, width_of

WORDS = st.lists(
    st.text("abcdéçœW’-,.\u00a0\u202f", min_size=1, max_size=14), min_size=1, max_size=20
)


@pytest.fixture(scope="module", autouse=True)
def _fonts(app: QGuiApplication) -> None:
    del app


@settings(deadline=None, max_examples=60)
@given(text=st.builds(" ".join, WORDS), px=st.integers(20, 160))
@pytest.mark.parametrize("weight", [REGULAR, SEMIBOLD, BOLD])
def test_a_line_is_as_wide_as_qt_draws_it(text: str, px: int, weight: int) -> None:
    font = QFont(FAMILY)
    font.setPixelSize(px)
    font.setWeight(QFont.Weight(weight))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    drawn = QFontMetricsF(font).horizontalAdvance(text)
    assert width_of(text, px, weight) == pytest.approx(drawn, abs=1, rel=0.001)


@settings(deadline=None, max_examples=150)
@given(words=WORDS, width=st.integers(60, 1200), height=st.integers(30, 700))
def test_words_stay_whole_in_order_and_inside(words: list[str], width: int, height: int) -> None:
    text = " ".join(words)
    setting = set_text(text, SEMIBOLD, (width, height), (20, 60))
    assert " ".join(setting.lines) == text
    assert 20 <= setting.px <= 60
    if setting.fits:
        assert all(width_of(line, setting.px, SEMIBOLD) <= width for line in setting.lines)
        assert setting.height <= height and setting.width <= width
    else:
        assert setting.px == 20


@settings(deadline=None, max_examples=100)
@given(words=WORDS, width=st.integers(200, 1200))
def test_no_more_lines_than_needed(words: list[str], width: int) -> None:
    text = " ".join(words)
    setting = set_text(text, SEMIBOLD, (width, 100_000), (30, 30))
    assert setting.fits == all(width_of(word, 30, SEMIBOLD) <= width for word in words)
    if not setting.fits:
        return
    greedy, line = 1, ""
    for word in words:
        longer = f"{line} {word}" if line else word
        if line and width_of(longer, 30, SEMIBOLD) > width:
            greedy, line = greedy + 1, word
        else:
            line = longer
    assert len(setting.lines) == greedy


@settings(deadline=None, max_examples=60)
@given(
    texts=st.lists(st.builds(" ".join, WORDS), min_size=2, max_size=5),
    width=st.integers(60, 1200),
    seed=st.randoms(use_true_random=False),
)
def test_the_answer_does_not_depend_on_what_was_asked_before(
    texts: list[str], width: int, seed: Random
) -> None:
    asked = [(text, weight) for text in texts for weight in (REGULAR, SEMIBOLD, BOLD)]

    def answers(order: list[tuple[str, int]]) -> dict[tuple[str, int], Setting]:
        typeset._em.cache_clear()
        typeset._metrics.cache_clear()
        return {each: set_text(*each, (width, 300), (20, 60)) for each in order}

    shuffled = seed.sample(asked, len(asked))
    assert answers(asked) == answers(shuffled)


@settings(deadline=None, max_examples=100)
@given(words=WORDS, width=st.integers(60, 1200))
def test_a_space_that_binds_is_never_broken(words: list[str], width: int) -> None:
    """Lines end only at the plain spaces that were there, so every word is on one line."""
    setting = set_text(" ".join(words), SEMIBOLD, (width, 300), (20, 60))
    assert [word for line in setting.lines for word in line.split(" ")] == words


def test_the_largest_size_that_fits_is_taken() -> None:
    small = set_text("Bonjour à tous", SEMIBOLD, (300, 60), (20, 60))
    large = set_text("Bonjour à tous", SEMIBOLD, (800, 160), (20, 60))
    assert small.fits and large.fits and small.px < large.px == 60
    assert not set_text("Bonjour à tous", SEMIBOLD, (300, 60), (small.px + 2, 60)).fits


def test_a_word_wider_than_its_box_does_not_fit() -> None:
    setting = set_text("anticonstitutionnellement", SEMIBOLD, (100, 500), (20, 60))
    assert not setting.fits and setting.px == 20


def test_french_punctuation_is_never_left_alone_on_a_line() -> None:
    text = french("« La confiance, ça se construit » : vraiment ?")
    for width in range(120, 700, 7):
        lines = set_text(text, SEMIBOLD, (width, 4000), (24, 24)).lines
        assert not any(line.lstrip().startswith((":", "?", "»")) for line in lines)


def test_a_line_had_better_not_end_in_a_little_word() -> None:
    setting = set_text("les volets ensemble. Le reste suit", SEMIBOLD, (560, 200), (48, 48))
    assert setting.lines == ("les volets ensemble.", "Le reste suit")
