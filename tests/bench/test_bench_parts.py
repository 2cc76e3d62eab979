"""The bench's pure parts: what it takes from an XWD file, from looks at a display, from /proc."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.bench.framebuffer import Framebuffer, parse_header, telling_row
from tests.bench.frames import Fade, fades, share_of_the_coming
from tests.bench.processes import cpu_seconds, end, pss_bytes, switches, tree, woken
from tests.bench.report import Budget, Results

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def xwd(width: int, height: int, colours: int = 256) -> bytes:
    """The head of a dump as Xvfb writes it."""
    words = [160, 7, 2, 24, width, height, 0, 0, 32, 0, 32, 32, width * 4, 4]
    words += [0xFF0000, 0xFF00, 0xFF, 8, 256, colours, width, height, 0, 0, 0]
    return struct.pack(">25I", *words).ljust(160, b"\0") + bytes(colours * 12)


def test_the_header_says_where_the_pixels_are() -> None:
    header = parse_header(xwd(1920, 1080))
    assert header == (1920, 1080, 7680, 3232)


def test_another_file_is_refused() -> None:
    with pytest.raises(ValueError, match="not a 32-bit XWD"):
        parse_header(b"\x89PNG" + bytes(200))


def test_a_framebuffer_shows_what_is_written_after_it_was_opened(tmp_path: Path) -> None:
    path = tmp_path / "screen"
    path.write_bytes(xwd(8, 4) + bytes(8 * 4 * 4))
    framebuffer = Framebuffer(path)
    with path.open("r+b") as file:
        file.seek(3232 + (2 * 8 + 5) * 4)
        file.write(bytes([10, 20, 30, 0]))
    assert framebuffer.at(np.array([2]), np.array([5])).tolist() == [[10, 20, 30]]


def test_the_telling_row_is_where_even_the_most_alike_differ() -> None:
    alike = np.zeros((40, 8, 3), np.uint8)
    other = alike.copy()
    other[20] = 200
    assert telling_row([alike, other], np.arange(8)) == 20


def fade(
    frames: int, period: float, start: float = 1.0
) -> tuple[list[float], list[NDArray[np.uint8]]]:
    """An eased fade from dark to light as a watcher sees it: times and looks."""
    shares = [np.sin(np.pi / 2 * n / frames) ** 2 for n in range(1, frames + 1)]
    points = np.linspace(120, 250, 40)[:, None].repeat(3, 1)
    return (
        [start + n * period for n in range(frames)],
        [np.round(points * share).astype(np.uint8) for share in shares],
    )


def record(*runs: tuple[list[float], list[NDArray[np.uint8]]]) -> tuple[Fade, ...]:
    """The fades found in a record that begins with a dark display."""
    times = [0.0] + [time for run in runs for time in run[0]]
    looks = [np.zeros((40, 3), np.uint8)] + [look for run in runs for look in run[1]]
    return fades(np.array(times), np.array(looks))


def test_an_even_fade_is_counted_frame_by_frame() -> None:
    (found,) = record(fade(60, 1 / 60))
    assert found.per_second == pytest.approx(60, rel=0.01)
    assert found.worst_gap_ms == pytest.approx(1000 / 60, rel=0.01)


def test_a_dropped_frame_is_a_gap_and_not_a_frame() -> None:
    times, looks = fade(60, 1 / 60)
    del times[30], looks[30]
    (found,) = record((times, looks))
    assert found.worst_gap_ms == pytest.approx(2000 / 60, rel=0.01)
    assert found.per_second < 60


def test_a_frame_seen_while_it_is_copied_is_one_frame() -> None:
    times, looks = fade(60, 1 / 60)
    half = np.concatenate([looks[30][:20], looks[29][20:]])
    times.insert(30, times[30] - 0.002)
    looks.insert(30, half)
    (found,) = record((times, looks))
    assert found.per_second == pytest.approx(60, rel=0.01)


def test_scenes_that_stand_part_the_fades_and_a_cut_is_none() -> None:
    first = fade(60, 1 / 60)
    cut = ([6.0], [np.zeros((40, 3), np.uint8)])
    second = fade(30, 1 / 50, start=10.0)
    found = record(first, cut, second)
    assert [round(one.per_second) for one in found] == [60, 50]


def test_the_share_of_the_coming_scene() -> None:
    before, after = np.zeros((4, 3), np.uint8), np.full((4, 3), 200, np.uint8)
    looks = np.array([after // 4, after])
    assert share_of_the_coming(before, looks).tolist() == pytest.approx([0.25, 1.0])


@linux
def test_a_process_has_memory_time_and_switches() -> None:
    own = (os.getpid(),)
    assert pss_bytes(own) > 1_000_000
    assert cpu_seconds(own) > 0
    assert sum(switches(own).values()) > 0


def test_wake_ups_are_counted_over_threads_that_come_and_go() -> None:
    assert woken({"a": 10, "gone": 99}, {"a": 15, "new": 2}) == 7


@linux
def test_a_tree_is_seen_whole_and_ended_whole() -> None:
    # The grandchild is an orphan at once; only the session still ties it to its tree.
    script = "(sleep 60 &); echo started; exec sleep 60"
    root = subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, start_new_session=True)
    assert root.stdout is not None
    assert root.stdout.readline() == b"started\n"
    assert len(tree(root.pid)) == 2
    end(root)
    assert tree(root.pid) == ()
    root.stdout.close()


def test_budgets_are_judged_on_medians_and_on_ratios_pair_by_pair() -> None:
    results = Results({})
    for own, other in ((1.0, 2.0), (3.0, 4.0), (1.0, 10.0)):
        results.add("player", {"first_picture_s": own, "gap_ms": 20.0})
        results.add("chromium", {"first_picture_s": other})
    assert results.ratio("first_picture_s") == [0.5, 0.75, 0.1]
    assert results.missed() == []
    assert Budget("ratio", 0.4).met(1.0, 0.5) is False
    assert Budget("ratio", 0.4).met(1.0, None) is None
    assert Budget("at least", 60).met(60.0, None) is True
