"""What every screen can play: codecs, sizes, rates and lengths of a clip, from its header."""

from __future__ import annotations

from typing import Final

import av

from kiosk.release.clip_file import Container
from kiosk.release.originals import Unusable

LONGEST_SIDE, SHORT_SIDE, LEAST_SIDE = 1920, 1080, 640
"""Pixels: a clip fits into the first two, either way up; its longer side has the third."""
LEAST_RATE, MOST_RATE = 10.0, 30.5
"""Frames a second."""
SHORTEST_S, LONGEST_S = 3.0, 60.0
OFF_BY_S: Final = 0.25
"""How far duration_s may be from the clip's own length."""
MOST_BITS: Final = 12_000_000
"""Of the picture, a second."""
HIGHEST_LEVEL: Final = 42

_CODECS: Final = {"MP4": ("h264",), "WebM": ("vp8", "vp9")}
_PROFILES: Final = ("Baseline", "Constrained Baseline", "Main", "High", "Profile 0")
PIXELS: Final = ("yuv420p", "yuvj420p")
_NAMES: Final = {"h264": "H.264", "hevc": "H.265 (HEVC)", "av1": "AV1", "vp8": "VP8", "vp9": "VP9"}
_EXPORT: Final = {"MP4": "MP4 with H.264, profile High, 8 bit", "WebM": "WebM with VP9, 8 bit"}
_PROGRESSIVE: Final = 1
"""As libav numbers the orders of fields; 0 where it does not know."""


def codec_of(stream: av.VideoStream) -> str:
    """Its codec, as libav calls it."""
    context: av.VideoCodecContext | None = stream.codec_context
    return context.codec.canonical_name if context else "an unknown codec"


def refuse_kind(container: Container, stream: av.VideoStream) -> None:
    """Unusable where some screen has no decoder for it."""
    codec = codec_of(stream)
    remedy = f"not every screen can play it; export it as {_EXPORT[container]}"
    if codec not in _CODECS[container]:
        raise Unusable(f"holds {_NAMES.get(codec, codec)} in {container}, and {remedy}")
    profile, colours = stream.codec_context.profile, stream.codec_context.pix_fmt
    if colours is None:
        raise Unusable("is damaged (no picture can be read); copy or export it again")
    if profile and profile not in _PROFILES:
        raise Unusable(f"is {_NAMES[codec]} {profile}, and {remedy}")
    if colours not in PIXELS:
        raise Unusable(f"has its colours as {colours}, and {remedy}")


def refuse_form(stream: av.VideoStream) -> None:
    """Unusable where its frames are too large, too small, or need to be worked on."""
    short, long = sorted((stream.width, stream.height))
    size = f"{stream.width}x{stream.height}"
    if long > LONGEST_SIDE or short > SHORT_SIDE:
        share = min(LONGEST_SIDE / long, SHORT_SIDE / short)
        width, height = (round(side * share / 2) * 2 for side in (stream.width, stream.height))
        most = f"{LONGEST_SIDE}x{SHORT_SIDE}"
        raise Unusable(f"is {size}, more than {most}; export it at {width}x{height}")
    if long < LEAST_SIDE:
        raise Unusable(f"is {size}; export it with a longer side of {LEAST_SIDE} px or more")
    if (stream.sample_aspect_ratio or 1) != 1:
        raise Unusable("has pixels that are not square; export it with square ones")
    level = stream.codec_context.level
    if codec_of(stream) == "h264" and level > HIGHEST_LEVEL:
        raise Unusable(f"is H.264 level {level / 10:g}, more than 4.2; export it at level 4.2")
    if stream.codec_context.field_order > _PROGRESSIVE:
        raise Unusable("is interlaced; export it progressive")


def refuse_rate(rate: float) -> None:
    """Unusable where there are too few or too many frames a second."""
    if not LEAST_RATE <= rate <= MOST_RATE:
        raise Unusable(f"has {rate:.3g} frames a second, not {LEAST_RATE:g} to 30; export it at 25")


def refuse_length(duration_s: float) -> None:
    """Unusable where a clip is too short or too long for a scene."""
    if duration_s < SHORTEST_S - OFF_BY_S:
        raise Unusable(f"lasts {duration_s:.1f} s, less than {SHORTEST_S:g}; export a longer cut")
    if duration_s > LONGEST_S + OFF_BY_S:
        raise Unusable(f"lasts {duration_s:.0f} s, more than {LONGEST_S:g}; export a shorter cut")
