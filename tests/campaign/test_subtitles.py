"""The words of a clip: what WebVTT is taken, what is refused and where, and which words stand."""

from __future__ import annotations

import re
import time
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.campaign.parse import Broken
from kiosk.campaign.subtitles import LONGEST_CUE, MOST_BYTES, Cue, cue_at, parse_subtitles

FILE: Final = "clips/nadia.vtt"
TWO: Final = "WEBVTT\n\n00:01.000 --> 00:03.500\nBonjour.\n\n00:04.000 --> 00:06.000\nÀ bientôt !\n"
CUES: Final = (Cue(1.0, 3.5, "Bonjour."), Cue(4.0, 6.0, "À bientôt !"))


def one(words: str) -> str:
    """A file of one cue."""
    return f"WEBVTT\n\n00:01.000 --> 00:03.000\n{words}\n"


def problems(raw: str | bytes) -> list[str]:
    """What is wrong, one line each."""
    found = parse_subtitles(raw, FILE)
    assert isinstance(found, Broken), found
    return [str(problem) for problem in found.problems]


def problem(raw: str | bytes) -> str:
    """The only thing wrong."""
    (found,) = problems(raw)
    return found


def words(raw: str) -> str:
    """The text of the only cue."""
    found = parse_subtitles(raw)
    assert not isinstance(found, Broken), found
    (cue,) = found
    return cue.text


# --- taken ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        TWO,
        TWO.encode(),
        b"\xef\xbb\xbf" + TWO.encode(),
        "\ufeff" + TWO,
        TWO.replace("\n", "\r\n"),
        TWO.replace("\n", "\r"),
        TWO.rstrip(),
        TWO.replace("\n\n", "\n \t\n\n"),
        TWO.replace("WEBVTT", "WEBVTT - Nadia, Le Mans\nKind: captions\nLanguage: fr"),
        TWO.replace("00:01.000", "1\n00:01.000").replace("00:04.000", "fin\n00:04.000"),
        TWO.replace("00:0", "00:00:0"),
        TWO.replace(" --> ", "-->").replace("00:01", "\t00:01"),
        TWO.replace("00:03.500", "00:03.500 align:start position:10%,line-left line:0"),
        TWO.replace("\n\n00:01", "\n\nNOTE une remarque\nsur deux lignes\n\n00:01"),
        TWO.replace("\n\n00:01", "\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:a\n\n00:01"),
        TWO + "\nNOTE\n00:07.000 --> 00:08.000\nsupprimé\n",
    ],
)
def test_the_subset_that_is_taken(raw: str | bytes) -> None:
    assert parse_subtitles(raw) == CUES


def test_a_cue_knows_the_line_of_its_times() -> None:
    named = TWO.replace("00:04.000", "fin\n00:04.000")
    found = parse_subtitles(named)
    assert not isinstance(found, Broken)
    assert [named.splitlines()[cue.line - 1][:9] for cue in found] == ["00:01.000", "00:04.000"]


def test_hours_are_counted() -> None:
    raw = "WEBVTT\n\n59:59.999 --> 01:00:00.001\nTard\n"
    assert parse_subtitles(raw) == (Cue(3599.999, 3600.001, "Tard"),)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Je <i>suis</i> là", "Je suis là"),
        ("<v Nadia>Je suis là</v>", "Je suis là"),
        ("<v.loud Nadia\nB>Je suis <c.jaune.gras>là</c>", "Je suis là"),
        ("Je <00:01.500>suis <lang fr>là", "Je suis là"),
        ("Je suis\nlà", "Je suis là"),
        ("  Je \t suis   là  ", "Je suis là"),
        ("Parents &amp; enfants", "Parents & enfants"),
        ("Parents & enfants", "Parents & enfants"),
        ("5 &lt; 6 &gt; 4", "5 < 6 > 4"),
        ("Oui&nbsp;!", "Oui !"),
        ("&Eacute;t&#233; &#xE9;", "Été é"),
        ("&amp;lt;", "&lt;"),
        ("&" + "#" + "9" * 100 + ";", "&" + "#" + "9" * 100 + ";"),
        ("a > b", "a > b"),
        ("x" * LONGEST_CUE, "x" * LONGEST_CUE),
        ("<b>" + "x" * LONGEST_CUE + "</b>", "x" * LONGEST_CUE),
    ],
)
def test_words_come_without_tags(written: str, read: str) -> None:
    assert words(one(written)) == read


# --- refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "place", "says"),
    [
        ("", "1:1", "is not WebVTT; write WEBVTT on its first line"),
        ("WEBVTTX\n\n", "1:1", "is not WebVTT"),
        ("\n" + TWO, "1:1", "is not WebVTT"),
        ("1\n00:00:01,000 --> 00:00:02,000\nOui\n", "1:1", "is SRT, not WebVTT; write WEBVTT"),
        ("WEBVTT\n", "1:1", "holds no words; write the first after a line 00:01.500 --> "),
        ("WEBVTT\n\nNOTE rien\n", "1:1", "holds no words"),
        ("WEBVTT\n00:01.000 --> 00:02.000\nOui\n", "2:1", "an empty line is missing before"),
        (TWO.replace("01.000", "01,000"), "3:6", "write 00:01.000 --> 00:03.500"),
        (TWO.replace("04.000", "04"), "6:1", '"00:04 --> 00:06.000" are not two times; write'),
        (TWO.replace("00:04.000", "  0:04.000"), "6:3", "are not two times"),
        (TWO.replace("04.000", "64.000"), "6:1", "are not two times"),
        (TWO.replace("04.000", "4.00"), "6:1", "are not two times"),
        (TWO.replace("06.000", "04.000"), "6:15", "ends at 00:04.000, not after it begins"),
        (TWO.replace("06.000", "02.000"), "6:15", "ends at 00:02.000, not after it begins"),
        (TWO.replace("04.000", "03.499"), "6:1", "begins before the words of line 3 end; begin at"
         " 00:03.500"),
        (TWO.replace("04.000", "00.500"), "6:1", "begins before the words of line 3 end"),
        (TWO.replace("Bonjour.\n", ""), "3:1", "has no words; write them below its times"),
        (TWO.replace("Bonjour.", "<i></i>"), "4:1", "has no words"),
        (TWO.replace("Bonjour.", "un < deux"), "4:4", 'a "<" is never closed; write &lt;'),
        (TWO.replace("Bonjour.", "<i>un</i> deux\ntrois <i"), "5:7", "is never closed"),
        (TWO.replace("Bonjour.", "un\n\ndeux"), "6:1", '"deux" has no times; write them on the'),
        (TWO.replace(".\n\n", ".\n"), "5:1", "an empty line is missing before this cue"),
        (TWO.replace("Bonjour.", "x" * 121), "4:1", "has 121 characters, more than 120; shorten"),
        (TWO.replace("Bonjour.", "Bon\x07jour"), "4:4", "the invisible character U+0007; delete"),
        (TWO.replace("Bonjour.", "Bon\x00jour"), "4:4", "the invisible character U+0000"),
        (TWO.replace("Bonjour.", "Bon\u2028jour"), "4:4", "the invisible character U+2028"),
        (TWO.replace("Bonjour.", "Bon\ud800jour").encode("utf-8", "surrogatepass"), "4:4",
         "is not UTF-8 text here; save the file"),
        (TWO.encode("latin-1"), "7:1", "is not UTF-8 text here; save the file with the encoding"),
        (TWO.encode("utf-16"), "1:1", "is not UTF-8 text here"),
        (TWO + "\nNOTE " + "x" * MOST_BYTES, "1:1", "is larger than 64 kB; keep the words"),
    ],
)  # fmt: skip
def test_what_is_refused_and_where(raw: str | bytes, place: str, says: str) -> None:
    found = problem(raw)
    assert found.startswith(f"{FILE}:{place}: ")
    assert says in found
    assert "; " in found


def test_a_text_with_half_a_character_is_refused() -> None:
    assert "4:4: is not UTF-8" in problem(TWO.replace("Bonjour.", "Bon\ud800jour"))


def test_every_problem_is_told_at_once_up_to_twenty() -> None:
    raw = TWO.replace("01.000", "01,000").replace("À bientôt !", "x" * 200)
    assert [line.split(": ")[0] for line in problems(raw)] == [f"{FILE}:3:6", f"{FILE}:7:1"]
    assert len(problems("WEBVTT\n\n" + "perdu\n\n" * 500)) == 20


# --- which words stand ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("second", "number"),
    [(-1, None), (0, None), (1, 0), (3.499, 0), (3.5, None), (3.99, None), (4, 1), (5.99, 1),
     (6, None), (1e9, None), (float("nan"), None)],
)  # fmt: skip
def test_which_words_stand(second: float, number: int | None) -> None:
    assert cue_at(CUES, second) == (None if number is None else CUES[number])


def test_words_that_follow_at_once_leave_no_gap() -> None:
    cues = (Cue(0.0, 2.0, "a"), Cue(2.0, 4.0, "b"))
    assert [cue.text for s in range(4) if (cue := cue_at(cues, s))] == ["a", "a", "b", "b"]
    assert cue_at((), 1) is None


# --- whatever is written ----------------------------------------------------------------------

PIECES: Final = (
    "WEBVTT", "\n", "\r\n", "\r", "\n\n", " ", "\t", "NOTE", "STYLE", "REGION", "-->", " --> ",
    "00:01.000", "00:02.000", "00:00:03.000", "99:99.999", "00:01,000", "1", "<", ">", "<v Nadia>",
    "</i>", "&amp;", "&#", "&#0;", "&#7;", "&#133;", "&#xFFFFFF;", ";", "Bonjour", "é", "\x00",
    "\x85", "\u2028", "\ufeff", "x" * 130, "9" * 60, "00:01.000 --> 00:02.000\n", "\ud800",
)  # fmt: skip
SETTINGS: Final = settings(max_examples=150, deadline=1000)


def check(raw: str | bytes) -> None:
    """Cues as promised, or problems that stand inside the file."""
    found = parse_subtitles(raw, FILE)
    if not isinstance(found, Broken):
        assert found
        assert all(0 <= cue.start_s < cue.end_s for cue in found)
        assert all(one.end_s <= other.start_s for one, other in pairwise(found))
        assert all(cue.text and len(cue.text) <= LONGEST_CUE for cue in found)
        assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029]", "".join(c.text for c in found))
        return
    content = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
    text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    lines = re.split(r"\r\n|\r|\n", text)
    assert list(found.problems) == sorted(set(found.problems))
    for each in found.problems:
        assert "\n" not in str(each)
        assert "; " in each.message
        assert 1 <= each.line <= len(lines)
        assert 1 <= each.column <= len(lines[each.line - 1]) + 1


@SETTINGS
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_any_pieces(raw: str) -> None:
    check(raw)
    check("WEBVTT\n\n" + raw)


@SETTINGS
@given(st.binary(max_size=200) | st.text(max_size=100))
def test_anything(raw: str | bytes) -> None:
    check(raw)


@SETTINGS
@given(st.integers(0, len(TWO) - 1), st.integers(0, 4), st.sampled_from(PIECES))
def test_a_small_change(at: int, length: int, piece: str) -> None:
    check(TWO[:at] + piece + TWO[at + length :])


@pytest.mark.parametrize(
    "piece", ["<", "&", "&#1", "-->", "0", "00:", "\n\n-->", "<a", "NOTE\n\n", " ", "00:01,000 "]
)
def test_as_much_as_is_allowed_takes_no_time(piece: str) -> None:
    raw = "WEBVTT\n\n00:01.000 --> 00:02.000\n" + piece * ((MOST_BYTES - 40) // len(piece))
    began = time.process_time()
    check(raw)
    check(raw.replace("00:02.000\n", "00:02.000 "))
    assert time.process_time() - began < 2
