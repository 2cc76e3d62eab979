"""The frozen types of a campaign: what head office writes, once it has been read.

Fields carry their unit in the name or the docstring. Dates are local civil dates of the agency,
both ends included. Names follow schema.org (LocalBusiness) and OSM opening_hours.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    StringConstraints,
    model_validator,
)

from kiosk.campaign.fields import (
    Announcement,
    Clip,
    Colour,
    FirstName,
    Focus,
    Frozen,
    Id,
    Line,
    OpeningHours,
    Phone,
    Picture,
    PostalCode,
    Resolution,
    Sentence,
    ShortCode,
    Subtitles,
    Window,
    Zone,
    one_line,
)
from kiosk.campaign.jobs import JobOffer

Audience = Literal["families", "candidates"]
Service = Literal["menage", "garde-enfants", "seniors", "jardinage"]
Role = Literal["intervenant", "encadrant", "client"]
Orientation = Literal["landscape", "portrait", "square"]
Corner = Literal["top-left", "top-right", "bottom-left", "bottom-right"]
AUDIENCES: Final[tuple[Audience, ...]] = ("families", "candidates")


class Rights(Window):
    """A person's consent to be shown: its record, the media it covers and its dates."""

    ref: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    media: Annotated[tuple[Line, ...], Field(min_length=1)]
    from_: date = Field(alias="from")
    until: date
    withdrawn: bool = False


class Link(Frozen):
    """A template of short URLs and the call to action printed beside its code."""

    to: Annotated[str, StringConstraints(max_length=200)]
    label: Line


class Links(BaseModel):
    """The allow-list of hosts, and the named links."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True, defer_build=True)
    __pydantic_extra__: dict[str, Link]

    hosts: Annotated[tuple[str, ...], Field(min_length=1)]

    @property
    def named(self) -> dict[str, Link]:
        """The links by name, in the order they were written."""
        return self.__pydantic_extra__


class Mix(Frozen):
    """Each audience's share of the plays, in parts (60 and 40, or 3 and 2)."""

    families: Annotated[int, Field(ge=0, le=1000)] = 1
    candidates: Annotated[int, Field(ge=0, le=1000)] = 1

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if self.families + self.candidates == 0:
            raise ValueError("gives nobody a share; give at least one audience more than 0")
        return self

    def share(self, audience: Audience) -> int:
        """Parts of this audience."""
        return self.families if audience == "families" else self.candidates


class Brand(Frozen):
    """The name and the three colours every scene is drawn with (sRGB hex)."""

    name: Line
    accent: Colour = "#005CA9"
    ink: Colour = "#1D1D1B"
    paper: Colour = "#F7F5F0"


class Pictures(Frozen):
    """One picture in up to three shapes; a missing shape is cut from another."""

    landscape: Picture | None = None
    portrait: Picture | None = None
    square: Picture | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if not self.all():
            raise ValueError("needs at least one of landscape, portrait, square")
        return self

    def all(self) -> tuple[str, ...]:
        """Every picture named, without repeats."""
        named = (self.landscape, self.portrait, self.square)
        return tuple(dict.fromkeys(p for p in named if p is not None))

    def best_for(self, orientation: Orientation) -> str:
        """The picture made for this orientation, or the one that loses least in the cut."""
        order: dict[Orientation, tuple[str | None, ...]] = {
            "landscape": (self.landscape, self.square, self.portrait),
            "portrait": (self.portrait, self.square, self.landscape),
            "square": (self.square, self.portrait, self.landscape),
        }
        return next(p for p in order[orientation] if p is not None)


def _pictures(value: Any) -> Any:
    return {"landscape": value} if isinstance(value, str) else value


class _SceneBase(Frozen):
    """What every scene has, whatever it shows."""

    id: Id
    audience: Audience = "families"
    link: Id | None = None
    valid: Window = Window()
    show: OpeningHours | None = None
    agencies: tuple[Id, ...] | None = None
    weight: Annotated[int, Field(ge=1, le=100)] = 1
    hold_s: Annotated[int, Field(ge=1, le=600)] | None = None
    illustration: bool = False
    focus: Focus = (0.5, 0.5)

    def words(self) -> str:
        """All the text a passer-by reads, for the hold time."""
        raise NotImplementedError

    def pictures_for(self, orientation: Orientation) -> tuple[str, ...]:
        """The pictures this scene cannot be shown without on such a screen."""
        del orientation
        return ()

    def media_for(self, orientation: Orientation) -> tuple[str, ...]:
        """Every file such a screen has to fetch for it: its pictures, and what else it shows."""
        return self.pictures_for(orientation)

    def person_rights(self) -> Rights | None:
        """The consent this scene needs and has; None where it shows no person."""
        return None

    @property
    def withdrawn(self) -> bool:
        """Whether the person shown took back their consent."""
        rights = self.person_rights()
        return rights is not None and rights.withdrawn

    def is_for(self, agency_id: str) -> bool:
        """Whether a screen of this agency may show it on some day."""
        return not self.withdrawn and (self.agencies is None or agency_id in self.agencies)


class Person(_SceneBase):
    """One real person: first name, trade or role, their words, their rights record."""

    kind: Literal["portrait", "video"]
    service: Service
    first_name: FirstName
    role: Role
    about: Line
    quote: Sentence
    rights: Rights

    def words(self) -> str:
        return f"{self.quote} {self.first_name} {self.about}"

    def person_rights(self) -> Rights | None:
        return self.rights


class Portrait(Person):
    """A person in a picture."""

    kind: Literal["portrait"]
    picture: Picture

    def pictures_for(self, orientation: Orientation) -> tuple[str, ...]:
        del orientation
        return (self.picture,)


class Video(Person):
    """A person in a clip without sound, which plays once.

    `poster` and the quote stand in wherever the clip cannot be played; where it can, its
    subtitles (WebVTT) take the quote's place. duration_s is the clip's length in seconds.
    """

    kind: Literal["video"]
    clip: Clip
    poster: Picture
    subtitles: Subtitles | None = None
    duration_s: Annotated[float, Field(ge=3, le=60, strict=False)]

    def pictures_for(self, orientation: Orientation) -> tuple[str, ...]:
        del orientation
        return (self.poster,)

    def media_for(self, orientation: Orientation) -> tuple[str, ...]:
        words = (self.subtitles,) if self.subtitles else ()
        return (*self.pictures_for(orientation), self.clip, *words)


class Poster(_SceneBase):
    """A full-bleed picture from the advertising agency, with a place kept for the code."""

    kind: Literal["poster"]
    picture: Annotated[Pictures, BeforeValidator(_pictures, json_schema_input_type=str | Pictures)]
    says: Sentence
    code_at: Corner = "bottom-right"
    rights: Rights | None = None

    def words(self) -> str:
        return self.says

    def pictures_for(self, orientation: Orientation) -> tuple[str, ...]:
        return (self.picture.best_for(orientation),)

    def person_rights(self) -> Rights | None:
        return self.rights


class Figure(_SceneBase):
    """A number, the sentence that says what it means, its source and the source's date."""

    kind: Literal["figure"]
    number: Annotated[str, AfterValidator(one_line), StringConstraints(min_length=1, max_length=12)]
    sentence: Sentence
    source: Line
    dated: Line
    picture: Picture | None = None

    def words(self) -> str:
        return f"{self.number} {self.sentence}"

    def pictures_for(self, orientation: Orientation) -> tuple[str, ...]:
        del orientation
        return (self.picture,) if self.picture else ()


class Programme(_SceneBase):
    """A programme of the company (FamilyAct): its name, one sentence, up to three points."""

    kind: Literal["programme"]
    title: Line
    sentence: Sentence
    points: Annotated[tuple[Line, ...], Field(max_length=3)] = ()
    picture: Picture | None = None

    def words(self) -> str:
        return " ".join((self.title, self.sentence, *self.points))

    def pictures_for(self, orientation: Orientation) -> tuple[str, ...]:
        del orientation
        return (self.picture,) if self.picture else ()


class Notice(Window):
    """Something passers-by must know on these days, in an agency's own file."""

    text: Announcement
    from_: date = Field(alias="from")
    until: date
    priority: Literal["normal", "urgent"] = "normal"


class CampaignNotice(Notice):
    """A notice of head office, for all agencies or for those it names."""

    agencies: tuple[Id, ...] | None = None


class NoticeScene(_SceneBase):
    """A notice as it is shown. Nobody writes it: it is made of a Notice."""

    kind: Literal["notice"] = "notice"
    id: str
    text: Announcement
    urgent: bool

    def words(self) -> str:
        return self.text


class AgencyScene(_SceneBase):
    """The agency itself: its name, address, phone, and when it is open."""

    kind: Literal["agency"]

    def words(self) -> str:
        return ""


class JobsScene(_SceneBase):
    """Up to four of the offers that are open near here; nothing where there are none."""

    kind: Literal["jobs"]
    audience: Audience = "candidates"
    title: Line = "Nous recrutons"

    def words(self) -> str:
        return self.title


class JobsToday(JobsScene):
    """The scene of the offers as it is shown at one moment."""

    offers: tuple[JobOffer, ...]

    def words(self) -> str:
        said = (" ".join((offer.title, *offer.facts())) for offer in self.offers)
        return " ".join((self.title, *said))


WrittenScene = Portrait | Video | Poster | Figure | Programme | AgencyScene | JobsScene
AnyScene = Annotated[WrittenScene, Field(discriminator="kind")]
Scene = WrittenScene | NoticeScene


class Blackout(Window):
    """Days, both included, and hours of them, at which no screen may be lit: an order to save
    electricity, say. It wins over everything."""

    hours: OpeningHours = "00:00-24:00"
    agencies: tuple[Id, ...] | None = None
    why: Line

    @model_validator(mode="after")
    def _dated(self) -> Self:
        if self.from_ is None or self.until is None:
            raise ValueError("needs `from` and `until`; a screen must not stay dark by mistake")
        return self


class Campaign(Frozen):
    """What the communication team runs: campaign.yaml, and the offers of jobs/*.yaml.

    After lease_days without a word from head office no face is shown; after max_offline_days all
    that a screen shows counts as old.
    """

    campaign: Id
    title: Line
    valid: Window = Window()
    max_offline_days: Annotated[int, Field(ge=1, le=3650)] = 90
    lease_days: Annotated[int, Field(ge=1, le=90)] = 7
    mix: Mix = Mix()
    jobs_pay: bool = True
    blackouts: tuple[Blackout, ...] = ()
    notices: tuple[CampaignNotice, ...] = ()
    brand: Brand
    links: Links
    scenes: Annotated[tuple[AnyScene, ...], Field(min_length=1)]
    _offers: tuple[JobOffer, ...] = PrivateAttr(default=())

    @property
    def offers(self) -> tuple[JobOffer, ...]:
        """Every agency's job offers, of every day."""
        return self._offers

    def with_offers(self, offers: Iterable[JobOffer]) -> Campaign:
        """The same campaign with these job offers."""
        copy: Campaign = self.model_copy()
        copy._offers = tuple(offers)
        return copy

    def offers_of(self, agency_id: str) -> tuple[JobOffer, ...]:
        """The offers of one agency, the newest first."""
        here = [offer for offer in self.offers if agency_id in offer.agencies]
        return tuple(sorted(here, key=lambda o: (-o.date_posted.toordinal(), o.id)))

    def media_of(self, agency_id: str, orientation: Orientation) -> tuple[str, ...]:
        """The files that such a screen of this agency may have to show on some day."""
        scenes = (scene for scene in self.scenes if scene.is_for(agency_id))
        return tuple(dict.fromkeys(n for s in scenes for n in s.media_for(orientation)))

    def withdrawn_media(self) -> frozenset[str]:
        """The pictures and clips of people who took back their consent, in every shape."""
        return frozenset(
            name
            for scene in self.scenes
            if scene.withdrawn
            for orientation in get_args(Orientation)
            for name in scene.media_for(orientation)
        )

    def scene(self, scene_id: str) -> Scene:
        """The scene of this id; KeyError where there is none."""
        for scene in self.scenes:
            if scene.id == scene_id:
                return scene
        raise KeyError(scene_id)


class Address(Frozen):
    """A postal address (schema.org PostalAddress)."""

    street: Line
    postal_code: PostalCode
    city: Line


class Screen(Frozen):
    """One display of one agency, as a passer-by sees it.

    diagonal_in is in inches; resolution in pixels of the panel held in landscape;
    scan_distance_m in metres from the glass; rotation in degrees clockwise, for a panel that was
    turned without telling the operating system.
    """

    diagonal_in: Annotated[float, Field(ge=7, le=200)]
    orientation: Orientation = "landscape"
    resolution: Resolution = (1920, 1080)
    scan_distance_m: Annotated[float, Field(ge=0.5, le=10)] = 2.0
    rotation: Literal[0, 90, 180, 270] = 0

    @model_validator(mode="after")
    def _shape(self) -> Self:
        width, height = self.resolution
        if (self.orientation == "square") != (width == height):
            raise ValueError(
                f"orientation {self.orientation} does not fit resolution {width}x{height};"
                " a square screen is as wide as it is high, the others are not"
            )
        return self

    def seen_size(self) -> tuple[int, int]:
        """Width and height in pixels as the passer-by sees them."""
        short, long = sorted(self.resolution)
        return (short, long) if self.orientation == "portrait" else (long, short)


class Agency(Frozen):
    """One storefront (schema.org LocalBusiness): agencies/<id>.yaml."""

    agency: Id
    code: ShortCode
    name: Line
    address: Address | None = None
    phone: Phone | None = None
    timezone: Zone = "Europe/Paris"
    opening_hours: OpeningHours | None = None
    dark_hours: OpeningHours | None = None
    notices: tuple[Notice, ...] = ()
    screens: Annotated[dict[Id, Screen], Field(min_length=1)]

    def screen(self, name: str | None = None) -> Screen:
        """The named screen, or the first one written; KeyError where there is none."""
        return self.screens[name] if name is not None else next(iter(self.screens.values()))


class AgencyToday(AgencyScene):
    """The agency's scene as it is shown at one moment; `sentence` says when it is open."""

    agency: Agency
    sentence: str

    def words(self) -> str:
        address = self.agency.address
        where = f"{address.street} {address.postal_code} {address.city}" if address else ""
        return " ".join((self.agency.name, self.sentence, where, self.agency.phone or ""))


class Source(Frozen):
    """A whole campaign folder: the campaign and every agency, in the order of their ids."""

    campaign: Campaign
    agencies: tuple[Agency, ...]

    def agency(self, agency_id: str) -> Agency:
        """The agency of this id; KeyError where there is none."""
        for agency in self.agencies:
            if agency.agency == agency_id:
                return agency
        raise KeyError(agency_id)
