"""What a campaign file says, and where: places, problems, and values that know their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]
"""Keys and item numbers (from 0) on the way from the top of a file to one value."""


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """One thing to put right in one file; line and column count from 1."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


@dataclass(frozen=True, order=True, slots=True)
class Place:
    """A position in a file; line and column count from 1."""

    line: int
    column: int


@dataclass(frozen=True, eq=False, slots=True)
class Node:
    """A value, where it stands, and the text it was written as (of an empty one: what follows).

    Mappings are dicts and sequences tuples; `children` and `keys` are theirs. `understood` is
    False for a value whose problem is already told, `whole` for a mapping that lost a key that way.
    """

    value: Any
    place: Place
    raw: str = ""
    children: Mapping[str | int, Node] = field(default_factory=dict)
    keys: Mapping[str | int, Place] = field(default_factory=dict)
    understood: bool = True
    whole: bool = True

    def way(self, path: Path) -> Iterator[Node]:
        """This node and those below it along `path`, as far as they exist."""
        node = self
        yield node
        for step in path:
            if step not in node.children:
                return
            node = node.children[step]
            yield node

    def at(self, path: Path) -> Node:
        """The node at `path`, or the last that exists on the way there."""
        return list(self.way(path))[-1]

    def key_place(self, path: Path) -> Place:
        """Where the key at `path` stands; of a list's item or the top, where the value does."""
        return self.at(path[:-1]).keys.get(path[-1], self.at(path).place) if path else self.place

    def empty(self, path: Path = ()) -> Iterator[Path]:
        """The paths of all values that were left empty."""
        if self.value is None and self.understood:
            yield path
        for step, child in self.children.items():
            yield from child.empty((*path, step))


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file held: `root` is None where the problems left nothing to go on with."""

    root: Node | None
    problems: tuple[Problem, ...]


def shown(text: str) -> str:
    """`text` on one line and cut to 60 characters, as a message can hold it."""
    line = " ".join(text[:1000].split())
    return line if len(line) <= 60 else f"{line[:59]}…"
