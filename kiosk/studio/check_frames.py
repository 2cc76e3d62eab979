"""Every frame of every screen: its layout judged, and of each kind of screen one drawn and read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from kiosk.campaign.document import shown
from kiosk.campaign.links import FLOOR_MM_PER_M
from kiosk.campaign.model import Poster, Scene
from kiosk.campaign.parse import CAMPAIGN_FILE
from kiosk.player import scenery
from kiosk.player.backstage import composed
from kiosk.player.blocks import CodeBlock, Composition
from kiosk.player.content import Content
from kiosk.player.regions import HEADLINE_MM_PER_M, SMALL_MM_PER_M
from kiosk.studio.check_memory import Memory, warned
from kiosk.studio.check_pictures import Pictures
from kiosk.studio.check_places import Places, agency_file
from kiosk.studio.check_seen import Gathered, Seen, Where, scene_place, screen_name, text_place
from kiosk.studio.findings import RULES, Finding, Level
from kiosk.studio.gate_worker import Easel
from kiosk.studio.legibility import LEAST_CONTRAST, Letters, letters_of
from kiosk.studio.reach import ENOUGH, STEPS, Ladder, Reach, code_mm
from kiosk.studio.reach_codes import Coded, coded
from kiosk.studio.scan import readers_of
from kiosk.studio.tour import STANDBY, stops_shown

GOAL_URL: Final = 26
"""Characters: the longest address of a version 2-M code."""
_NOT_LESS: Final = 1.001
"""So much further than asked a code is read, lest rounding should say that it is not."""
_UNDRAWN: Final = frozenset({"picture-missing", "picture-unusable"})
Progress = Callable[[int, int], None]
_Kind = tuple[str, str]
"""A scene, and a screen: what is seen alike on every screen of a kind."""


@dataclass(frozen=True, slots=True)
class Frames:
    """What was found on the frames, how many there are, and the codes of those looked at."""

    findings: tuple[Finding, ...]
    looked_at: int
    codes: tuple[Coded, ...]


def frames_of(
    contents: Sequence[Content],
    places: Places,
    now: datetime,
    said: Progress = lambda _done, _total: None,
    memory: Memory | None = None,
) -> Frames:
    """Judge every frame of `contents`, as at `now`; `said(done, total)` is called after each.

    Screens of one size, shape and distance show a scene alike, but for the agency's name and the
    code: one of them is drawn and read from afar; of the others, layout and tile are looked at.
    With a `memory`, frames in which nothing was found are passed over, of those with warnings only
    the layout is judged, and codes are read from as far as their screen asks, no further.
    """
    scenery.application(offscreen=True)
    looker = _Looker(places, Gathered(places), Pictures(places), thrifty=memory is not None)
    stops = stops_shown(contents, now)
    keys = memory.keys(stops) if memory else [None] * len(stops)
    passed = memory.passed() if memory else frozenset()
    easel: Easel | None = None
    try:
        for number, (stop, key) in enumerate(zip(stops, keys, strict=True), 1):
            if key is None or key not in passed:
                if key is not None and warned(key) in passed:
                    looker.glance(stop.content, stop.scene)
                else:
                    easel = easel or Easel(stop.content)
                    looker.look(easel, stop.content, stop.scene, key)
            said(number, len(stops))
        if memory:
            memory.add(looker.clean())
    finally:
        if easel is not None:
            easel.close()
    return Frames(tuple(looker.gathered.findings()), len(stops), tuple(looker.codes))


@dataclass(frozen=True, slots=True)
class _Looker:
    places: Places
    gathered: Gathered
    pictures: Pictures
    reaches: dict[tuple[object, ...], Reach] = field(default_factory=dict)
    thrifty: bool = False
    codes: list[Coded] = field(default_factory=list)
    _drawn: set[_Kind] = field(default_factory=set)
    _looked_at: dict[str, _Kind] = field(default_factory=dict)
    _wrong: set[_Kind] = field(default_factory=set)
    _warned: set[_Kind] = field(default_factory=set)
    _told: list[Seen] = field(default_factory=list)

    def clean(self) -> list[str]:
        """The keys of the frames with no error in any of their kind."""
        right = {key: kind for key, kind in self._looked_at.items() if kind not in self._wrong}
        return [warned(key) if kind in self._warned else key for key, kind in right.items()]

    def glance(self, content: Content, scene: Scene | None) -> None:
        """Tell the warnings of a frame that is known to have no error."""
        composition = composed(content, scene, content.screen.seen_size())
        if scene is not None:
            self._tell(self.pictures.judged(content, scene, composition))
            for block in composition.codes:
                self._tell(_of_address(content, scene, block))

    def look(
        self, easel: Easel, content: Content, scene: Scene | None, key: str | None = None
    ) -> None:
        """Judge one frame; `key` is what `clean` may call it."""
        told = len(self._told)
        kind = self._judge(easel, content, scene)
        for seen in self._told[told:]:
            (self._wrong if RULES[seen.rule].level is Level.ERROR else self._warned).add(kind)
        if key is not None:
            self._looked_at[key] = kind

    def _judge(self, easel: Easel, content: Content, scene: Scene | None) -> _Kind:
        composition = composed(content, scene, content.screen.seen_size())
        faults = list(self.pictures.judged(content, scene, composition)) if scene else []
        self._tell([*self._misfits(content, scene, composition), *faults])
        screen = content.screen.model_dump_json()
        kind = (scene.model_dump_json() if scene else STANDBY, screen)
        readers: tuple[tuple[str, ...], ...] | None = None
        if kind not in self._drawn and _UNDRAWN.isdisjoint(fault.rule for fault in faults):
            self._drawn.add(kind)
            readers = self._draw(easel, content, scene)
        for number, block in enumerate(composition.codes if scene else ()):
            assert scene is not None
            reach = self._reach(block, (scene.id, number, screen))
            read = readers[number] if readers else None
            found = coded(content, scene, block, reach, readers=read, enough=ENOUGH)
            self.codes.append(found)
            self._tell(self._of_code(content, scene, found))
        return kind

    def _reach(self, block: CodeBlock, kind: tuple[object, ...]) -> Reach:
        """One code stands for all of its place on such screens: no step lies between them."""
        key = (*kind, block.code.version, block.code.level, block.geometry.module_px)
        if key not in self.reaches:
            asked = _NOT_LESS * 1000 * block.geometry.distance_m / code_mm(block)
            self.reaches[key] = Ladder().reach(block, asked if self.thrifty else STEPS[-1])
        return self.reaches[key]

    def _tell(self, seen: Iterable[Seen]) -> None:
        for each in seen:
            self._told.append(each)
            self.gathered.add(each)

    def _misfits(
        self, content: Content, scene: Scene | None, composition: Composition
    ) -> Iterator[Seen]:
        """Texts that share a box are refused together: the longest written in a file is told."""
        longest: dict[str, tuple[str, Where]] = {}
        for text in composition.misfits:
            where = text_place(self.places, content, scene, text)
            if len(text) > len(longest.get(where[0], ("",))[0]):
                longest[where[0]] = text, where
        for text, where in longest.values():
            message = f'"{shown(text)}" does not fit at a size that can be read'
            yield Seen("text-long", where, message, "shorten it", screen_name(content))

    def _draw(
        self, easel: Easel, content: Content, scene: Scene | None
    ) -> tuple[tuple[str, ...], ...] | None:
        """Draw it and judge its letters; who reads each of its codes."""
        frame = easel.draw(content, scene, content.screen.seen_size())
        if frame.refused is not None:
            where = scene_place(self.places, scene, "picture")
            self._tell([Seen("picture-unusable", where, frame.refused, "export it again",
                             screen_name(content))])  # fmt: skip
            return None
        letters = letters_of(frame.image, frame.composition, content.screen)
        for each in letters:
            self._tell(self._of_letters(content, scene, each))
        if scene is not None and not isinstance(scene, Poster):
            self._tell(self._of_headline(content, scene, letters))
        codes = frame.composition.codes
        return tuple(readers_of(frame.image, each.code.url, each.tile) for each in codes)

    def _of_letters(
        self, content: Content, scene: Scene | None, letters: Letters
    ) -> Iterator[Seen]:
        text, on = letters.text, screen_name(content)
        if letters.mm_per_m < SMALL_MM_PER_M:
            where = text_place(self.places, content, scene, text.text)
            message = (
                f'"{shown(text.text)}" has capitals of {letters.mm_per_m:.1f} mm for each metre of'
                f" distance; {SMALL_MM_PER_M} are needed"
            )
            yield Seen("text-small", where, message, "shorten it", on, -letters.mm_per_m)
        if letters.contrast < LEAST_CONTRAST:
            message = (
                f"text in {text.colour} has a contrast of {letters.contrast:.1f} to 1, as in"
                f' "{shown(text.text)}"; {LEAST_CONTRAST} are needed'
            )
            where = _colour_place(content, text.colour)
            remedy = "choose a darker colour, or a lighter paper"
            yield Seen("contrast", where, message, remedy, on, -letters.contrast)

    def _of_headline(
        self, content: Content, scene: Scene, letters: Sequence[Letters]
    ) -> Iterator[Seen]:
        largest = max(letters, key=lambda each: each.mm_per_m, default=None)
        if largest is not None and largest.mm_per_m < HEADLINE_MM_PER_M:
            where = text_place(self.places, content, scene, largest.text.text)
            message = (
                f"{scene.id}: its largest text has capitals of {largest.mm_per_m:.1f} mm for each"
                f" metre of distance; {HEADLINE_MM_PER_M} are needed"
            )
            yield Seen("text-small", where, message, "shorten it", screen_name(content))

    def _of_code(self, content: Content, scene: Scene, found: Coded) -> Iterator[Seen]:
        agency, on, size = content.agency.agency, screen_name(content), found.block.geometry
        distance = (agency_file(agency), ("screens", content.screen_name, "scan_distance_m"))
        remedy = "give the screen a shorter scan_distance_m, or shorten the link"
        if not size.scannable:
            message = (
                f"the code of {scene.id} has modules of {size.module_mm:.1f} mm; at"
                f" {size.distance_m:g} m {FLOOR_MM_PER_M * size.distance_m:.1f} are needed"
            )
            yield Seen("code-small", distance, message, remedy, on, -size.module_mm)
        elif found.metres < size.distance_m:
            message = (
                f"the code of {scene.id} is read to {found.metres:.2f} m by the phone of the"
                f" pavement profile; the screen asks {size.distance_m:g} m"
            )
            yield Seen("code-reach", distance, message, remedy, on, -found.metres)
        if len(found.readers) < ENOUGH:
            message = f"the code of {scene.id} is read by {', '.join(found.readers) or 'nobody'}"
            where = scene_place(self.places, scene, "link")
            yield Seen("code-unread", where, message, "report this with the folder", on)
        yield from _of_address(content, scene, found.block)


def _of_address(content: Content, scene: Scene, block: CodeBlock) -> Iterator[Seen]:
    length = len(block.code.url)
    if length > GOAL_URL:
        message = f"the code's address has {length} characters: {block.code.url}"
        where = (CAMPAIGN_FILE, ("links", str(scene.link), "to"))
        remedy = f"up to {GOAL_URL} the code is simpler, and read from further away"
        yield Seen("code-long", where, message, remedy, screen_name(content), length)


def _colour_place(content: Content, colour: str) -> Where:
    brand = content.campaign.brand
    for name in ("accent", "ink"):
        if getattr(brand, name) == colour:
            return CAMPAIGN_FILE, ("brand", name)
    return CAMPAIGN_FILE, ("brand",)
