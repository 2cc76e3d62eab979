"""French typography: what is put right, what is left alone, and that twice is once."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.campaign.typography import FIXED, THIN, french, quoted

SIGNS = " \t\n\u00a0\u202f\u2009'’\"“”«»:;!?.…-–()/@%€°nNh0123456789aeébmil,&#_"
texts = st.text(alphabet=st.sampled_from(SIGNS), max_size=40) | st.text(max_size=40)


def seen(text: str) -> str:
    """The text with its no-break spaces made visible: _ narrow, ~ wide."""
    return text.replace(THIN, "_").replace(FIXED, "~")


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("l'équipe d'O2", "l’équipe d’O2"),
        ('Un "oui" et un “non”.', "Un «_oui_» et un «_non_»."),
        ('"Il dit "oui" hier"', "«_Il dit «_oui_» hier_»"),
        ("«déjà» et « fait »", "«_déjà_» et «_fait_»"),
        ('un écran 43" et 55"', 'un écran 43" et 55"'),
        ("Bonjour ! Encore ?", "Bonjour_! Encore_?"),
        ("Bonjour! Encore?", "Bonjour_! Encore_?"),
        ("Vraiment ?! (Oui)!", "Vraiment_?! (Oui)_!"),
        ("Un ; deux; trois", "Un_; deux_; trois"),
        ("la famille : la confiance", "la famille~: la confiance"),
        ("la famille: la confiance", "la famille~: la confiance"),
        ("à 18:30 précises", "à 18:30 précises"),
        ("Voir https://o2.fr/a?b=1;c:d!e'f ici", "Voir https://o2.fr/a?b=1;c:d!e'f~ici"),
        ("écrire à moi@o2.fr; sur o2.fr! Puis", "écrire à moi@o2.fr_; sur o2.fr_! Puis"),
        ("d'o2.fr", "d’o2.fr"),
        ("&eacute; entity", "&eacute; entity"),
        ("Et puis...", "Et puis…"),
        ("1 049 000 heures", "1_049_000 heures"),
        ("en 2025 300 personnes", "en 2025 300 personnes"),
        ("02 43 00 00 01", "02 43 00 00 01"),
        ("50 % et 10 € de 18 h 30 à 20 h", "50_% et 10_€ de 18_h_30 à 20_h"),
        ("les 3 hommes", "les 3 hommes"),
        ("1 million, 2 milliards", "1~million, 2~milliards"),
        ("n° 5, N°7", "n°~5, N°~7"),
        ("le 1er janvier, la 2e fois", "le 1er~janvier, la 2e~fois"),
        ("le 24 décembre et le 2 mai", "le 24~décembre et le 2~mai"),
        ("en 2026 mars fut gai", "en 2026 mars fut~gai"),
        ("le ménage - le jardin", "le ménage – le jardin"),
        ("peut-être - même a-t-il", "peut-être – même a-t-il"),
        ("Ici, on y va.", "Ici, on y~va."),
        ("Ce que je dis, moi !", "Ce que je dis,~moi_!"),
        ("«", "«"),
        ("", ""),
    ],
)
def test_french(written: str, printed: str) -> None:
    assert seen(french(written)) == printed


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("Oui.", "«_Oui._»"),
        ("« Oui. »", "«_Oui._»"),
        ('"Oui"', "«_Oui_»"),
        (" Oui ! ", "«_Oui_!_»"),
        ("« Un » et « deux »", "«_«_Un_» et «_deux_»_»"),
        ("« Un « petit » oui »", "«_Un «_petit_» oui_»"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_quoted(written: str, printed: str) -> None:
    assert seen(quoted(written)) == printed


@settings(max_examples=1500, deadline=None)
@given(texts)
def test_twice_is_once(text: str) -> None:
    once = french(text)
    assert french(once) == once


@settings(max_examples=1500, deadline=None)
@given(texts)
def test_letters_and_digits_are_never_touched(text: str) -> None:
    assert [c for c in french(text) if c.isalnum()] == [c for c in text if c.isalnum()]


@settings(max_examples=500, deadline=None)
@given(texts.filter(lambda text: not set(text) & set("«»")))
def test_quoted_twice_is_once(text: str) -> None:
    assert quoted(quoted(text)) == quoted(text)
