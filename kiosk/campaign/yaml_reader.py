"""YAML bytes -> plain values that remember where they were written; strict, and bounded in time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, Never

import yaml

from kiosk.campaign.document import Node, Place, Problem, Reading, shown
from kiosk.campaign.yaml_syntax import explain

MOST_BYTES: Final = 1_000_000
DEEPEST: Final = 20
MOST_ALIASES: Final = 32
MOST_NODES: Final = 20_000
"""Keys and values of one file, each alias counted as all that it stands for."""

_LONGEST_NUMBER: Final = 64
_MOST_SHOWN: Final = 20
_CORE: Final = "tag:yaml.org,2002:"
_TEXT: Final = _CORE + "str"
_CONVERTED: Final = {_CORE + kind for kind in ("null", "bool", "int", "float", "timestamp")}
# Beyond what YAML calls not printable: U+0085, U+2028 and U+2029 end a line for YAML but not for
# an editor, which would give every later problem a wrong line; U+FEFF is skipped in silence.
_INVISIBLE: Final = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_WITHOUT_COLON: Final = (
    '"{}" has no ":"; if it belongs to the text before it, put the whole in quotes (a number takes'
    " a point, not a comma)"
)
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(file: str, raw: bytes, loader: Any = _LOADER) -> Reading:
    """The one document in `raw`; `file` names it in the problems."""
    reader = _Reader(file)
    try:
        root = reader.document(reader.decoded(raw), loader)
    except _StopError:
        root = None
    return Reading(root, tuple(reader.problems))


class _StopError(Exception):
    """The rest of the file cannot be read; why is among the problems."""


class _Scalars(yaml.constructor.SafeConstructor, yaml.resolver.Resolver):
    """Plain scalars -> values, as SafeLoader does (YAML 1.1)."""

    def value(self, raw: str) -> Any:
        kind: Any = yaml.ScalarNode
        tag: str = self.resolve(kind, raw, (True, False))  # type: ignore[no-untyped-call]
        node = kind(tag, raw)
        # int() is quadratic in its digits; a date such as 2026-02-30 has the form but is no day.
        if tag not in _CONVERTED or len(raw) > _LONGEST_NUMBER:
            return raw
        try:
            return self.yaml_constructors[tag](self, node)
        except (ValueError, OverflowError):
            return raw


class _Reader:
    """One file: walks the parser's events, which never nest, so nothing hostile is ever built."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.scalars = _Scalars()
        self.anchors: dict[str, tuple[Node, int] | None] = {}
        self.aliases = 0
        self.nodes = 0
        self.text = ""
        self.lines: list[str] = [""]
        self.end = 0
        self.event: Any = None
        self.events: Iterator[Any] = iter(())

    def tell(self, place: Place, message: str) -> None:
        self.problems.append(Problem(self.file, place.line, place.column, message))

    def stop(self, place: Place, message: str) -> Never:
        self.tell(place, message)
        raise _StopError

    def decoded(self, raw: bytes) -> str:
        if len(raw) > MOST_BYTES:
            self.stop(
                Place(1, 1), "is larger than 1 MB; split it, and keep pictures in their own files"
            )
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = _LINE_END.split(error.object[: error.start].decode())
            place = Place(len(before), len(before[-1]) + 1)
            self.stop(place, "is not UTF-8 text here; save the file with the encoding UTF-8")
        self.lines, self.end = _LINE_END.split(text), len(text.rstrip())
        self.refuse_invisible()
        return text

    def refuse_invisible(self) -> None:
        for number, line in enumerate(self.lines, 1):
            for found in _INVISIBLE.finditer(line):
                message = f"holds the invisible character U+{ord(found[0]):04X}; delete it"
                self.tell(Place(number, found.start() + 1), message)
                if len(self.problems) == _MOST_SHOWN:
                    raise _StopError
        if self.problems:
            raise _StopError

    def place(self, mark: Any) -> Place:
        """The mark's position; past the last sign of the file, the end of its last line."""
        if mark.index < self.end:
            return Place(mark.line + 1, mark.column + 1)
        line = max((n for n, text in enumerate(self.lines, 1) if text.strip()), default=1)
        return Place(line, len(self.lines[line - 1].rstrip()) + 1)

    def advance(self) -> Any:
        try:
            self.event = next(self.events)
        except yaml.MarkedYAMLError as error:
            mark, message = explain(error, self.lines)
            self.stop(self.place(mark), message)
        except (ValueError, OverflowError):
            # WORKAROUND: the pure Python scanner lets chr() fail on "\UFFFFFFFF".
            self.stop(self.place(self.event.end_mark), "holds a character that does not exist")
        return self.event

    def document(self, text: str, loader: Any) -> Node:
        self.text, self.events = text, yaml.parse(text, Loader=loader)
        self.advance()
        if isinstance(self.advance(), yaml.StreamEndEvent):
            self.stop(Place(1, 1), "is empty; delete the file or write its keys")
        self.advance()
        root = self.node(1)
        self.advance()
        if not isinstance(self.advance(), yaml.StreamEndEvent):
            place = self.place(self.event.start_mark)
            self.stop(place, 'a second document starts here; delete the line "---" or the rest')
        return root

    def node(self, depth: int) -> Node:
        """The node that the current event begins; the current event is then its last."""
        event, before, place = self.event, self.nodes, self.place(self.event.start_mark)
        self.count(1, place)
        if isinstance(event, yaml.AliasEvent):
            return self.alias(str(event.anchor), place)
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        if isinstance(event, yaml.ScalarEvent):
            node = self.scalar(event, place)
        elif depth > DEEPEST:
            self.stop(place, f"is nested more than {DEEPEST} deep; a bracket may not be closed")
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self.sequence(event, place, depth)
        else:
            node = self.mapping(event, place, depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = (node, self.nodes - before)
        return node

    def count(self, nodes: int, place: Place) -> None:
        self.nodes += nodes
        if self.nodes > MOST_NODES:
            self.stop(place, f"holds more than {MOST_NODES} keys and values; split the campaign")

    def alias(self, name: str, place: Place) -> Node:
        self.aliases += 1
        if self.aliases > MOST_ALIASES:
            self.stop(place, f"more than {MOST_ALIASES} aliases; write the values out")
        known = self.anchors.get(name)
        if known is None:
            why = "stands inside itself" if name in self.anchors else "is not defined above"
            self.tell(place, f'the alias "*{shown(name)}" {why}; write the value out')
            return Node(None, place, understood=False)
        self.count(known[1] - 1, place)
        return known[0]

    def understands(self, tag: str | None, kinds: set[str], place: Place) -> bool:
        if tag is None or tag in kinds:
            return True
        tag = shown(tag.replace(_CORE, "!!"))
        self.tell(place, f'the tag "{tag}" is not used here; delete it')
        return False

    def scalar(self, event: Any, place: Place) -> Node:
        value = raw = event.value
        if event.implicit[0] or event.tag in _CONVERTED:
            value = self.scalars.value(raw)
        understood = self.understands(event.tag, {_TEXT, *_CONVERTED}, place)
        if found := _INVISIBLE.search(raw):
            character = f"the invisible character U+{ord(found[0]):04X}"
            self.tell(place, f"a backslash makes {character}; use single quotes instead")
            understood = False
        if value is None:
            end = event.end_mark.index
            raw = self.text[end : end + _LONGEST_NUMBER].partition("\n")[0].strip()
        return Node(value, place, raw, understood=understood)

    def sequence(self, event: Any, place: Place, depth: int) -> Node:
        understood = self.understands(event.tag, {_CORE + "seq"}, place)
        items: list[Node] = []
        while not isinstance(self.advance(), yaml.SequenceEndEvent):
            items.append(self.node(depth + 1))
        values = tuple(item.value for item in items)
        return Node(values, place, children=dict(enumerate(items)), understood=understood)

    def mapping(self, event: Any, place: Place, depth: int) -> Node:
        understood = self.understands(event.tag, {_CORE + "map"}, place)
        children: dict[str | int, Node] = {}
        keys: dict[str | int, Place] = {}
        whole = True
        while not isinstance(self.advance(), yaml.MappingEndEvent):
            key_place = self.place(self.event.start_mark)
            plain = isinstance(self.event, yaml.ScalarEvent) and self.event.implicit[0]
            key = self.node(depth + 1)
            end = self.event.end_mark.index
            start = self.advance().start_mark.index
            child = self.node(depth + 1)
            bare = event.flow_style and child.value is None and ":" not in self.text[end:start]
            fault = _WITHOUT_COLON.format(shown(key.raw)) if bare else _key_fault(key, plain, keys)
            if key.understood and not fault:
                children[key.value], keys[key.value] = child, key_place
                continue
            whole = False
            if key.understood:
                self.tell(key_place, fault)
        values = {key: child.value for key, child in children.items()}
        return Node(values, place, "", children, keys, understood, whole)


def _key_fault(key: Node, plain: bool, earlier: Mapping[str | int, Place]) -> str:
    if plain and key.value == "<<":
        return 'merge keys ("<<") are not used here; write the keys out'
    if isinstance(key.value, (tuple, dict)):
        return "a key must be a word; put a text that begins with [ or { in quotes"
    if key.value is None:
        return 'a key is missing before the ":"'
    if not isinstance(key.value, str):
        return f'a key must be text: put it in quotes: "{shown(key.raw)}"'
    if key.value in earlier:
        return (
            f'the key "{shown(key.value)}" is already on line {earlier[key.value].line}; keep one'
        )
    return ""
