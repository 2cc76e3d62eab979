"""stage.qmltypes, which qmllint and editors believe, held against the live classes."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QByteArray, QMetaMethod, QMetaObject, QObject, QUrl
from PySide6.QtQml import QQmlComponent, QQmlEngine

from kiosk.player.film_pane import FilmPane
from kiosk.player.stage import SceneCard, Stage
from tests.places import ROOT

TYPES = (ROOT / "kiosk/player/qml/O2/Stage/stage.qmltypes").read_text("utf-8")

Fact = tuple[str, ...]


def _body(name: str) -> str:
    (body,) = re.findall(rf'name: "{name}"\n(.*?\n)    \}}', TYPES, re.DOTALL)
    return str(body)


def _written(name: str) -> list[Fact]:
    """Every property, signal and method the file tells of a type, in no order."""
    body = _body(name)
    facts: list[Fact] = []
    for line in re.findall(r"Property \{ (.*?) \}\n", body):
        told = dict(re.findall(r'(\w+): "?(\w+)"?', line))
        pointer = "*" if told.get("isPointer") else ""
        change = "constant" if told.get("isPropertyConstant") else told.get("notify", "")
        access = "read" if told.get("isReadonly") else "write"
        facts.append(("property", told["name"], told["type"] + pointer, change, access))
    for kind, method, rest in re.findall(r'(Signal|Method) \{ name: "(\w+)"(.*)\}\n', body):
        parameters = re.findall(r'Parameter \{ name: "(\w+)"; type: "(\w+)" \}', rest)
        facts.append((kind.lower(), method, *(part for pair in parameters for part in pair)))
    assert len(facts) == len(re.findall(r"^ {8}\w+ \{", body, re.MULTILINE))
    return sorted(facts)


def _live(kind: type[QObject]) -> list[Fact]:
    """The same facts of the class itself."""
    meta: QMetaObject = kind.staticMetaObject  # type: ignore[attr-defined]
    facts: list[Fact] = []
    for index in range(meta.propertyOffset(), meta.propertyCount()):
        one = meta.property(index)
        change = "constant" if one.isConstant() else _text(one.notifySignal().name())
        access = "write" if one.isWritable() else "read"
        facts.append(("property", str(one.name()), str(one.typeName()), change, access))
    for index in range(meta.methodOffset(), meta.methodCount()):
        method = meta.method(index)
        signal = method.methodType() == QMetaMethod.MethodType.Signal
        named = zip(method.parameterNames(), method.parameterTypes(), strict=True)
        parameters = [_text(part) for pair in named for part in pair]
        facts.append(("signal" if signal else "method", _text(method.name()), *parameters))
    return sorted(facts)


def _text(name: QByteArray) -> str:
    return bytes(name.data()).decode()


@pytest.mark.parametrize("kind", [FilmPane, SceneCard, Stage])
def test_what_qmllint_believes_is_what_there_is(kind: type[QObject]) -> None:
    assert _written(kind.__name__) == _live(kind)


@pytest.mark.parametrize("kind", [FilmPane, SceneCard, Stage])
def test_qml_knows_the_type_as_the_file_says(kind: type[QObject]) -> None:
    head = dict(re.findall(r'^ {8}(\w+): \[?"?(.+?)"?\]?$', _body(kind.__name__), re.MULTILINE))
    module, name, version = re.split("[/ ]", head["exports"])
    meta: QMetaObject = kind.staticMetaObject  # type: ignore[attr-defined]
    parent = meta.superClass()
    assert head["prototype"] == parent.className()
    engine = QQmlEngine()

    def refusal(of: str) -> str:
        component = QQmlComponent(engine)
        component.setData(f"import QtQml\nimport {module} {version}\n{of}".encode(), QUrl())
        return component.errorString().strip()

    assert refusal(f"QtObject {{ property {name} one }}") == ""
    creatable = refusal(f"{name} {{}}") == ""
    assert head["isCreatable"] == str(creatable).lower()


def test_no_other_type_is_told_of() -> None:
    names = re.findall(r'^ {8}name: "(\w+)"$', TYPES, re.MULTILINE)
    assert names == ["FilmPane", "SceneCard", "Stage"]
