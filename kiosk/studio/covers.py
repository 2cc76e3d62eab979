"""How large each picture is drawn anywhere: what preparing it has to keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kiosk.player import scenery
from kiosk.player.backstage import composed
from kiosk.player.compose import STANDBY_PICTURE
from kiosk.player.content import Content

Sizes = Mapping[str, frozenset[tuple[int, int]]]


def covers(contents: Sequence[Content]) -> Sizes:
    """For each picture, the sizes (width, height in px) of all areas that it fills on any screen.

    Screens alike in size, shape and distance lay a scene out alike: one of them stands for all.
    """
    scenery.application(offscreen=True)
    found: dict[str, set[tuple[int, int]]] = {}
    done = set[tuple[str, str]]()
    for content in contents:
        kind = content.screen.model_dump_json()
        for scene in content.campaign.scenes:
            if not scene.is_for(content.agency.agency) or (scene.id, kind) in done:
                continue
            done.add((scene.id, kind))
            for picture in composed(content, scene, content.screen.seen_size()).pictures:
                if not picture.name.startswith(STANDBY_PICTURE):
                    area = (picture.area.width, picture.area.height)
                    found.setdefault(picture.name, set()).add(area)
    return {name: frozenset(sizes) for name, sizes in found.items()}
