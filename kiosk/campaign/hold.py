"""How long a scene stands on the glass, so that a passer-by can read it and scan its code."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from kiosk.campaign.model import Scene, Video

SHORTEST_S: Final = 12.0
WITH_CODE_S: Final = 20.0
FIRST_LOOK_S: Final = 3.0
PER_WORD_S: Final = 0.45

_WORD: Final = re.compile(r"\w+(?:['’]\w+|(?<=\d)[.,]\d+|(?<=\d)\s\d{3}\b)*|[%€&]")


def hold_seconds(scene: Scene) -> float:
    """Seconds of full opacity: the longest of the floors and of what the author asked for."""
    code = WITH_CODE_S if scene.link else 0.0
    reading = FIRST_LOOK_S + PER_WORD_S * count_words(scene.words())
    clip = scene.duration_s if isinstance(scene, Video) else 0.0
    return max(SHORTEST_S, code, reading, clip, float(scene.hold_s or 0))


def count_words(text: str) -> int:
    """Words as a passer-by reads them.

    An elision is read in one breath and counts once (l’équipe); each part of a compound counts
    (aide-ménagère is two); a number counts once however its thousands are spaced (1 049 000);
    a sign that is spoken counts (95 % is two); punctuation does not.
    """
    return len(_WORD.findall(unicodedata.normalize("NFC", text)))
