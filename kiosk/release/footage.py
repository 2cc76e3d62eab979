"""What a clip holds, found by decoding all of it; a sentence where no screen should play it."""

from __future__ import annotations

import re
import struct
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import pairwise
from math import inf
from typing import Final

import av
from av.codec.context import ThreadType
from av.container import InputContainer
from av.sidedata.sidedata import SideData
from av.stream import Disposition

from kiosk.release.clip_file import ClipFile, Container
from kiosk.release.clip_rules import (
    LONGEST_S,
    MOST_BITS,
    OFF_BY_S,
    PIXELS,
    codec_of,
    refuse_form,
    refuse_kind,
    refuse_length,
    refuse_rate,
)
from kiosk.release.originals import Unusable

MOST_IN_A_SECOND: Final = 33
LONGEST_FRAME_S: Final = 0.25
_DEMUXERS: Final = {"MP4": "mp4", "WebM": "matroska"}
_LOOK_EVERY_S: Final = 0.5
_LOOK: Final = (64, 64)
_DARK: Final = 40
_BRIGHT_SHARE: Final = 0.01
"""A frame is black where fewer pixels than this share are brighter than that level of 255."""
_ROUNDED_S: Final = 0.002
"""WebM keeps thousandths of a second."""
_WEBM_LENGTH: Final = re.compile(r"([0-9]{1,4}):([0-9]{2}):([0-9]{2}\.[0-9]+)")
# A display matrix: 16.16 fixed point, but for 2.30 in its last column.
_UPRIGHT: Final = struct.pack("=9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)

Said = Callable[[int, int], None]


def quiet(_done: int, _total: int) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Facts:
    """A clip that screens can play. Size in px, rate in frames a second, bit rate of the picture.

    `has_sound` says that the original has sound; what is published has none.
    """

    container: Container
    codec: str
    size: tuple[int, int]
    rate: float
    duration_s: float
    bits_per_s: int
    frames: int
    has_sound: bool


def opened(file: ClipFile) -> InputContainer:
    """The clip, to be read. Unusable where its beginning or index cannot be."""
    try:
        # `format`: what libav guesses from a text file may open other files and addresses.
        form = _DEMUXERS[file.container]
        return av.open(BytesIO(file.content), "r", format=form, metadata_errors="replace")
    except (av.FFmpegError, ValueError) as error:
        fault = "is damaged" if file.is_whole else "is cut short"
        raise Unusable(f"{fault} (it has no index); copy or export it again") from error


def picture_of(clip: InputContainer) -> av.VideoStream:
    """The one stream of moving pictures; covers and thumbnails do not count."""
    covers = Disposition.attached_pic | Disposition.timed_thumbnails
    streams = [stream for stream in clip.streams.video if not stream.disposition & covers]
    if len(streams) != 1:
        many = f"{len(streams)} films at once" if streams else "no moving picture"
        raise Unusable(f"holds {many}; export it with one")
    return streams[0]


def examine(file: ClipFile, said: Said = quiet) -> Facts:
    """Decode the whole clip; Unusable where a screen should not play it.

    `said(done, total)` is called with seconds of the clip.
    """
    with opened(file) as clip:
        stream = picture_of(clip)
        refuse_kind(file.container, stream)
        refuse_form(stream)
        declared = _declared_s(clip, stream)
        if file.is_whole and declared:
            refuse_length(declared)
        if file.is_whole and stream.average_rate:
            refuse_rate(float(stream.average_rate))
        film = _Film(stream, file.is_whole, declared or LONGEST_S, said)
        film.decode(clip)
        _refuse_gaps(film, declared)
        return _facts(clip, film, file.container)


@dataclass(slots=True)
class _Film:
    """The frames as they come out of the decoder, and when each is shown."""

    stream: av.VideoStream
    is_whole: bool
    total_s: float
    said: Said
    times: list[float] = field(default_factory=list)
    bits: int = 0
    packets: int = 0
    _begins_black: bool = False
    _is_seen: bool = False
    _next_look_s: float = 0.0

    def decode(self, clip: InputContainer) -> None:
        """All of it; Unusable at the first frame that no screen should show."""
        self.stream.thread_type = ThreadType.AUTO
        # libav would paint over what it cannot decode, without a word.
        self.stream.codec_context.options = {"err_detect": "explode"}
        frame: av.VideoFrame | None = None
        try:
            for frame in self._frames(clip):
                self._take(frame)
        except (av.FFmpegError, ValueError) as error:
            raise self.broken() from error
        if frame is None:
            raise self.broken()
        self._refuse_black(frame)

    def _frames(self, clip: InputContainer) -> Iterator[av.VideoFrame]:
        for packet in clip.demux(self.stream):
            if packet.is_discard:
                raise Unusable("still holds what was cut off it; export the cut as a new file")
            if packet.size:
                self.bits += 8 * packet.size
                self.packets += 1
            yield from packet.decode()

    def _take(self, frame: av.VideoFrame) -> None:
        if frame.pts is None or frame.is_corrupt or frame.time <= self._latest():
            raise self.broken()
        self._refuse_odd(frame)
        self.times.append(frame.time)
        if self.shown_s > LONGEST_S + OFF_BY_S:
            raise Unusable(f"lasts more than {LONGEST_S:g} s; export a shorter cut")
        if self.shown_s >= self._next_look_s:
            self._next_look_s = self.shown_s + _LOOK_EVERY_S
            self._look(frame)

    def _latest(self) -> float:
        return self.times[-1] if self.times else -inf

    def _look(self, frame: av.VideoFrame) -> None:
        total = round(self.total_s)
        self.said(min(int(self.shown_s), total), total)
        if not self._is_seen:
            self._is_seen = not _is_black(frame)
            self._begins_black = self._begins_black or not self._is_seen

    def _refuse_black(self, last: av.VideoFrame) -> None:
        if not self._is_seen:
            raise Unusable("is black from beginning to end; export it again")
        if self._begins_black:
            raise Unusable("begins in black, and the fade would show it; cut its beginning off")
        if _is_black(last):
            raise Unusable("ends in black, and its last frame stays on the glass; cut its end off")

    def _refuse_odd(self, frame: av.VideoFrame) -> None:
        if frame.interlaced_frame:
            raise Unusable("is interlaced; export it progressive")
        if _is_turned(frame):
            raise Unusable("lies on its side or is mirrored, with a note to turn it; export it"
                           " upright")  # fmt: skip
        size = (frame.width, frame.height)
        if size != (self.stream.width, self.stream.height) or frame.format.name not in PIXELS:
            raise Unusable(f"changes its format at {self.shown_s:.1f} s; export it again as one")

    @property
    def shown_s(self) -> float:
        """From the first frame to the latest one, which is not counted."""
        return self.times[-1] - self.times[0] if self.times else 0.0

    @property
    def rate(self) -> float:
        """Frames a second, on average."""
        return (len(self.times) - 1) / self.shown_s if self.shown_s else 0.0

    @property
    def length_s(self) -> float:
        """Until the end of the last frame."""
        return len(self.times) / self.rate if self.rate else 0.0

    def broken(self) -> Unusable:
        """It ends or breaks after the latest frame."""
        at = f"{self.shown_s:.1f} s; copy or export it again"
        return Unusable(f"breaks at {at}" if self.is_whole else f"is cut short at {at}")


def _refuse_gaps(film: _Film, declared_s: float | None) -> None:
    """Unusable where frames are missing, or come at times too uneven to play smoothly."""
    # WebM counts from second 0, where a clip need not begin.
    length = max(film.length_s, film.length_s + film.times[0])
    is_short = declared_s is not None and length < declared_s - OFF_BY_S
    if not film.is_whole or is_short or film.packets < film.stream.frames:
        raise film.broken()
    refuse_length(film.length_s)
    refuse_rate(film.rate)
    for one, other in pairwise(film.times):
        if other - one > LONGEST_FRAME_S:
            raise Unusable(f"stands still for {other - one:.1f} s at {one - film.times[0]:.1f} s;"
                           " export it at a constant frame rate")  # fmt: skip
    for number, time in enumerate(film.times):
        if bisect_left(film.times, time + 1 - _ROUNDED_S) - number > MOST_IN_A_SECOND:
            raise Unusable(f"has more than 30 frames in the second from {time - film.times[0]:.1f}"
                           " s; export it at a constant frame rate")  # fmt: skip


def _facts(clip: InputContainer, film: _Film, container: Container) -> Facts:
    bits = round(film.bits / film.length_s)
    if bits > MOST_BITS:
        raise Unusable(f"has {bits / 1e6:.1f} Mbit/s, more than {MOST_BITS / 1e6:g}; export it with"
                       " 6")  # fmt: skip
    return Facts(
        container=container,
        codec=codec_of(film.stream),
        size=(film.stream.width, film.stream.height),
        rate=film.rate,
        duration_s=film.length_s,
        bits_per_s=bits,
        frames=len(film.times),
        has_sound=bool(clip.streams.audio),
    )


def _declared_s(clip: InputContainer, stream: av.VideoStream) -> float | None:
    """How long the file says that its pictures last; None where it does not say."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    if told := _WEBM_LENGTH.match(stream.metadata.get("DURATION", "")):
        hours, minutes, seconds = map(float, told.groups())
        return 3600 * hours + 60 * minutes + seconds
    alone = clip.duration if len(clip.streams) == 1 else None
    return alone / av.time_base if alone else None


def _is_turned(frame: av.VideoFrame) -> bool:
    matrix = frame.side_data.get("DISPLAYMATRIX")
    return isinstance(matrix, SideData) and bytes(matrix) != _UPRIGHT


def _is_black(frame: av.VideoFrame) -> bool:
    small = frame.reformat(_LOOK[0], _LOOK[1], "gray")
    levels = bytes(small.planes[0])
    return sum(level > _DARK for level in levels) < len(levels) * _BRIGHT_SHARE
