"""A disk that loses what it may: a recorded sync replayed, then the power is cut.

The rules are the weakest that POSIX allows: bytes are safe after fsync of their file, names after
fsync of their folder; of everything else any part may be there or not. ext4, XFS and Btrfs keep
more than that.
"""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_CALL: Final = re.compile(r"^(\w+)\((.*)\)\s+= (\d+)(?:<|$| )")
_TEXT: Final = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_WHERE: Final = re.compile(r"^(\d+)<((?:\\x[0-9a-f]{2})*)>")

Spoil = Callable[[bytes, bytes], bytes]
"""From a file's safe and its last bytes to those that are there after the cut."""


@dataclass
class _File:
    now: bytes = b""
    safe: bytes = b""
    folder: bool = False


@dataclass(frozen=True)
class _Step:
    """A change of names: in which folder, which name, and the file it then leads to, if any."""

    folder: Path
    name: Path
    file: _File | None
    gone: Path | None = None
    """A second name of the same folder that goes in the same moment."""


@dataclass
class Disk:
    """The files below one folder, and what of them would survive."""

    root: Path
    names: dict[Path, _File] = field(default_factory=dict)
    safe: dict[Path, _File] = field(default_factory=dict)
    pending: list[_Step] = field(default_factory=list)
    _open: dict[str, tuple[_File, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Path) -> Disk:
        """What is below `root` now, all of it safe."""
        disk = cls(root)
        for path in root.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                disk.names[path] = disk.safe[path] = _File(content, content)
        return disk

    def follow(self, log: str) -> Iterator[str]:
        """Replay a log of strace -y -xx; after each call that changed something, its name."""
        self._open.clear()
        for line in log.splitlines():
            found = _CALL.match(line)
            if found is not None and self._do(found[1], found[2], int(found[3])):
                yield found[1]

    def follow_all(self, log: str) -> None:
        """Replay a log to its end."""
        for _ in self.follow(log):
            pass

    def spoilt(self, target: Path, keeps: Callable[[_Step], bool], spoil: Spoil) -> None:
        """Put into `target` the disk after a cut: of the pending steps those that it keeps."""
        names = dict(self.safe)
        for step in self.pending:
            if keeps(step):
                _take(names, step)
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        lost = {step.name for step in self.pending if step.file and step.file.folder} - set(names)
        for path, file in names.items():
            new = target / path.relative_to(self.root)
            if file.folder:
                new.mkdir(parents=True, exist_ok=True)
            elif lost.isdisjoint(path.parents):
                new.parent.mkdir(parents=True, exist_ok=True)
                new.write_bytes(file.safe if file.safe == file.now else spoil(file.safe, file.now))

    # -- the calls --------------------------------------------------------------------------

    def _do(self, call: str, arguments: str, result: int) -> bool:
        paths = [Path(_plain(text)) for text in _TEXT.findall(arguments)]
        where = _WHERE.match(arguments)
        if where is not None:
            return self._on_file(call, where[1], Path(_plain(where[2])), arguments, result)
        if not paths or not paths[0].is_relative_to(self.root):
            return False
        if call == "openat":
            return self._opened(paths[0], arguments, str(result))
        if call.startswith("rename"):
            self._renamed(*paths)
        elif call.startswith("unlink"):
            self._change(_Step(paths[0].parent, paths[0], None))
        elif call.startswith("mkdir"):
            self._change(_Step(paths[0].parent, paths[0], _File(folder=True)))
        return call != "lseek"

    def _opened(self, path: Path, flags: str, descriptor: str) -> bool:
        file = self.names.get(path)
        if file is None and "O_CREAT" in flags:
            file = _File()
            self._change(_Step(path.parent, path, file))
        if file is None:
            return False
        if "O_TRUNC" in flags:
            file.now = b""
        self._open[descriptor] = (file, 0)
        return "O_CREAT" in flags

    def _on_file(self, call: str, number: str, path: Path, rest: str, result: int) -> bool:
        if not path.is_relative_to(self.root):
            return False
        named = self.names.get(path, _File(folder=True))
        if call in ("fsync", "fdatasync") and named.folder:
            self._synced(path)
            return True
        file, at = self._open.get(number, (named, 0))
        if call == "write":
            content = _bytes(_TEXT.findall(rest)[0])[:result]
            file.now = file.now[:at].ljust(at, b"\0") + content + file.now[at + result :]
            self._open[number] = (file, at + result)
        elif call == "ftruncate":
            size = int(rest.rpartition(", ")[2])
            file.now = file.now[:size].ljust(size, b"\0")
        elif call in ("fsync", "fdatasync"):
            file.safe = file.now
        elif call == "lseek":
            self._open[number] = (file, result)
        return call != "lseek"

    def _renamed(self, source: Path, target: Path) -> None:
        file = self.names[source]
        if source.parent == target.parent:
            self._change(_Step(target.parent, target, file, gone=source))
        else:
            self._change(_Step(target.parent, target, file))
            self._change(_Step(source.parent, source, None))

    def _change(self, step: _Step) -> None:
        _take(self.names, step)
        self.pending.append(step)

    def _synced(self, folder: Path) -> None:
        for step in self.pending:
            if step.folder == folder:
                _take(self.safe, step)
        self.pending = [step for step in self.pending if step.folder != folder]


def cuts(disk: Disk, target: Path, chance: random.Random, more: int) -> Iterator[None]:
    """Put into `target`, one after the other, what a cut may leave: the extremes, then `more`."""

    def any_of_them(safe: bytes, now: bytes) -> bytes:
        return chance.choice(_SPOILS)(safe, now)

    for spoil in _SPOILS:
        disk.spoilt(target, lambda _: False, spoil)
        yield
        disk.spoilt(target, lambda _: True, spoil)
        yield
    for _ in range(more):
        disk.spoilt(target, lambda _: chance.random() < 0.5, any_of_them)
        yield


_SPOILS: Final[tuple[Spoil, ...]] = (
    lambda safe, _: safe,
    lambda _, now: now,
    lambda _, now: bytes(len(now)),
    lambda _, now: now[: len(now) // 2],
)
"""The old bytes, the new ones, zeros in their place, half of them."""


def _take(names: dict[Path, _File], step: _Step) -> None:
    if step.file is None:
        names.pop(step.name, None)
    else:
        names[step.name] = step.file
    if step.gone is not None:
        names.pop(step.gone, None)


def _bytes(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))


def _plain(escaped: str) -> str:
    return _bytes(escaped).decode("utf-8")
