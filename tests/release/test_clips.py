"""Clips: what is admitted, what is refused in which words, and what is published of them."""

from __future__ import annotations

import io
import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal

import av
import numpy as np
import pytest

from kiosk.player import scenery
from kiosk.player.clips import _Showing
from kiosk.release.clips import ClipError, examine_clip, prepared_clip
from tests.clips import make

GPS: Final = {"location": "+48.0061+000.1996/", "title": "Nadia au Mans", "comment": "iPhone 15"}
TRACES: Final = (b"48.0061", b"Nadia", b"iPhone", b"x264", b"Lavc", b"libvpx", b"mp4a", b"Opus")
Codec = Literal["libx264", "libx265", "libvpx-vp9", "libvpx"]
NAMES: Final = ("nadia.mp4", "vp9.webm", "vp8.webm")


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clips of three seconds, as a telephone would make them."""
    folder = tmp_path_factory.mktemp("originals")
    more: dict[str, Any] = {"seconds": 3, "fps": 10, "with_audio": True, "metadata": GPS}
    make(folder / "nadia.mp4", **more)
    make(folder / "vp9.webm", codec="libvpx-vp9", **more)
    make(folder / "vp8.webm", codec="libvpx", **more)
    return folder


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds in which no picture is like the one before."""
    return film(tmp_path_factory.mktemp("noise") / "a.mp4", noise=True)


def film(
    path: Path,
    *,
    times: Sequence[int] = range(30),
    levels: Callable[[int], int] = lambda number: 80 + number % 100,
    rate: int = 10,
    codec: Codec = "libx264",
    pixels: str = "yuv420p",
    options: Mapping[str, str] | None = None,
    noise: bool = False,
    **stream: Any,
) -> Path:
    """A grey clip with a frame at each of `times` (in frames of `rate` a second)."""
    chance = np.random.default_rng(1)
    with av.open(path, "w", options={"movflags": "+faststart"}) as file:
        video = file.add_stream(
            codec, rate=rate, options={"preset": "ultrafast", **(options or {})}
        )
        video.width, video.height, video.pix_fmt = 640, 360, pixels
        for key, value in stream.items():
            setattr(video.codec_context, key, value)
        for number, pts in enumerate(times):
            shape = (360, 640, 3)
            grey = np.full(shape, levels(number), np.uint8)
            picture = chance.integers(0, 256, shape, np.uint8) if noise else grey
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pixels)
            frame.pts = pts
            file.mux(video.encode(frame))
        file.mux(video.encode(None))
    return path


def again(
    source: Path, path: Path, *, turned: float = 0, later: int = 0, faststart: bool = True
) -> Path:
    """The same pictures in another file: turned by degrees, later by ticks."""
    flags = {"movflags": "+faststart"} if faststart and path.suffix == ".mp4" else {}
    with av.open(source) as clip, av.open(path, "w", options=flags) as file:
        stream = clip.streams.video[0]
        target = file.add_stream_from_template(stream)
        if turned:
            target.set_display_rotation(turned)
        for packet in clip.demux(stream):
            if packet.pts is not None and packet.dts is not None:
                packet.pts, packet.dts = packet.pts + later, packet.dts + later
                packet.stream = target
                file.mux(packet)
    return path


def refusal(path: Path, duration_s: float = 3) -> str:
    """What is told about a clip that is refused."""
    with pytest.raises(ClipError) as caught:
        examine_clip(path, duration_s, name=f"clips/{path.name}")
    message = str(caught.value)
    assert message.startswith(f"clips/{path.name} ")
    assert "\n" not in message
    assert "; " in message, "says nothing to do"
    return message.removeprefix(f"clips/{path.name} ")


def pictures(path: Path) -> list[tuple[float, int]]:
    """When each frame is shown, and what is in it."""
    with av.open(path) as clip:
        return [
            (round(frame.time, 3), hash(frame.to_ndarray().tobytes()))
            for frame in clip.decode(video=0)
        ]


def spoilt(source: Path, path: Path, share: float, many: int = 400) -> Path:
    """A copy with some bytes changed, `share` of the way through the pictures."""
    raw = bytearray(source.read_bytes())
    begin = raw.find(b"mdat")
    at = begin + round((len(raw) - begin) * share)
    raw[at : at + many] = np.random.default_rng(2).bytes(many)
    path.write_bytes(raw)
    return path


# --- admitted ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "container", "codec"),
    [("nadia.mp4", "MP4", "h264"), ("vp9.webm", "WebM", "vp9"), ("vp8.webm", "WebM", "vp8")],
)
def test_what_screens_can_play(originals: Path, name: str, container: str, codec: str) -> None:
    told = list[tuple[int, int]]()
    facts = examine_clip(originals / name, 3, said=lambda done, total: told.append((done, total)))
    assert facts.rate == pytest.approx(10, abs=0.1)
    assert facts.duration_s == pytest.approx(3, abs=0.05)
    assert 0 < facts.bits_per_s < 1_000_000
    assert facts == replace(facts, size=(640, 360), frames=30, has_sound=True)
    assert (facts.container, facts.codec) == (container, codec)
    assert told == sorted(told)
    assert {done for done, _ in told} == {0, 1, 2}
    assert {total for _, total in told} == {3}


def test_the_largest_upright_clip(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mp4", size=(1080, 1920), seconds=3, fps=10)
    assert examine_clip(path, 3).size == (1080, 1920)


def test_the_reordered_frames_of_good_encoders(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", options={"preset": "veryfast", "bf": "3"})
    assert examine_clip(path, 3).frames == 30
    kept = prepared_clip("a.mp4", path, 3, tmp_path / "cache")
    assert pictures(kept) == pictures(path)


@pytest.mark.parametrize("duration", [2.76, 3, 3.24])
def test_a_length_that_is_nearly_right(originals: Path, duration: float) -> None:
    assert examine_clip(originals / "nadia.mp4", duration).frames == 30


# --- refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"size": (3840, 2160), "seconds": 0.1},
         "is 3840x2160, more than 1920x1080; export it at 1920x1080"),
        ({"size": (1200, 1200), "seconds": 0.1}, "is 1200x1200, more than 1920x1080; export it at"
         " 1080x1080"),
        ({"size": (320, 180)}, "is 320x180; export it with a longer side of 640 px or more"),
        ({"fps": 60}, "has 60 frames a second, not 10 to 30; export it at 25"),
        ({"fps": 5}, "has 5 frames a second, not 10 to 30; export it at 25"),
        ({"pixels": "yuv420p10le"}, "is H.264 High 10, and not every screen can play it; export it"
         " as MP4 with H.264, profile High, 8 bit"),
        ({"pixels": "yuv422p"}, "is H.264 High 4:2:2, and not every screen can play it"),
        ({"codec": "mpeg2video"}, "holds mpeg2video in MP4, and not every screen can play it"),
        ({"codec": "libvpx-vp9"}, "holds VP9 in MP4, and not every screen can play it"),
        ({"seconds": 2}, "lasts 2.0 s, less than 3; export a longer cut"),
        ({"seconds": 4}, "lasts 4.0 s, not the 3 s of its scene; write duration_s: 4"),
        ({"seconds": 3.5}, "lasts 3.5 s, not the 3 s of its scene; write duration_s: 3.5"),
    ],
)  # fmt: skip
def test_what_is_refused(tmp_path: Path, how: dict[str, Any], says: str) -> None:
    path = make(tmp_path / "a.mp4", **{"seconds": 3, "fps": 10, **how})
    assert refusal(path).startswith(says)


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"codec": "libx265"}, "holds H.265 (HEVC) in MP4, and not every screen can play it"),
        ({"options": {"level": "5.1"}}, "is H.264 level 5.1, more than 4.2; export it at level"),
        ({"sample_aspect_ratio": 2}, "has pixels that are not square; export it with square"),
        (
            {"options": {"x264-params": "interlaced=1"}, "flags": 0x20040000},
            "is interlaced; export it progressive",
        ),
        ({"times": range(0, 625, 41), "levels": lambda _: 90}, "lasts 6"),
        ({"times": [*range(50), *range(60, 85)], "rate": 25}, "stands still for 0.4 s at 2.0 s;"),
        ({"levels": lambda _: 4}, "is black from beginning to end; export it again"),
        ({"levels": lambda number: 4 * number}, "begins in black, and the fade would show it"),
        ({"levels": lambda number: 117 - 4 * number}, "ends in black, and its last frame stays"),
        ({"noise": True, "options": {"qp": "1"}}, "has 3"),
    ],
    ids=lambda value: value.split(";")[0] if isinstance(value, str) else "",
)
def test_what_is_refused_of_special_clips(tmp_path: Path, how: dict[str, Any], says: str) -> None:
    assert refusal(film(tmp_path / "a.mp4", **how), 3).startswith(says)


def test_the_rate_of_every_second_counts(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(path, "w") as file:
        video = file.add_stream("libx264", rate=100, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 640, 360, "yuv420p"
        for pts in (*range(0, 100, 2), *range(100, 300, 10)):
            grey = np.full((360, 640, 3), 90, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24").reformat(format="yuv420p")
            frame.pts = pts
            file.mux(video.encode(frame))
        file.mux(video.encode(None))
    assert refusal(path).startswith("has more than 30 frames in the second from 0.0 s; export it")


@pytest.mark.parametrize("degrees", [90, 180])
def test_a_note_to_turn_it(originals: Path, tmp_path: Path, degrees: float) -> None:
    path = again(originals / "nadia.mp4", tmp_path / "a.mp4", turned=degrees)
    assert refusal(path).endswith("with a note to turn it; export it upright")


def test_what_was_cut_off_is_not_published(originals: Path, tmp_path: Path) -> None:
    with av.open(originals / "nadia.mp4") as clip:
        ticks = clip.streams.video[0].time_base
    assert ticks is not None
    path = again(originals / "nadia.mp4", tmp_path / "a.mp4", later=-round(0.2 / ticks))
    assert refusal(path) == "still holds what was cut off it; export the cut as a new file"


# --- damaged ----------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.3, 0.5, 0.8])
@pytest.mark.parametrize("name", NAMES)
def test_a_clip_that_is_cut_short(originals: Path, tmp_path: Path, name: str, share: float) -> None:
    raw = (originals / name).read_bytes()
    path = tmp_path / name
    path.write_bytes(raw[: round(len(raw) * share)])
    found = re.fullmatch(r"is cut short at ([0-9.]+) s; copy or export it again", refusal(path))
    assert found
    assert 0 <= float(found[1]) < 3


def test_a_clip_that_is_cut_short_before_its_index(originals: Path, tmp_path: Path) -> None:
    path = again(originals / "nadia.mp4", tmp_path / "a.mp4", faststart=False)
    path.write_bytes(path.read_bytes()[:-3000])
    assert refusal(path) == "is cut short (it has no index); copy or export it again"


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_clip_that_breaks(noise: Path, tmp_path: Path, share: float) -> None:
    path = spoilt(noise, tmp_path / "a.mp4", share)
    found = re.fullmatch(r"breaks at ([0-9.]+) s; copy or export it again", refusal(path))
    assert found
    assert float(found[1]) == pytest.approx(3 * share, abs=0.4)


@pytest.mark.parametrize("seed", range(6))
def test_noise_anywhere_is_an_answer(originals: Path, tmp_path: Path, seed: int) -> None:
    chance = np.random.default_rng(seed)
    for name in NAMES:
        raw = bytearray((originals / name).read_bytes())
        for _ in range(1 + seed % 5):
            at = int(chance.integers(0, len(raw)))
            raw[at : at + 4] = chance.bytes(4)
        path = tmp_path / name
        path.write_bytes(raw)
        try:
            kept = prepared_clip(name, path, 3, tmp_path / "cache")
        except ClipError as error:
            assert "; " in str(error)
        else:
            assert kept.stat().st_size


# --- what is no clip --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"Bonjour.\n" * 100, "is neither MP4 nor WebM; export it as MP4 (H.264)"),
        (b"#EXTM3U\nhttp://127.0.0.1/\n", "is neither MP4 nor WebM"),
        (b"", "is empty; export it again"),
        (b"\0\0\0\x18ftypmp42", "is cut short (it has no index)"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "is a QuickTime film (.mov), not MP4; export it"),
        (b"\x1aE\xdf\xa3\x93B\x82\x88matroska", "is a Matroska film (.mkv), not WebM"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", "holds WebM, not what its name says;"
         " rename it to .webm"),
    ],
)  # fmt: skip
def test_what_is_no_clip(tmp_path: Path, raw: bytes, says: str) -> None:
    (tmp_path / "a.mp4").write_bytes(raw)
    assert refusal(tmp_path / "a.mp4").startswith(says)


def test_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder.mp4").mkdir()
    assert "cannot be read (is a directory)" in refusal(tmp_path / "folder.mp4")
    assert "cannot be read (no such file" in refusal(tmp_path / "nothing.mp4")
    assert "cannot be read" in refusal(tmp_path / "no\0name.mp4".replace("\0", "\udcff"))
    os.mkfifo(tmp_path / "pipe.mp4")
    assert refusal(tmp_path / "pipe.mp4") == "is not a file; put the clip's file there"


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    with (tmp_path / "a.mp4").open("wb") as stream:
        stream.truncate(61_000_000)
    assert refusal(tmp_path / "a.mp4").startswith("has 61 MB, more than 60; export it with a lower")


def test_a_codec_that_nobody_knows(originals: Path, tmp_path: Path) -> None:
    raw = (originals / "nadia.mp4").read_bytes()
    (tmp_path / "a.mp4").write_bytes(raw.replace(b"avc1", b"zzzz"))
    assert refusal(tmp_path / "a.mp4").startswith("holds an unknown codec in MP4, and not every")


def test_a_clip_named_as_the_other_kind(originals: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(originals / "nadia.mp4", tmp_path / "nadia.webm"))
    assert refusal(path) == "holds MP4, not what its name says; rename it to .mp4"


# --- what is published ------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_same_pictures_and_nothing_else(originals: Path, tmp_path: Path, name: str) -> None:
    raw = (originals / name).read_bytes()
    assert any(trace in raw for trace in TRACES[:3])
    kept = prepared_clip(f"clips/{name}", originals / name, 3, tmp_path / "cache")
    assert pictures(kept) == pictures(originals / name)
    content = kept.read_bytes()
    assert [trace for trace in TRACES if trace in content] == []
    with av.open(io.BytesIO(content)) as clip:
        assert [stream.type for stream in clip.streams] == ["video"]
    assert kept.suffix == Path(name).suffix
    facts = examine_clip(kept, 3)
    assert (facts.frames, facts.has_sound) == (30, False)


def test_the_index_stands_in_front(originals: Path, tmp_path: Path) -> None:
    path = again(originals / "nadia.mp4", tmp_path / "a.mp4", faststart=False)
    assert path.read_bytes().find(b"moov") > path.read_bytes().find(b"mdat")
    content = prepared_clip("a.mp4", path, 3, tmp_path / "cache").read_bytes()
    assert 0 < content.find(b"moov") < content.find(b"mdat")


@pytest.mark.parametrize("name", NAMES)
def test_the_same_clip_gives_the_same_bytes(originals: Path, tmp_path: Path, name: str) -> None:
    one = prepared_clip(name, originals / name, 3, tmp_path / "one")
    copy = Path(shutil.copy(originals / name, tmp_path / name))
    other = prepared_clip(f"other/{name}", copy, 3.1, tmp_path / "other")
    assert one.name == other.name
    assert one.read_bytes() == other.read_bytes()


def test_a_clip_is_prepared_once(originals: Path, tmp_path: Path) -> None:
    told = list[int]()

    def said(done: int, _: int) -> None:
        told.append(done)

    clip, cache = originals / "nadia.mp4", tmp_path / "cache"
    first = prepared_clip("a.mp4", clip, 3, cache, said)
    assert told
    told.clear()
    before = first.stat()
    assert prepared_clip("b.mp4", clip, 3, cache, said) == first
    assert (first.stat().st_ino, first.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert told == []
    with pytest.raises(ClipError, match=r"^b.mp4 lasts 3.0 s, not the 5 s of its scene; write"):
        prepared_clip("b.mp4", clip, 5, cache)
    assert [path.name for path in cache.iterdir()] == [first.name]


def test_nothing_is_kept_of_a_clip_that_is_refused(noise: Path, tmp_path: Path) -> None:
    path = spoilt(noise, tmp_path / "a.mp4", 0.5)
    with pytest.raises(ClipError, match=r"^clips/a.mp4 breaks at"):
        prepared_clip("clips/a.mp4", path, 3, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_a_cache_that_cannot_be_written(originals: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"")
    with pytest.raises(ClipError, match=r"cannot be kept in .*; make room or rights"):
        prepared_clip("a.mp4", originals / "nadia.mp4", 3, tmp_path / "cache")


def test_two_at_a_time(originals: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        kept = list(
            pool.map(
                lambda name: prepared_clip(name, originals / name, 3, tmp_path / "cache"),
                NAMES * 4,
            )
        )
    assert len(set(kept)) == len(NAMES) == len(list((tmp_path / "cache").iterdir()))


@pytest.mark.parametrize("name", ["nadia.mp4", "vp9.webm"])
def test_a_clip_that_begins_late_begins_at_once(originals: Path, tmp_path: Path, name: str) -> None:
    with av.open(originals / name) as clip:
        ticks = clip.streams.video[0].time_base
    assert ticks is not None
    path = again(originals / name, tmp_path / name, later=round(1 / ticks))
    assert pictures(path)[0][0] == pytest.approx(1)
    kept = prepared_clip(name, path, 3, tmp_path / "cache")
    assert pictures(kept) == pictures(originals / name)


@pytest.mark.parametrize("name", NAMES)
def test_it_plays_as_on_a_screen(originals: Path, tmp_path: Path, name: str) -> None:
    kept = prepared_clip(name, originals / name, 3, tmp_path / "cache")
    scenery.application(offscreen=True)
    shown = _Showing(kept).clip()
    assert shown.plays, shown
    assert shown.why == ""
