"""What the gate remembers: a key for every frame that passed, in a text file it only adds to."""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import IO, Final

import cv2
import PySide6
from pydantic import BaseModel

from kiosk.campaign.model import Video
from kiosk.player.regions import orientation_of
from kiosk.studio.gate_worker import DRAWN
from kiosk.studio.tour import Stop

MOST_BYTES: Final = 32 * 2**20
"""Only the newest half a million keys are read."""
_KEY: Final = re.compile(rb"[0-9a-f]{64}")
_ENGINE: Final = (
    ("kiosk.campaign", "*.py"),
    ("kiosk.player", "*.py"),
    ("kiosk.player", "*.qml"),
    ("kiosk.player", "qmldir"),
    ("kiosk.assets", "fonts/*"),
    ("kiosk.assets", "brand/*"),
    ("kiosk.studio", "scan.py"),
    ("kiosk.studio", "render.py"),
    ("kiosk.studio", "tour.py"),
    ("kiosk.studio", "gate_worker.py"),
)


class GateError(Exception):
    """The gate cannot do its work; the message is one sentence with what to do."""


# -- the file -----------------------------------------------------------------------------------


def recalled(path: Path) -> frozenset[str]:
    """The keys in the file `path`, none where there is no file; GateError if it is unreadable."""
    with _usable(path):
        try:
            with path.open("rb") as file:
                file.seek(max(0, file.seek(0, io.SEEK_END) - MOST_BYTES))
                raw = file.read(MOST_BYTES)
        except FileNotFoundError:
            return frozenset()
    # What follows the last line's end was cut off while it was written.
    lines = raw.split(b"\n")[:-1]
    return frozenset(line.decode("ascii") for line in lines if _KEY.fullmatch(line))


def remember(path: Path, keys: Sequence[str]) -> None:
    """Add `keys` to the file `path`, on the disk when this returns; GateError if it cannot be."""
    with _usable(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as file:
            start = b"" if _ends_whole(file) else b"\n"
            file.write(start + "".join(f"{key}\n" for key in keys).encode("ascii"))
            file.flush()
            os.fsync(file.fileno())


def _ends_whole(file: IO[bytes]) -> bool:
    if file.seek(0, io.SEEK_END) == 0:
        return True
    file.seek(-1, io.SEEK_END)
    return file.read(1) == b"\n"


@contextmanager
def _usable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise GateError(
            f"what has passed cannot be kept in {path} ({error.strerror or error});"
            " free the disk, correct the file's rights or name another file"
        ) from error


# -- the keys -----------------------------------------------------------------------------------


def engine_parts() -> Iterator[tuple[str, bytes]]:
    """All that draws and judges a frame, by name: our own files, then the libraries' versions."""
    for package, pattern in _ENGINE:
        root = Path(str(files(package)))
        for path in sorted(root.rglob(pattern)):
            if path.is_file():
                yield f"{package}/{path.relative_to(root).as_posix()}", path.read_bytes()
    yield "PySide6", PySide6.__version__.encode()
    yield "opencv", cv2.__version__.encode()
    for name in ("zxing-cpp", "pyzbar", "qrcode"):
        yield name, version(name).encode()


def engine_digest(parts: Iterable[tuple[str, bytes]]) -> bytes:
    """One digest of named parts."""
    digest = hashlib.sha256()
    for name, content in parts:
        digest.update(_framed(name.encode()) + _framed(content))
    return digest.digest()


def pictures_of(stop: Stop) -> dict[str, Path | None]:
    """The pictures and subtitles drawn at this stop, by name; None where there is no file."""
    scene = stop.scene
    names = scene.pictures_for(orientation_of(stop.size)) if scene else ()
    if isinstance(scene, Video) and scene.subtitles:
        names = (*names, scene.subtitles)
    return {name: stop.content.media(name) for name in names}


@dataclass(frozen=True, slots=True)
class Keys:
    """Makes keys. A file, campaign, agency or scene met again is not read or written out again.

    Everything it is asked about must outlive it: it knows values by their identity.
    """

    engine: bytes
    _texts: dict[tuple[int, bool], bytes] = field(default_factory=dict)
    _digests: dict[Path, bytes | None] = field(default_factory=dict)

    def of(self, stop: Stop, pictures: Mapping[str, Path | None]) -> str | None:
        """64 hex digits for all that this frame is made of; None where a picture is unreadable."""
        content = stop.content
        key = hashlib.sha256(self.engine)
        key.update(self._text(content.campaign, only=True))
        key.update(self._text(content.agency) + self._text(content.screen))
        key.update(self._text(stop.scene) if stop.scene else _framed(b""))
        for path in pictures.values():
            digest = self._digest(path) if path else None
            if digest is None:
                return None
            key.update(digest)
        return key.hexdigest()

    def _text(self, value: BaseModel, *, only: bool = False) -> bytes:
        known = self._texts.get((id(value), only))
        if known is None:
            text = value.model_dump_json(include=set(DRAWN) if only else None)
            known = self._texts[id(value), only] = _framed(text.encode())
        return known

    def _digest(self, path: Path) -> bytes | None:
        if path not in self._digests:
            self._digests[path] = _digest_of(path)
        return self._digests[path]


def _digest_of(path: Path) -> bytes | None:
    # A pipe would keep us waiting for ever.
    if not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return None


def _framed(part: bytes) -> bytes:
    """The part behind its length: no two rows of parts look alike."""
    return len(part).to_bytes(8) + part
