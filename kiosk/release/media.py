"""A campaign's pictures, clips and subtitles -> the files that are published."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.campaign.model import Source, Video
from kiosk.campaign.parse import Broken
from kiosk.campaign.subtitles import MOST_BYTES, parse_subtitles, written
from kiosk.release.clips import ClipError, prepared_clip
from kiosk.release.originals import Unusable
from kiosk.release.prepare import PictureError, keep, prepared

WORKERS = 2


class MediaError(Exception):
    """A file cannot be published: one sentence with its name, what is wrong, what to do."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """How each file of a campaign is prepared; what was prepared once is kept in `cache`.

    `covers` are, by a picture's name, the sizes in px (width, height) of the areas it must cover.
    """

    source: Source
    covers: Mapping[str, Collection[tuple[int, int]]]
    cache: Path
    _clips: dict[str, float] = field(init=False)
    _words: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        videos = [scene for scene in self.source.campaign.scenes if isinstance(scene, Video)]
        object.__setattr__(self, "_clips", {video.clip: video.duration_s for video in videos})
        words = frozenset(video.subtitles for video in videos if video.subtitles)
        object.__setattr__(self, "_words", words)

    def every(
        self,
        names: Sequence[str],
        raw: Callable[[str], Path | None],
        said: Callable[[int, int], None],
    ) -> dict[str, Path]:
        """The files to publish by their names; MediaError for the first that cannot be."""
        files: dict[str, Path] = {}
        with ThreadPoolExecutor(WORKERS) as pool:
            coming = pool.map(lambda name: self.one(name, raw(name)), names)
            for number, (name, file) in enumerate(zip(names, coming, strict=True), 1):
                files[name] = file
                said(number, len(names))
        return files

    def one(self, name: str, raw: Path | None) -> Path:
        """The file to publish for `name`, made from the original `raw`."""
        if raw is None:
            raise MediaError(f"{name} is not there any more; put it back")
        try:
            if name in self._clips:
                return prepared_clip(name, raw, self._clips[name], self.cache / "clips")
            if name in self._words:
                return _subtitles(name, raw, self.cache / "clips")
            return prepared(name, raw, self.covers.get(name, ()), self.cache / "pictures")
        except (PictureError, ClipError) as error:
            raise MediaError(str(error)) from error


def _subtitles(name: str, raw: Path, cache: Path) -> Path:
    """The cues alone: notes in the file are for those who wrote it."""
    with raw.open("rb") as file:
        cues = parse_subtitles(file.read(MOST_BYTES + 1), name)
    if isinstance(cues, Broken):
        raise MediaError("\n".join(map(str, cues.problems)))
    content = written(cues)
    kept = cache / f"{hashlib.sha256(content).hexdigest()}.vtt"
    try:
        if not kept.is_file():
            keep(kept, lambda part: part.write_bytes(content))
    except Unusable as reason:
        raise MediaError(f"{name} {reason}") from reason
    return kept
