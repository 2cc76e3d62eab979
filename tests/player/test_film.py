"""A clip on the glass, seen in rendered pictures: real files, real decoders, a real window."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
import psutil
import pytest
import shiboken6
from PySide6.QtCore import QObject, QPointF, QSizeF, Qt, QUrl, Slot
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtMultimedia import QAudioOutput
from PySide6.QtQml import QQmlApplicationEngine
from PySide6.QtQuick import QQuickWindow

from kiosk.player import film_pane, renderer
from kiosk.player.film import Film
from tests import clips
from tests.clips import Part, Pixels, number_of, part_of
from tests.player.conftest import Until
from tests.player.pixels import pixels

CLIP: Final = (320, 180)
FPS: Final = 10
POSTER: Final = (0x33, 0x66, 0xCC)
SCENE: Final = b"""
import QtQuick
import O2.Stage

Window {
    id: root

    property QtObject film: null
    property point aim: Qt.point(0.5, 0.5)
    property size pane: Qt.size(320, 180)

    color: "#3366CC"
    width: 320
    height: 180
    visible: true

    FilmPane { film: root.film; aim: root.aim; width: root.pane.width; height: root.pane.height }
}
"""


class House:
    """A window with a poster's colour and a pane above it."""

    def __init__(self) -> None:
        renderer.apply(renderer.choose("offscreen"))
        assert film_pane.QML_IMPORT_NAME == "O2.Stage"
        self.engine = QQmlApplicationEngine()
        self.engine.loadData(SCENE, QUrl())
        (window,) = self.engine.rootObjects()
        assert isinstance(window, QQuickWindow)
        self.window = window
        self.shown: list[Pixels] = []

    def give(self, **facts: object) -> None:
        """Set the scene's properties."""
        for name, value in facts.items():
            self.window.setProperty(name, value)

    def grab(self) -> Pixels:
        """The window's pixels: blue, green, red."""
        image = self.window.grabWindow()
        while image.isNull():  # Qt is drawing this very moment
            QGuiApplication.processEvents()
            image = self.window.grabWindow()
        return pixels(image)

    def watch(self) -> None:
        """Keep every frame from now on in `shown`."""
        self.window.frameSwapped.connect(self._swapped)

    def _swapped(self) -> None:
        image = self.window.grabWindow()
        if not image.isNull():
            self.shown.append(pixels(image))

    def close(self) -> None:
        shiboken6.delete(self.engine)


class Witness(QObject):
    """Everything a film says, in order."""

    def __init__(self, film: Film) -> None:
        super().__init__()
        self.film, self.said, self.numbers = film, list[str](), list[int]()
        film.ready.connect(self._ready)
        film.moved.connect(self._moved)
        film.ended.connect(self._ended)
        film.failed.connect(self._failed)

    @Slot()
    def _ready(self) -> None:
        self.said.append("ready")

    @Slot(float)
    def _moved(self, seconds: float) -> None:
        self.said.append(f"moved {seconds:g}")
        self.numbers.append(number_of(pixels(self.film.frame.toImage())))

    @Slot()
    def _ended(self) -> None:
        self.said.append("ended")

    @Slot(str)
    def _failed(self, why: str) -> None:
        self.said.append(f"failed: {why}")

    @property
    def over(self) -> bool:
        """Whether it has come to its end, or to grief."""
        return self.said[-1:] == ["ended"] or self.why != ""

    @property
    def why(self) -> str:
        """Its grief."""
        return "; ".join(one[8:] for one in self.said if one.startswith("failed: "))


def is_poster(pixels: Pixels) -> bool:
    """Whether nothing but the poster is there."""
    return bool((pixels == np.array(POSTER[::-1], np.uint8)).all())


def is_whole(pixels: Pixels) -> bool:
    """Whether each pixel is of the poster or of a picture, none black, none empty."""
    return bool(pixels.max(axis=2).min() > 40)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound clip of 2 s in each codec, with sound; one without for patching."""
    folder = tmp_path_factory.mktemp("clips")
    more = {"size": CLIP, "fps": FPS, "with_audio": True}
    clips.make(folder / "h264.mp4", **more)  # type: ignore[arg-type]
    clips.make(folder / "vp8.webm", codec="libvpx", size=CLIP, fps=FPS)
    clips.make(folder / "vp9.webm", codec="libvpx-vp9", **more)  # type: ignore[arg-type]
    return folder


@pytest.fixture
def house(app: QGuiApplication) -> Iterator[House]:  # noqa: ARG001 - Qt must be there
    """A window; its film is let go of before the window is."""
    made = House()
    yield made
    made.give(film=None)
    made.close()


@pytest.fixture
def films() -> Iterator[list[Film]]:
    """Films that are stopped when the test is over, however it ends."""
    made: list[Film] = []
    yield made
    for film in made:
        film.stop()
        film.deleteLater()


Cue = Callable[..., Witness]


@pytest.fixture
def cue(films: list[Film], house: House) -> Cue:
    """Hang a film in the house and load it."""

    def cued(path: Path, **wishes: float) -> Witness:
        films.append(Film(path, **wishes))  # type: ignore[arg-type]
        witness = Witness(films[-1])
        house.give(film=films[-1])
        films[-1].cue()
        return witness

    return cued


Still = Callable[[], Witness]


@pytest.fixture
def still(shelf: Path, cue: Cue, until: Until) -> Still:
    """Cue a sound clip and wait for its first picture."""
    return lambda: ready(cue(shelf / "h264.mp4"), until)


def ready(witness: Witness, until: Until) -> Witness:
    """Wait for its first picture."""
    until(lambda: "ready" in witness.said or witness.over)
    assert witness.why == ""
    return witness


@pytest.mark.parametrize("kind", [("h264.mp4", 1), ("vp8.webm", 2), ("vp9.webm", 2)], ids=str)
def test_the_first_picture_waits_then_all_come_in_order_and_the_last_stays(
    shelf: Path, house: House, cue: Cue, until: Until, kind: tuple[str, int]
) -> None:
    name, rate = kind
    witness = ready(cue(shelf / name, duration_s=2, rate=rate), until)
    assert number_of(house.grab()) == 0
    idle = time.monotonic() + 0.3
    until(lambda: time.monotonic() > idle)
    assert witness.numbers == [0]
    house.watch()
    witness.film.play()
    until(lambda: witness.over)
    assert witness.said[:2] == ["moved 0", "ready"] or name == "vp9.webm"
    assert witness.said[-1] == "ended"
    assert witness.numbers == sorted(set(witness.numbers))
    assert len(witness.numbers) > 10 / rate and witness.numbers[-1] >= 18
    assert number_of(house.grab()) == witness.numbers[-1]
    numbers = [number_of(one) for one in house.shown]
    assert numbers == sorted(numbers) and len(set(numbers)) > 5
    assert witness.film.findChildren(QAudioOutput) == []


def test_a_film_that_leaves_uncovers_what_lies_beneath(
    shelf: Path, house: House, cue: Cue, until: Until
) -> None:
    assert is_poster(house.grab())
    witness = cue(shelf / "h264.mp4")
    assert is_poster(house.grab())
    ready(witness, until)
    assert not (house.grab() == POSTER[::-1]).all(axis=2).any()
    house.give(film=None)
    assert is_poster(house.grab())
    house.give(film=witness.film)
    witness.film.stop()
    house.window.resize(300, 170)
    assert is_poster(house.grab())


@pytest.mark.parametrize(
    ("pane", "aim", "corner"),
    [
        ((160, 180), (0.5, 0.5), (0.25, 0.0)),
        ((160, 180), (0.0, 0.5), (0.0, 0.0)),
        ((160, 180), (0.4, 0.5), (0.15, 0.0)),
        ((160, 180), (1.0, 0.5), (0.5, 0.0)),
        ((320, 90), (0.5, 0.1), (0.0, 0.0)),
        ((320, 90), (0.5, 0.6), (0.0, 0.35)),
        ((80, 45), (0.5, 0.5), (0.0, 0.0)),
    ],
)
def test_the_picture_covers_the_pane_cut_around_its_aim(
    house: House,
    still: Still,
    pane: tuple[int, int],
    aim: tuple[float, float],
    corner: tuple[float, float],
) -> None:
    house.give(aim=QPointF(*aim), pane=QSizeF(*pane))
    still()
    seen = house.grab()
    assert not (seen[: pane[1], : pane[0]] == POSTER[::-1]).all(axis=2).any()
    assert is_poster(seen[pane[1] :]) and is_poster(seen[:, pane[0] :])
    share = min(1.0, pane[0] / pane[1] * 9 / 16), min(1.0, pane[1] / pane[0] * 16 / 9)
    for across, down in ((0.1, 0.1), (0.5, 0.5), (0.9, 0.9)):
        part = part_of(seen[round(down * pane[1]), round(across * pane[0])])
        near(part, corner[0] + across * share[0], corner[1] + down * share[1])


def near(part: Part, across: float, down: float) -> None:
    """One level of colour is 1/64 of the way."""
    assert part.across == pytest.approx(across, abs=0.07)
    assert part.down == pytest.approx(down, abs=0.07)


Bad = tuple[Path, str]
BAD: Final[dict[str, tuple[Callable[[Path], Path], str]]] = {
    "noise in an MP4": (lambda at: clips.broken(at / "h264.mp4"), r"not a video \(.+\)"),
    "noise in a WebM": (lambda at: clips.broken(at / "vp8.webm"), r"not a video \(.+\)"),
    "half an MP4": (lambda at: clips.truncated(at / "h264.mp4"), r"damaged \(.+\)|ended after .+"),
    "half a WebM": (lambda at: clips.truncated(at / "vp8.webm"), r"ended after 0\.\d of 2 s"),
    "foreign": (lambda at: clips.unsupported(at / "h264.mp4"), r"not a video \(.*codec.*\)"),
    "missing": (lambda at: at / "no.mp4", r"cannot be opened \(No such file or directory\)"),
    "folder": (lambda at: at, "not a regular file"),
    "empty": (lambda at: written(at / "empty.mp4", b""), "empty"),
    "text": (lambda at: written(at / "text.mp4", b"Bonjour" * 99), r"not a video \(.+\)"),
    "picture": (lambda at: picture(at / "a.png"), r"not a video .+|no picture .+|ended after .+"),
}


def written(path: Path, what: bytes) -> Path:
    path.write_bytes(what)
    return path


def picture(path: Path) -> Path:
    image = QImage(64, 36, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.gray)
    assert image.save(str(path))
    return path


@pytest.fixture(params=BAD)
def bad(request: pytest.FixtureRequest, shelf: Path, complaints: list[str]) -> Iterator[Bad]:
    """A file that is no clip, and why; Qt says in its own words what it could not open."""
    make, why = BAD[request.param]
    yield make(shelf), why
    complaints.clear()


def test_what_cannot_be_played_says_why_once_and_is_never_black(
    bad: Bad, house: House, cue: Cue, until: Until
) -> None:
    path, why = bad
    house.watch()
    witness = cue(path, duration_s=2)
    assert witness.said == []
    witness.film.ready.connect(witness.film.play)
    until(lambda: witness.over)
    assert re.fullmatch(why, witness.why), witness.said
    house.shown.append(house.grab())
    assert all(is_whole(one) for one in house.shown)
    if witness.numbers == []:
        assert is_poster(house.shown[-1])
    before = list(witness.said)
    idle = time.monotonic() + 0.2
    until(lambda: time.monotonic() > idle)
    assert witness.said == before


def test_a_first_picture_that_does_not_come_in_time(shelf: Path, cue: Cue, until: Until) -> None:
    witness = cue(shelf / "h264.mp4", start_s=0.001)
    until(lambda: witness.over)
    assert witness.said == ["failed: no first picture within 0.001 s"]


def test_a_picture_that_stands_still(shelf: Path, cue: Cue, until: Until) -> None:
    path = clips.make(
        shelf / "hole.mp4", size=(64, 36), fps=FPS, moment=lambda n: n + 900 * (n > 5)
    )
    witness = ready(cue(path, still_s=0.5), until)
    witness.film.play()
    until(lambda: witness.over)
    assert witness.why == "no new picture for 0.5 s"
    assert witness.numbers[-1] < 6


def test_pictures_that_come_too_slowly(shelf: Path, cue: Cue, until: Until) -> None:
    path = clips.make(
        shelf / "slow.webm", codec="libvpx", size=(64, 36), fps=25, moment=lambda n: n * 10
    )
    witness = ready(cue(path), until)
    witness.film.play()
    until(lambda: witness.over)
    assert re.fullmatch("too slow: [23] pictures a second", witness.why)


def test_an_endless_clip_plays_until_it_is_stopped(
    shelf: Path, house: House, cue: Cue, until: Until
) -> None:
    witness = ready(cue(clips.endless(shelf / "vp8.webm", hours=0.1), duration_s=2, rate=4), until)
    witness.film.play()
    until(lambda: len(witness.numbers) > 30 or witness.over)
    witness.film.stop()
    before = list(witness.said)
    idle = time.monotonic() + 0.3
    until(lambda: time.monotonic() > idle)
    assert witness.said == before and witness.why == ""
    house.give(film=None)
    assert is_poster(house.grab())


def test_a_paused_film_holds_its_picture(still: Still, until: Until) -> None:
    witness = still()
    witness.film.play()
    until(lambda: len(witness.numbers) > 2)
    witness.film.pause()
    settled = time.monotonic() + 0.2  # a picture may be on its way
    until(lambda: time.monotonic() > settled)
    held = list(witness.said)
    idle = time.monotonic() + 0.4
    until(lambda: time.monotonic() > idle)
    assert witness.said == held
    assert witness.film.frame.isValid()


def test_a_film_can_be_stopped_at_any_moment(shelf: Path, cue: Cue, until: Until) -> None:
    reached = set()
    for number in range(30):
        witness = cue(shelf / "h264.mp4", rate=8.0)
        witness.film.ready.connect(witness.film.play)
        moment = time.monotonic() + (number / 30) ** 2 * 0.4
        until(lambda moment=moment: time.monotonic() > moment)  # type: ignore[misc]
        witness.film.stop()
        before = list(witness.said)
        if number % 2:
            witness.film.deleteLater()
        QGuiApplication.processEvents()
        assert witness.said == before and witness.why == ""
        assert not witness.film.frame.isValid()
        reached.add(before[-1][:5] if before else "")
    assert {"", "moved"} <= reached


@pytest.mark.skipif(sys.platform == "win32", reason="counts open files as POSIX does")
def test_thirty_films_leave_nothing_behind(shelf: Path, house: House, until: Until) -> None:
    process = psutil.Process()

    def show() -> None:
        film = Film(shelf / "h264.mp4", rate=16.0)
        witness = Witness(film)
        film.ready.connect(film.play)
        house.give(film=film)
        film.cue()
        until(lambda: witness.over)
        assert witness.why == ""
        house.give(film=None)
        film.stop()
        film.deleteLater()
        house.grab()

    for _ in range(5):
        show()
    files, threads = process.num_fds(), process.num_threads()
    for _ in range(30):
        show()
    until(lambda: process.num_threads() <= threads + 2)
    assert process.num_fds() <= files + 2
