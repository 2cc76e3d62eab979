"""Observations on many screens -> one finding for each thing to mend, at its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kiosk.campaign.document import Path
from kiosk.campaign.model import Scene
from kiosk.campaign.parse import CAMPAIGN_FILE
from kiosk.campaign.typography import french
from kiosk.player.content import Content
from kiosk.studio.check_places import Places, agency_file
from kiosk.studio.findings import Finding

Where = tuple[str, Path]
"""A file, and the way to a value in it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing seen on one screen; of those at one place, the worst is told."""

    rule: str
    where: Where
    message: str
    remedy: str
    on: str
    badness: float = 0.0


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that was seen, one entry for each rule and place."""

    places: Places
    _worst: dict[tuple[str, Where], Seen] = field(default_factory=dict)
    _screens: dict[tuple[str, Where], set[str]] = field(default_factory=dict)

    def add(self, seen: Seen) -> None:
        """Keep it if it is the worst of its kind so far; count the screen."""
        key = seen.rule, seen.where
        self._screens.setdefault(key, set()).add(seen.on)
        if key not in self._worst or seen.badness > self._worst[key].badness:
            self._worst[key] = seen

    def findings(self) -> Iterator[Finding]:
        """Each with the screen on which it is worst, and how many others there are."""
        for key, seen in self._worst.items():
            more = len(self._screens[key]) - 1
            others = f" and {more} more screen{'s'[: more != 1]}" if more else ""
            message = f"{seen.message} (on {seen.on}{others})"
            yield self.places.finding(seen.rule, *seen.where, message, seen.remedy)


def screen_name(content: Content) -> str:
    """A screen as a finding names it."""
    width, height = content.screen.seen_size()
    return f"{content.agency.agency}/{content.screen_name}, {width}x{height}"


def scene_place(places: Places, scene: Scene | None, *path: str | int) -> Where:
    """Where a scene, or a value of it, is written; of standby the brand."""
    if scene is None:
        return CAMPAIGN_FILE, ("brand", "name")
    return CAMPAIGN_FILE, (*places.of_scene(scene.id), *path)


def text_place(places: Places, content: Content, scene: Scene | None, text: str) -> Where:
    """Where the words of a text on the glass are written; else the scene itself."""
    wanted = _bare(text)
    agency = agency_file(content.agency.agency)
    tops: list[Where] = [scene_place(places, scene)] if scene else []
    tops += [(CAMPAIGN_FILE, ("links", scene.link))] if scene and scene.link else []
    tops += [(CAMPAIGN_FILE, ("links", "hosts")), (agency, ("name",)), (agency, ("notices",))]
    tops += [(CAMPAIGN_FILE, ("notices",))]
    tops = [(file, top) for file, top in tops if top[-1] in places.root(file).at(top[:-1]).children]
    for file, top in tops:
        found = places.where_text(file, top, lambda written: _bare(written) == wanted)
        if found is not None:
            return file, found
    for file, top in tops:
        found = places.where_text(
            file, top, lambda written: len(written) > 3 and _bare(written) in wanted
        )
        if found is not None:
            return file, found
    return scene_place(places, scene)


def _bare(text: str) -> str:
    """Its letters and signs, without the spaces and quotes that the program puts."""
    return "".join(sign for sign in french(text) if not sign.isspace() and sign not in "«»")
