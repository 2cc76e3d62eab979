"""stage.qmltypes, which qmllint and editors believe, held against the live classes."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QMetaMethod, QObject

from kiosk.player.stage import SceneCard, Stage
from tests.places import ROOT

TYPES = (ROOT / "kiosk/player/qml/O2/Stage/stage.qmltypes").read_text("utf-8")
POINTERS = {"QObject", "SceneCard"}


def _written(name: str) -> set[tuple[str, ...]]:
    (body,) = re.findall(rf'name: "{name}"\n(.*?)\n    \}}', TYPES, re.DOTALL)
    body += "\n"
    facts: set[tuple[str, ...]] = set()
    for line in re.findall(r"Property \{(.*?)\}\n", body):
        told = dict(re.findall(r'(\w+): "?([\w]+)"?', line))
        pointer = "*" if told.get("isPointer") else ""
        change = told.get("notify", "constant" if told.get("isPropertyConstant") else "")
        facts.add(("property", told["name"], told["type"] + pointer, change))
    for kind, method, rest in re.findall(r'(Signal|Method) \{ name: "(\w+)"(.*)\}\n', body):
        parameters = re.findall(r'type: "(\w+)"', rest)
        facts.add((kind.lower(), method, *parameters))
    return facts


def _live(kind: type[QObject]) -> set[tuple[str, ...]]:
    meta = kind.staticMetaObject  # type: ignore[attr-defined]
    facts: set[tuple[str, ...]] = set()
    for index in range(meta.propertyOffset(), meta.propertyCount()):
        one = meta.property(index)
        name = one.typeName() or ""
        change = "constant" if one.isConstant() else one.notifySignal().name().data().decode()
        facts.add(("property", one.name(), name, change))
    for index in range(meta.methodOffset(), meta.methodCount()):
        method = meta.method(index)
        signal = method.methodType() == QMetaMethod.MethodType.Signal
        types = [bytes(name.data()).decode() for name in method.parameterTypes()]
        facts.add(("signal" if signal else "method", method.name().data().decode(), *types))
    return facts


@pytest.mark.parametrize("kind", [SceneCard, Stage])
def test_what_qmllint_believes_is_what_there_is(kind: type[QObject]) -> None:
    assert _written(kind.__name__) == _live(kind)
