"""The player notices when its picture is covered, frozen or black, and cries no wolf."""

from __future__ import annotations

import json
import os
import random
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QColorSpace, QGuiApplication, QImage
from PySide6.QtQuick import QQuickWindow

from kiosk.door.needs import content_of_folder
from kiosk.player import mirror
from kiosk.player.likeness import (
    BLACK,
    COLUMNS,
    ROWS,
    TONE,
    Look,
    Sight,
    judge,
    likeness,
)
from kiosk.player.mirror import Mirror
from kiosk.release.folder import read_folder
from kiosk.studio.render import Studio
from tests.places import DEMONSTRATION, ROOT
from tests.player.conftest import Until
from tests.player.display import needs_xvfb, xvfb
from tests.player.x11 import Area, Desktop

SIZE: Final = (960, 540)
WHOLE: Final = Area(0, 0, *SIZE)
LEFT: Final = Area(0, 0, 400, 540)
RIGHT: Final = Area(400, 0, 560, 540)
HALF: Final = Area(480, 0, 480, 540)
AGAIN_MS: Final = 200
NEVER_MS: Final = 3_600_000
PATIENCE_S: Final = 30
CELLS: Final = COLUMNS * ROWS


# -- the verdict ------------------------------------------------------------------------------


def plain(grey: int) -> bytes:
    """A picture of one grey."""
    return bytes([grey]) * CELLS


def scene(seed: int) -> bytes:
    """A picture that is like no other scene's."""
    return bytes((cell * (2 * seed + 3) + 40 * seed) % 256 for cell in range(CELLS))


def with_window(picture: bytes, width: int, height: int) -> bytes:
    """A picture with a window of so many cells over its corner, unlike what is beneath."""
    cells = bytearray(picture)
    for row in range(height):
        for column in range(width):
            cells[row * COLUMNS + column] ^= 0x80
    return bytes(cells)


A, B, C = scene(1), scene(2), scene(3)
DARK: Final = plain(BLACK)

TABLE: Final = {
    "alone": ((A, A), None, (), "same"),
    "alone, after another scene": ((B, B), (A, A), (A,), "same"),
    "a few cells off": ((A, with_window(A, 5, 4)), None, (), "same"),
    "a small window": ((A, with_window(A, 10, 3)), None, (), "covered"),
    "half of it": ((A, with_window(A, COLUMNS, 18)), None, (), "covered"),
    "another picture": ((A, C), None, (), "covered"),
    "another picture through two scenes": ((B, C), (A, C), (A,), "covered"),
    "black": ((A, DARK), None, (), "black"),
    "black through two scenes": ((B, DARK), (A, DARK), (A,), "black"),
    "black, and our own frame too": ((DARK, DARK), None, (), "black"),
    "half black": ((A, DARK[: CELLS // 2] + A[CELLS // 2 :]), None, (), "covered"),
    "the scene before": ((B, A), (A, A), (A,), "frozen"),
    "a scene of long ago": ((C, A), (B, A), (A, B), "frozen"),
    "the loop has come round": ((A, A), (B, A), (A, B), "frozen"),
    "it moves again": ((C, C), (B, A), (A, B), "same"),
    "the cover went": ((B, B), (A, C), (A,), "same"),
    "a window came over the same scene": ((A, C), (A, A), (A,), "covered"),
    "the same scene twice": ((A, A), (A, A), (A,), "same"),
}


@pytest.mark.parametrize("case", TABLE)
def test_the_verdict(case: str) -> None:
    (own, seen), previous, former, verdict = TABLE[case]
    before = Sight(*previous) if previous else None
    assert judge(own, seen, before, former) == Look(verdict, likeness(own, seen))  # type: ignore[arg-type]


def noise(seed: int) -> bytes:
    """A picture of chance."""
    return random.Random(seed).randbytes(CELLS)


@given(st.integers(), st.integers(-TONE, TONE))
def test_another_tone_of_the_same_picture_is_no_false_alarm(seed: int, shift: int) -> None:
    own = noise(seed)
    seen = bytes(min(255, max(0, grey + shift)) for grey in own)
    assert judge(own, seen) == Look("same", 1.0)


@given(st.integers(), st.integers(1, COLUMNS), st.integers(1, ROWS))
def test_a_window_of_more_than_a_hundredth_is_seen_on_any_picture(
    seed: int, width: int, height: int
) -> None:
    own = noise(seed)
    look = judge(own, with_window(own, width, height))
    assert look.likeness == pytest.approx(1 - width * height / CELLS)
    assert (look.verdict == "same") == (width * height <= CELLS / 100)


@given(st.integers(), st.integers())
def test_pictures_of_chance_are_never_one(one: int, other: int) -> None:
    look = judge(noise(one), noise(other), None, [noise(other + 1)])
    assert look.likeness is not None and 0 <= look.likeness <= 1
    assert (look.verdict == "same") == (one == other)
    assert look.verdict in ("same", "covered")


def test_a_scene_in_another_tone_is_the_same_but_not_beneath_a_pale_bar() -> None:
    content = content_of_folder(read_folder(DEMONSTRATION), "le-mans", None)
    studio = Studio(content)
    try:
        for one in content.campaign.scenes[:6]:
            image = studio.draw(content, one, (1920, 1080)).image
            own, pixels = cells_of(image), pixels_of(image)
            for gamma in (0.85, 1.2):
                toned = (255 * (pixels / 255) ** gamma).astype(np.uint8)
                assert judge(own, cells_of(image_of(toned))).verdict == "same"
            narrow = (16 + pixels * (219 / 255)).astype(np.uint8)
            assert judge(own, cells_of(image_of(narrow))).verdict == "same"
            barred = pixels.copy()
            barred[-48:] = 230
            assert judge(own, cells_of(image_of(barred))).verdict == "covered"
    finally:
        studio.close()


def pixels_of(image: QImage) -> NDArray[np.uint8]:
    """Rows x columns x (blue, green, red)."""
    image = image.convertToFormat(QImage.Format.Format_BGR888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def image_of(pixels: NDArray[np.uint8]) -> QImage:
    """An image of these pixels."""
    height, width = pixels.shape[:2]
    image = QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_BGR888)
    return image.convertToFormat(QImage.Format.Format_RGB32)


def cells_of(image: QImage) -> bytes:
    """An image as the mirror sees it."""
    cells = mirror._cells(mirror._strips(image))
    assert cells is not None
    return cells


@pytest.mark.parametrize(
    "kind", ["RGB32", "ARGB32_Premultiplied", "RGBA8888_Premultiplied", "RGBX8888", "RGB888"]
)
def test_the_format_of_the_pixels_makes_no_difference(kind: str) -> None:
    rows = np.random.default_rng(7).integers(0, 256, (18, 32, 3), np.uint8)
    image = image_of(rows.repeat(30, 0).repeat(30, 1))
    image.setColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb))
    other = image.convertToFormat(QImage.Format[f"Format_{kind}"])
    other.setColorSpace(QColorSpace())
    assert np.abs(np.subtract(list(cells_of(image)), list(cells_of(other)))).max() <= 1


# -- the mirror -------------------------------------------------------------------------------


@pytest.fixture
def window(app: QGuiApplication) -> Iterator[QQuickWindow]:
    """A window of ours, shown offscreen."""
    made = QQuickWindow()
    made.setColor(QColor("#336699"))
    made.resize(320, 180)
    made.show()
    app.processEvents()
    yield made
    made.hide()
    made.deleteLater()


def test_while_all_is_well_a_scene_is_looked_at_once_in_the_pause(
    window: QQuickWindow, until: Until
) -> None:
    ours = Mirror(window, after_ms=0, pause_ms=NEVER_MS)
    told: list[Look] = []
    ours.looked.connect(told.append)
    ours.stands()
    until(lambda: ours.last is not None)
    assert told == [Look("same", 1.0)]
    ours.stands()
    assert not ours._soon.isActive()
    ours.look()
    assert told == [Look("same", 1.0)]


def test_what_cannot_be_seen_is_said_so_after_a_second_look(
    window: QQuickWindow, until: Until
) -> None:
    window.setX(100_000)  # on no display
    ours = Mirror(window, again_ms=0)
    told: list[Look] = []
    ours.looked.connect(told.append)
    ours.look()
    assert told == []
    until(lambda: told != [])
    assert told == [Look("unknown")]


def test_a_look_is_dropped_when_the_scene_leaves(
    window: QQuickWindow, until: Until, app: QGuiApplication
) -> None:
    window.setX(100_000)
    ours = Mirror(window, after_ms=0, again_ms=0)
    ours.look()
    ours.drop()
    ours.stands()
    ours.drop()
    app.processEvents()
    assert ours.last is None
    ours.look()
    until(lambda: ours.last is not None)


def test_the_second_look_at_another_scene_is_dropped(
    window: QQuickWindow, until: Until, app: QGuiApplication
) -> None:
    """The display shows a foreign picture, but meanwhile our own has changed."""
    over = QQuickWindow()
    over.setColor(QColor("white"))
    over.setGeometry(window.geometry())
    over.show()
    app.processEvents()
    ours = Mirror(window, again_ms=0)
    ours.look()
    assert ours.last is None and ours._again.isActive()
    window.setColor(QColor("black"))
    until(lambda: ours._doubt is None)
    assert ours.last is None
    ours.look()
    until(lambda: ours.last is not None)
    assert ours.last == Look("covered", 0.0)
    over.hide()
    over.deleteLater()


def test_a_display_that_stands_still_on_a_former_frame_is_frozen(
    window: QQuickWindow, until: Until, app: QGuiApplication
) -> None:
    """A window over ours goes on showing what ours showed, as a display that stopped would."""
    ours = Mirror(window, again_ms=0)
    told: list[Look] = []
    ours.looked.connect(told.append)
    ours.look()
    still = QQuickWindow()
    still.setColor(window.color())
    still.setGeometry(window.geometry())
    still.show()
    for colour in ("#cccccc", "#111111"):
        window.setColor(QColor(colour))
        app.processEvents()
        ours.look()
        until(lambda: len(told) == 2)
    window.setColor(still.color())  # the loop comes round
    app.processEvents()
    ours.look()
    until(lambda: ours._doubt is None)
    assert ours.last == Look("frozen", 1.0)
    still.hide()
    still.deleteLater()
    window.setColor(QColor("#eeeeee"))

    def moves() -> bool:
        ours.look()
        return len(told) == 3

    until(moves)
    assert [look.verdict for look in told] == ["same", "frozen", "same"]


# -- a real display ---------------------------------------------------------------------------


class Child:
    """`watch_mirror` as a child process, and the lines it prints."""

    def __init__(self, environ: Mapping[str, str], *words: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.player.watch_mirror", *map(str, words)],
            cwd=ROOT,
            env={**environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._rest = b""
        self.said: list[dict[str, Any]] = []

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *error: object) -> None:
        self.process.kill()
        self.process.wait(10)
        for end in (self.process.stdin, self.process.stdout):
            assert end is not None
            end.close()

    def do(self, *words: str) -> None:
        """Say these words to it."""
        assert self.process.stdin is not None
        self.process.stdin.write(" ".join((*words, "")).encode())
        self.process.stdin.flush()

    def hears(self, key: str) -> dict[str, Any]:
        """Its next line that tells of `key`."""
        assert self.process.stdout is not None
        deadline = time.monotonic() + PATIENCE_S
        while True:
            while b"\n" in self._rest:
                line, _, self._rest = self._rest.partition(b"\n")
                self.said.append(json.loads(line))
                if key in self.said[-1]:
                    return self.said[-1]
            left = deadline - time.monotonic()
            pipe = self.process.stdout.fileno()
            assert left > 0 and select.select([pipe], [], [], left)[0], f"no {key}: {self.said}"
            more = os.read(pipe, 65536)
            assert more, f"it has left: {self.said}"
            self._rest += more

    def looks_until(self, verdict: str) -> float | None:
        """Let it look again and again until this is the verdict; the likeness then.

        The X server clears another program's windows away some time after that has ended.
        """
        deadline = time.monotonic() + PATIENCE_S
        while True:
            self.do("look")
            last = self.hears("last")
            if last["last"] == verdict:
                return cast("float | None", last["likeness"])
            assert time.monotonic() < deadline, f"never {verdict}: {self.said}"

    def told(self) -> list[str]:
        """What the mirror has told so far."""
        return [line["told"] for line in self.said if "told" in line]


@contextmanager
def shown(
    environ: Mapping[str, str], *display: str, after_ms: int = NEVER_MS, turn: int = 0
) -> Iterator[Child]:
    """A player whose first scene stands."""
    with Child(environ, "play", AGAIN_MS, after_ms, turn, *display) as child:
        child.hears("stands")
        yield child


@contextmanager
def covered(environ: Mapping[str, str], area: Area, colour: str) -> Iterator[Child]:
    """Another program's window over this part of the display."""
    with Child(environ, "cover", *area, colour) as other:
        other.hears("covers")
        yield other


@pytest.fixture
def environ() -> Iterator[Mapping[str, str]]:
    """A display of 960 x 540."""
    with xvfb(*SIZE) as made:
        yield {name: value for name, value in made.items() if name != "WAYLAND_DISPLAY"}


@needs_xvfb
@pytest.mark.parametrize(
    ("area", "colour", "verdict", "between"),
    [
        (WHOLE, "#2d6a8f", "covered", (0.0, 0.5)),
        (HALF, "#2d6a8f", "covered", (0.5, 0.9)),
        (HALF, "black", "covered", (0.5, 0.9)),
        (Area(700, 400, 200, 80), "#202020", "covered", (0.95, 0.98)),
        (WHOLE, "black", "black", (0.0, 0.5)),
    ],
)
def test_another_window_is_seen_and_so_is_its_going(
    environ: Mapping[str, str],
    area: Area,
    colour: str,
    verdict: str,
    between: tuple[float, float],
) -> None:
    with shown(environ) as child:
        child.do("look")
        assert child.hears("told") == {"told": "same", "likeness": 1.0}
        with covered(environ, area, colour):
            child.do("look")
            told = child.hears("told")
            assert told["told"] == verdict
            assert between[0] <= told["likeness"] <= between[1]
            child.do("look")
            assert child.hears("last")["last"] == verdict
        assert child.looks_until("same") == 1.0
        assert child.told() == ["same", verdict, "same"], "only what changes is told"


@needs_xvfb
def test_a_black_window_that_no_manager_rules_is_black(environ: Mapping[str, str]) -> None:
    with shown(environ) as child:
        with Desktop(environ) as other:
            other.cover(WHOLE)
            child.do("look")
            assert child.hears("told")["told"] == "black"
        assert child.looks_until("same") == 1.0


@needs_xvfb
@pytest.mark.parametrize("turn", [0, 90])
def test_through_many_changes_there_is_no_false_alarm(
    environ: Mapping[str, str], turn: int
) -> None:
    """Looks fall where they may: at once, and just before the scene leaves."""
    with shown(environ, after_ms=0, turn=turn) as child:
        for number in range(24):
            child.do("look", *(["look"] if number % 3 else []), "next")
            child.hears("stands")
        child.do("look")
        assert child.hears("last")["likeness"] == 1.0
        assert child.told() == ["same"]
        assert {line["likeness"] for line in child.said if "last" in line} == {1.0}


@needs_xvfb
def test_only_the_display_of_the_window_counts(environ: Mapping[str, str]) -> None:
    with Desktop(environ) as desktop:
        desktop.plug("LEFT", LEFT, only=True)
        desktop.plug("RIGHT", RIGHT)
        with shown(environ, "RIGHT") as child:
            child.do("look")
            assert child.hears("told") == {"told": "same", "likeness": 1.0}
            with covered(environ, LEFT, "#2d6a8f"):
                child.do("look")
                assert child.hears("last") == child.said[-1]
                assert (child.said[-1]["last"], child.said[-1]["likeness"]) == ("same", 1.0)
            with covered(environ, RIGHT, "#2d6a8f"):
                child.do("look")
                assert child.hears("told")["told"] == "covered"


@needs_xvfb
def test_beneath_a_wayland_compositor_x_shows_nothing_to_claim(environ: Mapping[str, str]) -> None:
    with shown({**environ, "QT_QPA_PLATFORM": "xcb", "WAYLAND_DISPLAY": "wayland-0"}) as child:
        child.do("look")
        assert child.hears("told") == {"told": "unknown", "likeness": None}
