"""What a scene is made of once it is laid out: pictures, shapes, lines of text, codes, a clip."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.campaign.links import Code, Geometry
from kiosk.campaign.subtitles import cue_at


@dataclass(frozen=True, slots=True)
class Rect:
    """Whole device pixels, from the top left of the scene."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column past it."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The first row past it."""
        return self.y + self.height

    def overlaps(self, other: Rect) -> bool:
        """Whether they share a pixel."""
        return (
            self.x < other.right
            and other.x < self.right
            and self.y < other.bottom
            and other.y < self.bottom
        )

    def inside(self, other: Rect) -> bool:
        """Whether it lies wholly in `other`."""
        return (
            other.x <= self.x
            and other.y <= self.y
            and self.right <= other.right
            and self.bottom <= other.bottom
        )


@dataclass(frozen=True, slots=True)
class PictureBlock:
    """A picture that covers its rectangle; `focus` (0..1) is kept in sight by every cut."""

    name: str
    area: Rect
    focus: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Said:
    """What stands in the quote's place from `start_s` to before `end_s` of a clip."""

    start_s: float
    end_s: float
    texts: tuple[TextBlock, ...]


@dataclass(frozen=True, slots=True)
class FilmBlock:
    """A clip that covers the picture standing in for it, as long as it can be played.

    Meanwhile `texts` stand in place of the composition's own, with what is said at that moment.
    """

    name: str
    area: Rect
    focus: tuple[float, float]
    duration_s: float
    texts: tuple[TextBlock, ...]
    said: tuple[Said, ...]

    def said_at(self, position_s: float) -> tuple[TextBlock, ...]:
        """The subtitle at this position of the clip, set in its lines; empty between two."""
        said = cue_at(self.said, position_s)
        return said.texts if said is not None else ()


@dataclass(frozen=True, slots=True)
class ShapeBlock:
    """A plain filled rectangle."""

    area: Rect
    colour: str


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Lines already broken; colours are #RRGGBB."""

    text: str
    area: Rect
    px: int
    line_px: int
    weight: int
    colour: str


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A code, where its tile stands, and the domain in clear beneath it."""

    code: Code
    geometry: Geometry
    panel: Rect
    tile: Rect
    domain: TextBlock


@dataclass(frozen=True, slots=True)
class Composition:
    """One scene laid out for one size. `misfits` names the texts that do not fit.

    `more` are codes beside the first, of a scene that has several.
    """

    width: int
    height: int
    ground: str
    pictures: tuple[PictureBlock, ...]
    shapes: tuple[ShapeBlock, ...]
    texts: tuple[TextBlock, ...]
    code: CodeBlock | None
    misfits: tuple[str, ...]
    more: tuple[CodeBlock, ...] = ()
    film: FilmBlock | None = None

    @property
    def codes(self) -> tuple[CodeBlock, ...]:
        """Every code on the scene."""
        return (*((self.code,) if self.code else ()), *self.more)
