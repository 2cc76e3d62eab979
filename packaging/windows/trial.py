"""What is tried, on which machine, and how a step stops."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from campaign import Office
from machine import Machine

PROGRAM: Final = r"C:\Program Files\O2 Kiosk"
DATA: Final = r"C:\ProgramData\o2-kiosk\data"


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried, with what, and where pictures go."""

    machine: Machine
    office: Office
    older: Path
    newer: Path
    pictures: Path

    def kiosk(self, *words: str) -> str:
        """What `kiosk.exe` prints; it must succeed."""
        said = self.machine.run(rf"{PROGRAM}\kiosk.exe", *words)
        need(said.code == 0, f"kiosk {' '.join(words)} ended with {said.code}:\n{said.text}")
        return said.text

    def msiexec(self, *words: str) -> int:
        """Run the installer without a window; its exit code."""
        return self.machine.run("msiexec", *words, "/qn", "/norestart").code

    def installed(self) -> list[Path]:
        """The program's files."""
        return [file for file in self.machine.file(PROGRAM).rglob("*") if file.is_file()]


def need(so: bool, otherwise: str) -> None:
    """Stop where it is not so."""
    if not so:
        raise SystemExit(f"smoke: {otherwise}")
