"""The player with other holds and another fade than a shop's: `kiosk.player.app.play` otherwise.

`python -m tests.bench.player --fade S --holds S[,S…] [--report N]`; after the last hold that one
goes on. With `--report` a line on stdout counts the changes.
"""

from __future__ import annotations

import argparse
import itertools
import logging
import signal
import sys

from PySide6.QtCore import QTimer

from kiosk.campaign.model import Scene
from kiosk.player import app as shop
from kiosk.player import scenery
from kiosk.player.awake import Awake
from kiosk.player.desk import Desk
from kiosk.player.director import Director
from kiosk.player.window import Placement, find_screen
from tests.bench.content import content


def main() -> int:
    """Play until SIGTERM."""
    options = _parser().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(name)s %(message)s", stream=sys.stderr)
    holds = [float(hold) for hold in options.holds.split(",")]
    each = itertools.chain(holds, itertools.repeat(holds[-1]))

    def hold(scene: Scene) -> float:
        del scene
        return next(each)

    whole = content()
    app = scenery.application(offscreen=False)
    screen = find_screen(None)
    size = screen.geometry().width(), screen.geometry().height()
    desk, awake = Desk(), Awake()
    props = scenery.props(whole.campaign.brand, 0, scenery.LEAVE, options.fade)
    director = Director(whole, size, props.glass, desk, shop.SYSTEM_CLOCK, hold=hold)
    director.begin()
    view = scenery.build(props)
    logging.getLogger("kiosk.player").info("renderer: %s", view.renderer.kind)
    placement = Placement(view.window, None, screen)
    view.glass.opening.connect(placement.place)
    placement.resized.connect(lambda width, height: director.resize((width, height)))
    if options.report:
        director.standing.connect(_Counter(options.report))
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    QTimer.singleShot(shop.OPEN_WITHIN_MS, director.open_with_standby)
    QTimer.singleShot(2 * shop.OPEN_WITHIN_MS, awake.hold)
    return app.exec()


class _Counter:
    """Prints a line after every so many changes."""

    def __init__(self, every: int) -> None:
        self._every, self._stood = every, 0

    def __call__(self, token: int) -> None:
        del token
        changes, self._stood = self._stood, self._stood + 1
        if changes and changes % self._every == 0:
            print(f"changes {changes}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.player")
    parser.add_argument("--fade", type=float, required=True)
    parser.add_argument("--holds", required=True)
    parser.add_argument("--report", type=int, default=0)
    return parser


if __name__ == "__main__":
    sys.exit(main())
