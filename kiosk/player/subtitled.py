"""A clip's subtitles: read from their file, and set in the campaign's type."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from kiosk.campaign.model import Video
from kiosk.campaign.parse import Broken
from kiosk.campaign.subtitles import MOST_BYTES, Cue, parse_subtitles
from kiosk.campaign.typography import french
from kiosk.player.blocks import Rect, Said
from kiosk.player.content import Content
from kiosk.player.page import Page, text_block
from kiosk.player.typeset import SEMIBOLD, set_text

log = logging.getLogger("kiosk.player")


class SubtitledVideo(Video):
    """A clip with its subtitles read."""

    cues: tuple[Cue, ...]


def subtitled(scene: Video, content: Content) -> Video:
    """The scene with its subtitles read; the same where it has none, or none that can be read."""
    path = content.media(scene.subtitles) if scene.subtitles else None
    if path is None or not content.intact(path):
        return scene
    cues = _cues(path)
    if not cues:
        log.warning("scene %s: its subtitles cannot be read", scene.id)
        return scene
    return SubtitledVideo(**dict(scene), cues=cues)


def read_subtitles(path: Path, name: str) -> tuple[Cue, ...] | Broken:
    """The cues of a file that problems call `name`; OSError where it cannot be read."""
    with path.open("rb") as file:
        return parse_subtitles(file.read(MOST_BYTES + 1), name)


def _cues(path: Path) -> tuple[Cue, ...]:
    try:
        found = read_subtitles(path, path.name)
    except OSError:
        return ()
    return found if isinstance(found, tuple) else ()


def subtitles(page: Page, cues: Sequence[Cue], box: Rect, wish: int) -> tuple[Said, ...]:
    """The cues in `box`, all at the largest common size up to `wish` (units).

    What does not fit at the smallest readable size is named in the page's misfits.
    """
    floor, size = page.measures.headline_floor, (box.width, box.height)
    texts = [french(cue.text) for cue in cues]
    most = max(floor, page.measures.px(wish))
    each = [set_text(text, SEMIBOLD, size, (floor, most)) for text in texts]
    page.misfits.extend(t for t, setting in zip(texts, each, strict=True) if not setting.fits)
    common = min((setting.px for setting in each), default=floor)
    said = []
    for cue, text in zip(cues, texts, strict=True):
        setting = set_text(text, SEMIBOLD, size, (common, common))
        area = Rect(box.x, box.y, box.width, setting.height)
        block = text_block(setting, area, SEMIBOLD, page.campaign.brand.ink)
        said.append(Said(cue.start_s, cue.end_s, (block,)))
    return tuple(said)
