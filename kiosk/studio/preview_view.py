"""What the preview looks at: one agency's screen, one scene, a size and a moment; and steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from kiosk.campaign.document import Problem
from kiosk.campaign.model import Agency, NoticeScene, Scene
from kiosk.campaign.parse import CAMPAIGN_FILE
from kiosk.campaign.selection import LeftOut, scenes_of, select
from kiosk.campaign.today import as_of
from kiosk.player.content import Content
from kiosk.player.regions import orientation_of
from kiosk.release.folder import Folder
from kiosk.studio.check_places import Places, agency_file

Size = tuple[int, int]
ContentOf = Callable[[Folder, str, str | None], Content]
"""A folder as one screen of one agency sees it: the door knows how."""
SIZES: Final[tuple[Size, ...]] = ((1920, 1080), (1080, 1920), (1080, 1080), (3840, 2160))
FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LAST: Final = datetime(2099, 12, 31, tzinfo=UTC)
"""The clock is not set beyond: opening hours are only known so far."""


@dataclass(frozen=True, slots=True)
class View:
    """What is looked at. `size` counts in `sizes`; `at` is in UTC. Empty names: the first."""

    agency: str
    screen: str
    scene: str
    at: datetime
    size: int = 0


@dataclass(frozen=True, slots=True)
class Book:
    """A folder without a problem, and where things are written in it."""

    folder: Folder
    places: Places
    content_of: ContentOf

    @property
    def agencies(self) -> list[str]:
        """Their ids, in order."""
        return [agency.agency for agency in self.folder.source.agencies]

    def agency(self, view: View) -> Agency:
        """The one looked at."""
        return self.folder.source.agency(view.agency)

    def zone(self, view: View) -> ZoneInfo:
        """The agency's."""
        return ZoneInfo(self.agency(view).timezone)

    def scenes(self, view: View) -> tuple[Scene, ...]:
        """Every scene that this agency is asked about."""
        return scenes_of(self.folder.source.campaign, self.agency(view))

    def sizes(self, view: View) -> list[Size]:
        """This screen's own, those of the agency's others, and the usual ones."""
        screens = self.agency(view).screens
        own = screens[view.screen].seen_size()
        return list(dict.fromkeys((own, *(s.seen_size() for s in screens.values()), *SIZES)))

    def content(self, view: View) -> Content:
        """The folder as this screen sees it, with the hours at which it may be lit."""
        content = self.content_of(self.folder, view.agency, view.screen)
        return replace(content, always_lit=False)

    # -- steps ------------------------------------------------------------------------------

    def settled(self, view: View) -> View:
        """The same view, as far as this folder still has what it names."""
        agency = _kept(view.agency, self.agencies)
        view = view if agency == view.agency else replace(view, agency=agency, size=0)
        screen = _kept(view.screen, list(self.agency(view).screens))
        view = view if screen == view.screen else replace(view, screen=screen, size=0)
        scene = _kept(view.scene, [scene.id for scene in self.scenes(view)])
        return replace(view, scene=scene, size=view.size % len(self.sizes(view)))

    def next_scene(self, view: View, by: int) -> View:
        """The scene so many further on, around the end."""
        names = [scene.id for scene in self.scenes(view)]
        return replace(view, scene=_stepped(view.scene, names, by))

    def next_agency(self, view: View, by: int) -> View:
        """Another agency's first screen, and there the same scene where it has it."""
        agency = _stepped(view.agency, self.agencies, by)
        return self.settled(replace(view, agency=agency, screen="", size=0))

    def next_screen(self, view: View, by: int) -> View:
        """Another screen of this agency."""
        screen = _stepped(view.screen, list(self.agency(view).screens), by)
        return replace(view, screen=screen, size=0)

    def next_size(self, view: View, by: int) -> View:
        """Another size."""
        return replace(view, size=(view.size + by) % len(self.sizes(view)))

    def hours_on(self, view: View, by: int) -> View:
        """So many hours later."""
        return _at(view, view.at + timedelta(hours=by))

    def days_on(self, view: View, by: int) -> View:
        """So many days later, at the same time on the agency's clock."""
        local = view.at.astimezone(self.zone(view)) + timedelta(days=by)
        return _at(view, local.astimezone(UTC))


@dataclass(frozen=True, slots=True)
class Sight:
    """All there is to say of a view. `scene` is as it is at that moment; None is standby."""

    view: View
    content: Content
    scene: Scene | None
    size: Size
    number: int
    count: int
    place: str
    left_out: LeftOut | None
    played: bool = False
    lit: bool = True


def sight(book: Book, view: View) -> Sight:
    """Look at a scene of a settled view."""
    content, scenes = book.content(view), book.scenes(view)
    size = book.sizes(view)[view.size]
    number = next(n for n, scene in enumerate(scenes) if scene.id == view.scene)
    campaign, agency = content.campaign, content.agency
    selection = select(
        campaign, agency, orientation_of(size), view.at, present=content.present, always_lit=False
    )
    return Sight(
        view=view,
        content=content,
        scene=as_of(scenes[number], campaign, agency, view.at)[0],
        size=size,
        number=number + 1,
        count=len(scenes),
        place=_place(book.places, scenes[number], view.agency),
        left_out=next((one for one in selection.left_out if one.scene == view.scene), None),
        lit=selection.light.lit,
    )


def _place(places: Places, scene: Scene, agency: str) -> str:
    """Where the scene is written: file:line."""
    file, path = CAMPAIGN_FILE, places.of_scene(scene.id)
    if isinstance(scene, NoticeScene):
        path = ("notices",)
        for file in (CAMPAIGN_FILE, agency_file(agency)):
            found = places.where_text(file, path, lambda text: text == scene.text)
            if found is not None:
                path = found
                break
    return f"{file}:{places.root(file).at(path).place.line}"


def _at(view: View, at: datetime) -> View:
    return replace(view, at=min(max(at, FIRST), LAST))


def _kept(name: str, known: Sequence[str]) -> str:
    return name if name in known else known[0]


def _stepped(name: str, known: Sequence[str], by: int) -> str:
    return known[(known.index(name) + by) % len(known)]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the folder cannot be used: its problems, or one sentence on the folder itself."""

    problems: tuple[Problem, ...]
    folder: str = ""
