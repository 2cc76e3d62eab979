"""The frozen types: what they refuse alone, and the small questions they answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from kiosk.campaign import windows
from kiosk.campaign.model import AUDIENCES, Mix, Pictures, _SceneBase
from tests.campaign import samples


def test_lookups_by_id() -> None:
    source = samples.source(samples.portrait("am1"), samples.poster("po1"))
    assert source.campaign.scene("po1").id == "po1"
    assert source.agency("le-mans").code == "lm"
    assert source.agency("le-mans").screen() == source.agency("le-mans").screen("vitrine")
    with pytest.raises(KeyError):
        source.campaign.scene("am9")
    with pytest.raises(KeyError):
        source.agency("nantes")


def test_words_of_each_kind() -> None:
    assert samples.portrait(quote="Oui.", about="Ici").words() == "Oui. Claire Ici"
    assert samples.poster(says="Oui.").words() == "Oui."
    assert samples.figure(number="5", sentence="Oui.").words() == "5 Oui."
    assert (
        samples.programme(title="Un", sentence="Deux", points=("3", "4")).words() == "Un Deux 3 4"
    )
    with pytest.raises(NotImplementedError):
        _SceneBase.model_validate({"id": "x"}).words()


def test_pictures_of_each_kind() -> None:
    assert samples.portrait("am1").pictures_for("square") == ("portraits/am1.jpg",)
    assert samples.figure().pictures_for("square") == ()
    assert samples.figure(picture="a.jpg").pictures_for("square") == ("a.jpg",)
    assert samples.programme().pictures_for("square") == ()
    assert samples.programme(picture="a.jpg").pictures_for("square") == ("a.jpg",)
    assert _SceneBase.model_validate({"id": "x"}).pictures_for("square") == ()
    shapes = Pictures.model_validate({"landscape": "a.jpg", "square": "b.jpg"})
    assert shapes.all() == ("a.jpg", "b.jpg")
    poster = samples.poster(picture={"landscape": "a.jpg", "square": "b.jpg"})
    assert poster.pictures_for("landscape") == ("a.jpg",)
    assert poster.pictures_for("portrait") == ("b.jpg",)


def test_rights_of_each_kind() -> None:
    assert samples.portrait().person_rights() == samples.rights()
    assert samples.poster().person_rights() is None
    assert samples.poster(rights=samples.rights()).person_rights() == samples.rights()
    assert samples.figure().person_rights() is None


def test_shares() -> None:
    mix = Mix(families=60, candidates=40)
    assert [mix.share(audience) for audience in AUDIENCES] == [60, 40]


def test_a_screen_as_the_passer_by_sees_it() -> None:
    assert samples.screen().seen_size() == (1920, 1080)
    assert samples.screen(orientation="portrait").seen_size() == (1080, 1920)
    assert samples.screen(resolution="3840x2160").seen_size() == (3840, 2160)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"picture": "a\\b.jpg"}, "inside the campaign folder"),
        ({"picture": "c:a.jpg"}, "inside the campaign folder"),
        ({"picture": "a//b.jpg"}, "inside the campaign folder"),
        ({"about": "a\x07b"}, "control character"),
        ({"about": "a\x7fb"}, "control character"),
        ({"first_name": "Claire 2"}, "first name only"),
        ({"show": "Mo 10:00"}, "opening_hours expression"),
        ({"show": ""}, "not understood"),
    ],
)
def test_refusals(fields: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        samples.portrait(**fields)


def test_texts_are_folded_to_one_line() -> None:
    assert samples.portrait(about=" Aide \n ménagère ").about == "Aide ménagère"


def test_windows_open_and_close_in_local_time() -> None:
    hours, noon = "Mo-Sa 08:00-20:00; PH off", datetime(2026, 12, 24, 12, 0, tzinfo=UTC)
    evening, christmas = noon.replace(hour=19), noon.replace(day=25)
    assert windows.open_at(hours, noon, "Europe/Paris")
    assert not windows.open_at(hours, evening, "Europe/Paris")
    assert not windows.open_at(hours, christmas, "Europe/Paris")
    assert windows.next_change(hours, noon, "Europe/Paris") == evening
    assert windows.next_change("24/7", noon, "Europe/Paris") is None
