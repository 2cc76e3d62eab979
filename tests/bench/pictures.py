"""The pictures the player shows, as PNG files for the other contender to show.

`python -m tests.bench.pictures WIDTH HEIGHT OUT` draws every scene that may be shown now, with the
player's own window and no display, and writes `order.json`: the scenes in today's order.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from kiosk.campaign import mix
from kiosk.campaign.selection import Selection, select
from kiosk.player.content import Content
from kiosk.player.regions import orientation_of
from kiosk.studio.render import Studio
from tests.bench.content import content

PLAYS: Final = 60
ORDER: Final = "order.json"
STANDBY: Final = "standby"


def draw(size: tuple[int, int], out: Path) -> None:
    """Write a PNG of every allowed scene, of standby, and the order of play, into `out`."""
    whole = content()
    now = datetime.now(UTC)
    selection = select(
        whole.campaign, whole.agency, orientation_of(size), now, present=whole.present
    )
    studio = Studio(whole)
    for scene in (*selection.allowed, None):
        name = scene.id if scene else STANDBY
        if not studio.draw(whole, scene, size).image.save(str(out / f"{name}.png")):
            raise OSError(f"cannot write to {out}")
    studio.close()
    (out / ORDER).write_text(json.dumps(order(whole, selection)), "utf-8")


def order(whole: Content, selection: Selection) -> list[str]:
    """The next scenes, by id, as the player will choose them."""
    day = selection.at.astimezone(ZoneInfo(whole.agency.timezone)).date()
    state = mix.start(whole.release, whole.agency.agency, day)
    names = []
    for _ in range(PLAYS):
        scene, state = mix.choose(state, selection.allowed, whole.campaign.mix)
        names.append(scene.id)
    return names


if __name__ == "__main__":
    width, height, folder = sys.argv[1:]
    draw((int(width), int(height)), Path(folder))
