"""What ships: everything of ours, and of Qt only an allow-list with all that it links."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Final

Entry = tuple[str, str, str]
"""PyInstaller's (place in the bundle, file it comes from, kind)."""
Imports = Callable[[str], Iterable[str]]
"""A library's path -> the names of those it links."""

MODULES: Final = ("Core", "Gui", "Network", "OpenGL", "Qml", "Quick", "DBus", "Multimedia")
"""The bindings that the player imports, and those that they import themselves."""
PLUGINS: Final = (
    "platforms/*qxcb.*",
    "platforms/*qwayland*",
    "platforms/*qoffscreen.*",
    "platforms/qwindows.*",
    "xcbglintegrations/*",
    "wayland-graphics-integration-client/*wayland-egl.*",
    "wayland-graphics-integration-client/*dmabuf-server.*",
    "wayland-shell-integration/*xdg-shell.*",
    "wayland-shell-integration/*fullscreen-shell*",
    "imageformats/*qjpeg.*",
    "imageformats/*qwebp.*",
    "imageformats/*qsvg.*",
    "multimedia/*ffmpegmediaplugin.*",
)
"""Loaded by name while the program runs, so that no import leads to them."""
BY_NAME: Final = ("d3dcompiler_*.dll",)
"""Libraries that Qt loads by name: Direct3D's shader compiler."""
SYSTEM: Final = ("/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What ships and what does not."""

    kept: list[Entry]
    pruned: list[Entry]


def prune(entries: Sequence[Entry], imports: Imports, qml: Iterable[str]) -> Chosen:
    """Keep what is not Qt's, the allow-list, and all that these link; `qml` names QML modules.

    Libraries of the system are left to the system: its own updates mend them.
    """
    files = [entry for entry in entries if entry[2] != "SYMLINK"]
    modules = set(qml_closure(files, qml))
    roots = [entry for entry in files if _is_root(entry, modules)]
    candidates = [entry for entry in files if _is_library(entry) and not _is_the_systems(entry)]
    kept = {entry[0] for entry in closure(roots, candidates, imports)}
    kept |= {entry[0] for entry in entries if entry[2] == "SYMLINK" and _target(entry) in kept}
    return Chosen(
        [entry for entry in entries if entry[0] in kept],
        [entry for entry in entries if entry[0] not in kept],
    )


def closure(roots: Iterable[Entry], candidates: Iterable[Entry], imports: Imports) -> list[Entry]:
    """The roots and, of the candidates, all that they link, and what those link."""
    by_name = {_name(entry): entry for entry in candidates}
    found: dict[str, Entry] = {}
    waiting = list(roots)
    while waiting:
        entry = waiting.pop()
        if entry[0] in found:
            continue
        found[entry[0]] = entry
        if _is_library(entry):
            names = (PurePosixPath(name).name.lower() for name in imports(entry[1]))
            waiting += [by_name[name] for name in names if name in by_name]
    return list(found.values())


def qml_imports(folder: Path) -> set[str]:
    """The modules that the QML files below `folder` import."""
    pattern = re.compile(r"^\s*import\s+([A-Z][\w.]*)", re.MULTILINE)
    return {
        name for file in folder.rglob("*.qml") for name in pattern.findall(file.read_text("utf-8"))
    }


def qml_closure(entries: Iterable[Entry], wanted: Iterable[str]) -> Iterator[str]:
    """The folders of Qt's QML modules that `wanted` lead to, as their qmldir files say."""
    pattern = re.compile(r"^(?:import|depends)\s+([A-Z][\w.]*)", re.MULTILINE)
    there = {_qml_folder(entry): entry[1] for entry in entries if entry[0].endswith("qmldir")}
    waiting, seen = list(wanted), set[str]()
    while waiting:
        folder = waiting.pop().replace(".", "/")
        if folder in seen or folder not in there:
            continue
        seen.add(folder)
        yield folder
        waiting += pattern.findall(Path(there[folder]).read_text("utf-8"))


def report(chosen: Chosen) -> str:
    """A table: how many MB of each part ship, and how many do not."""
    kept, pruned = _sizes(chosen.kept), _sizes(chosen.pruned)
    lines = [f"{'part':<28}{'kept MB':>9}{'pruned MB':>11}"]
    order = sorted({*kept, *pruned}, key=lambda part: -(kept[part] + pruned[part]))
    lines += [f"{p:<28}{kept[p] / 1e6:>9.1f}{pruned[p] / 1e6:>11.1f}" for p in order]
    total = f"{sum(kept.values()) / 1e6:>9.1f}{sum(pruned.values()) / 1e6:>11.1f}"
    return "\n".join([*lines, f"{'all':<28}{total}"])


def _sizes(entries: Iterable[Entry]) -> Counter[str]:
    sizes: Counter[str] = Counter()
    for entry in entries:
        if entry[2] != "SYMLINK":
            sizes[_part(entry)] += Path(entry[1]).stat().st_size
    return sizes


def _part(entry: Entry) -> str:
    place = _place(entry)
    if place.startswith("PySide6/"):
        kind = re.search(r"/(plugins|qml|translations)/", place)
        return f"Qt {kind[1]}" if kind else _library_part(entry)
    if _is_the_systems(entry):
        return "the system's libraries"
    return place.split("/")[0] if "/" in place else "Python and its libraries"


def _library_part(entry: Entry) -> str:
    name = _name(entry)
    if re.match(r"(lib)?(av|sw)", name):
        return "Qt: FFmpeg"
    if "icu" in name:
        return "Qt: ICU"
    return "Qt bindings" if ".abi3." in name or name.endswith(".pyd") else "Qt libraries"


def _is_root(entry: Entry, modules: set[str]) -> bool:
    place = _place(entry)
    if not place.startswith("PySide6/"):
        return not (_is_library(entry) and _is_the_systems(entry))
    if "/qml/" in place:
        return _qml_folder(entry) in modules and not place.endswith((".qmltypes", ".qml", ".qmlc"))
    if "/plugins/" in place:
        return any(fnmatch(place.partition("/plugins/")[2], pattern) for pattern in PLUGINS)
    name = PurePosixPath(place).name
    if any(fnmatch(name.lower(), pattern) for pattern in BY_NAME):
        return True
    return any(re.fullmatch(rf"Qt{module}\.(abi3\.so|pyd)", name) for module in MODULES)


def _is_the_systems(entry: Entry) -> bool:
    """A shared library that the system's packages bring; Python's own is not one."""
    name = _name(entry)
    return (
        "/" not in _place(entry)
        and entry[1].startswith(SYSTEM)
        and not name.startswith("libpython")
        and re.match(r"lib.+\.so(\.|$)", name) is not None
    )


def _is_library(entry: Entry) -> bool:
    return entry[2] in ("BINARY", "EXTENSION")


def _target(entry: Entry) -> str:
    """Where a link in the bundle leads to; its own text is relative to its folder."""
    return str(PurePosixPath(_place(entry)).parent / entry[1].replace("\\", "/"))


def _place(entry: Entry) -> str:
    return entry[0].replace("\\", "/")


def _name(entry: Entry) -> str:
    return PurePosixPath(_place(entry)).name.lower()


def _qml_folder(entry: Entry) -> str:
    return str(PurePosixPath(_place(entry).partition("/qml/")[2]).parent)
