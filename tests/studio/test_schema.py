"""The schemas: as the model is, shipped beside the samples, and the samples keep to them."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from kiosk.door.refusal import EX_IOERR, Refusal
from kiosk.door.schema import add
from kiosk.studio.schema import DRAFT, MODELS, texts
from tests.campaign import samples
from tests.places import DEMONSTRATION, ROOT

SHIPPED = ROOT / "playlists" / "schema"


def validator(name: str) -> Draft202012Validator:
    schema = json.loads(texts()[name])
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


class Editor(yaml.SafeLoader):
    """YAML as an editor's language server reads it: days are texts."""


Editor.yaml_implicit_resolvers = {
    sign: [(tag, form) for tag, form in resolvers if not tag.endswith(":timestamp")]
    for sign, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(text: str) -> Any:
    return yaml.load(text, Loader=Editor)


@pytest.mark.parametrize("name", MODELS)
def test_a_schema_is_of_its_draft_and_says_what_is_what(name: str) -> None:
    schema = json.loads(texts()[name])
    assert schema["$schema"] == DRAFT
    assert schema["type"] == "object"
    assert schema["description"]
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(
    ("name", "text"),
    [("campaign.schema.json", samples.CAMPAIGN_YAML), ("agency.schema.json", samples.NANTES_YAML)],
)
def test_the_texts_of_the_tests_keep_to_their_schema(name: str, text: str) -> None:
    assert [error.message for error in validator(name).iter_errors(read(text))] == []


def test_each_file_of_the_demonstration_names_its_schema_and_keeps_to_it() -> None:
    kinds = {".": "campaign", "agencies": "agency", "jobs": "jobs"}
    seen = set()
    for path in DEMONSTRATION.rglob("*.yaml"):
        text = path.read_text("utf-8")
        found = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
        assert found is not None, path
        schema = (path.parent / found[1]).resolve()
        kind = kinds[path.parent.relative_to(DEMONSTRATION).as_posix()]
        assert schema == SHIPPED / f"{kind}.schema.json", path
        checked = Draft202012Validator(json.loads(schema.read_text("utf-8")))
        assert [error.message for error in checked.iter_errors(read(text))] == [], path
        seen.add(kind)
    assert seen == set(kinds.values())


@pytest.mark.parametrize(
    ("old", "new"),
    [("service: menage", "service: menages"), ("kind: poster", "kind: affiche"),
     ("title: De vrais visages\n", ""), ("first_name:", "fist_name:"),
     ("weight: 2", "weight: 0")],
)  # fmt: skip
def test_what_the_model_refuses_is_marked(old: str, new: str) -> None:
    text = samples.CAMPAIGN_YAML
    assert text.count(old) == 1
    value = read(text.replace(old, new))
    assert list(validator("campaign.schema.json").iter_errors(value))


def test_what_is_shipped_is_up_to_date() -> None:
    """Where this fails: run `kiosk schema --to playlists/schema`."""
    shipped = {path.name: path.read_text("utf-8") for path in SHIPPED.glob("*.json")}
    assert shipped == texts()


def test_the_command_writes_or_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add(parser)
    arguments = parser.parse_args(["--to", str(tmp_path / "new" / "schema")])
    assert arguments.run(arguments) == 0
    written = {path.name: path.read_text("utf-8") for path in tmp_path.rglob("*.json")}
    assert written == texts()
    capsys.readouterr()
    arguments = parser.parse_args([])
    assert arguments.run(arguments) == 0
    assert json.loads(capsys.readouterr().out) == [json.loads(text) for text in texts().values()]
    (tmp_path / "file").write_text("")
    arguments = parser.parse_args(["--to", str(tmp_path / "file" / "schema")])
    with pytest.raises(Refusal) as refusal:
        arguments.run(arguments)
    assert refusal.value.code == EX_IOERR
