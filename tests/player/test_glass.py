"""When a scene is said to stand, it stands: seen in the frames themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer
from PySide6.QtGui import QColor, QImage

from kiosk.campaign.model import Brand
from kiosk.player import scenery
from kiosk.player.blocks import Composition, PictureBlock, Rect
from kiosk.player.compose import compose
from kiosk.player.scenery import Scenery
from tests.player.conftest import Until
from tests.player.pixels import pixels
from tests.player.theatre import content_of, with_pictures
from tests.player.watch_changes import ROUNDING, Pixels, share_of

SIZE = (320, 180)
WHOLE = Rect(0, 0, *SIZE)


@pytest.fixture
def view() -> Iterator[Scenery]:
    """A small shown window with a short fade."""
    made = scenery.build(scenery.props(Brand(name="O2"), 0, (), fade_s=0.15))
    made.window.setWidth(SIZE[0])
    made.window.setHeight(SIZE[1])
    made.glass.opening.connect(made.window.show)
    yield made
    made.close()


def _plain(colour: str) -> tuple[Composition, list[QImage]]:
    image = QImage(*SIZE, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    block = PictureBlock("a.png", WHOLE, (0.5, 0.5))
    return Composition(*SIZE, "#FFFFFF", (block,), (), (), None, ()), [image]


def test_it_is_said_once_and_only_when_the_scene_is_alone(view: Scenery, until: Until) -> None:
    said: list[tuple[int, str]] = []
    frames: list[str] = []

    def colour() -> str:
        frame = view.window.grabWindow()
        return "" if frame.isNull() else frame.pixelColor(160, 90).name()

    view.glass.presented.connect(lambda token: said.append((token, colour())))
    view.glass.show(1, *_plain("#ff0000"))
    until(lambda: len(said) == 1)
    view.window.frameSwapped.connect(lambda: frames.append(colour()))
    view.glass.show(2, *_plain("#0000ff"))
    assert len(said) == 1
    until(lambda: len(said) == 2)
    view.glass.show(3, *_plain("#00ff00"))
    until(lambda: len(said) == 3)
    assert said == [(1, "#ff0000"), (2, "#0000ff"), (3, "#00ff00")]
    mixed = set(frames) - {"", "#ff0000", "#0000ff", "#00ff00"}
    assert len(mixed) >= 4, "the fades were not seen"


def test_two_scenes_with_one_code_keep_its_pixels(
    tmp_path: Path, view: Scenery, until: Until
) -> None:
    content = content_of(with_pictures(tmp_path, "am1", "am2"))
    links = content.campaign.links.model_dump()
    links["booking"]["to"] = "https://o2.example/r/{agency}"
    kind = type(content.campaign.links)
    campaign = content.campaign.model_copy(update={"links": kind.model_validate(links)})
    made = [
        compose(scene, campaign, content.agency, content.screen, SIZE)
        for scene in content.campaign.scenes
    ]
    assert made[0].code is not None and made[1].code is not None
    tile = made[0].code.tile
    assert made[0].code.code == made[1].code.code
    pictures = [_plain(colour)[1] for colour in ("#aa3300", "#0033aa")]
    said: list[int] = []
    tiles: list[QImage] = []
    others: set[str] = set()

    def look() -> None:
        frame = view.window.grabWindow()
        if frame.isNull():  # a grab swaps a frame itself, and a grab within that one is empty
            return
        tiles.append(frame.copy(tile.x, tile.y, tile.width, tile.height))
        others.add(frame.pixelColor(10, 10).name())

    view.glass.presented.connect(said.append)
    view.glass.show(1, made[0], pictures[0])
    until(lambda: said == [1])
    look()
    view.window.frameSwapped.connect(look)
    view.glass.show(2, made[1], pictures[1])
    until(lambda: said == [1, 2])
    assert len(others) > 4, "the fade was not seen"
    assert all(image == tiles[0] for image in tiles)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_turned_picture_fades_without_a_jump_of_its_words(
    tmp_path: Path, view: Scenery, until: Until, turn: int
) -> None:
    """Every frame is one mix of the old scene and the new one, as each of them stands."""
    content = content_of(with_pictures(tmp_path, "am1", "am2"))
    seen = SIZE if turn in (0, 180) else (SIZE[1], SIZE[0])
    made = [
        compose(scene, content.campaign, content.agency, content.screen, seen)
        for scene in content.campaign.scenes
    ]
    pictures = [_plain(colour)[1] for colour in ("#aa3300", "#0033aa")]
    said: list[int] = []
    frames: list[Pixels] = []

    def look() -> None:
        frame = view.window.grabWindow()
        if not frame.isNull():
            frames.append(pixels(frame).astype(np.int16))

    view.stage.set_turn(turn)
    view.glass.presented.connect(said.append)
    view.glass.show(1, made[0], pictures[0])
    until(lambda: said == [1])
    look()
    view.window.frameSwapped.connect(look)
    view.glass.show(2, made[1], pictures[1])
    until(lambda: said == [1, 2])
    old, new = frames[0], pixels(view.window.grabWindow()).astype(np.int16)
    judged = [share_of(old, new, frame) for frame in frames]
    assert max(error for _, error in judged) <= ROUNDING
    assert len({share for share, _ in judged if 0.02 < share < 0.98}) >= 4, "no fade was seen"


def test_nothing_runs_while_a_scene_stands(view: Scenery, until: Until) -> None:
    said: list[int] = []
    view.glass.presented.connect(said.append)
    view.glass.show(1, *_plain("#ff0000"))
    until(lambda: said == [1])
    view.glass.show(2, *_plain("#0000ff"))
    until(lambda: said == [1, 2])
    QCoreApplication.processEvents()
    frames: list[None] = []
    view.window.frameSwapped.connect(lambda: frames.append(None))
    over: list[None] = []
    QTimer.singleShot(1500, lambda: over.append(None))
    wakes = 0
    while not over:
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        wakes += 1
    assert frames == []
    assert wakes <= 3
