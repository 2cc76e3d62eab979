"""A clip in the preview's window: real clips, decoded and read off the painted window."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import psutil
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QRect, QSize, Qt
from PySide6.QtGui import QPainter

from kiosk.player.blocks import FilmBlock, Rect
from kiosk.studio.preview import FIRST_SIZE, Preview, first_size
from kiosk.studio.preview_paper import plan
from kiosk.studio.preview_still import Still, paint_still
from tests import clips
from tests.clips import Pixels, number_of
from tests.places import DEMONSTRATION
from tests.player.pixels import pixels
from tests.studio.test_preview import change, opened, other, press, settled, until

Key = Qt.Key
FPS: Final = 10
SECONDS: Final = 3
SCENE: Final = "vi1"
WORDS: Final = "WEBVTT\n\n00:00.000 --> 00:01.500\n{first}\n\n00:02.500 --> 00:03.000\nEncore.\n"
INK: Final = 90
"""Darker than this are letters only."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    """Claire's clip is one whose pictures tell their number, as high and wide as its place."""
    root = tmp_path_factory.mktemp("preview") / "campagne"
    shutil.copytree(DEMONSTRATION, root)
    change(root, "    duration_s: 12\n", f"    duration_s: {SECONDS}\n")
    clips.make(root / "clips" / "claire.mp4", size=(256, 320), fps=FPS, seconds=SECONDS)
    (root / "clips" / "claire.vtt").write_text(WORDS.format(first="Bonjour."), "utf-8")
    yield from opened(root)


@pytest.fixture
def window(shared: Preview) -> Iterator[Preview]:
    """The scene before Claire's, drawn; the folder's files and the window are put back."""
    assert shared.book is not None
    names = [scene.id for scene in shared.book.scenes(shared.view)]
    before = replace(shared.view, scene=names[names.index(SCENE) - 1])
    files = {file: file.read_bytes() for file in (shared.path / "clips").iterdir()}
    shared.view = before
    shared.read_again()
    until(lambda: settled(shared) and shared.page.still is None)
    yield shared
    for file, raw in files.items():
        file.write_bytes(raw)
    if shared.play.on:
        press(shared, Key.Key_Space)
    shared.view = before
    shared.read_again()
    until(lambda: settled(shared) and shared.panel is None and shared.view == before)


@pytest.fixture
def folder(window: Preview) -> Path:
    return window.path


class Seen:
    """What the window showed at each picture of the clip: its number, and how much is written."""

    def __init__(self, window: Preview) -> None:
        self.window = window
        self.numbers: list[int] = []
        self.inks: list[float] = []
        window.screening.moved.connect(self.look)

    def look(self) -> None:
        still = self.window.screening.still
        assert still is not None
        self.numbers.append(number_of(part(self.window, still.film.area)))
        self.inks.append(ink(self.window))


@pytest.fixture
def seen(window: Preview) -> Iterator[Seen]:
    watcher = Seen(window)
    yield watcher
    window.screening.moved.disconnect(watcher.look)


def look_at_the_clip(window: Preview) -> None:
    press(window, Key.Key_Right)
    assert window.view.scene == SCENE
    until(lambda: settled(window))


def film(window: Preview) -> FilmBlock:
    assert window.drawn is not None and window.drawn.composition is not None
    found = window.drawn.composition.film
    assert found is not None
    return found


def place(window: Preview) -> QRect:
    """Where the scene's picture is in the window."""
    image = window.page.image
    assert image is not None
    size = window.width(), window.height()
    at = QRect(0, 0, image.width(), image.height())
    at.moveCenter(plan(size, 1.0, panel=window.panel is not None).picture.center())
    return at


def part(window: Preview, area: Rect) -> Pixels:
    """What is painted at this place of the scene."""
    at = place(window)
    assert window.seen is not None
    k = at.width() / window.seen.size[0]
    top, left = at.y() + round(area.y * k), at.x() + round(area.x * k)
    rows = pixels(window.picture())
    return rows[top : top + round(area.height * k), left : left + round(area.width * k)]


def ink(window: Preview) -> float:
    """The share of letters in the quote's place."""
    assert window.drawn is not None and window.drawn.composition is not None
    quote = window.drawn.composition.texts[0]
    return float((part(window, quote.area).max(axis=2) < INK).mean())


def poster_stands(window: Preview) -> bool:
    """Nothing is painted over the scene's picture."""
    page = window.page
    return page.image is not None and window.picture().copy(place(window)) == page.image.copy()


def test_it_runs_once_with_its_words_and_its_last_picture_stays(
    window: Preview, seen: Seen
) -> None:
    look_at_the_clip(window)
    until(lambda: bool(seen.numbers) and not window.screening.runs)
    assert seen.numbers[0] <= 1 and seen.numbers == sorted(seen.numbers)
    assert seen.numbers[-1] >= FPS * SECONDS - 2 and len(set(seen.numbers)) > FPS * SECONDS / 2
    said = [0.0 < n < 1.4 * FPS or n >= 2.5 * FPS for n in seen.numbers]
    for number, speaks, inked in zip(seen.numbers, said, seen.inks, strict=True):
        if number != 0 and not 1.4 * FPS <= number <= 1.6 * FPS:
            assert (inked > 0.005) == speaks, f"picture {number}"
    assert window.panel is None and "C clip" in window.page.caption.keys
    last = number_of(part(window, film(window).area))
    assert last == seen.numbers[-1]
    before = len(seen.numbers)
    press(window, Key.Key_C)
    until(lambda: len(seen.numbers) > before + 3)
    assert seen.numbers[before] <= 1, "from its beginning"
    press(window, Key.Key_Right)
    assert not window.screening.runs
    until(lambda: settled(window))
    assert window.page.still is None and "C clip" not in window.page.caption.keys


def test_words_stand_where_the_player_draws_them(window: Preview) -> None:
    look_at_the_clip(window)
    assert window.drawn is not None and window.drawn.composition is not None
    whole, drawn = window.drawn.composition, window.drawn.image
    nothing = replace(film(window), area=Rect(0, 0, 1, 1), texts=())
    painted = drawn.copy()
    for said, differs in ((whole.texts, False), (whole.texts[1:], True)):
        painter = QPainter(painted)
        paint_still(painter, painted.rect(), Still(drawn, whole, nothing, said))
        painter.end()
        assert other(painted, drawn) is differs


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (lambda clip: clip.unlink(), "not in the folder"),
        (lambda clip: clip.write_bytes(b""), "empty"),
        (lambda clip: clip.write_bytes(b"no clip at all" * 99), "not a video"),
        (lambda clip: clips.truncated(clip).replace(clip), ""),
    ],
    ids=["missing", "empty", "no video", "truncated"],
)
def test_what_is_wrong_with_a_clip_is_told_and_its_poster_stands(
    window: Preview, folder: Path, bad: Callable[[Path], object], why: str
) -> None:
    clip = folder / "clips" / "claire.mp4"
    whole = clip.read_bytes()
    bad(clip)
    look_at_the_clip(window)
    until(lambda: window.panel is not None and settled(window))
    assert window.panel is not None and window.seen is not None
    assert "clip" in window.panel.heading and "L’affiche" in window.panel.below
    (item,) = window.panel.items
    assert item.place == window.seen.place and item.message.startswith("clips/claire.mp4: ")
    assert why in item.message
    assert poster_stands(window)
    clip.write_bytes(whole)
    until(lambda: window.panel is None and window.screening.still is not None)
    assert not poster_stands(window)


def test_saved_words_are_followed(window: Preview, folder: Path) -> None:
    look_at_the_clip(window)
    words = folder / "clips" / "claire.vtt"
    words.write_text(WORDS.format(first="Bonsoir."), "utf-8")
    until(lambda: settled(window) and [t.text for t in film(window).said[0].texts] == ["Bonsoir."])
    until(lambda: window.screening.still is not None)
    assert window.screening.still is not None
    assert [text.text for text in window.screening.still.said] == ["Bonsoir."]
    words.write_text("Bonsoir.", "utf-8")
    until(lambda: window.panel is not None and window.screening.still is not None)
    assert window.panel is not None and "sous-titres" in window.panel.heading
    assert window.panel.items[0].place == "clips/claire.vtt:1:1"
    until(lambda: settled(window))
    assert ink(window) > 0.005, "the quote"
    words.write_text(WORDS.format(first="Bonjour."), "utf-8")
    until(lambda: window.panel is None)


def test_what_is_left_leaves_nothing_behind(window: Preview) -> None:
    process = psutil.Process(os.getpid())

    def there_and_back() -> None:
        look_at_the_clip(window)
        until(lambda: window.screening.still is not None)
        press(window, Key.Key_Left)
        assert not window.screening.runs
        until(lambda: settled(window) and window.page.still is None)

    there_and_back()
    there_and_back()
    threads, files = process.num_threads(), process.num_fds()
    for _ in range(10):
        there_and_back()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert window.screening.children() == []
    until(lambda: process.num_threads() <= threads and process.num_fds() <= files, 10)


def test_it_runs_while_the_loop_plays_but_not_ten_times_as_fast(
    window: Preview, seen: Seen
) -> None:
    press(window, Key.Key_Space)
    until(lambda: window.play.ready)
    told = window.play._told
    assert told is not None
    turn = next(turn for turn in told.turns if turn.scene == SCENE and turn.began > told.begins)
    press(window, Key.Key_Space)
    window.view = replace(window.view, at=turn.began - timedelta(seconds=0.4))
    press(window, Key.Key_Space)
    until(lambda: window.seen is not None and window.seen.played and window.view.scene == SCENE)
    seen.numbers.clear()  # those of the scene as it was looked at
    until(lambda: len(seen.numbers) > 5)
    assert window.screening.runs
    assert seen.numbers[0] <= 1 and "Lecture ×1" in window.page.caption.state
    press(window, Key.Key_V)
    assert not window.screening.runs
    until(lambda: window.page.still is None)


def test_the_first_size_fits_the_display() -> None:
    assert first_size(QSize(1440, 900), 1.0) == (1424, 852)
    assert first_size(QSize(2560, 1400), 1.0) == FIRST_SIZE
    assert first_size(QSize(600, 400), 1.0) == (640, 480)
