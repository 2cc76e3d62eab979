"""What ships besides Qt: our own packages, staged, and what PyInstaller cannot see."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import Final

EXCLUDES: Final = (
    # head office only: the commands that need them say so
    "rich",
    "PIL",
    "av",
    "numpy",
    "zxingcpp",
    "pyzbar",
    "cv2",
    "fsspec",
    "s3fs",
    "boto3",
    "botocore",
    "aiobotocore",
    # Without it platform.uname() reads the registry; with it, it waits for Windows' WMI service.
    "_wmi",
    # never a kiosk's
    "tkinter",
    "unittest",
    "doctest",
    "pydoc",
    "pdb",
    "test",
    "lib2to3",
    "curses",
    "readline",
    "sqlite3",
    "setuptools",
    "pkg_resources",
    "pip",
    "_pytest",
    "pytest",
    "mypy",
    "hypothesis",
)
HIDDEN: Final = ("PySide6.QtMultimedia",)
"""Stays for the video scenes, whoever imports it."""


class SetupError(Exception):
    """The build cannot go on: what is wrong, and what to do."""


def stage(root: Path, place: Path) -> Path:
    """Copy our packages to `place` as an installation would; PyInstaller cannot follow one that
    was installed in place. Return `place`."""
    shutil.rmtree(place, ignore_errors=True)
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    folders: dict[str, str] = project["tool"]["setuptools"]["package-dir"]
    away = shutil.ignore_patterns("__pycache__", "*.pyc", "*.qmlc")
    for package, folder in sorted(folders.items()):
        shutil.copytree(root / folder, place / package.replace(".", "/"), ignore=away)
    return place


def datas(place: Path) -> list[tuple[str, str]]:
    """Every staged file that is not Python: (file, folder in the bundle)."""
    return [
        (str(file), file.parent.relative_to(place).as_posix())
        for file in sorted((place / "kiosk").rglob("*"))
        if file.is_file() and file.suffix != ".py" and file.name != "py.typed"
    ]


def hidden_imports(place: Path, on_windows: bool) -> list[str]:
    """What is imported by name while the program runs."""
    doors = sorted((place / "kiosk" / "door").glob("[a-z]*.py"))
    names = [f"kiosk.door.{file.stem}" for file in doors]
    return [*HIDDEN, "kiosk.assets", *names, *(["tzdata"] if on_windows else [])]


def packages_data(on_windows: bool) -> list[tuple[str, str]]:
    """Files of other packages: the time zones, where the system has none."""
    if not on_windows:
        return []
    from PyInstaller.utils.hooks import collect_data_files  # type: ignore[import-untyped]

    found: list[tuple[str, str]] = collect_data_files("tzdata")
    return found
