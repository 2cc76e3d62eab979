"""An original picture's file -> what it holds, and a copy without metadata; nothing is decoded."""

from __future__ import annotations

import os
import re
import stat
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from kiosk.release import svg

LARGEST_FILE: Final = 64 * 2**20
"""Bytes: a picture prepared for print is smaller, a mistake is not."""
LARGEST_PROFILE: Final = 8 * 2**20
LARGEST_SIDE: Final = 20_000
LARGEST_AREA: Final = 150_000_000

Format = Literal["JPEG", "PNG", "WEBP", "SVG"]
SUFFIXES: Final[Mapping[Format, tuple[str, ...]]] = {
    "JPEG": (".jpg", ".jpeg"),
    "PNG": (".png",),
    "WEBP": (".webp",),
    "SVG": (".svg",),
}


class Unusable(Exception):
    """Why an original cannot be published and what to do: a sentence that lacks the name."""


@dataclass(frozen=True, slots=True)
class Original:
    """A picture as head office made it; `size` in px as stored, (0, 0) for a drawing.

    `bare` is the same picture without metadata and colour profile; `ready` says that those bytes
    may be published where nothing else must change.
    """

    format: Format
    size: tuple[int, int]
    bare: bytes
    orientation: int = 1
    profile: bytes | None = None
    ready: bool = False
    lossless: bool = False

    @property
    def upright(self) -> tuple[int, int]:
        """Width and height in px once the picture is turned as its EXIF asks."""
        return self.size[::-1] if self.orientation >= 5 else self.size


def read_whole(path: Path) -> bytes:
    """The file's bytes; Unusable where it is no file, empty, too large or cannot be read."""
    try:
        # O_NONBLOCK: opening a pipe that nobody ever writes to would wait for ever.
        flags = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(path, os.O_RDONLY | flags), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise Unusable("is not a file; put the picture's file there")
            raw = stream.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or "not a possible name").lower()
        raise Unusable(f"cannot be read ({why}); check that it is there and its rights") from error
    if not raw:
        raise Unusable("is empty; export it again")
    if len(raw) > LARGEST_FILE:
        raise Unusable("is larger than 64 MB; export it smaller")
    return raw


def examine(raw: bytes, suffix: str) -> Original:
    """What `raw` holds; Unusable where that is damaged, too large, or not what `suffix` says."""
    form = _format(raw)
    if suffix.lower() not in SUFFIXES[form]:
        label = "WebP" if form == "WEBP" else form
        raise Unusable(f"holds {label}, not what its name says; rename it to {SUFFIXES[form][0]}")
    try:
        original = _EXAMINERS[form](raw)
    except (struct.error, IndexError, zlib.error) as error:
        raise Unusable("is damaged; export it again") from error
    width, height = original.size
    if form != "SVG" and min(width, height) < 1:
        raise Unusable("is damaged (no size); export it again")
    if max(width, height) > LARGEST_SIDE or width * height > LARGEST_AREA:
        raise Unusable(
            f"is {width} x {height} px, more than 20,000 px a side or 150 million px in all; "
            "export it smaller"
        )
    return original


def _format(raw: bytes) -> Format:
    if raw.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if raw.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if raw.startswith(b"RIFF") and raw[8:12] == b"WEBP":
        return "WEBP"
    if raw.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<"):
        return "SVG"
    if raw.startswith(b"\x1f\x8b"):
        raise Unusable("is compressed (gzip, svgz); save it as a plain .svg file")
    raise Unusable("is neither JPEG, PNG, WebP nor SVG; export it as one of them")


def _cut_short() -> Unusable:
    return Unusable("is cut short; copy or export it again")


def _animated() -> Unusable:
    return Unusable("is animated; export a still picture")


def _orientation(exif: bytes) -> int:
    """The EXIF orientation, 1 to 8; 1 where there is none or the EXIF data cannot be read."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return 1
    try:
        (first,) = struct.unpack_from(f"{order}I", exif, 4)
        (entries,) = struct.unpack_from(f"{order}H", exif, first)
        fields = (
            struct.unpack_from(f"{order}HHIH", exif, first + 2 + 12 * number)
            for number in range(entries)
        )
        turn = next((value for tag, _, _, value in fields if tag == 0x0112), 1)
    except struct.error:
        return 1
    return turn if 1 <= turn <= 8 else 1


_MARKER: Final = re.compile(rb"\xff([\xc0-\xcf\xd9-\xfe])")
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_START_OF_SCAN, _END, _APP0, _APP1, _APP2, _APP14 = 0xDA, 0xD9, 0xE0, 0xE1, 0xE2, 0xEE
_JFIF: Final = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"


def _jpeg(raw: bytes) -> Original:
    segments = list(_segments(raw))
    frames = [(marker, segment) for marker, segment in segments if marker in _FRAMES]
    if not frames:
        raise Unusable("is damaged (no picture in it); export it again")
    marker, frame = frames[0]
    _, height, width, parts = struct.unpack_from(">BHHB", frame, 4)
    exif = [*_payloads(segments, _APP1, b"Exif\0\0"), b""]
    bare = b"".join(_bare_segment(kind, segment) for kind, segment in segments)
    return Original(
        "JPEG",
        (width, height),
        b"\xff\xd8" + bare + b"\xff\xd9",
        orientation=_orientation(exif[0]),
        profile=_joined(sorted(_payloads(segments, _APP2, b"ICC_PROFILE\0"))),
        ready=marker == 0xC0 and parts in (1, 3),
    )


def _segments(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Each segment up to the end of the first picture; a scan's segment holds its data too.

    Phones append a second picture or a film after the end.
    """
    at = 2
    while found := _MARKER.search(raw, at):
        marker, start = found[1][0], found.start()
        if marker == _END:
            return
        at = start + 2 + int.from_bytes(raw[start + 2 : start + 4], "big")
        if marker == _START_OF_SCAN:
            following = _MARKER.search(raw, at)
            at = following.start() if following else len(raw)
        yield marker, raw[start:at]
    raise _cut_short()


def _payloads(segments: list[tuple[int, bytes]], marker: int, label: bytes) -> list[bytes]:
    found = (segment[4:] for kind, segment in segments if kind == marker)
    return [payload[len(label) :] for payload in found if payload.startswith(label)]


def _joined(pieces: list[bytes]) -> bytes | None:
    """The profile from its numbered pieces, each with its number and their count before it."""
    if not pieces:
        return None
    if [piece[0] for piece in pieces] != list(range(1, pieces[0][1] + 1)):
        raise Unusable("has a damaged colour profile; export it again as sRGB")
    return b"".join(piece[2:] for piece in pieces)


def _bare_segment(marker: int, segment: bytes) -> bytes:
    """What decoding needs of it: without a JFIF or Adobe marker its colours would be guessed."""
    if marker == _APP0:
        return _JFIF if segment[4:9] == b"JFIF\0" else b""
    if marker == _APP14 and segment[4:9] == b"Adobe" and len(segment) >= 16:
        return b"\xff\xee\x00\x0e" + segment[4:16]
    return b"" if marker >= _APP0 else segment


_PNG_PIXELS: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})


def _png(raw: bytes) -> Original:
    chunks = list(_png_chunks(raw))
    first = {kind: chunk[8:-4] for kind, chunk in reversed(chunks)}
    if b"acTL" in first:
        raise _animated()
    if chunks[0][0] != b"IHDR":
        raise Unusable("is damaged (no size); export it again")
    width, height = struct.unpack_from(">2I", first[b"IHDR"])
    return Original(
        "PNG",
        (width, height),
        raw[:8] + b"".join(chunk for kind, chunk in chunks if kind in _PNG_PIXELS),
        orientation=_orientation(first.get(b"eXIf", b"")),
        profile=_inflated(first[b"iCCP"]) if b"iCCP" in first else None,
    )


def _png_chunks(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at + 12 <= len(raw):
        length, kind = struct.unpack_from(">I4s", raw, at)
        chunk = raw[at : at + 12 + length]
        if len(chunk) < 12 + length:
            break
        if zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:], "big"):
            raise Unusable(f"is damaged (check sum at byte {at}); copy or export it again")
        yield kind, chunk
        if kind == b"IEND":
            return
        at += len(chunk)
    raise _cut_short()


def _inflated(named: bytes) -> bytes:
    unpacking = zlib.decompressobj()
    profile = unpacking.decompress(named.partition(b"\0")[2][1:], LARGEST_PROFILE)
    if not unpacking.eof:
        raise Unusable("has a damaged or huge colour profile; export it again as sRGB")
    return profile


_WEBP_ALPHA: Final = 0x10


def _webp(raw: bytes) -> Original:
    chunks = list(_webp_chunks(raw))
    first = {kind: chunk[8:] for kind, chunk in reversed(chunks)}
    if b"ANIM" in first or b"ANMF" in first:
        raise _animated()
    kept = [_bare_chunk(kind, chunk) for kind, chunk in chunks]
    body = b"WEBP" + b"".join(kept)
    return Original(
        "WEBP",
        _webp_size(first),
        b"RIFF" + struct.pack("<I", len(body)) + body,
        orientation=_orientation(first.get(b"EXIF", b"").removeprefix(b"Exif\0\0")),
        profile=first.get(b"ICCP"),
        ready=True,
        lossless=b"VP8L" in first,
    )


def _webp_chunks(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    at, end = 12, 8 + int.from_bytes(raw[4:8], "little")
    if end > len(raw):
        raise _cut_short()
    while at + 8 <= end:
        kind, length = struct.unpack_from("<4sI", raw, at)
        if at + 8 + length > end:
            raise _cut_short()
        yield kind, raw[at : at + 8 + length]
        at += 8 + length + length % 2


def _bare_chunk(kind: bytes, chunk: bytes) -> bytes:
    if kind == b"VP8X":
        chunk = chunk[:8] + bytes([chunk[8] & _WEBP_ALPHA]) + chunk[9:]
    if kind not in (b"VP8X", b"ALPH", b"VP8 ", b"VP8L"):
        return b""
    return chunk + bytes(len(chunk) % 2)


def _webp_size(first: Mapping[bytes, bytes]) -> tuple[int, int]:
    if extended := first.get(b"VP8X"):
        return (
            int.from_bytes(extended[4:7], "little") + 1,
            int.from_bytes(extended[7:10], "little") + 1,
        )
    if lossless := first.get(b"VP8L"):
        (bits,) = struct.unpack_from("<I", lossless, 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<2H", first.get(b"VP8 ", b""), 6)
    return width & 0x3FFF, height & 0x3FFF


def _svg(raw: bytes) -> Original:
    if fault := svg.fault_in(raw):
        raise Unusable(fault)
    return Original("SVG", (0, 0), raw)


_EXAMINERS: Final[Mapping[Format, Callable[[bytes], Original]]] = {
    "JPEG": _jpeg,
    "PNG": _png,
    "WEBP": _webp,
    "SVG": _svg,
}
