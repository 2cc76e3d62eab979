"""Draws every scene of campaigns as the player does: `-m tests.drill.pictures OUT FOLDER...`.

A process of its own, so that Qt is not in the one that watches.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from kiosk.door.needs import content_of_folder, open_folder
from kiosk.studio.render import Studio
from kiosk.studio.tour import stops
from tests.drill.office import AGENCY, SIZE


def main(out: Path, folders: list[Path]) -> None:
    """Leave EDITION/SCENE.png in `out`."""
    contents = [content_of_folder(open_folder(folder), AGENCY, None) for folder in folders]
    studio = Studio(contents[0])
    for folder, content in zip(folders, contents, strict=True):
        (out / folder.name).mkdir(parents=True)
        for stop in stops([content], datetime.now(UTC), [SIZE]):
            frame = studio.draw(stop.content, stop.scene, stop.size)
            name = stop.scene.id if stop.scene else "standby"
            assert frame.image.save(str(out / folder.name / f"{name}.png"), quality=100), name
    studio.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
