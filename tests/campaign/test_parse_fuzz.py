"""Whatever is written in the files: a source, or problems that stand inside them. Nothing else."""

from __future__ import annotations

import re
from typing import Final

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.campaign.document import Node
from kiosk.campaign.model import Source
from kiosk.campaign.parse import Problem, parse_source
from kiosk.campaign.yaml_reader import read_yaml
from tests.campaign import samples

SAMPLE: Final = samples.files()
JARGON: Final = re.compile(
    r"Input should|Value error|pydantic|type=|\bNone\b|dict|tuple|\bstr\b|class |Error\b|expected"
    r"|is not what belongs here"
)
VALUES: Final = (
    "", "~", "yes", "5", "-1", "1.5", ".nan", ".inf", "1e999", "0x1F", "010", "22:00", "2026-09-01",
    "2026-02-30", "2026-09-01 10:00:00", '""', '"5"', "text", "Text: x", "[]", "[a]", "[1, 2, 3]",
    "[[]]", "{}", "{a: b}", "{from: 2026-01-01}", "- a", "&a x", "*a", "!!str 5", "!x y", "|", ">-",
    "'", '"', "#", "@x", "%", "x" * 300, "https://o2.example/{scene}", "https://O2.example:1/#",
    "{{}}", "é" * 90, "9" * 400, '"\\0"', '"\\ud800"', "<<", "=", "? a", "[{kind: poster}]", "null",
)  # fmt: skip
files = st.sampled_from(sorted(SAMPLE))
SETTINGS: Final = settings(max_examples=400, deadline=None)


def check(contents: dict[str, bytes]) -> None:
    """The answer is a source or problems, each on one line, in plain words, inside its file."""
    found = parse_source(contents)
    if isinstance(found, Source):
        return
    assert found.problems
    assert list(found.problems) == sorted(set(found.problems))
    for problem in found.problems:
        assert "\n" not in str(problem)
        assert not JARGON.search(re.sub(r'".*"', "", problem.message)), problem
        assert inside(problem, contents.get(problem.file, b"")), problem


def inside(problem: Problem, raw: bytes) -> bool:
    """Whether the problem's place exists in the file, or is the end of one of its lines."""
    text = raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    lines = re.split(r"\r\n|\r|\n", text)
    return (
        1 <= problem.line <= len(lines) and 1 <= problem.column <= len(lines[problem.line - 1]) + 1
    )


@st.composite
def changed_lines(draw: st.DrawFn) -> dict[str, bytes]:
    """The sample with some lines deleted, doubled, swapped, or given another value."""
    name = draw(files)
    lines = SAMPLE[name].decode().splitlines(keepends=True)
    for _ in range(draw(st.integers(1, 4))):
        first = draw(st.integers(0, len(lines) - 1))
        second = draw(st.integers(0, len(lines) - 1))
        change = draw(st.sampled_from(("delete", "double", "swap", "replace", "inner", "indent")))
        if change == "delete" and len(lines) > 1:
            del lines[first]
        elif change == "double":
            lines.insert(second, lines[first])
        elif change == "swap":
            lines[first], lines[second] = lines[second], lines[first]
        elif change == "replace":
            lines[first] = lines[first].partition(":")[0] + f": {draw(st.sampled_from(VALUES))}\n"
        elif change == "inner":
            value = draw(st.sampled_from(VALUES))
            lines[first] = re.sub(r": [^:,{}]+(?=[,}])", lambda _, v=value: f": {v}", lines[first])  # type: ignore[misc]
        else:
            lines[first] = draw(st.sampled_from((" ", "  ", "\t", "- "))) + lines[first]
    return SAMPLE | {name: "".join(lines).encode()}


@st.composite
def changed_bytes(draw: st.DrawFn) -> dict[str, bytes]:
    """The sample with some bytes replaced, inserted or cut out."""
    name = draw(files)
    raw = bytearray(SAMPLE[name])
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(raw) - 1))
        length = draw(st.integers(0, 3))
        raw[at : at + length] = draw(st.binary(max_size=3) | st.sampled_from(SIGNS))
    return SAMPLE | {name: bytes(raw)}


SIGNS: Final = [sign.encode() for sign in ":{}[],#&*!|>'\"%@`-? \n\r\t\x00\x85\u2028\ufeffé😀"]
SMALL: Final = st.text(
    alphabet=st.sampled_from("ab1:{}[],#&*!|>'\"%@`-?. \n\t\r~<=\\é"), max_size=60
)


@SETTINGS
@given(changed_lines())
def test_changed_lines(contents: dict[str, bytes]) -> None:
    check(contents)


@SETTINGS
@given(changed_bytes())
def test_changed_bytes(contents: dict[str, bytes]) -> None:
    check(contents)


@SETTINGS
@given(st.binary(max_size=200), files)
def test_any_bytes(raw: bytes, name: str) -> None:
    check(SAMPLE | {name: raw})


@SETTINGS
@given(SMALL, files)
def test_any_yaml_signs(text: str, name: str) -> None:
    check(SAMPLE | {name: text.encode()})


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text(max_size=12) | files, st.binary(max_size=20), max_size=4))
def test_any_files(contents: dict[str, bytes]) -> None:
    found = parse_source(contents)
    assert isinstance(found, Source) or found.problems


def tree(node: Node) -> object:
    """A node with everything it knows, in a form that can be compared."""
    children = {step: tree(child) for step, child in node.children.items()}
    # libyaml puts the place of a value that is not written a little later than the Python parser.
    place = node.place if node.value is not None else None
    return (repr(node.value), place, dict(node.keys), node.whole, children)


@SETTINGS
@given(changed_lines() | changed_bytes(), files)
def test_both_parsers_see_the_same_values_at_the_same_places(
    contents: dict[str, bytes], name: str
) -> None:
    fast = read_yaml(name, contents[name], yaml.CSafeLoader)
    slow = read_yaml(name, contents[name], yaml.SafeLoader)
    if not fast.problems and not slow.problems:
        assert fast.root is not None
        assert slow.root is not None
        assert tree(fast.root) == tree(slow.root)
