"""What a check remembers: the frames in which it found no error, each by all it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Final

from kiosk.studio.gate_memory import (
    Keys,
    engine_digest,
    engine_parts,
    pictures_of,
    recalled,
    remember,
)
from kiosk.studio.tour import Stop

_JUDGES: Final = (
    ("kiosk.studio", "*.py"),
    ("kiosk.release", "originals.py"),
    ("kiosk.release", "svg.py"),
)


@dataclass(frozen=True, slots=True)
class Memory:
    """Frames that passed, in a text file it only adds to; GateError where that cannot be used."""

    file: Path

    def keys(self, stops: Sequence[Stop]) -> list[str | None]:
        """The key of each frame; None where a picture cannot be read: it is looked at each time."""
        keys = Keys(engine_digest((*engine_parts(), *_judges())))
        return [keys.of(stop, pictures_of(stop)) for stop in stops]

    def passed(self) -> frozenset[str]:
        """The keys of the frames without a finding; `warned` ones: with warnings and no error."""
        return recalled(self.file)

    def add(self, keys: Sequence[str]) -> None:
        """Remember these too."""
        if keys:
            remember(self.file, keys)


def warned(key: str) -> str:
    """Another key for the same frame: there are warnings, which its layout tells again."""
    return sha256(f"warned {key}".encode()).hexdigest()


def _judges() -> Iterator[tuple[str, bytes]]:
    """What judges a frame, besides what draws it."""
    for package, pattern in _JUDGES:
        for path in sorted(Path(str(files(package))).glob(pattern)):
            yield f"judge {package}/{path.name}", path.read_bytes()
    for name in ("numpy", "pillow"):
        yield f"judge {name}", version(name).encode()
