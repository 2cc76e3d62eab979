"""What the model refuses, in plain words: where it stands, what is wrong, what to write instead."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from kiosk.campaign.document import Node, Path, Place, Problem, shown
from kiosk.campaign.fields import Colour, Id, Phone, PostalCode, ShortCode
from kiosk.campaign.shape import Group, groups, names_at

_EMPTY: Final = "is empty; write a value or delete the line"
_COMMENT: Final = 'is empty, for "#" begins a comment; put the value in quotes'
_OTHER: Final = "is not what belongs here; compare it with the example campaign"


def problems_of(
    file: str, root: Node, model: type[BaseModel], refused: ValidationError | None
) -> Iterator[Problem]:
    """Every problem of one file once: what `model` refused, and every value left empty."""
    faults = tuple(_faults(root, model, refused)) if refused else ()
    paths = {fault.path for fault in faults}
    unknown, meant = _unknown_keys(root, model, paths) if refused else ({}, set[Path]())

    def problem(place: Place, path: Path, message: str) -> Problem:
        return Problem(file, place.line, place.column, _subject(path) + message)

    def hidden(path: Path) -> bool:
        return path in meant or any(path[:length] in unknown for length in range(len(path) + 1))

    for path, message in unknown.items():
        yield problem(root.key_place(path), (), message)
    for path in root.empty():
        if not hidden(path):
            commented = root.at(path).raw.startswith("#")
            yield problem(root.key_place(path), path, _COMMENT if commented else _EMPTY)
    for fault in faults:
        if not hidden(fault.path) and not fault.follows:
            yield problem(fault.place, fault.subject, _WORDS.get(fault.kind, _other)(fault))


def suggestion(word: str, words: Iterable[str]) -> str:
    """'; did you mean "x"?', or nothing where none of `words` is near."""
    near = _nearest(word, words)
    return f'; did you mean "{near}"?' if near else ""


def _nearest(word: str, words: Iterable[str]) -> str | None:
    close = difflib.get_close_matches(shown(word).lower(), list(words), n=1)
    return close[0] if close else None


def _subject(path: Path) -> str:
    names = [step for step in path if isinstance(step, str)]
    item = f", item {path[-1] + 1}" if path and isinstance(path[-1], int) else ""
    return f"{shown(names[-1])}{item}: " if names else ""


def _known(group: Group) -> str:
    return f"; the keys here are: {', '.join(group.names)}"


def _unknown_keys(
    root: Node, model: type[BaseModel], refused: set[Path]
) -> tuple[dict[Path, str], set[Path]]:
    """Unknown keys with what to say of each, and the missing ones that they were meant to be."""
    unknown: dict[Path, str] = {}
    meant: set[Path] = set()
    for group in groups(model, root):
        for key in group.strangers:
            path, lacked = (*group.path, key), _nearest(key, group.lacking)
            if group.open and (lacked is None or path not in refused):
                continue
            near = lacked or _nearest(key, group.absent)
            remedy = f'; did you mean "{near}"?' if near else _known(group)
            unknown[path] = f'unknown key "{shown(key)}"{remedy}'
            meant.add((*group.path, lacked or key))
    return unknown, meant


@dataclass(frozen=True, slots=True)
class _Fault:
    """One pydantic error at `path` of the file; `node` is the last that exists on the way."""

    kind: str
    path: Path
    context: Mapping[str, Any]
    way: tuple[Node, ...]
    place: Place
    names: tuple[str, ...]

    @property
    def node(self) -> Node:
        return self.way[-1]

    @property
    def raw(self) -> str:
        return shown(self.node.raw)

    @property
    def lacks_key(self) -> bool:
        return self.kind == "missing" and isinstance(self.path[-1], str)

    @property
    def subject(self) -> Path:
        return () if self.lacks_key else self.path[: len(self.way) - 1]

    @property
    def follows(self) -> bool:
        """Whether this only follows from a problem told elsewhere."""
        lost = self.lacks_key and not self.node.whole
        filled = self.kind == "too_short" and len(self.node.children) >= self.context["min_length"]
        return lost or filled or any(n.value is None or not n.understood for n in self.way)


def _faults(root: Node, model: type[BaseModel], refused: ValidationError) -> Iterator[_Fault]:
    for error in refused.errors(include_url=False, include_input=False):
        kind, path = error["type"], error["loc"]
        if path[:1] == ("scenes",):
            path = path[:2] + path[3:]
        if kind in ("union_tag_invalid", "union_tag_not_found"):
            path, kind = (*path, "kind"), kind.replace("union_tag_not_found", "missing")
        path, at_key = (path[:-1], True) if path[-1:] == ("[key]",) else (path, False)
        way = tuple(root.way(path))
        place = root.key_place(path) if at_key else way[-1].place
        names = names_at(model, root, path) if len(way) > len(path) else ()
        yield _Fault(kind, path, error.get("ctx", {}), way, place, names)


def _other(_: _Fault) -> str:
    return _OTHER


def _missing(fault: _Fault) -> str:
    if fault.lacks_key:
        return f'the key "{fault.path[-1]}" is missing; add it'
    return f"has too few values ({len(fault.node.children)}); write all of them"


def _text(fault: _Fault) -> str:
    if isinstance(fault.node.value, tuple):
        return 'must be text, not a list; put a text that begins with "[" or "-" in quotes'
    if isinstance(fault.node.value, dict):
        return 'must be text; put a text that holds ": " or begins with "{" in quotes'
    return f'must be text: put it in quotes: "{fault.raw}"'


def _number(fault: _Fault) -> str:
    if re.fullmatch(r"\d+,\d+", fault.raw):
        return f"must be a number; write it with a point: {fault.raw.replace(',', '.')}"
    return "must be a number, without quotes or unit"


def _date(fault: _Fault) -> str:
    if isinstance(fault.node.value, datetime):
        return f"must be a day without an hour: write {fault.node.value:%Y-%m-%d}"
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", fault.raw):
        return "must be a day written year-month-day, such as 2026-09-01"
    try:
        return f"must be a day: write {date.fromisoformat(fault.raw)} without quotes"
    except ValueError:
        return f"must be a day of the calendar; there is no {fault.raw}"


def _list(fault: _Fault) -> str:
    if isinstance(fault.node.value, dict):
        return 'must be a list; begin each item with "- "'
    return f"must be a list: write [{fault.raw}]"


def _group(fault: _Fault) -> str:
    first = ", ".join(fault.names[:8]) + (", …" if len(fault.names) > 8 else "")
    return f"must be a group of keys: {first}" if first else "must be a group of names"


def _too_short(fault: _Fault) -> str:
    return _EMPTY if isinstance(fault.node.value, str) else "is empty; give at least one"


def _too_long(fault: _Fault) -> str:
    most = fault.context["max_length"]
    if isinstance(fault.node.value, str):
        length = len(" ".join(fault.node.value.split()))
        return f"is {length} characters long; at most {most} fit: shorten it"
    return f"holds {len(fault.node.children)} values; at most {most} fit: delete some"


def _form(fault: _Fault) -> str:
    return _FORMS.get(fault.context["pattern"], _OTHER)


def _choice(fault: _Fault) -> str:
    listed = fault.context.get("expected") or fault.context["expected_tags"]
    choices = [choice.strip("' ") for choice in re.split(r", | or ", listed)]
    return f"must be one of {', '.join(choices)}{suggestion(fault.raw, choices)}"


def _own_words(fault: _Fault) -> str:
    # WORKAROUND: opening_hours adds the names of its grammar's rules, in brackets.
    words = str(fault.context["error"])
    return re.sub(r" \(((un)?expected [^()]*|not understood)\)$", "", words)


def _pattern(kind: Any) -> str:
    return str(get_args(kind)[1].pattern)


_FORMS: Final[Mapping[str, str]] = {
    _pattern(Id): "must be 1 to 32 lower-case letters, digits and hyphens, with no hyphen at"
    " either end",
    _pattern(ShortCode): "must be 1 to 6 lower-case letters and digits",
    _pattern(Colour): 'must be a colour, "#" and six digits or letters A to F, such as "#005CA9"',
    _pattern(PostalCode): 'must be five digits, such as "72000"',
    _pattern(Phone): 'must be "+" and 8 to 15 digits without spaces, such as "+33199000001"',
}
_WORDS: Final[Mapping[str, Callable[[_Fault], str]]] = {
    "missing": _missing,
    "string_type": _text,
    "int_type": lambda _: "must be a whole number, without quotes or unit",
    "float_type": _number,
    "bool_type": lambda _: "must be true or false, without quotes",
    "date_type": _date,
    "tuple_type": _list,
    "dict_type": _group,
    "model_type": _group,
    "model_attributes_type": _group,
    "too_short": _too_short,
    "string_too_short": _too_short,
    "too_long": _too_long,
    "string_too_long": _too_long,
    "string_pattern_mismatch": _form,
    "greater_than_equal": lambda fault: f"must be at least {fault.context['ge']:g}",
    "less_than_equal": lambda fault: f"must be at most {fault.context['le']:g}",
    "literal_error": _choice,
    "union_tag_invalid": _choice,
    "value_error": _own_words,
}
