"""A clip's file as it lies on the disk: which container it is, and whether it is whole."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from kiosk.release.originals import Unusable

LARGEST_CLIP: Final = 60_000_000
"""Bytes of the file as head office has it."""

Container = Literal["MP4", "WebM"]
SUFFIXES: Final[Mapping[Container, str]] = {"MP4": ".mp4", "WebM": ".webm"}
_EBML: Final = b"\x1a\x45\xdf\xa3"
_SEGMENT: Final = b"\x18\x53\x80\x67"
_DOC_TYPE: Final = b"\x42\x82"


@dataclass(frozen=True, slots=True)
class ClipFile:
    """A clip's bytes; `is_whole` is False where its own lengths say that its end is missing."""

    container: Container
    content: bytes
    is_whole: bool


def read_clip(path: Path, suffix: str) -> ClipFile:
    """The file at `path`, named with `suffix`; Unusable where it is no such clip."""
    content = _content(path)
    container = _container(content)
    if suffix.lower() != SUFFIXES[container]:
        raise Unusable(
            f"holds {container}, not what its name says; rename it to {SUFFIXES[container]}"
        )
    is_whole = _mp4_is_whole(content) if container == "MP4" else _webm_is_whole(content)
    return ClipFile(container, content, is_whole)


def _content(path: Path) -> bytes:
    try:
        # O_NONBLOCK: opening a pipe that nobody ever writes to would wait for ever.
        flags = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(path, os.O_RDONLY | flags), "rb") as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise Unusable("is not a file; put the clip's file there")
            if status.st_size > LARGEST_CLIP:
                raise Unusable(
                    f"has {status.st_size / 1e6:.0f} MB, more than 60; export it with a lower bit"
                    " rate, 6 Mbit/s say"
                )
            content = stream.read(LARGEST_CLIP)
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or "not a possible name").lower()
        raise Unusable(f"cannot be read ({why}); check that it is there and its rights") from error
    if not content:
        raise Unusable("is empty; export it again")
    return content


def _container(content: bytes) -> Container:
    if content[4:8] == b"ftyp":
        if content[8:12] == b"qt  ":
            raise Unusable("is a QuickTime film (.mov), not MP4; export it as MP4 (H.264)")
        return "MP4"
    if content.startswith(_EBML):
        at = content.find(_DOC_TYPE, 0, 64)
        if content[at + 3 : at + 7] != b"webm":
            raise Unusable("is a Matroska film (.mkv), not WebM; export it as MP4 (H.264)")
        return "WebM"
    raise Unusable("is neither MP4 nor WebM; export it as MP4 (H.264)")


def _mp4_is_whole(content: bytes) -> bool:
    at = 0
    while at + 8 <= len(content):
        length, header = int.from_bytes(content[at : at + 4], "big"), 8
        if length == 1:
            length, header = int.from_bytes(content[at + 8 : at + 16], "big"), 16
        if length == 0 or length < header:
            # The last box may be open; zeros at the end are padding.
            return True
        at += length
    return at <= len(content)


def _webm_is_whole(content: bytes) -> bool:
    at = content.find(_SEGMENT, 0, 4096)
    if at < 0:
        return False
    at += len(_SEGMENT)
    first = content[at] if at < len(content) else 0
    width = 9 - first.bit_length()
    length = int.from_bytes(content[at : at + width], "big") & ((1 << 7 * width) - 1)
    # All bits set: the writer could not know, as where a browser recorded it.
    return length == (1 << 7 * width) - 1 or at + width + length <= len(content)
