"""`kiosk rehearse` as a person uses it: the lines, the JSON, the page, and every refusal."""

from __future__ import annotations

import argparse
import base64
import json
import re
import shutil
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtGui import QImage

from kiosk.door import rehearse as door
from kiosk.door.refusal import EX_NOINPUT, Refusal
from kiosk.door.viewpoint import moment_there
from tests.places import DEMONSTRATION

EVE = ("--at", "2026-12-24T18:05")
VOID = ("meta", "br")
REUNION = """\
agency: saint-denis
code: sd
name: O2 <Saint-Denis> & Cie
timezone: Indian/Reunion
opening_hours: "Mo-Fr 08:00-12:00,15:00-18:00; PH off"
screens:
  vitrine: {diagonal_in: 43}
  haute: {diagonal_in: 49, orientation: portrait}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The demonstration with something left out for most reasons, and an agency overseas."""
    root = tmp_path / "campagne"
    shutil.copytree(DEMONSTRATION, root)
    (root / "agencies" / "saint-denis.yaml").write_text(REUNION, "utf-8")
    written = (root / "campaign.yaml").read_text("utf-8")
    changes = {
        "    quote: Chaque matin,": '    show: "Mo-Fr 10:00-16:00"\n    quote: Chaque matin,',
        "ref: ILLUSTRATION-03,": "ref: ILLUSTRATION-03, withdrawn: true,",
        "  - id: po1\n": "  - id: po1\n    agencies: [nantes]\n",
        "  - id: fa1\n": "  - id: fa1\n    valid: {from: 2027-01-05}\n",
        "\nscenes:": "\nnotices:\n  - {text: Entrée par la cour., from: 2026-12-22,"
        " until: 2026-12-22, priority: urgent}\nblackouts:\n  - {from: 2026-12-22,"
        ' until: 2026-12-22, hours: "17:00-18:00", why: Tension}\nscenes:',
    }
    for old, new in changes.items():
        assert written.count(old) == 1, old
        written = written.replace(old, new)
    (root / "campaign.yaml").write_text(written, "utf-8")
    return root


def rehearse(*words: str | Path) -> int:
    """The command's exit code."""
    parser = argparse.ArgumentParser()
    door.add(parser)
    arguments = parser.parse_args([str(word) for word in words])
    code: int = arguments.run(arguments)
    return code


def facts(capsys: pytest.CaptureFixture[str], *words: str | Path) -> Any:
    """What it says as JSON."""
    capsys.readouterr()
    assert rehearse(*words, "--json", "-") == 0
    return json.loads(capsys.readouterr().out)


def test_christmas_eve_as_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert rehearse(DEMONSTRATION, "--agency", "le-mans", *EVE) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("O2 Le Mans (le-mans), screen vitrine, release folder-")
    assert lines[1].startswith("from Thu 2026-12-24 18:05 +0100 to Fri 2026-12-25 18:05 +0100")
    assert re.fullmatch(r"On the glass at 18:05:00: \w+, since 18:0\d:\d\d, 2[\d.]+ s", lines[3])
    assert re.fullmatch(r"Next: \w+, at 18:05:\d\d, 2[\d.]+ s", lines[4])
    assert "  Thu 12-24 18:05 - 19:30  lit   opening hours (Mo-Fr" in "\n".join(lines)
    assert "  Fri 12-25 01:00 - 06:00  dark  night (01:00-06:00)" in lines
    families = r"    families (?:59|60)\.\d% of the plays \(60% asked\), candidates .*"
    assert [line for line in lines if re.fullmatch(families, line)]
    assert sum(bool(re.search(r" x 2[\d.]+ s ", line)) for line in lines) == 13


def test_json_says_it_all_in_the_agency_s_time(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = facts(capsys, folder, "--agency", "saint-denis", "--at", "2026-12-22T06:30")
    assert told["screen"] == "vitrine" and told["timezone"] == "Indian/Reunion"
    assert told["from"] == "2026-12-22T06:30:00.000+04:00"
    assert told["on_glass"] == {"what": "dark", "play": None, "next": told["plays"][0]}
    assert [(span["from"][11:16], span["lit"], span["why"]) for span in told["spans"]] == [
        ("06:30", False, "closed"),
        ("07:00", True, "opening hours"),
        ("13:00", False, "closed"),
        ("14:00", True, "opening hours"),
        ("17:00", False, "blackout"),
        ("18:00", True, "opening hours"),
        ("19:00", False, "closed"),
        ("01:00", False, "night"),
        ("06:00", False, "closed"),
    ]
    reasons = {one["scene"]: one["reason"] for one in told["left_out"]}
    assert reasons.pop(next(name for name in reasons if name.startswith("avis."))) == "over"
    assert reasons == {
        "se1": "outside_hours",
        "ga1": "rights_withdrawn",
        "po1": "other_agency",
        "fa1": "not_yet",
        "em1": "no_offer",
    }
    plays = [datetime.fromisoformat(play["began"]) for play in told["plays"]]
    assert plays == sorted(plays) and plays[0].isoformat() == "2026-12-22T07:00:00.600000+04:00"
    shares = told["shares"]
    notices = told["notices"]["plays"]
    assert shares["families"]["plays"] + shares["candidates"]["plays"] + notices == len(plays)
    assert abs(notices - len(plays) / 3) < 60, "every third play until midnight, none the day after"
    assert abs(shares["families"]["share"] - shares["families"]["asked"]) < 0.01


def test_a_moment_with_an_offset_is_the_same_moment(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = (folder, "--agency", "saint-denis", "--for", "30m", "--at")
    local = facts(capsys, *shop, "2026-12-22T09:00")
    assert local == facts(capsys, *shop, "2026-12-22T06:00+01:00")
    assert local == facts(capsys, *shop, "2026-12-22T05:00Z")
    assert local != facts(capsys, *shop, "2026-12-22T09:01")


def test_another_screen_is_another_picture_but_the_same_order(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = (folder, "--agency", "saint-denis", "--for", "30m", "--at", "2026-12-22T09:00")
    one, other = facts(capsys, *shop), facts(capsys, *shop, "--screen", "haute")
    assert (one["screen"], other["screen"]) == ("vitrine", "haute")
    assert one["plays"] == other["plays"]


def test_a_time_that_the_clock_skips_or_shows_twice() -> None:
    paris = ZoneInfo("Europe/Paris")
    skipped = moment_there(datetime(2027, 3, 28, 2, 30), paris)
    assert skipped.isoformat() == "2027-03-28T01:00:00+00:00"
    twice = moment_there(datetime(2026, 10, 25, 2, 30), paris)
    assert twice.isoformat() == "2026-10-25T00:30:00+00:00"
    now = moment_there(None, paris)
    assert abs((now - datetime.now(paris)).total_seconds()) < 5


class Page(HTMLParser):
    """What a page is made of; fails where a tag is left open or closed twice."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.outside: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.tags: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.outside += [(name, str(value)) for name, value in attrs if name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_page_has_everything_in_it(folder: Path, tmp_path: Path) -> None:
    at = ("--at", "2026-12-22T16:30", "--for", "2h")
    assert rehearse(folder, "--agency", "saint-denis", *at, "--html", tmp_path / "p.html") == 0
    text = (tmp_path / "p.html").read_text("utf-8")
    page = Page(text)
    words = "".join(page.words)
    assert page.outside == [] and "script" not in page.tags and "http" not in text
    pictures = re.findall(r'\.p-([\w-]+) \{ background-image: url\("data:image/jpeg;base64,', text)
    assert pictures[:-1] == [*("am1", "vi1", "ja1", "se2", "ag1", "ca1", "ca2", "ch1")], (
        "nobody who withdrew"
    )
    assert pictures[-1].startswith("avis-") and "Et des avis, pour tout le monde" in words
    assert "O2 <Saint-Denis> & Cie" in words
    assert "Du mardi 22 décembre 2026 à 16 h 30" in words.replace("\xa0", " ")
    assert "extinction demandée" in words and "Tension (17:00-18:00)" in words
    assert "Le consentement ILLUSTRATION-03 a été retiré." in words
    assert "La scène ne commence que le mardi 5 janvier 2027." in words.replace("\xa0", " ")
    assert "Hors de ses heures (Mo-Fr 10:00-16:00)." in words
    assert len(text) < 1_000_000


def test_the_pictures_on_the_page_are_the_scenes(tmp_path: Path) -> None:
    more = ("--for", "1m", "--html", str(tmp_path / "p.html"))
    assert rehearse(DEMONSTRATION, "--agency", "annecy", *EVE, *more) == 0
    text = (tmp_path / "p.html").read_text("utf-8")
    found = re.search(r"base64,([^\"]+)", text)
    assert found is not None
    picture = QImage.fromData(base64.b64decode(found[1]))
    assert picture.width() == picture.height() > 400, "annecy's screen is square"
    seen = {picture.pixelColor(x, y).name() for x in range(0, 400, 9) for y in range(0, 400, 9)}
    assert len(seen) > 100


def test_lit_with_nothing_to_show_ends_with_1(folder: Path, tmp_path: Path) -> None:
    written = (folder / "campaign.yaml").read_text("utf-8")
    text = re.sub(r"(  - id: \w+\n)", r'\1    show: "Mo-Su 08:00-10:00"\n', written)
    text = text.replace('    show: "Mo-Fr 10:00-16:00"\n', "")
    (folder / "campaign.yaml").write_text(text, "utf-8")
    at = ("--at", "2026-12-23T12:00", "--for", "1h", "--html", str(tmp_path / "p.html"))
    assert rehearse(folder, "--agency", "le-mans", *at) == 1
    assert "Rien à montrer" in (tmp_path / "p.html").read_text("utf-8")


def test_a_missing_picture_ends_with_1(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "portraits" / "claire.svg").unlink()
    at = ("--at", "2026-12-22T12:00", "--for", "10m", "--html", str(tmp_path / "p.html"))
    assert rehearse(folder, "--agency", "le-mans", *at) == 1
    assert "picture_missing: The picture portraits/claire.svg" in capsys.readouterr().out
    assert "portraits/claire.svg" in (tmp_path / "p.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--agency", "le-man"), "no agency 'le-man'; did you mean 'le-mans'?"),
        (("--agency", "zzz"), "no agency 'zzz'; there is: annecy, le-mans, nantes"),
        (
            ("--agency", "le-mans", "--screen", "vitrines"),
            "no screen of le-mans 'vitrines'; did you mean 'vitrine'?",
        ),
        (("--agency", "le-mans", "--json", "/nowhere/a.json"), "cannot write /nowhere/a.json"),
        (("--agency", "le-mans", "--for", "1m", "--html", "/nowhere/a.html"), "give another path"),
    ],
)
def test_what_is_not_there_is_named(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(Refusal, match=re.escape(said)) as refused:
        rehearse(DEMONSTRATION, *EVE, *words)
    assert refused.value.code == EX_NOINPUT


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--at", "demain"), "'demain' is not a moment"),
        (("--at", "24/12/2026 18:05"), "write 2026-12-24T18:05"),
        (("--at", "2026-13-24T18:05"), "month must be in 1..12"),
        (("--at", "0001-01-01T00:00"), "must be from 2000 to 2099"),
        (("--for", "24"), "'24' is not a time from 1m to 7d; write for example 90m, 24h or 2d"),
        (("--for", "0h"), "'0h' is not a time"),
        (("--for", "8d"), "'8d' is not a time"),
        (("--for", "99999d"), "'99999d' is not a time"),
    ],
)
def test_what_is_not_understood_is_explained(
    words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        rehearse(DEMONSTRATION, "--agency", "le-mans", *words)
    assert left.value.code == 2
    assert said in capsys.readouterr().err


def test_lengths_of_time() -> None:
    assert [door.length(text) for text in ("90m", "24h", "2d", "7d")] == [
        timedelta(minutes=90),
        timedelta(days=1),
        timedelta(days=2),
        timedelta(days=7),
    ]
