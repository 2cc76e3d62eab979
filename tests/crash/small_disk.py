"""Real file systems made for one test: a small tmpfs, and an ext4 whose power can be cut."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

EXT4_IOC_SHUTDOWN: Final = 0x8004587D
"""linux/fs/ext4/ext4.h: _IOR('X', 125, __u32)."""
NOLOGFLUSH: Final = 2
"""EXT4_GOING_FLAGS_NOLOGFLUSH: the journal is not written out either, as when the power goes."""
PAGE: Final = 4096


@contextmanager
def memory(point: Path, size: int) -> Iterator[Path]:
    """A tmpfs of `size` bytes at `point`; Refused where none may be mounted."""
    point.mkdir()
    _command("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(point))
    try:
        yield point
    finally:
        _command("umount", str(point))
        point.rmdir()


class Refused(Exception):
    """Why this machine does not let us mount."""


def obstacle_to_memory(root: Path) -> str | None:
    """Why no tmpfs can be mounted below `root`; None where one can."""
    try:
        with memory(root / "try-memory", 16 * PAGE):
            return None
    except Refused as refused:
        return f"no tmpfs can be mounted here ({refused})"


def leave_free(disk: Path, ballast: Path, pages: int) -> None:
    """Fill the file `ballast` so far that `pages` pages are left on the disk."""
    facts = os.statvfs(disk)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, (facts.f_bavail - pages) * facts.f_frsize)


class PowerDisk:
    """An ext4 in a file. Its power can be cut; mounting it again is switching it on."""

    def __init__(self, root: Path) -> None:
        self.point, self._image, self._clean = root / "ext4", root / "ext4.img", root / "ext4.new"
        self.point.mkdir(exist_ok=True)

    def make(self, content: Path) -> None:
        """Make the disk anew, with a copy of `content` as its folder `data`, all of it safe."""
        with self._clean.open("wb") as file:
            file.truncate(16 * 2**20)
        _command("mkfs.ext4", "-q", "-F", "-O", "^resize_inode", str(self._clean))
        self.restore()
        with self.mounted():
            shutil.copytree(content, self.point / "data")
        shutil.copyfile(self._image, self._clean)

    def restore(self) -> None:
        """As it was when it was made."""
        shutil.copyfile(self._clean, self._image)

    @contextmanager
    def mounted(self, *options: str) -> Iterator[Path]:
        """The disk switched on; the folder of its data."""
        _command("mount", "-o", ",".join(("loop", *options)), str(self._image), str(self.point))
        try:
            yield self.point / "data"
        finally:
            _command("umount", str(self.point))

    def cut(self) -> None:
        """Cut the power: what is not on disk now never will be."""
        import fcntl

        descriptor = os.open(self.point, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, EXT4_IOC_SHUTDOWN, struct.pack("I", NOLOGFLUSH))
        finally:
            os.close(descriptor)


def obstacle_to_power_cuts(root: Path) -> str | None:
    """Why no ext4 can be made, mounted and cut below `root`; None where it can."""
    folder = root / "try-ext4"
    (folder / "content").mkdir(parents=True)
    try:
        disk = PowerDisk(folder)
        disk.make(folder / "content")
        with disk.mounted():
            disk.cut()
        return None
    except (Refused, OSError) as refused:
        return f"no power cuts on a real ext4 here ({refused})"
    finally:
        with suppress(OSError):
            shutil.rmtree(folder)


def _command(*words: str) -> None:
    try:
        ran = subprocess.run(words, capture_output=True, text=True, check=False)
    except OSError as error:
        raise Refused(f"{words[0]}: {error.strerror}") from error
    if ran.returncode:
        raise Refused(" ".join(ran.stderr.split())[:200] or f"{words[0]} fails")
