"""The kinds of value that head office writes, each with what it may hold."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Final, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from kiosk.campaign.windows import check_hours

_PICTURE: Final = ("a picture", "portraits/claire.jpg", (".jpg", ".jpeg", ".png", ".webp", ".svg"))
_CLIP: Final = ("a clip", "clips/claire.mp4", (".mp4", ".webm"))
_SUBTITLES: Final = ("WebVTT subtitles", "clips/claire.vtt", (".vtt",))


def _folder_path(text: str, what: str, example: str, suffixes: tuple[str, ...]) -> str:
    parts = text.split("/")
    if (
        text.startswith("/")
        or "\\" in text
        or ":" in text
        or any(p in ("", ".", "..") for p in parts)
    ):
        raise ValueError(f"must be a path inside the campaign folder, such as {example}")
    if not text.lower().endswith(suffixes):
        raise ValueError(f"must be {what}: {', '.join(suffixes)}")
    return text


def _picture(text: str) -> str:
    return _folder_path(text, *_PICTURE)


def _clip(text: str) -> str:
    return _folder_path(text, *_CLIP)


def _subtitles(text: str) -> str:
    return _folder_path(text, *_SUBTITLES)


def one_line(text: str) -> str:
    folded = " ".join(text.split())
    if any(ord(c) < 32 or ord(c) == 0x7F for c in folded):
        raise ValueError("holds a control character; retype the text")
    return folded


def _first_name(text: str) -> str:
    if len(text.split()) > 2 or any(c.isdigit() for c in text):
        raise ValueError("must be a first name only (no family name, no number)")
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("is not a time zone; write for example Europe/Paris") from error
    return name


def _resolution(value: Any) -> Any:
    if isinstance(value, tuple):
        return value
    found = re.fullmatch(r"([0-9]{3,5})x([0-9]{3,5})", value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("must be width x height in pixels, such as 1920x1080")
    return (int(found[1]), int(found[2]))


Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$")]
ShortCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,6}$")]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")]
PostalCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]
Phone = Annotated[str, StringConstraints(pattern=r"^\+[0-9]{8,15}$")]
Line = Annotated[str, AfterValidator(one_line), StringConstraints(min_length=1, max_length=80)]
Sentence = Annotated[str, AfterValidator(one_line), StringConstraints(min_length=1, max_length=220)]
Announcement = Annotated[
    str, AfterValidator(one_line), StringConstraints(min_length=1, max_length=120)
]
FirstName = Annotated[
    str,
    AfterValidator(one_line),
    AfterValidator(_first_name),
    StringConstraints(min_length=1, max_length=24),
]
Picture = Annotated[str, StringConstraints(max_length=160), AfterValidator(_picture)]
Clip = Annotated[str, StringConstraints(max_length=160), AfterValidator(_clip)]
Subtitles = Annotated[str, StringConstraints(max_length=160), AfterValidator(_subtitles)]
Zone = Annotated[str, AfterValidator(_zone)]
Pixels = Annotated[int, Field(ge=320, le=16384)]
Resolution = Annotated[
    tuple[Pixels, Pixels],
    BeforeValidator(_resolution, json_schema_input_type=str),
]
OpeningHours = Annotated[str, AfterValidator(check_hours)]
Unit = Annotated[float, Field(ge=0, le=1)]
Focus = tuple[Unit, Unit]


class Frozen(BaseModel):
    """The common ground: immutable, unknown keys refused, no silent conversions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class Window(Frozen):
    """A span of local civil dates, both included. A missing end is open."""

    from_: date | None = Field(default=None, alias="from")
    until: date | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.from_ and self.until and self.until < self.from_:
            raise ValueError(f"until ({self.until}) is before from ({self.from_}); swap them")
        return self
