"""Reading YAML strictly: positions, bounds, and refusals in plain words."""
# ruff: noqa: E501

from __future__ import annotations

import time
from datetime import date
from typing import Any, Final

import pytest
import yaml

from kiosk.campaign.document import Place
from kiosk.campaign.yaml_reader import MOST_BYTES, MOST_NODES, read_yaml

PYTHON: Final = yaml.SafeLoader
C: Final = yaml.CSafeLoader
both = pytest.mark.parametrize("loader", [C, PYTHON], ids=["libyaml", "python"])


def problems(text: str | bytes, loader: Any = C) -> list[str]:
    """The problems of one file, without its name."""
    raw = text.encode() if isinstance(text, str) else text
    return [str(problem).removeprefix("f:") for problem in read_yaml("f", raw, loader).problems]


@both
def test_values_keep_their_type_their_text_and_their_place(loader: Any) -> None:
    text = 'a: text\nb: [1, 2.5, yes]\nc:\n  d: 2026-09-01\n  "e": "10"\n  f: 22:00\n  g:\n'
    root = read_yaml("f", text.encode(), loader).root
    assert root is not None
    assert root.value == {
        "a": "text",
        "b": (1, 2.5, True),
        "c": {"d": date(2026, 9, 1), "e": "10", "f": 1320, "g": None},
    }
    assert root.at(("b", 2)).place == Place(2, 13)
    assert root.at(("b", 2)).raw == "yes"
    assert root.at(("c", "f")).raw == "22:00"
    assert root.key_place(("c", "e")) == Place(5, 3)
    assert root.key_place(("b", 1)) == Place(2, 8)
    assert root.key_place(()) == Place(1, 1)
    assert list(root.empty()) == [("c", "g")]


@both
def test_core_tags_and_aliases_are_read(loader: Any) -> None:
    text = "a: !!str 72000\nb: !!int 5\nc: !!map {d: &x [1]}\ne: !!seq [*x, *x]\nf: !!int x\n"
    read = read_yaml("f", text.encode(), loader)
    assert read.problems == ()
    assert read.root is not None
    assert read.root.value == {
        "a": "72000",
        "b": 5,
        "c": {"d": (1,)},
        "e": ((1,), (1,)),
        "f": "x",
    }
    assert read.root.at(("e", 1)).place == Place(3, 14)


@pytest.mark.parametrize("scalar", ["=", "<<", "0b_", "2026-02-30", "9" * 65, "9" * 9000])
def test_what_only_looks_like_a_value_is_text(scalar: str) -> None:
    read = read_yaml("f", f"a: {scalar}\n".encode())
    assert read.root is not None
    assert read.root.value == {"a": scalar}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1:1: is empty; delete the file or write its keys"),
        ("# nothing\n", "1:1: is empty; delete the file or write its keys"),
        ("a: 1\n---\nb: 2\n", '2:1: a second document starts here; delete the line "---" or the rest'),
        ("a: 1\nb: 2\na: 3\n", '3:1: the key "a" is already on line 1; keep one'),
        ("a: 1\rb: 2\ra: 3\r", '3:1: the key "a" is already on line 1; keep one'),
        ("1: a\n", '1:1: a key must be text: put it in quotes: "1"'),
        ("2026-09-01: a\n", '1:1: a key must be text: put it in quotes: "2026-09-01"'),
        ("~: a\n", '1:1: a key is missing before the ":"'),
        ("? {a: 1}\n: b\n", "1:3: a key must be a word; put a text that begins with [ or { in quotes"),
        ("<<: {a: 1}\n", '1:1: merge keys ("<<") are not used here; write the keys out'),
        ("{a: 1, b}\n", '1:8: "b" has no ":"; if it belongs to the text before it, put the whole in quotes (a number takes a point, not a comma)'),
        ("a: !!python/object:os.system x\n", '1:4: the tag "!!python/object:os.system" is not used here; delete it'),
        ("a: !!set {b: 1}\n", '1:4: the tag "!!set" is not used here; delete it'),
        ("a: !b [1]\n", '1:4: the tag "!b" is not used here; delete it'),
        ("a: ! b\n", '1:4: the tag "!" is not used here; delete it'),
        ("a: &x [*x]\n", '1:8: the alias "*x" stands inside itself; write the value out'),
        ("a: *x\n", '1:4: the alias "*x" is not defined above; write the value out'),
        ("*x : 1\n", '1:1: the alias "*x" is not defined above; write the value out'),
        ('a: "\\0"\n', "1:4: a backslash makes the invisible character U+0000; use single quotes instead"),
        ('a: "\\N"\n', "1:4: a backslash makes the invisible character U+0085; use single quotes instead"),
        ("a: \x00\n", "1:4: holds the invisible character U+0000; delete it"),
        ("a: b\ufeffc\n", "1:5: holds the invisible character U+FEFF; delete it"),
        ("a: b\u2028\nc: d\x85\n", "1:5: holds the invisible character U+2028; delete it"),
        ("\ufeffa: [\n", "1:5: a value is missing before this place, or its text must be in quotes"),
        ("a: 1\nb: \"x\r\n\n", "2:4: the quote opened here is never closed; close it at the end of the text"),
        ("a: 'l'eau'\n", "1:7: nothing may follow here; put the whole text in the other quotes, or close one left open above"),
        ("a:\n\tb: 1\n", "2:1: a tab stands here; use spaces"),
        ("a\nb: 1\n", '2:2: this key does not belong here; check its indentation, and the ":" and space of the line above'),
        ("a: b: c\n", '1:5: a text that holds ": " must be in quotes'),
        ("- a\nb: 1\n", "2:1: this line is not in line with those above it; check its indentation"),
        ("a: 1\nb\nc: 2\n", '2:1: a ":" and a space are missing after this key'),
        ("a: |x\n  b\n", '1:4: after "|" the text starts on the next line; put a text that begins with it in quotes'),
        ("a: &é b\n", '1:4: a text that begins with "&" must be in quotes'),
        ("a: !x!y b\n", '1:4: a text that begins with "!" must be in quotes'),
        ("a: 1\n...\nb: 2\n", '3:1: lines that begin with "%", "---" or "..." are not used here; delete them'),
    ],
)  # fmt: skip
@both
def test_refusals(text: str, expected: str, loader: Any) -> None:
    assert problems(text, loader)[0] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a: "\\d"\n', "1:5: a backslash has a special meaning between double quotes; use single quotes instead"),
        ('a: "\\UFFFFFFFF"\n', "1:7: a backslash has a special meaning between double quotes; use single quotes instead"),
        ("{a:, b: 1}\n", '1:3: a space is missing after the ":"'),
        ("%X\na: 1\n", '1:3: lines that begin with "%", "---" or "..." are not used here; delete them'),
    ],
)  # fmt: skip
def test_refusals_only_libyaml_words_so(text: str, expected: str) -> None:
    assert problems(text) == [expected]


def test_the_python_parser_stops_on_a_character_that_does_not_exist() -> None:
    (problem,) = problems('a: "\\UFFFFFFFF"\n', PYTHON)
    assert problem == "1:2: holds a character that does not exist"


def test_an_unknown_syntax_error_still_makes_a_sentence() -> None:
    class Odd(yaml.SafeLoader):
        def check_event(self, *_choices: Any) -> bool:
            mark = yaml.Mark("f", 1, 0, 1, None, 0)
            raise yaml.MarkedYAMLError(problem="new, or unknown", problem_mark=mark)

    assert problems("a: 1\n", Odd) == [
        "1:2: is not YAML here; check the signs and quotes of this line and the line above"
    ]


def test_text_that_is_not_utf8() -> None:
    said = "is not UTF-8 text here; save the file with the encoding UTF-8"
    assert problems("a: 1\nb: été\n".encode("latin-1")) == [f"2:4: {said}"]
    assert problems("a: 1\n".encode("utf-16")) == [f"1:1: {said}"]
    assert problems(b"\xef\xbb\xbfa: \xc3\xa9\xff") == [f"1:5: {said}"]


def test_only_so_many_invisible_characters_are_told() -> None:
    assert len(problems("a: \u2028" * 50)) == 20


@both
def test_the_end_of_the_file_is_inside_the_file(loader: Any) -> None:
    assert problems("- [a,\n\n\n", loader)[0].startswith("1:6: ")
    assert problems("- [", loader)[0].startswith("1:4: ")


@both
@pytest.mark.parametrize("deep", ["[" * 100_000, "{a: " * 50_000, "- " * 50_000, "? " * 50_000])
def test_deep_nesting_is_refused_without_recursion(deep: str, loader: Any) -> None:
    (problem,) = problems(deep, loader)
    assert problem.endswith("is nested more than 20 deep; a bracket may not be closed")


@both
def test_twenty_deep_is_read(loader: Any) -> None:
    assert problems("[" * 20 + "]" * 20, loader) == []


@both
def test_a_billion_laughs_are_refused_at_once(loader: Any) -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{name}: &{name} [*{before}, *{before}, *{before}, *{before}]")
    begun = time.perf_counter()
    (problem,) = problems("\n".join(lines), loader)
    assert problem == "7:8: holds more than 20000 keys and values; split the campaign"
    assert time.perf_counter() - begun < 2


def test_aliases_keys_values_and_bytes_are_bounded() -> None:
    many = "a: &a x\n" + "".join(f"b{n}: *a\n" for n in range(40))
    assert problems(many) == ["34:6: more than 32 aliases; write the values out"]
    assert problems("- a\n" * (MOST_NODES - 1)) == []
    assert problems("- a\n" * MOST_NODES) == [
        "20000:3: holds more than 20000 keys and values; split the campaign"
    ]
    assert problems("#" * MOST_BYTES) == ["1:1: is empty; delete the file or write its keys"]
    assert problems("#" * (MOST_BYTES + 1)) == [
        "1:1: is larger than 1 MB; split it, and keep pictures in their own files"
    ]


@pytest.mark.parametrize(
    "piece",
    ["[", "{", "- ", "? ", "[a: ", '"', "'", "a\n", "a ", "&a ", "!a ", "\n", "|\n", "%a\n",
     "---\n", "[[],", "0:0:", "a: 1:00:", "&a a: \n", '"\\\n'],
)  # fmt: skip
def test_a_megabyte_of_anything_is_answered_soon(piece: str) -> None:
    begun = time.perf_counter()
    read_yaml("f", (piece * (MOST_BYTES // len(piece))).encode())
    assert time.perf_counter() - begun < 5
