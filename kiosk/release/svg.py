"""An SVG drawing that may be published: nothing in it runs, moves or fetches anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NoReturn
from xml.parsers import expat

LARGEST_SVG: Final = 4 * 2**20
"""Bytes."""
_REFUSED_ELEMENTS: Final = {
    "script": "a script",
    "handler": "a script",
    "foreignobject": "a piece of a web page",
    "animate": "an animation",
    "animatecolor": "an animation",
    "animatemotion": "an animation",
    "animatetransform": "an animation",
    "set": "an animation",
}
_INSIDE: Final = re.compile(r"\s*(#|data:image/(png|jpeg)[;,])", re.IGNORECASE)
_URL: Final = re.compile(r"url\s*\(\s*[\"']?", re.IGNORECASE)
# A style sheet can spell url and @import with backslashes.
_STYLE_IMPORT: Final = re.compile(r"@import|\\", re.IGNORECASE)
_BASE: Final = "http://www.w3.org/XML/1998/namespace base"


def fault_in(raw: bytes) -> str | None:
    """Why this drawing cannot be published and what to do, in words that lack its name, or None."""
    if len(raw) > LARGEST_SVG:
        return "is larger than 4 MB; simplify the drawing or export it as PNG"
    try:
        _Drawing().check(raw)
    except _Refused as refusal:
        return str(refusal)
    except (expat.ExpatError, ValueError, LookupError) as error:
        return f"is not well-formed XML (line {getattr(error, 'lineno', 1)}); export it again"
    return None


class _Refused(Exception):
    """The parser is to stop here: the drawing cannot be published."""


class _Drawing:
    """One pass over a drawing that stops at whatever could run, move or fetch anything."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._style: list[str] | None = None
        self._style_line = 0
        self._is_first = True

    def check(self, raw: bytes) -> None:
        """_Refused or ExpatError at the first fault."""
        parser = self._parser
        parser.StartDoctypeDeclHandler = lambda *_: self._refuse("a DOCTYPE or entities")
        parser.ProcessingInstructionHandler = lambda *_: self._refuse("a processing instruction")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.Parse(raw, True)

    def _refuse(self, what: str, line: int | None = None) -> NoReturn:
        place = self._parser.CurrentLineNumber if line is None else line
        raise _Refused(f"contains {what} (line {place}); remove it from the drawing")

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        local = tag.rpartition(" ")[2]
        if self._is_first and local != "svg":
            raise _Refused(f"is no SVG drawing but <{local}>; export it as SVG")
        self._is_first = False
        if what := _REFUSED_ELEMENTS.get(local.lower()):
            self._refuse(f"{what}, <{local}>")
        for name, value in attributes.items():
            self._attribute(name, name.rpartition(" ")[2].lower(), value)
        if local.lower() == "style":
            self._style, self._style_line = [], self._parser.CurrentLineNumber

    def _attribute(self, name: str, local: str, value: str) -> None:
        if local.startswith("on"):
            self._refuse(f"a script, the attribute {local}")
        if name == _BASE or (local in ("href", "src") and not _INSIDE.match(value)):
            self._refuse(f"a link to something outside it, {local}")
        self._css(value, self._parser.CurrentLineNumber, is_style=local == "style")

    def _css(self, text: str, line: int, *, is_style: bool) -> None:
        outside = (found for found in _URL.finditer(text) if not _INSIDE.match(text, found.end()))
        found = next(outside, None) or (_STYLE_IMPORT.search(text) if is_style else None)
        if found:
            line += text.count("\n", 0, found.start())
            self._refuse("a style that fetches something outside it", line)

    def _text(self, text: str) -> None:
        if self._style is not None:
            self._style.append(text)

    def _end(self, tag: str) -> None:
        if self._style is not None and tag.rpartition(" ")[2].lower() == "style":
            self._css("".join(self._style), self._style_line, is_style=True)
            self._style = None
