"""Head office's clips -> the files that are published: admitted, without sound or metadata."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import av
from av.stream import Stream

from kiosk.release.clip_file import SUFFIXES, ClipFile, Container, read_clip
from kiosk.release.clip_rules import OFF_BY_S
from kiosk.release.footage import Facts, Said, examine, opened, picture_of, quiet
from kiosk.release.originals import Unusable
from kiosk.release.prepare import keep

__all__ = ["ClipError", "Facts", "examine_clip", "prepared_clip"]

PREPARATION: Final = 1
"""To be raised when the same clip is to give other bytes, or to be looked at by other rules."""

_OPTIONS: Final = {
    "MP4": {"movflags": "+faststart", "fflags": "+bitexact"},
    "WebM": {"fflags": "+bitexact"},
}
_MUXERS: Final = {"MP4": "mp4", "WebM": "webm"}
_SEI: Final = 6
_USER_DATA: Final = (4, 5)


class ClipError(Exception):
    """A clip cannot be published: one sentence with its name, what is wrong, what to do."""


def examine_clip(
    path: Path, duration_s: float, *, name: str | None = None, said: Said = quiet
) -> Facts:
    """What the clip holds, all of it decoded; ClipError where no screen should play it.

    `duration_s` is what the scene says it lasts; `name` is what the message calls it, the file's
    own name by default. `said(done, total)` is called with seconds of the clip.
    """
    try:
        facts = examine(read_clip(path, Path(name or path.name).suffix), said)
        _refuse_other_length(facts.duration_s, duration_s)
    except Unusable as reason:
        raise ClipError(f"{name or path.name} {reason}") from reason
    return facts


def prepared_clip(name: str, raw: Path, duration_s: float, cache: Path, said: Said = quiet) -> Path:
    """The file to publish for the clip `name`, prepared once and kept in `cache`.

    It has the same pictures, bit by bit, with no sound, no other stream and no metadata, and of
    one clip always the same bytes. The rest is as in `examine_clip`.
    """
    try:
        file = read_clip(raw, Path(name).suffix)
        kept = cache / f"{_key(file)}{SUFFIXES[file.container]}"
        if not kept.is_file():
            examine(file, said)
            keep(kept, lambda part: _write(part, file))
        _refuse_other_length(_length_of(kept, file.container), duration_s)
    except Unusable as reason:
        raise ClipError(f"{name} {reason}") from reason
    return kept


def _refuse_other_length(real_s: float, duration_s: float) -> None:
    if abs(real_s - duration_s) > OFF_BY_S:
        raise Unusable(
            f"lasts {real_s:.1f} s, not the {duration_s:g} s of its scene; write duration_s:"
            f" {round(real_s, 1):g}"
        )


def _key(file: ClipFile) -> str:
    digest = hashlib.sha256(f"clip {PREPARATION}:{file.container}:".encode())
    digest.update(file.content)
    return digest.hexdigest()


def _length_of(kept: Path, container: Container) -> float:
    with opened(ClipFile(container, kept.read_bytes(), is_whole=True)) as clip:
        return (clip.duration or 0) / av.time_base


def _write(part: Path, file: ClipFile) -> None:
    """The pictures alone, as they are, from second 0 on; OSError where that fails."""
    try:
        _copy(part, file)
    except av.FFmpegError as error:
        raise OSError(error.errno, error.strerror) from error


def _copy(part: Path, file: ClipFile) -> None:
    muxer, options = _MUXERS[file.container], _OPTIONS[file.container]
    with opened(file) as clip, av.open(str(part), "w", format=muxer, options=options) as new:
        source = picture_of(clip)
        target = new.add_stream_from_template(source)
        target.metadata.clear()
        packets = [packet for packet in clip.demux(source) if packet.size]
        first = min(packet.pts for packet in packets if packet.pts is not None)
        size = _length_size(source) if file.container == "MP4" else 0
        for packet in packets:
            new.mux(_moved(packet, target, first, size))


def _moved(
    packet: av.Packet[av.VideoStream], target: av.VideoStream, first: int, size: int
) -> av.Packet[Stream]:
    content = bytes(packet)
    moved = av.Packet(_without_user_data(content, size) if size else content)
    moved.stream, moved.time_base = target, packet.time_base
    moved.pts = None if packet.pts is None else packet.pts - first
    moved.dts = None if packet.dts is None else packet.dts - first
    moved.duration, moved.is_keyframe = packet.duration, packet.is_keyframe
    return moved


def _length_size(stream: av.VideoStream) -> int:
    """Bytes of the length before each unit of H.264 in MP4 (ISO/IEC 14496-15, avcC)."""
    record = stream.codec_context.extradata or b""
    if len(record) < 5 or record[0] != 1:
        raise Unusable("is damaged (its H.264 has no header); export it again")
    return (record[4] & 3) + 1


def _without_user_data(content: bytes, size: int) -> bytes:
    """A frame of H.264 without what cameras and programs write into it: places, dates, names."""
    kept = (unit for unit in _units(content, size) if not _is_user_data(unit[size:]))
    return b"".join(kept)


def _units(content: bytes, size: int) -> Iterator[bytes]:
    at = 0
    while at + size < len(content):
        end = at + size + int.from_bytes(content[at : at + size], "big")
        yield content[at:end]
        at = end


def _is_user_data(unit: bytes) -> bool:
    """Whether it is supplemental information (SEI) that holds user data (ITU-T H.264, D.1)."""
    if not unit or unit[0] & 0x1F != _SEI:
        return False
    content = unit[1:].replace(b"\0\0\x03", b"\0\0")
    at = 0
    # What is left at the end is the stop bit.
    while at + 2 < len(content):
        kind, at = _sum_of(content, at)
        length, at = _sum_of(content, at)
        if kind in _USER_DATA:
            return True
        at += length
    return False


def _sum_of(content: bytes, at: int) -> tuple[int, int]:
    """A number as SEI has it, 255 for each full byte; and where it ends."""
    total = 0
    while at < len(content) and content[at] == 0xFF:
        total, at = total + 0xFF, at + 1
    return total + (content[at] if at < len(content) else 0), at + 1
