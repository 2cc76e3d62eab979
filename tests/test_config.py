"""This PC's settings: who wins, where each came from, and what a mistake is answered with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kiosk.cli import main
from kiosk.config import ConfigError, load
from kiosk.door.refusal import EX_CONFIG

FILE = """\
# This PC.
central: https://screens.o2.example/site
agency: le-mans
root: anchor/root.json
poll_s: 120
proxy: http://user:secret@proxy.o2.example:3128
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A settings file."""
    path = tmp_path / "kiosk.yaml"
    path.write_text(FILE, "utf-8")
    return path


def test_flags_win_over_variables_over_the_file_over_defaults(file: Path) -> None:
    environment = {"KIOSK_AGENCY": "nantes", "KIOSK_POLL_S": "60", "KIOSK_DATA": ""}
    config = load(file, environment, {"agency": "annecy", "screen": None})
    rows = {name: (value, origin) for name, value, origin in config.rows()}
    assert rows["agency"] == ("annecy", "--agency")
    assert rows["poll_s"] == ("60", "KIOSK_POLL_S")
    assert rows["central"] == ("https://screens.o2.example/site", "kiosk.yaml:2")
    assert rows["root"] == (str(file.parent / "anchor/root.json"), "kiosk.yaml:4")
    assert rows["disk_reserve_mb"] == ("500", "default")
    assert "secret" not in rows["proxy"][0]
    assert config.settings.proxy == "http://user:secret@proxy.o2.example:3128"


def test_paths_are_relative_to_whoever_says_them(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert load(file, {}, {}).root == tmp_path / "anchor/root.json"
    assert load(file, {"KIOSK_ROOT": "r.json"}, {}).root == elsewhere / "r.json"
    assert load(file, {}, {"data": "d"}).data == elsewhere / "d"
    assert load(None, {}, {}).file is None
    monkeypatch.chdir(tmp_path)
    assert load(None, {}, {}).settings.agency == "le-mans"
    assert load(None, {"KIOSK_CONFIG": str(file)}, {}).file == file


def test_digits_count_only_where_a_number_is_meant() -> None:
    environment = {"KIOSK_AGENCY": "750", "KIOSK_DATA": "2026", "KIOSK_POLL_S": "60"}
    own = load(None, environment, {"display": "1"}).settings
    assert (own.agency, own.data, own.poll_s, own.display) == ("750", "2026", 60, "1")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("centrale: https://a.example\n", 'kiosk.yaml:1:1: unknown key "centrale"; did you mean'),
        ("central: ftp://a.example\n", "kiosk.yaml:1:10: central: must be an address"),
        ("central: https://me:pw@a.example\n", "must hold no name or password"),
        ("agency: Le Mans\n", "kiosk.yaml:1:9: agency"),
        ("poll_s: 5\n", "kiosk.yaml:1:9: poll_s"),
        ("agency: a\nagency: b\n", "kiosk.yaml:2"),
        ("- a\n", "kiosk.yaml:1:1"),
    ],
)
def test_a_mistake_in_the_file_is_shown_with_its_place(
    text: str, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "kiosk.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as refused:
        load(path, {}, {})
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("environment", "flags", "words"),
    [
        ({"KIOSK_POLL_S": "soon"}, {}, "KIOSK_POLL_S: 'soon'"),
        ({"KIOSK_AGENCI": "x"}, {}, "KIOSK_AGENCI: there is no such setting"),
        ({}, {"central": "kiosk.example"}, "--central: 'kiosk.example': must be an address"),
        ({"KIOSK_PROXY": "proxy:3128"}, {}, "must be a proxy such as"),
    ],
)
def test_a_mistake_elsewhere_names_the_variable_or_flag(
    environment: dict[str, str], flags: dict[str, str], words: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        load(None, environment, flags)
    assert words in str(refused.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml cannot be read"):
        load(tmp_path / "nowhere.yaml", {}, {})


def test_the_command_prints_a_table_or_json(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "--config", str(file), "--agency", "nantes"]) == 0
    assert "agency           nantes" in capsys.readouterr().out
    assert main(["config", "--config", str(file), "--json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert table["agency"] == {"value": "le-mans", "origin": "kiosk.yaml:3"}


def test_sync_without_settings_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["sync"]) == EX_CONFIG
    message = capsys.readouterr().err
    assert "central: the address that releases come from" in message
    assert "KIOSK_CENTRAL" in message
    assert main(["sync", "--central", "file:///x", "--agency", "a"]) == EX_CONFIG
    assert "root.json" in capsys.readouterr().err
