"""What Windows shows of a program under Properties, Details: made from the version alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

COMPANY: Final = "O2"
PRODUCT: Final = "O2 Kiosk"
FRENCH_UNICODE: Final = ("040C04B0", 0x040C, 0x04B0)


def of_project(root: Path) -> str:
    """kiosk.__version__, read without importing the product."""
    source = (root / "kiosk" / "__init__.py").read_text("utf-8")
    found = re.search(r'^__version__ = "(.+)"$', source, re.MULTILINE)
    if found is None:
        raise ValueError(f"{root} / kiosk / __init__.py holds no __version__")
    return found[1]


def numbers(version: str) -> tuple[int, int, int]:
    """The three numbers that Windows and the installer compare: "1.2.3rc1" -> (1, 2, 3).

    ValueError where there are fewer, or one that an MSI cannot hold (255.255.65535 at most).
    """
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
    if found is None:
        raise ValueError(f"{version!r} does not begin with three numbers such as 1.2.3")
    major, minor, patch = map(int, found.groups())
    if major > 255 or minor > 255 or patch > 65535:
        raise ValueError(f"{version!r} is above 255.255.65535, the most that an MSI can hold")
    return major, minor, patch


def text(version: str) -> str:
    """The version resource, in the form that PyInstaller reads."""
    four = (*numbers(version), 0)
    block, language, charset = FRENCH_UNICODE
    said = {
        "CompanyName": COMPANY,
        "FileDescription": PRODUCT,
        "FileVersion": version,
        "InternalName": "kiosk",
        "LegalCopyright": f"{COMPANY}, Apache-2.0",
        "OriginalFilename": "kiosk.exe",
        "ProductName": PRODUCT,
        "ProductVersion": version,
    }
    strings = ",\n        ".join(f"StringStruct({key!r}, {value!r})" for key, value in said.items())
    return f"""\
VSVersionInfo(
    ffi=FixedFileInfo(filevers={four}, prodvers={four}, mask=0x3F, flags=0x0, OS=0x40004,
                      fileType=0x1, subtype=0x0, date=(0, 0)),
    kids=[
        StringFileInfo([StringTable({block!r}, [
        {strings},
        ])]),
        VarFileInfo([VarStruct('Translation', [{language}, {charset}])]),
    ],
)
"""


def written(version: str, folder: Path) -> Path:
    """Write it into `folder`; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "version_info.txt"
    path.write_text(text(version), "utf-8")
    return path
