"""Which keys the model has a place for, read from its JSON Schema along a file's own values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from kiosk.campaign.document import Node, Path

_Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Group:
    """A mapping of the file: the names it may use, those it must, and whether it may use others."""

    path: Path
    node: Node
    names: tuple[str, ...]
    required: tuple[str, ...]
    open: bool

    @property
    def absent(self) -> tuple[str, ...]:
        """The names it does not use yet."""
        return tuple(name for name in self.names if name not in self.node.keys)

    @property
    def lacking(self) -> tuple[str, ...]:
        """The names it must use and does not."""
        return tuple(name for name in self.required if name not in self.node.keys)

    @property
    def strangers(self) -> tuple[str, ...]:
        """The keys it uses that are none of its names."""
        return tuple(str(key) for key in self.node.keys if key not in self.names)


def groups(model: type[BaseModel], root: Node) -> Iterator[Group]:
    """Every mapping of the file for which the model says what it may hold, from the top down."""
    whole = _schema(model)
    yield from _groups(whole, whole.get("$defs", {}), root, ())


def names_at(model: type[BaseModel], root: Node, path: Path) -> tuple[str, ...]:
    """The names of the keys that the model expects in a mapping at `path`."""
    schema, node = _schema(model), root
    defs = schema.get("$defs", {})
    for step in path:
        node = node.children[step]
        schema = _resolved(_below(schema, step), defs, node)
    return tuple(schema.get("properties", ()))


@lru_cache
def _schema(model: type[BaseModel]) -> _Schema:
    return model.model_json_schema(by_alias=True)


def _groups(schema: _Schema, defs: _Schema, node: Node, path: Path) -> Iterator[Group]:
    schema = _resolved(schema, defs, node)
    if not node.understood:
        return
    if isinstance(node.value, dict) and "properties" in schema:
        names, required = tuple(schema["properties"]), tuple(schema.get("required", ()))
        yield Group(path, node, names, required, schema.get("additionalProperties") is not False)
    for step, child in node.children.items():
        yield from _groups(_below(schema, step), defs, child, (*path, step))


def _below(schema: _Schema, step: str | int) -> _Schema:
    found: _Schema | bool | None = schema.get("properties", {}).get(step)
    for wider in ("items", "additionalProperties"):
        found = found or schema.get(wider)
    for pattern in schema.get("patternProperties", {}).values():
        found = found or pattern
    return found if isinstance(found, Mapping) else {}


def _resolved(schema: _Schema, defs: _Schema, node: Node) -> _Schema:
    for option in schema.get("anyOf", ()):
        if "$ref" in option:
            schema = option
    if "discriminator" in schema:
        return _variant(schema["discriminator"]["mapping"], defs, node)
    return _defined(schema["$ref"], defs) if "$ref" in schema else schema


def _variant(mapping: Mapping[str, str], defs: _Schema, node: Node) -> _Schema:
    kind = node.value.get("kind") if isinstance(node.value, dict) else None
    if isinstance(kind, str) and kind in mapping:
        return _defined(mapping[kind], defs)
    properties: dict[str, Any] = {}
    for reference in mapping.values():
        properties |= _defined(reference, defs)["properties"]
    return {"properties": properties, "required": ("kind",), "additionalProperties": False}


def _defined(reference: str, defs: _Schema) -> _Schema:
    found: _Schema = defs[reference.rpartition("/")[2]]
    return found
