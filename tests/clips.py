"""Real clips for tests, made in a moment; each picture tells its number and where its parts lie.

The brightness of ten bands, from the top down, is the picture's number in binary, highest bit
first; the two colour planes rise from left to right and from top to bottom. No part is ever black.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Final, Literal, NamedTuple

import av
import numpy as np
from numpy.typing import NDArray

Codec = Literal["libx264", "libvpx-vp9", "libvpx", "mpeg4"]
Pixels = NDArray[np.uint8]

BITS: Final = 10
DIM, BRIGHT = 90, 160
_QUICK: Final[Mapping[str, Mapping[str, str]]] = {
    "libx264": {"preset": "ultrafast", "crf": "20"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "crf": "20", "b": "0"},
    "libvpx": {"deadline": "realtime", "cpu-used": "16", "crf": "10", "b": "4M"},
}
_BT709: Final = 1
_WEBM_HEAD: Final = 200
_LIMITED: Final = 1


class Part(NamedTuple):
    """What one spot of a rendered picture tells: a bit of its number, and where it lies (0..1)."""

    bright: bool
    across: float
    down: float


def make(
    path: Path,
    *,
    codec: Codec = "libx264",
    size: tuple[int, int] = (640, 360),
    fps: float = 25,
    seconds: float = 2.0,
    with_audio: bool = False,
    metadata: Mapping[str, str] | None = None,
    pixels: str = "yuv420p",
    moment: Callable[[int], int] = int,
) -> Path:
    """Write a clip; the name's ending is its container. An MP4 has its index in front.

    `moment` says in which step of 1 / fps a picture is shown; by itself, in that of its number.
    """
    rate = Fraction(fps).limit_denominator(1001)
    with av.open(path, "w", options=_options(path)) as file:
        file.metadata.update(metadata or {})
        video = file.add_stream(codec, rate=rate, options=dict(_QUICK.get(codec, {})))
        video.width, video.height, video.pix_fmt = *size, pixels
        video.codec_context.thread_count = 1
        video.codec_context.colorspace, video.codec_context.color_range = _BT709, _LIMITED
        sound = file.add_stream(_sound_for(path), rate=48_000) if with_audio else None
        for number in range(round(seconds * fps)):
            picture = _picture(number, size).reformat(format=pixels)
            picture.pts = moment(number)
            file.mux(video.encode(picture))
        file.mux(video.encode(None))
        if sound is not None:
            for piece in _hum(seconds):
                file.mux(sound.encode(piece))
            file.mux(sound.encode(None))
    return path


def _options(path: Path) -> dict[str, str]:
    return {"movflags": "+faststart"} if path.suffix == ".mp4" else {}


def _sound_for(path: Path) -> Literal["libopus", "aac"]:
    return "libopus" if path.suffix == ".webm" else "aac"


def _picture(number: int, size: tuple[int, int]) -> av.VideoFrame:
    width, height = size
    bands = np.arange(height) * BITS // height
    bits = (number >> (BITS - 1 - bands)) & 1
    bright = np.where(bits[:, None] == 1, BRIGHT, DIM).repeat(width, axis=1)
    across = np.broadcast_to(np.linspace(96, 160, width // 2), (height // 2, width // 2))
    down = np.broadcast_to(np.linspace(96, 160, height // 2)[:, None], across.shape)
    frame = av.VideoFrame(width, height, "yuv420p")
    for plane, levels in zip(frame.planes, (bright, across, down), strict=True):
        rows = np.zeros((plane.height, plane.line_size), np.uint8)
        rows[:, : plane.width] = levels
        plane.update(rows.tobytes())
    frame.colorspace, frame.color_range = _BT709, _LIMITED
    return frame


def _hum(seconds: float) -> Iterator[av.AudioFrame]:
    """A soft tone at 48 kHz, in pieces of a tenth of a second."""
    piece = 4_800
    for number in range(round(seconds * 10)):
        turns = (np.arange(piece) + number * piece) * 440 / 48_000
        wave = (np.sin(2 * np.pi * turns) * 3_000).astype(np.int16)[None, :]
        sound = av.AudioFrame.from_ndarray(wave, format="s16", layout="mono")
        sound.sample_rate, sound.pts = 48_000, number * piece
        yield sound


def number_of(picture: Pixels) -> int:
    """Read a rendered picture (height x width x blue, green, red) that was not cut in height."""
    middle = picture.shape[1] // 2
    rows = [(2 * band + 1) * picture.shape[0] // (2 * BITS) for band in range(BITS)]
    bits = [part_of(picture[row, middle]).bright for row in rows]
    return int("".join(str(int(bit)) for bit in bits), 2)


def part_of(pixel: Pixels) -> Part:
    """Read one pixel (blue, green, red) of a rendered picture."""
    blue, green, red = (float(level) for level in pixel[:3])
    bright = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    # BT.709 with limited range, as the clips are marked.
    across, down = (
        (128 + (level - bright) / full * 224 / 255 - 96) / 64
        for level, full in ((blue, 1.8556), (red, 1.5748))
    )
    return Part(16 + bright * 219 / 255 > (DIM + BRIGHT) / 2, across, down)


def truncated(path: Path, share: float = 0.4) -> Path:
    """The first part of a clip's file; its header still promises the whole."""
    return _beside(path, "truncated", path.read_bytes()[: round(path.stat().st_size * share)])


def broken(path: Path) -> Path:
    """A clip's file whose header is whole and whose pictures are noise."""
    whole = np.frombuffer(path.read_bytes(), np.uint8).copy()
    begins = max(path.read_bytes().find(b"mdat") + 4, _WEBM_HEAD)
    whole[begins:] = np.random.default_rng(1).integers(0, 256, whole.size - begins)
    return _beside(path, "broken", whole.tobytes())


def unsupported(path: Path) -> Path:
    """A sound MP4 in a codec that no decoder knows: H.264 under another name."""
    assert b"avc1" in path.read_bytes()
    foreign = path.read_bytes().replace(b"avc1", b"o2v1").replace(b"avcC", b"o2vC")
    return _beside(path, "unsupported", foreign)


def endless(path: Path, hours: float = 1.0) -> Path:
    """A WebM as a live stream is written: no length, no index; the clip (WebM) over and over."""
    stands = path.with_name(f"{path.stem}-endless.webm")
    with av.open(path) as clip, av.open(stands, "w", options={"live": "1"}) as file:
        source = clip.streams.video[0]
        video = file.add_stream_from_template(source)
        pieces = [(p.pts, bytes(p), p.is_keyframe) for p in clip.demux(source) if p.pts is not None]
        period = pieces[-1][0] + pieces[1][0]
        for turn in range(round(hours * 3_600_000 / period)):  # WebM counts in milliseconds
            for begins, raw, whole in pieces:
                packet = av.Packet(raw)
                packet.stream, packet.time_base = video, Fraction(1, 1000)
                packet.pts = packet.dts = begins + turn * period
                packet.is_keyframe = whole
                file.mux(packet)
    return stands


def _beside(path: Path, name: str, whole: bytes) -> Path:
    stands = path.with_name(f"{path.stem}-{name}{path.suffix}")
    stands.write_bytes(whole)
    return stands
