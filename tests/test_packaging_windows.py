"""The Windows packaging, as far as it can be tried without Windows: sources, tables, resources."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest
import yaml
from PySide6.QtGui import QImageReader

from kiosk import __version__
from kiosk.config import Settings
from tests.places import ROOT

WINDOWS = ROOT / "packaging" / "windows"
TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
WIX = "{http://schemas.microsoft.com/wix/2006/wi}"
CANNOT_MAKE_MSI = not (shutil.which("wixl") and shutil.which("msibuild"))
CANNOT_COMPILE = shutil.which("x86_64-w64-mingw32-gcc") is None


def loaded(name: str) -> ModuleType:
    """A file of packaging/windows, as a module."""
    module = ModuleType(name)
    module.__file__ = str(WINDOWS / name)
    SourceFileLoader(name, str(WINDOWS / name)).exec_module(module)
    return module


@pytest.fixture(scope="module", autouse=True)
def beside() -> Iterator[None]:
    """The scripts import what lies beside them, and leave nothing compiled there."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    sys.path.insert(0, str(WINDOWS))
    yield
    sys.path.remove(str(WINDOWS))
    sys.dont_write_bytecode = before


@pytest.fixture(scope="module")
def msi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installer of a bundle of three files, by the real tools."""
    bundle = tmp_path_factory.mktemp("bundle")
    (bundle / "_internal" / "deep er").mkdir(parents=True)
    for name in ("kiosk.exe", "kioskw.exe", "_internal/deep er/é.txt"):
        (bundle / name).write_text(name, "utf-8")
    made = bundle.with_suffix(".msi")
    command = [sys.executable, str(WINDOWS / "msi"), str(bundle), "--output", str(made)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return made


def table(msi: Path, name: str) -> list[list[str]]:
    """The rows of a table, the names of the columns first."""
    command = ["msiinfo", "export", str(msi), name]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    rows = [line.split("\t") for line in said.replace("\r\n", "\n").splitlines()]
    return [rows[0], *rows[3:]]


def setting(path: str) -> str | None:
    """An element's text in the task."""
    return ElementTree.parse(WINDOWS / "task.xml").findtext(path.replace("/", f"/{TASK}"))


def test_the_task_has_no_end_and_no_battery_condition() -> None:
    assert setting("./Settings/ExecutionTimeLimit") == "PT0S"
    assert setting("./Settings/DisallowStartIfOnBatteries") == "false"
    assert setting("./Settings/StopIfGoingOnBatteries") == "false"
    assert setting("./Settings/IdleSettings/StopOnIdleEnd") == "false"
    assert setting("./Settings/RunOnlyIfNetworkAvailable") == "false"


def test_the_task_starts_one_kiosk_at_logon_and_again_within_a_minute() -> None:
    assert setting("./Triggers/LogonTrigger/Enabled") == "true"
    assert setting("./Triggers/LogonTrigger/UserId") is None  # whoever logs on
    assert setting("./Triggers/TimeTrigger/Repetition/Interval") == "PT1M"
    assert setting("./Triggers/TimeTrigger/Repetition/Duration") is None  # for ever
    assert setting("./Settings/RestartOnFailure/Interval") == "PT1M"
    assert setting("./Settings/MultipleInstancesPolicy") == "IgnoreNew"
    assert setting("./Principals/Principal/GroupId") == "S-1-5-32-545"
    assert setting("./Principals/Principal/RunLevel") == "LeastPrivilege"
    assert setting("./Settings/Priority") == "5"


def test_the_task_runs_what_the_installer_installs_where_it_does() -> None:
    wxs = ElementTree.parse(WINDOWS / "kiosk.wxs")
    names = {place.get("Id"): place.get("Name") for place in wxs.iter(f"{WIX}Directory")}
    folder = f"%ProgramFiles%\\{names['INSTALLDIR']}"
    assert setting("./Actions/Exec/Command") == f'"{folder}\\kioskw.exe"'
    assert setting("./Actions/Exec/Arguments") == "run"
    settings = f"%ProgramData%\\{names['SETTINGSDIR']}"
    assert setting("./Actions/Exec/WorkingDirectory") == settings
    assert names["SETTINGSDIR"] == "o2-kiosk"  # kiosk.config looks for kiosk.yaml there


def test_the_task_ships_as_task_scheduler_writes_one() -> None:
    shipped: bytes = loaded("msi").task()
    assert shipped.startswith(b"\xff\xfe")
    tree = ElementTree.fromstring(shipped)
    assert ElementTree.tostring(tree) == ElementTree.tostring(
        ElementTree.parse(WINDOWS / "task.xml").getroot()
    )


def test_every_property_is_a_setting_of_the_program() -> None:
    for name in loaded("msi").SETTINGS:
        assert name.lower() in Settings.model_fields


def test_the_version_resource_says_this_version() -> None:
    versions = loaded("version_info.py")
    text: str = versions.text(versions.of_project(ROOT))
    compile(text, "version_info.txt", "eval")
    assert f"StringStruct('FileVersion', '{__version__}')" in text
    assert f"StringStruct('ProductVersion', '{__version__}')" in text
    assert "StringStruct('ProductName', 'O2 Kiosk')" in text
    assert f"filevers={(*versions.numbers(__version__), 0)}" in text


@pytest.mark.parametrize(
    ("version", "three"), [("1.2.3", (1, 2, 3)), ("0.10.65535rc1", (0, 10, 65535))]
)
def test_three_numbers_of_a_version(version: str, three: tuple[int, int, int]) -> None:
    assert loaded("version_info.py").numbers(version) == three


@pytest.mark.parametrize("version", ["1.2", "256.0.0", "1.0.65536", "next"])
def test_a_version_that_an_msi_cannot_hold_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(version))):
        loaded("version_info.py").numbers(version)


def test_the_icon_has_every_size() -> None:
    reader = QImageReader(str(WINDOWS / "kiosk.ico"))
    sizes = []
    for number in range(reader.imageCount()):
        reader.jumpToImage(number)
        sizes.append(reader.read().width())
    assert {16, 24, 32, 48, 64, 128, 256} <= set(sizes)


def test_the_runtimes_are_pysides(tmp_path: Path) -> None:
    own = tmp_path / "PySide6"
    own.mkdir()
    for name in ("Qt6Core.dll", "msvcp140.dll", "vcruntime140.dll"):
        (own / name).touch()
    entries = [
        ("PySide6/Qt6Core.dll", str(own / "Qt6Core.dll"), "BINARY"),
        ("VCRUNTIME140.dll", "/python/vcruntime140.dll", "BINARY"),
        ("shiboken6\\MSVCP140.dll", "/shiboken6/msvcp140.dll", "BINARY"),
        ("python313.dll", "/python/python313.dll", "BINARY"),
    ]
    chosen = loaded("msvc.py").of_pyside(entries)
    assert [place for place, _, _ in chosen] == [place for place, _, _ in entries]
    assert chosen[1][1] == str(own / "vcruntime140.dll")
    assert chosen[2][1] == str(own / "msvcp140.dll")
    assert chosen[3] == entries[3]
    assert loaded("msvc.py").of_pyside(entries[1:]) == entries[1:]  # Linux: there is no such thing


def test_requirements_for_windows_are_the_projects() -> None:
    wine = loaded("wine")
    asked = wine.requirements()
    assert any(text.startswith("tzdata") for text in asked)  # only Windows needs it
    assert any(text.startswith("pyside6") for text in asked)
    assert any(text.startswith("pyinstaller") for text in asked)
    assert not any(";" in text for text in asked)
    assert wine.for_windows("uvloop; sys_platform == 'linux'") is None


@pytest.mark.skipif(CANNOT_COMPILE, reason="gcc-mingw-w64-x86-64 is not installed")
@pytest.mark.parametrize("name", ["icuuc", "bcryptprimitives"])
def test_a_stub_exports_what_its_list_says(name: str, tmp_path: Path) -> None:
    wine = loaded("wine")
    wine.compile_stub(name, wine.STUBS[name], tmp_path)
    command = ["x86_64-w64-mingw32-objdump", "-p", str(tmp_path / f"{name}.dll")]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    exported = re.findall(r"^\t\[ *\d+\] (?:\+base\[ *\d+\] +\w+ )?(\w+)$", said, re.MULTILINE)
    listed = (WINDOWS / "stubs" / f"{name}.def").read_text("ascii").split("EXPORTS")[1].split()
    assert sorted(set(exported)) == sorted(listed)
    assert "msvcrt" not in said


@pytest.mark.skipif(CANNOT_MAKE_MSI, reason="wixl or msitools is not installed")
def test_the_installer_remembers_settings_and_writes_no_empty_one(msi: Path) -> None:
    names = loaded("msi").SETTINGS
    conditions = {row[0]: row[4] for row in table(msi, "Component")}
    variables = {row[1]: (row[2], row[3]) for row in table(msi, "Environment")}
    actions = {row[0]: row[1] for row in table(msi, "InstallExecuteSequence")}
    searched = {row[0] for row in table(msi, "AppSearch")}
    for name in names:
        assert conditions[f"Setting{name}"] == name  # absent where the property is
        assert variables[f"=-*KIOSK_{name}"] == (f"[{name}]", f"Setting{name}")
        assert actions[f"Keep{name}"] == f"NOT {name} AND {name}WAS"
        assert f"{name}WAS" in searched
    assert variables["=-*KIOSK_DATA"] == ("[DATADIR]", "DataFolder")
    properties = dict(table(msi, "Property"))
    assert {*names, "REMOVEDATA"} <= set(properties["SecureCustomProperties"].split(";"))
    assert properties["ProductVersion"] == __version__


@pytest.mark.skipif(CANNOT_MAKE_MSI, reason="wixl or msitools is not installed")
def test_the_installer_keeps_data_unless_asked_and_takes_the_older_one_away(msi: Path) -> None:
    sequence = {row[0]: (row[1], int(row[2])) for row in table(msi, "InstallExecuteSequence")[1:]}
    condition, _ = sequence["DropData"]
    assert condition == 'REMOVE="ALL" AND REMOVEDATA="1" AND NOT UPGRADINGPRODUCTCODE'
    order = ["AppSearch", "KeepAGENCY", "CostFinalize", "EndPrograms", "InstallValidate",
             "InstallInitialize", "RemoveExistingProducts", "InstallFiles",
             "WriteEnvironmentStrings", "MakeTask", "InstallFinalize"]  # fmt: skip
    numbers = [sequence[action][1] for action in order]
    assert numbers == sorted(numbers)
    assert ["OLDERFOUND", "768"] in [[row[6], row[4]] for row in table(msi, "Upgrade")]
    files = {row[2].rpartition("|")[2] for row in table(msi, "File")[1:]}
    assert files == {"kiosk.exe", "kioskw.exe", "task.xml", "é.txt"}


@pytest.mark.skipif(CANNOT_MAKE_MSI, reason="wixl or msitools is not installed")
def test_no_installer_of_a_folder_that_is_no_bundle(tmp_path: Path) -> None:
    command = [sys.executable, str(WINDOWS / "msi"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == os.EX_NOINPUT
    assert "holds no kiosk.exe" in done.stderr


def test_the_workflow_builds_installs_and_tries_on_windows() -> None:
    text = (ROOT / ".github" / "workflows" / "windows.yml").read_text("utf-8")
    jobs = yaml.safe_load(text)["jobs"]
    assert {jobs[name]["runs-on"] for name in ("bundle", "smoke")} == {"windows-2022"}
    for word in ("packaging/build", "packaging/windows/msi", "packaging/windows/smoke"):
        assert word in text
    for path in re.findall(r"packaging/[\w/.]+", text):
        assert (ROOT / path).exists() or path.endswith("**"), path
