"""What a scene is made of once it is laid out: pictures, shapes, lines of text, one code."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.campaign.links import Code, Geometry


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

    @property
    def codes(self) -> tuple[CodeBlock, ...]:
        """Every code on the scene."""
        return (*((self.code,) if self.code else ()), *self.more)
