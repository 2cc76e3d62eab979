"""After PyInstaller: licences, debug symbols, the evergreen release; and how large it is."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from bundle import SetupError

PASSING: Final = ("partial", "quarantine", "lock", "pins", "at-work", "log", "status.json")
"""What of a data folder is not its release."""
QT: Final = ("PySide6", "shiboken6")


def place_evergreen(internal: Path, store: Path | None, root: Path | None) -> None:
    """Copy the evergreen release and the trust anchor to where the program looks for them."""
    place = internal / "evergreen"
    if store is not None:
        if not (store / "current").is_file() or not (root or store / "root.json").is_file():
            raise SetupError(
                f"{store} does not hold a release and root.json; kiosk evergreen --to {store}"
                " makes them"
            )
        shutil.copytree(store, place, ignore=shutil.ignore_patterns(*PASSING))
    if root is not None:
        place.mkdir(exist_ok=True)
        shutil.copyfile(root, place / "root.json")


def drop_symbols(internal: Path) -> int:
    """Take debug symbols out of every library but Qt's and FFmpeg's; bytes saved.

    Those of PySide's wheels show no video, and say nothing, once they are stripped.
    """
    strip = shutil.which("strip")
    if sys.platform != "linux" or strip is None:
        return 0
    ours = [
        file
        for file in internal.rglob("*.so*")
        if file.is_file() and not file.is_symlink()
        if file.relative_to(internal).parts[0] not in QT
    ]
    before = sum(file.stat().st_size for file in ours)
    subprocess.run([strip, "--strip-unneeded", *map(str, ours)], check=True)
    return before - sum(file.stat().st_size for file in ours)


def place_licences(internal: Path, project: Path) -> list[str]:
    """Copy the licence of Python and of every package that ships; those that have no text."""
    place = internal / "licences"
    place.mkdir()
    shutil.copyfile(project / "LICENSE", place / "O2 Kiosk.txt")
    python = Path(sysconfig.get_path("stdlib"), "LICENSE.txt")
    if python.is_file():
        shutil.copyfile(python, place / "Python.txt")
    silent = []
    for package in shipped():
        texts = [file for file in package.files or () if _is_licence(file.name)]
        for number, text in enumerate(texts):
            shutil.copyfile(str(text.locate()), place / f"{package.name}-{number}-{text.name}")
        if not texts:
            silent.append(f"{package.name}: {_declared(package)}")
    (place / "others.txt").write_text("".join(f"{line}\n" for line in silent), "utf-8")
    return silent


def shipped() -> list[Distribution]:
    """The project's distributions, as its metadata asks for them, without the extras."""
    waiting, found = ["o2-kiosk"], dict[str, Distribution]()
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:  # for another platform
            continue
        for asked in found[name].requires or ():
            wanted, _, marker = asked.partition(";")
            if "extra ==" not in marker:
                waiting.append(re.split(r"[^\w.-]", wanted.strip())[0].lower())
    found.pop("o2-kiosk", None)
    return sorted(found.values(), key=lambda package: package.name)


def size(folder: Path) -> tuple[int, int]:
    """Bytes and files below `folder`; links count as nothing."""
    sizes = [
        path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    ]
    return sum(sizes), len(sizes)


def _is_licence(name: str) -> bool:
    return re.match(r"(LICEN[CS]E|COPYING|NOTICE)", name, re.IGNORECASE) is not None


def _declared(package: Distribution) -> str:
    names = ("License-Expression", "License")
    told = (package.metadata[name] for name in names if name in package.metadata)
    return next(told, "see its home page")
