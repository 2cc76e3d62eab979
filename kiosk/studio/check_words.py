"""The author's words: too many of them, and the signs that no program can put right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from kiosk.campaign.document import Path
from kiosk.campaign.parse import CAMPAIGN_FILE
from kiosk.campaign.typography import french
from kiosk.studio.check_places import Places, agency_file
from kiosk.studio.findings import Finding

MOST_WORDS: Final[Mapping[str, tuple[str, int]]] = {
    "quote": ("a quote", 18),
    "sentence": ("a sentence", 18),
    "text": ("a notice", 18),
    "title": ("a headline", 7),
    "says": ("a headline", 7),
    "label": ("a call to action", 4),
}
_LIGATURE: Final = re.compile(
    r"\b(?:c|s|man)?oeu(?:r|rs|vre|vres|vré)\b|\boeil\b|\boeufs?\b|\bn?oeuds?\b|\bvoeux?\b"
    r"|\bmoeurs\b|\boe(?:illet|dème)s?\b",
    re.IGNORECASE,
)


def words_of(places: Places, agencies: tuple[str, ...]) -> Iterator[Finding]:
    """Warnings about every text that a passer-by reads."""
    tops = ("scenes", "links", "notices")
    ways: list[tuple[str, Path]] = [(CAMPAIGN_FILE, (top,)) for top in tops]
    ways += [(agency_file(agency), ("notices",)) for agency in agencies]
    for file, top in ways:
        if top[0] not in places.root(file).children:
            continue
        for path, text in places.texts(file, top):
            yield from _of_text(places, file, path, text)


def _of_text(places: Places, file: str, path: Path, text: str) -> Iterator[Finding]:
    key = path[-1] if isinstance(path[-1], str) else path[-2]
    limit = MOST_WORDS.get(str(key))
    count = sum(any(map(str.isalnum, word)) for word in text.split())
    if limit and count > limit[1]:
        message = f"{key}: {count} words; {limit[0]} is read in passing with {limit[1]} at most"
        yield places.finding("words", file, path, message, "shorten it")
    if "://" not in text:
        for message, remedy in _signs(text):
            yield places.finding("typography", file, path, f"{key}: {message}", remedy)


def _signs(text: str) -> Iterator[tuple[str, str]]:
    """What `french` leaves as it is, because only the author knows what was meant."""
    printed = french(text)
    if '"' in printed:
        yield 'a straight quote (") has no partner', "write « and », or delete it"
    if printed.count("«") != printed.count("»"):
        yield "a « or » has no partner", "close it, or delete it"
    if found := _LIGATURE.search(text):
        right = found[0].replace("oe", "œ").replace("OE", "Œ").replace("Oe", "Œ")
        yield f'"{found[0]}" is written with a ligature', f'write "{right}"'
