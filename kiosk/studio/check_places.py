"""Where in the files things are written: a scene's keys, an agency's, the brand's colours."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from kiosk.campaign.document import Node, Path, Place, Problem
from kiosk.campaign.parse import CAMPAIGN_FILE
from kiosk.campaign.yaml_reader import read_yaml
from kiosk.studio.findings import Finding

_TOP: Final = Node(None, Place(1, 1))
_LINKS: Final = ("to: ", "hosts: ", "hosts, item", "link: ")


def agency_file(agency_id: str) -> str:
    """Where this agency is written."""
    return f"agencies/{agency_id}.yaml"


@dataclass(frozen=True, slots=True)
class Places:
    """Finds places in the folder's files; each file is read when it is first asked about."""

    files: Mapping[str, bytes]
    _roots: dict[str, Node] = field(default_factory=dict)

    def root(self, file: str) -> Node:
        """The top of this file; an empty value where it cannot be read."""
        if file not in self._roots:
            self._roots[file] = read_yaml(file, self.files.get(file, b"")).root or _TOP
        return self._roots[file]

    def finding(self, rule: str, file: str, path: Path, message: str, remedy: str) -> Finding:
        """A finding at the value of `path`, or at the last that exists on the way there."""
        place = self.root(file).at(path).place
        return Finding(file, place.line, place.column, rule, message, remedy)

    def of_scene(self, scene_id: str) -> Path:
        """The way to the scene of this id in the campaign's file."""
        scenes = self.root(CAMPAIGN_FILE).at(("scenes",)).children
        for number, scene in scenes.items():
            if isinstance(scene.value, dict) and scene.value.get("id") == scene_id:
                return ("scenes", number)
        return ("scenes",)

    def where_text(self, file: str, path: Path, is_text: Callable[[str], bool]) -> Path | None:
        """The way to the first text at or below `path` that `is_text` knows."""
        found = (way for way, text in self.texts(file, path) if is_text(text))
        return next(found, None)

    def texts(self, file: str, path: Path) -> Iterator[tuple[Path, str]]:
        """Every text at or below `path`, as it is written, with the way to it."""
        yield from _texts(self.root(file).at(path), path)


def _texts(node: Node, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(node.value, str):
        yield path, node.value
    for step, child in node.children.items():
        yield from _texts(child, (*path, step))


def of_problem(problem: Problem) -> Finding:
    """What the parser found, as a finding: what is to be done follows its last semicolon."""
    head, semicolon, tail = problem.message.rpartition("; ")
    message, remedy = (
        (head, tail) if semicolon and head.count('"') % 2 == 0 else (problem.message, "")
    )
    rule = "yaml"
    if problem.message.startswith(_LINKS):
        rule = "link"
    elif problem.message.startswith(("is not part", "is missing", "must be called", "there is no")):
        rule = "folder"
    return Finding(problem.file, problem.line, problem.column, rule, message, remedy)
