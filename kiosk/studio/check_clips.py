"""Clips and their words: there, fit for every screen, and slow enough to be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from kiosk.campaign.document import shown
from kiosk.campaign.hold import PER_WORD_S, count_words
from kiosk.campaign.model import Agency, Video
from kiosk.campaign.parse import CAMPAIGN_FILE, Broken
from kiosk.campaign.subtitles import Cue
from kiosk.player.subtitled import read_subtitles
from kiosk.release.clip_rules import OFF_BY_S
from kiosk.release.clips import ClipError, Facts, examine_clip
from kiosk.release.folder import Folder
from kiosk.release.originals import Unusable, examine, read_whole
from kiosk.studio.check_places import Places, of_problem
from kiosk.studio.findings import Finding

FIRST_LOOK_S: Final = 1.0
"""Until the eye, which is on the clip already, has found the new words."""
OTHER_SHAPE: Final = 1.5
"""Times as wide for its height: what is cut off one of them is seen in the other."""


def clips_of(folder: Folder, places: Places, wanted: Sequence[Agency]) -> Iterator[Finding]:
    """What is wrong with every clip that a screen of these agencies may play."""
    looker = _Looker(folder, places)
    for scene in folder.source.campaign.scenes:
        if isinstance(scene, Video) and any(scene.is_for(agency.agency) for agency in wanted):
            yield from looker.of_clip(scene)
            yield from looker.of_subtitles(scene)


@dataclass(frozen=True, slots=True)
class _Looker:
    """Decodes each clip of the folder once."""

    folder: Folder
    places: Places
    _known: dict[tuple[str, float], Facts | str] = field(default_factory=dict)

    def of_clip(self, scene: Video) -> Iterator[Finding]:
        """The clip itself, and its poster beside it."""
        facts = self._facts(scene)
        if facts is None:
            message = f"{scene.clip} is not in the folder"
            yield self._at(scene, "clip", "clip-missing", message, "add it, or correct its name")
        elif isinstance(facts, str):
            message, _, remedy = facts.rpartition("; ")
            key = "duration_s" if remedy.startswith("write duration_s") else "clip"
            yield self._at(scene, key, "clip-unusable", message, remedy)
        else:
            yield from self._of_poster(scene, facts)

    def of_subtitles(self, scene: Video) -> Iterator[Finding]:
        """The words, at their places in their own file."""
        if scene.subtitles is None:
            return
        cues = self._words(scene.subtitles)
        if cues is None:
            message = f"{scene.subtitles} is not in the folder, or cannot be read"
            remedy = "add it, or delete `subtitles`"
            yield self._at(scene, "subtitles", "subtitles", message, remedy)
            return
        if isinstance(cues, Broken):
            for problem in cues.problems:
                yield replace(of_problem(problem), rule="subtitles")
            return
        for cue in cues:
            yield from _of_cue(cue, scene.subtitles, scene.duration_s)

    def _facts(self, scene: Video) -> Facts | str | None:
        """What the clip holds, or a sentence why it cannot be played; None where it is missing."""
        path = self.folder.media(scene.clip)
        if path is None:
            return None
        key = (scene.clip, scene.duration_s)
        if key not in self._known:
            try:
                self._known[key] = examine_clip(path, scene.duration_s, name=scene.clip)
            except ClipError as error:
                self._known[key] = str(error)
        return self._known[key]

    def _words(self, name: str) -> tuple[Cue, ...] | Broken | None:
        path = self.folder.media(name)
        if path is None:
            return None
        try:
            return read_subtitles(path, name)
        except OSError:
            return None

    def _of_poster(self, scene: Video, facts: Facts) -> Iterator[Finding]:
        path = self.folder.media(scene.poster)
        try:
            poster = examine(read_whole(path), path.suffix) if path else None
        except Unusable:
            # Told as every other picture's.
            return
        if poster is None or poster.format == "SVG":
            return
        (width, height), (across, down) = poster.upright, facts.size
        times = width * down / (height * across)
        if max(times, 1 / times) > OTHER_SHAPE:
            message = (
                f"{scene.poster} has {width} x {height} px and {scene.clip} {across} x {down}: a"
                " cut that suits one does not suit the other"
            )
            remedy = "take a frame of the clip as its poster"
            yield self._at(scene, "poster", "poster-shape", message, remedy)

    def _at(self, scene: Video, key: str, rule: str, message: str, remedy: str) -> Finding:
        path = (*self.places.of_scene(scene.id), key)
        return self.places.finding(rule, CAMPAIGN_FILE, path, message, remedy)


def _of_cue(cue: Cue, file: str, duration_s: float) -> Iterator[Finding]:
    if cue.end_s > duration_s + OFF_BY_S:
        message = f'"{shown(cue.text)}" ends at {cue.end_s:g} s, and the clip at {duration_s:g}'
        remedy = "let it end with the clip, or delete it"
        yield Finding(file, cue.line, 1, "subtitles-late", message, remedy)
    stands, words = cue.end_s - cue.start_s, count_words(cue.text)
    needed = FIRST_LOOK_S + PER_WORD_S * words
    if stands < needed - 0.05:
        message = (
            f'"{shown(cue.text)}" stands for {stands:.1f} s; its {words} word{"s"[: words != 1]}'
            f" take {needed:.1f}"
        )
        remedy = "let it stand longer, or shorten it"
        yield Finding(file, cue.line, 1, "subtitles-fast", message, remedy)
