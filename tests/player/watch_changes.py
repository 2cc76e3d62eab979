"""Change scenes on a real X display and look at every frame on it.

Run as a program on a display: `python -m tests.player.watch_changes CHANGES`. Each time Qt has
swapped a frame, the display's content is fetched over the same connection, so it is the frame a
passer-by would see. Prints one JSON object: how many changes and frames, and every frame that is
neither the old scene, the new one, nor one mix of the two.
"""

from __future__ import annotations

import itertools
import json
import sys
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication, QImage

from kiosk.campaign.model import Campaign
from kiosk.player import scenery
from kiosk.player.blocks import Composition
from kiosk.player.compose import compose, standby
from kiosk.player.pictures import load
from kiosk.player.window import Placement, find_screen
from kiosk.release.folder import read_folder
from tests.places import DEMONSTRATION

Pixels = NDArray[np.int16]
ROUNDING = 5
"""Levels of 255 that 8-bit blending of layers may be off by."""
FADE_S = 0.12


@dataclass
class Watch:
    """Every frame since the last scene stood alone, judged when the next one does."""

    frames: list[Pixels] = field(default_factory=list)
    old: Pixels | None = None
    changes: int = 0
    seen: int = 0
    mixed: int = 0
    false: list[str] = field(default_factory=list)

    def judge(self, new: Pixels, still: tuple[slice, slice] | None) -> None:
        """Hold all frames of one change against the scenes before and after it."""
        if self.old is not None:
            self.changes += 1
            for number, frame in enumerate(self.frames):
                self.seen += 1
                share, error = share_of(self.old, new, frame)
                self.mixed += 0.02 < share < 0.98
                if error > ROUNDING:
                    self.false.append(f"change {self.changes} frame {number}: off by {error}")
                if still is not None and not np.array_equal(frame[still], new[still]):
                    self.false.append(f"change {self.changes} frame {number}: the code moved")
        self.old, self.frames = new, []


def share_of(old: Pixels, new: Pixels, frame: Pixels) -> tuple[float, int]:
    """The share of `new` that explains `frame` best, and the largest error it leaves."""
    step = new - old
    clear = np.abs(step) >= 48
    if not clear.any():
        return 1.0, int(np.abs(frame - new).max())
    share = float(np.median((frame - old)[clear] / step[clear]))
    share = min(1.0, max(0.0, share))
    return share, int(np.ceil(np.abs(frame - (old + share * step)).max()))


def shot(app: QGuiApplication) -> Pixels:
    """What the display shows now."""
    image = app.primaryScreen().grabWindow(0).toImage().convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    return rows[:, :, :3].astype(np.int16)


def scenes(size: tuple[int, int]) -> list[tuple[Composition, list[QImage]]]:
    """Portrait, poster, two that share one code, and standby."""
    source = read_folder(DEMONSTRATION).source
    agency = source.agency("le-mans")
    links = source.campaign.links.model_dump()
    links["jobs"]["to"] = "https://o2.example/j/{agency}"
    campaign = source.campaign.model_copy(
        update={"links": type(source.campaign.links).model_validate(links)}
    )
    ids = ["am1", "po1", "ca1", "ca2", None, "fa1"]
    screen = agency.screen()
    made = [
        standby(campaign, agency, screen, size)
        if name is None
        else compose(campaign.scene(name), campaign, agency, screen, size)
        for name in ids
    ]
    return [(one, _pictures(campaign, one)) for one in made]


def _pictures(campaign: Campaign, made: Composition) -> list[QImage]:
    del campaign
    images = []
    for block in made.pictures:
        name = block.name
        if name.startswith("standby:"):
            name = "../../assets/brand/standby-paysage.svg"
        image = load(DEMONSTRATION / name, (block.area.width, block.area.height), block.focus)
        assert isinstance(image, QImage), image
        images.append(image)
    return images


def main(changes: int) -> dict[str, Any]:
    """Run the changes; the findings."""
    app = scenery.application(offscreen=False)
    source = read_folder(DEMONSTRATION).source
    view = scenery.build(scenery.props(source.campaign.brand, 0, (), fade_s=FADE_S))
    placement = Placement(view.window, None, find_screen(None))
    size = app.primaryScreen().size().toTuple()
    cycle = itertools.cycle(scenes(size))
    tokens = itertools.count(1)
    watch = Watch()
    before: list[Composition | None] = [None]

    def advance() -> None:
        composition, pictures = next(cycle)
        same = (
            before[0]
            and before[0].code
            and composition.code
            and (
                before[0].code.tile == composition.code.tile
                and before[0].code.code == composition.code.code
            )
        )
        still[0] = composition.code.tile if same and composition.code else None
        before[0] = composition
        view.glass.show(next(tokens), composition, pictures)

    still: list[Any] = [None]

    def presented(_: int) -> None:
        tile = still[0]
        part = (slice(tile.y, tile.bottom), slice(tile.x, tile.right)) if tile else None
        watch.judge(shot(app), part)
        if watch.changes >= changes:
            app.exit(0)
        else:
            QTimer.singleShot(10, advance)

    view.glass.opening.connect(placement.place)
    view.glass.presented.connect(presented)
    view.window.frameSwapped.connect(lambda: watch.frames.append(shot(app)))
    QTimer.singleShot(0, advance)
    app.exec()
    view.close()
    return {
        "changes": watch.changes,
        "frames": watch.seen,
        "mixed": int(watch.mixed),
        "false": watch.false,
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
