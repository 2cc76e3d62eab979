"""WebVTT -> the words of a clip, each with its seconds; or every problem of the file at once.

Of WebVTT (W3C) a campaign needs the cues' times and words. Settings, styles, regions and tags say
how others would draw them, and are passed over.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from kiosk.campaign.document import Place, Problem, shown
from kiosk.campaign.parse import Broken

MOST_BYTES: Final = 64 * 1024
LONGEST_CUE: Final = 120
"""Characters of one cue, as it is drawn."""
_MOST_SHOWN: Final = 20
_EXAMPLE: Final = "00:01.500 --> 00:04.000"

_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_INVISIBLE: Final = re.compile(
    "[^\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_HEADER: Final = re.compile(r"WEBVTT(?:[ \t].*)?")
_PASSED_OVER: Final = re.compile(r"NOTE(?:[ \t].*)?|(?:STYLE|REGION)[ \t]*")
_TIME: Final = r"(?:([0-9]{2,4}):)?([0-5][0-9]):([0-5][0-9])\.([0-9]{3})"
_TIMES: Final = re.compile(rf"[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}(?:[ \t].*)?")
_COMMA: Final = re.compile(r"([0-9]:[0-9]{2}),([0-9]{3})(?![0-9])")
_TAG: Final = re.compile(r"<[^<>]*>")
# Longer numbers than these are no character, and int() refuses thousands of digits.
_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")


@dataclass(frozen=True, slots=True)
class Cue:
    """Words, and from when until when they stand, in seconds from the clip's beginning.

    `line` is that of its times in the file, counted from 1.
    """

    start_s: float
    end_s: float
    text: str
    line: int = field(default=1, compare=False)


def parse_subtitles(raw: str | bytes, file: str = "") -> tuple[Cue, ...] | Broken:
    """The cues in ascending order, at least one, no two at a time; or what is wrong with them.

    `file` names the file in the problems.
    """
    reader = _Reader(file)
    with suppress(_StopError):
        reader.read(raw)
    if reader.problems:
        return Broken(tuple(sorted(set(reader.problems))[:_MOST_SHOWN]))
    return tuple(reader.cues)


def _character(entity: re.Match[str]) -> str:
    from html import unescape  # here: a player without clips does not wait for its tables

    return unescape(entity[0])


def written(cues: Sequence[Cue]) -> bytes:
    """The cues as a file that reads back the same, with nothing beside them."""
    blocks = (f"{_clock(c.start_s)} --> {_clock(c.end_s)}\n{_escaped(c.text)}\n" for c in cues)
    return "\n".join(("WEBVTT\n", *blocks)).encode()


def _clock(seconds: float) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}.{thousandths:03}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class Timed(Protocol):
    """What stands for some seconds of a clip."""

    @property
    def start_s(self) -> float:
        """From when on."""

    @property
    def end_s(self) -> float:
        """To before when."""


_Timed = TypeVar("_Timed", bound=Timed)


def cue_at(cues: Sequence[_Timed], position_s: float) -> _Timed | None:
    """The cue that stands at this second of the clip; `cues` as `parse_subtitles` gives them."""
    number = bisect_right(cues, position_s, key=lambda cue: cue.start_s)
    cue = cues[number - 1] if number else None
    return cue if cue and cue.start_s <= position_s < cue.end_s else None


class _StopError(Exception):
    """The rest of the file cannot be read; why is among the problems."""


_Block = list[tuple[int, str]]
"""Lines without an empty one between them, each with its number."""


class _Reader:
    """One file: its lines, then its blocks, then the cues among them."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.cues: list[Cue] = []

    def tell(self, place: Place, message: str) -> None:
        self.problems.append(Problem(self.file, place.line, place.column, message))

    def read(self, raw: str | bytes) -> None:
        lines = _LINE_END.split(self.decoded(raw))
        self.refuse_invisible(lines)
        blocks = list(_blocks(lines))
        self.header(lines)
        for block in blocks[1:]:
            if len(self.problems) >= _MOST_SHOWN:
                return
            if not _PASSED_OVER.fullmatch(block[0][1]):
                self.block(block)
        if not self.cues and not self.problems:
            self.tell(Place(1, 1), f"holds no words; write the first after a line {_EXAMPLE}")

    def decoded(self, raw: str | bytes) -> str:
        content = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
        if len(content) > MOST_BYTES:
            self.tell(Place(1, 1), "is larger than 64 kB; keep the words of this clip only")
            raise _StopError
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = _LINE_END.split(error.object[: error.start].decode("utf-8", "replace"))
            place = Place(len(before), len(before[-1]) + 1)
            self.tell(place, "is not UTF-8 text here; save the file with the encoding UTF-8")
            raise _StopError from error

    def refuse_invisible(self, lines: Sequence[str]) -> None:
        for number, line in enumerate(lines, 1):
            for found in _INVISIBLE.finditer(line):
                message = f"holds the invisible character U+{ord(found[0]):04X}; delete it"
                self.tell(Place(number, found.start() + 1), message)
        if self.problems:
            raise _StopError

    def header(self, lines: Sequence[str]) -> None:
        """The lines up to the first empty one; only the first of them says anything to us."""
        if not _HEADER.fullmatch(lines[0]):
            message = "is not WebVTT; write WEBVTT on its first line, and leave the next one empty"
            if any("-->" in line and _COMMA.search(line) for line in lines):
                message = (
                    "is SRT, not WebVTT; write WEBVTT on its first line, leave the next one empty,"
                    f" and write a point for each comma of a time, such as {_EXAMPLE}"
                )
            self.tell(Place(1, 1), message)
            raise _StopError
        for number, line in enumerate(lines[1:], 2):
            if not line.strip():
                return
            if "-->" in line:
                self.tell(
                    Place(number, 1), "an empty line is missing before this one; put it there"
                )
                return

    def block(self, block: _Block) -> None:
        """A cue: its name, which may be missing, its times, and its words."""
        at = next((n for n, (_, line) in enumerate(block[:2]) if "-->" in line), None)
        if at is None:
            message = (
                f'"{shown(block[0][1])}" has no times; write them on the line above, such as'
                f" {_EXAMPLE}, or delete the empty line before it"
            )
            self.tell(Place(block[0][0], 1), message)
            return
        times = self.times(*block[at])
        words = self.words(block[at + 1 :], block[at][0])
        if times is None or words is None:
            return
        before, line = self.cues[-1] if self.cues else None, block[at][0]
        if before and times[0] < before.end_s:
            end = _written(before.end_s)
            message = f"begins before the words of line {before.line} end; begin at {end}"
            self.tell(Place(line, 1), message)
        self.cues.append(Cue(*times, words, line))

    def times(self, number: int, line: str) -> tuple[float, float] | None:
        found = _TIMES.fullmatch(line)
        if found is None:
            self.tell(*_fault_in_times(number, line))
            return None
        start, end = _seconds(found.groups("0")[:4]), _seconds(found.groups("0")[4:])
        if end <= start:
            message = f"ends at {_written(end)}, not after it begins; write a later end"
            self.tell(Place(number, found.start(6) + 1), message)
            return None
        return start, end

    def words(self, block: _Block, above: int) -> str | None:
        """The block's words on one line, without tags; None where they have a problem."""
        before = len(self.problems)
        for number, line in block:
            if "-->" in line:
                self.tell(
                    Place(number, 1), "an empty line is missing before this cue; put it there"
                )
                return None
        whole = "\n".join(line for _, line in block)
        bare = _TAG.sub("", whole)
        if "<" in bare:
            self.tell(_place_of_open_tag(block), 'a "<" is never closed; write &lt; or delete it')
        text = " ".join(_ENTITY.sub(_character, bare).split())
        first = block[0][0] if block else above
        if _INVISIBLE.search(text):
            self.tell(Place(first, 1), "holds an invisible character, written with &; delete it")
        if not text:
            self.tell(Place(first, 1), "has no words; write them below its times, or delete it")
        if len(text) > LONGEST_CUE:
            message = (
                f'"{shown(text)}" has {len(text)} characters, more than {LONGEST_CUE}; shorten it,'
                " or make two of it"
            )
            self.tell(Place(first, 1), message)
        return text if len(self.problems) == before else None


def _blocks(lines: Sequence[str]) -> Iterator[_Block]:
    """The header, which may be empty, and the blocks after it."""
    block: _Block = []
    is_header = True
    for number, line in enumerate(lines, 1):
        # WebVTT ends a block at a line without a sign; one of spaces looks the same.
        if line.strip():
            block.append((number, line))
        elif block or is_header:
            yield block
            block, is_header = [], False
    if block:
        yield block


def _seconds(parts: Sequence[str]) -> float:
    hours, minutes, seconds, thousandths = map(int, parts)
    return ((hours * 60 + minutes) * 60 + seconds) + thousandths / 1000


def _written(seconds: float) -> str:
    """Seconds as the file has them."""
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    hours, rest = divmod(whole, 3600)
    return f"{f'{hours:02}:' if hours else ''}{rest // 60:02}:{rest % 60:02}.{thousandths:03}"


def _fault_in_times(number: int, line: str) -> tuple[Place, str]:
    if comma := _COMMA.search(line):
        right = shown(_COMMA.sub(r"\1.\2", line).strip())
        place = Place(number, comma.end(1) + 1)
        return place, f"a comma stands here as in SRT; WebVTT has a point: write {right}"
    column = len(line) - len(line.lstrip()) + 1
    message = (
        f'"{shown(line)}" are not two times; write minutes, seconds and thousandths, such as'
        f" {_EXAMPLE}"
    )
    return Place(number, column), message


def _place_of_open_tag(block: _Block) -> Place:
    for number, line in block:
        # Tags of the same length keep every column.
        masked = _TAG.sub(lambda found: " " * len(found[0]), line)
        if "<" in masked:
            return Place(number, masked.index("<") + 1)
    return Place(block[0][0], 1)
