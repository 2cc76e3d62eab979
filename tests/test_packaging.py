"""The build's own decisions: what of Qt ships, what the package asks for, and its files."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from kiosk.config import load
from tests.places import ROOT

PACKAGING = ROOT / "packaging"
LINUX = PACKAGING / "linux"
MODULES = ("bundle", "prune", "finish", "debian")
Entry = tuple[str, str, str]
linux = pytest.mark.skipif(sys.platform != "linux", reason="Debian packages")


@pytest.fixture(scope="module")
def build() -> Iterator[Mapping[str, Any]]:
    """The build's modules, as its script imports them."""
    sys.path.insert(0, str(PACKAGING))
    try:
        yield {name: import_module(name) for name in MODULES}
    finally:
        sys.path.remove(str(PACKAGING))
        for name in MODULES:
            del sys.modules[name]


def library(place: str, source: str | None = None) -> Entry:
    """A shared library of PyInstaller's list."""
    return place, source or f"/venv/{place}", "BINARY"


QT = "PySide6/Qt"
LINKS = {
    "QtQuick.abi3.so": ("libQt6Quick.so.6", "libc.so.6"),
    "libQt6Quick.so.6": ("libQt6Qml.so.6",),
    "libqxcb.so": ("libQt6XcbQpa.so.6", "libxcb.so.1"),
    "libQt6WebEngineCore.so.6": ("libQt6Quick.so.6",),
}
ENTRIES: tuple[Entry, ...] = (
    library("PySide6/QtQuick.abi3.so"),
    library("PySide6/QtWidgets.abi3.so"),
    library(f"{QT}/lib/libQt6Quick.so.6"),
    library(f"{QT}/lib/libQt6Qml.so.6"),
    library(f"{QT}/lib/libQt6XcbQpa.so.6"),
    library(f"{QT}/lib/libQt6WebEngineCore.so.6"),
    library(f"{QT}/plugins/platforms/libqxcb.so"),
    library(f"{QT}/plugins/platforms/libqvnc.so"),
    library(f"{QT}/plugins/imageformats/libqtiff.so"),
    library("libxcb.so.1", "/usr/lib/x86_64-linux-gnu/libxcb.so.1"),
    library("libpython3.11.so.1.0", "/usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0"),
    library("opening_hours/opening_hours.abi3.so"),
    ("libQt6Quick.so.6", f"{QT}/lib/libQt6Quick.so.6", "SYMLINK"),
    ("libQt6WebEngineCore.so.6", f"{QT}/lib/libQt6WebEngineCore.so.6", "SYMLINK"),
    (f"{QT}/translations/qt_fr.qm", "/venv/qt_fr.qm", "DATA"),
    ("kiosk/player/qml/O2/Kiosk/Main.qml", "/stage/Main.qml", "DATA"),
)


def imports(path: str) -> tuple[str, ...]:
    """What a library of the list links."""
    return LINKS.get(Path(path).name, ())


def test_of_qt_only_the_allow_list_and_what_it_links_ships(build: Mapping[str, Any]) -> None:
    chosen = build["prune"].prune(ENTRIES, imports, ())
    assert [place for place, _, _ in chosen.kept] == [
        "PySide6/QtQuick.abi3.so",
        f"{QT}/lib/libQt6Quick.so.6",
        f"{QT}/lib/libQt6Qml.so.6",
        f"{QT}/lib/libQt6XcbQpa.so.6",
        f"{QT}/plugins/platforms/libqxcb.so",
        "libpython3.11.so.1.0",
        "opening_hours/opening_hours.abi3.so",
        "libQt6Quick.so.6",
        "kiosk/player/qml/O2/Kiosk/Main.qml",
    ]
    assert sorted(chosen.kept + chosen.pruned) == sorted(ENTRIES)


def test_windows_names_are_met_whatever_their_case(build: Mapping[str, Any]) -> None:
    entries = (
        library("PySide6\\QtGui.pyd"),
        library("PySide6\\Qt6Gui.dll"),
        library("PySide6\\Qt6Pdf.dll"),
        library("PySide6\\plugins\\platforms\\qwindows.dll"),
        library("PySide6\\plugins\\imageformats\\qpdf.dll"),
    )
    links = {entries[0][1]: ["QT6GUI.DLL", "KERNEL32.dll"]}
    chosen = build["prune"].prune(entries, lambda path: links.get(path, []), ())
    assert [entry[0] for entry in chosen.pruned] == [
        "PySide6\\Qt6Pdf.dll",
        "PySide6\\plugins\\imageformats\\qpdf.dll",
    ]


def test_qml_modules_are_followed_through_their_qmldir(
    build: Mapping[str, Any], tmp_path: Path
) -> None:
    def module(name: str, text: str) -> list[Entry]:
        file = tmp_path / f"{name.replace('/', '-')}.qmldir"
        file.write_text(text, "utf-8")
        folder = f"{QT}/qml/{name}"
        return [(f"{folder}/qmldir", str(file), "DATA"), library(f"{folder}/libplugin.so")]

    entries = [
        *module("QtQuick", "module QtQuick\nimport QtQml auto\n"),
        *module("QtQml", "module QtQml\ndepends QtQml.Models auto\n"),
        *module("QtQml/Models", "module QtQml.Models\n"),
        *module("QtQuick/Controls", "module QtQuick.Controls\nimport QtQuick auto\n"),
        (f"{QT}/qml/QtQuick/plugins.qmltypes", "/venv/plugins.qmltypes", "DATA"),
    ]
    chosen = build["prune"].prune(entries, imports, {"QtQuick", "O2.Stage"})
    assert sorted({str(Path(place).parent) for place, _, _ in chosen.kept}) == [
        f"{QT}/qml/{name}" for name in ("QtQml", "QtQml/Models", "QtQuick")
    ]
    assert f"{QT}/qml/QtQuick/plugins.qmltypes" in {entry[0] for entry in chosen.pruned}


def test_what_the_players_qml_imports_is_found(build: Mapping[str, Any]) -> None:
    found = build["prune"].qml_imports(ROOT / "kiosk" / "player" / "qml")
    assert "QtQuick" in found
    assert found <= {"QtQuick", "QtQuick.Window", "QtQml", "O2.Stage", "O2.Kiosk"}


def test_our_packages_are_staged_as_an_installation_has_them(
    build: Mapping[str, Any], tmp_path: Path
) -> None:
    stage = build["bundle"].stage(ROOT, tmp_path / "stage")
    placed = {f"{folder}/{Path(file).name}" for file, folder in build["bundle"].datas(stage)}
    assert "kiosk/player/qml/O2/Kiosk/Main.qml" in placed
    assert "kiosk/player/qml/O2/Kiosk/qmldir" in placed
    assert "kiosk/assets/fonts/AtkinsonHyperlegibleNext_700Bold.ttf" in placed
    assert not [name for name in placed if name.endswith((".py", ".pyc", ".qmlc"))]
    assert "kiosk.door.play" in build["bundle"].hidden_imports(stage, False)
    assert "tzdata" in build["bundle"].hidden_imports(stage, True)


def test_a_package_asks_for_what_the_bundle_links(build: Mapping[str, Any]) -> None:
    links = build["debian"].Links(frozenset({"libz.so.1", "libssl.so.3", "libc.so.6"}), "2.35")
    owners = {"libz.so.1": "zlib1g", "libssl.so.3": "libssl3", "libc.so.6": "libc6"}
    found = build["debian"].depends(links, {"libgl1"}, owners.get)
    assert found[:4] == ("libc6 (>= 2.35)", "libgl1", "libssl3", "zlib1g")
    assert "ca-certificates" in found
    with pytest.raises(build["bundle"].SetupError, match=r"libz\.so\.1"):
        build["debian"].depends(links, set(), {**owners, "libz.so.1": None}.get)


@linux
@pytest.mark.skipif(not shutil.which("objdump"), reason="binutils")
def test_a_library_is_looked_into(build: Mapping[str, Any], tmp_path: Path) -> None:
    import _ssl

    shutil.copy(_ssl.__file__, tmp_path)
    links = build["debian"].links_of(tmp_path)
    assert {"libssl.so.3", "libc.so.6"} <= links.sonames
    assert re.fullmatch(r"2\.\d+", links.glibc)


@linux
@pytest.mark.skipif(not shutil.which("dpkg-query"), reason="Debian")
def test_the_loaders_own_names_lead_to_packages(build: Mapping[str, Any]) -> None:
    assert build["debian"].package_of("libc.so.6") == "libc6"
    assert build["debian"].package_of("libnobodyhasthis.so.9") is None


@linux
@pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="Debian")
def test_a_whole_package_of_a_small_bundle(build: Mapping[str, Any], tmp_path: Path) -> None:
    bundle, out = tmp_path / "bundle", tmp_path / "out"
    (bundle / "_internal").mkdir(parents=True)
    shutil.copy("/bin/true", bundle / "kiosk")
    (bundle / "_internal" / "data").write_text("x", "utf-8")
    out.mkdir()
    package = build["debian"].build(bundle, LINUX, "1.2.3", {"libgl1"}, out)
    fields = dict(
        line.split(": ", 1) for line in told("dpkg-deb", "-f", str(package)).splitlines()[:9]
    )
    assert fields["Version"] == "1.2.3"
    assert "libgl1" in fields["Depends"]
    listed = told("dpkg-deb", "-c", str(package))
    assert re.search(r"^-rwxr-xr-x root/root .* \./opt/o2-kiosk/kiosk$", listed, re.MULTILINE)
    assert re.search(
        r"^-rw-r--r-- root/root .* \./opt/o2-kiosk/_internal/data$", listed, re.MULTILINE
    )
    assert re.search(r"^-rwxr-xr-x root/root .* \./usr/lib/o2-kiosk/display$", listed, re.MULTILINE)
    assert list(out.iterdir()) == [package]


def test_the_package_keeps_settings_and_names_every_file_of_the_folder(
    build: Mapping[str, Any],
) -> None:
    named = {*build["debian"].FILES, "control", "kiosk.1"}
    assert named == {file.name for file in LINUX.iterdir()}
    places = {f"/{place}" for place, _ in build["debian"].FILES.values()}
    assert set(build["debian"].CONFFILES) == {p for p in places if p.startswith("/etc/")}


def test_the_installed_settings_can_be_read() -> None:
    config = load(LINUX / "kiosk.yaml", {}, {})
    assert config.data == Path("/var/lib/o2-kiosk")
    uncommented = re.sub(r"(?m)^#(\w+:)", r"\1", (LINUX / "kiosk.yaml").read_text("utf-8"))
    for name in ("central", "agency", "screen", "display", "root", "proxy", "ca_file", "poll_s"):
        assert f"\n{name}: " in uncommented


@linux
@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd")
def test_systemd_takes_the_units_without_a_word(tmp_path: Path) -> None:
    units = [tmp_path / file.name for file in LINUX.glob("*.service")]
    for unit in units:
        # The programs are not installed on this machine; all else is word for word.
        text = (LINUX / unit.name).read_text("utf-8")
        elsewhere = re.sub(r"^(ExecStart\w*=)/usr/\S+.*$", r"\1/bin/true", text, flags=re.MULTILINE)
        unit.write_text(elsewhere, "utf-8")
    ran = subprocess.run(
        ["systemd-analyze", "verify", *map(str, units)], capture_output=True, text=True, check=False
    )
    assert len(units) == 3
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.skipif(os.name == "nt", reason="a shell")
@pytest.mark.parametrize("name", ["display", "paper", "kiosk", "postinst", "prerm", "postrm"])
def test_each_script_is_one_a_shell_understands(name: str) -> None:
    assert os.access(LINUX / name, os.X_OK)
    told("sh", "-n", str(LINUX / name))


def told(*command: str) -> str:
    """What a command prints; it must succeed."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
