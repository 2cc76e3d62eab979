"""YAML syntax errors in plain words, each with what to do about it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import yaml

# Found in "context problem" of libyaml and of the pure Python parser, which word many of them
# differently. True: the error is shown where the broken thing begins, not where it was noticed.
_WORDS: Final[tuple[tuple[str, bool, str], ...]] = (
    (
        r"quoted scalar found unexpected",
        True,
        "the quote opened here is never closed; close it at the end of the text",
    ),
    (
        r"escape|hexdecimal",
        False,
        "a backslash has a special meaning between double quotes; use single quotes instead",
    ),
    (
        r"tab character|token",
        False,
        'a text that begins with "{sign}" must be in quotes',
    ),
    (
        r"alphabetic or numeric|scanning an? (alias|anchor)|\btag\b",
        True,
        'a text that begins with "{sign}" must be in quotes',
    ),
    (
        r"could not find expected ':'",
        True,
        'a ":" and a space are missing after this key',
    ),
    (
        r"unexpected ':'",
        False,
        'a space is missing after the ":"',
    ),
    (
        r"block sequence entries|sequence entries",
        False,
        'a list item must begin on its own line; put a text that begins with "-" in quotes',
    ),
    (
        r"',' or '\]'",
        False,
        'a "," or "]" is missing before this place, after the "[" of line {opened}',
    ),
    (
        r"',' or '\}'",
        False,
        'a "," or "}}" is missing before this place, after the "{{" of line {opened}; texts that'
        " hold one of {{ }} [ ] , : must be in quotes",
    ),
    (
        r"scanning a block scalar",
        True,
        'after "{sign}" the text starts on the next line; put a text that begins with it in quotes',
    ),
    (
        r"node content",
        False,
        "a value is missing before this place, or its text must be in quotes",
    ),
    (
        r"directive|document",
        False,
        'lines that begin with "%", "---" or "..." are not used here; delete them',
    ),
)
_COLON: Final = "mapping values are not allowed"
_IN_TEXT: Final = 'a text that holds ": " must be in quotes'
_IN_KEY: Final = (
    'this key does not belong here; check its indentation, and the ":" and space of the line above'
)
_MISALIGNED: Final = "this line is not in line with those above it; check its indentation"
_TRAILING: Final = (
    "nothing may follow here; put the whole text in the other quotes, or close one left open above"
)
_TAB: Final = "a tab stands here; use spaces"
_OTHER: Final = "is not YAML here; check the signs and quotes of this line and the line above"


def explain(error: yaml.MarkedYAMLError, lines: Sequence[str]) -> tuple[Any, str]:
    """The mark to show for `error` and the words for it; `lines` are the lines of the file."""
    seen = f"{error.context or ''} {error.problem}"
    mark: Any = error.problem_mark
    before, sign = _around(mark, lines)
    if sign == "\t":
        return mark, _TAB
    if _COLON in seen:
        return mark, _IN_KEY if re.fullmatch(r"[\s-]*[\w-]+", before) else _IN_TEXT
    for pattern, at_start, words in _WORDS:
        if re.search(pattern, seen):
            start = error.context_mark or mark
            shown = start if at_start else mark
            sign = _around(shown, lines)[1]
            return shown, words.format(sign=sign, opened=start.line + 1)
    if "block" in seen:
        return mark, _TRAILING if before.strip(" -") else _MISALIGNED
    return mark, _OTHER


def _around(mark: Any, lines: Sequence[str]) -> tuple[str, str]:
    line = lines[mark.line] if mark.line < len(lines) else ""
    return line[: mark.column], line[mark.column : mark.column + 1]
