"""USB sticks: look for a file on what somebody plugged in.

Nobody waits longer here than they have patience, not even for a stick whose hardware hangs.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

NAME: Final = "o2-kiosk.enrol"
LARGEST: Final = 64 * 1024
"""As in kiosk.release.enrolment, which is imported when there is something to take: looking has to
cost a process that runs for a year next to nothing."""
PATIENCE_S: Final = 5.0
_MEDIA: Final = ("media/*/*", "media/*", "run/media/*/*", "mnt/*")
_OCTAL: Final = re.compile(r"\\([0-7]{3})")
_REMOVABLE: Final = 2
_NO_DIALOGS: Final = 1


@dataclass(frozen=True, slots=True)
class Stick:
    """A file found on a stick; at most one byte more of it than may be."""

    path: Path
    content: bytes


class System(Protocol):
    """What is plugged in."""

    def folders(self, until: float) -> list[Path]:
        """The top folders of removable media; work on them ends at `until` (monotonic)."""
        ...


# -- Linux ----------------------------------------------------------------------------------

Mount = Callable[[str, float], None]
"""Mounts a block device, given its path and how many seconds that may take."""


def udisks(device: str, seconds: float) -> None:
    """Mount as the desktop would, read-only; where that is not allowed, nothing happens."""
    program = shutil.which("udisksctl")
    if program is None or seconds <= 0:
        return
    command = [program, "mount", "--no-user-interaction", "-o", "ro", "-b", device]
    with suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
        )


@dataclass(slots=True)
class Linux:
    """Mounted media, and USB partitions that nothing mounts by itself. `root` is / but in tests."""

    root: Path = Path("/")
    mount: Mount = udisks
    _tried: set[str] = field(default_factory=set)

    def folders(self, until: float) -> list[Path]:
        """As System. A partition is mounted once each time that it is plugged in."""
        table = self._mounted()
        here = set(self._partitions())
        self._tried &= here
        waiting = sorted(here - {device for device, _ in table} - self._tried)
        for device in waiting:
            self._tried.add(device)
            self.mount(device, until - time.monotonic())
        if waiting:
            table = self._mounted()
        plugged = [self._below(point) for device, point in table if device in here]
        elsewhere = {self._below(point) for device, point in table if device[:5] != "/dev/"}
        usual = [path for pattern in _MEDIA for path in sorted(self.root.glob(pattern))]
        return list(dict.fromkeys([*plugged, *(p for p in usual if p not in elsewhere)]))

    def _mounted(self) -> list[tuple[str, str]]:
        """Every mount: device and folder."""
        text = (self.root / "proc/mounts").read_text("utf-8", "surrogateescape")
        pairs = [line.split(" ") for line in text.split("\n")]
        return [(_unescaped(pair[0]), _unescaped(pair[1])) for pair in pairs if len(pair) > 1]

    def _partitions(self) -> list[str]:
        """The devices of removable disks and of disks on USB: partitions, or the bare disk."""
        found: list[str] = []
        for disk in (self.root / "sys/block").glob("*"):
            if not _plugged(disk):
                continue
            parts = [part.parent.name for part in disk.glob("*/partition")]
            found += [f"/dev/{name}" for name in parts or [disk.name]]
        return found

    def _below(self, point: str) -> Path:
        return self.root / point.removeprefix("/")


def _unescaped(text: str) -> str:
    """A space in a name is written \\040 there (fstab(5))."""
    return _OCTAL.sub(lambda found: chr(int(found[1], 8)), text)


def _plugged(disk: Path) -> bool:
    """Whether a disk can be taken out: it says so, or it hangs on USB; an empty reader cannot."""
    try:
        size = (disk / "size").read_text().strip()
        removable = (disk / "removable").read_text().strip() == "1"
    except OSError:
        return False
    return size != "0" and (removable or "/usb" in str(disk.resolve()))


# -- Windows --------------------------------------------------------------------------------


class Windows:
    """The drives that Windows calls removable."""

    def folders(self, until: float) -> list[Path]:
        """As System."""
        del until
        if sys.platform != "win32":
            return []
        import ctypes

        kernel = ctypes.windll.kernel32
        # An empty card reader would have Windows ask for a disk, in a dialog, on the glass.
        kernel.SetThreadErrorMode(_NO_DIALOGS, None)
        drives = kernel.GetLogicalDrives()
        letters = [chr(ord("A") + n) for n in range(26) if drives >> n & 1]
        roots = [f"{letter}:\\" for letter in letters]
        return [Path(root) for root in roots if kernel.GetDriveTypeW(root) == _REMOVABLE]


# -- looking --------------------------------------------------------------------------------


class Sticks:
    """Looks at the sticks on a thread of its own, one look at a time.

    A caller with less patience than a look takes is told at a later `find` what it brought.
    """

    def __init__(
        self, system: System | None = None, name: str = NAME, patience_s: float = PATIENCE_S
    ) -> None:
        self._system = system or (Windows() if sys.platform == "win32" else Linux())
        self._name, self._patience_s = name, patience_s
        self._look: threading.Thread | None = None
        self._found: list[Stick] = []

    def find(self) -> list[Stick]:
        """Every such file at the top of a stick; nothing where `patience_s` seconds are too few."""
        if self._look is None:
            self._found = []
            self._look = threading.Thread(target=self._search, daemon=True, name="sticks")
            self._look.start()
        self._look.join(self._patience_s)
        if self._look.is_alive():
            return []
        self._look = None
        return self._found

    def _search(self) -> None:
        with suppress(OSError):  # without a table of mounts there are no sticks
            folders = self._system.folders(time.monotonic() + PATIENCE_S)
            sticks = (_stick(folder / self._name) for folder in folders)
            self._found = [stick for stick in sticks if stick is not None]


def _stick(path: Path) -> Stick | None:
    """The file as it is now; None where there is none, or the stick has just been pulled out."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return Stick(path, file.read(LARGEST + 1))
    except OSError:
        return None
