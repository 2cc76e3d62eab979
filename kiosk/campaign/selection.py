"""The scenes allowed at a moment, why the others are not, and when to ask again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum, auto
from types import MappingProxyType
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from kiosk.campaign.fields import Window
from kiosk.campaign.hours import Lit, Why, lit
from kiosk.campaign.model import Agency, Campaign, JobsToday, Orientation, Scene
from kiosk.campaign.notices import notices_of
from kiosk.campaign.today import as_of
from kiosk.campaign.wall import Flip, Span, next_flip, shown_at, span

MEDIUM: Final = "vitrine"

_ALWAYS: Final = Lit(lit=True, why=Why.ASKED, detail="whatever the hour", until=None)
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class Reason(StrEnum):
    """Why a scene is left out, the most serious first: a scene is given its first reason.

    A person's consent comes before all else: who withdrew is reported as withdrawn, whatever the
    dates; after long silence from head office no consent is known any more. Then what settles the
    matter for good here, then what somebody must repair, then what only waits for its hour.
    """

    RIGHTS_WITHDRAWN = auto()
    RIGHTS_NOT_FOR_WINDOW = auto()
    RIGHTS_OVER = auto()
    RIGHTS_NOT_YET = auto()
    LEASE_OVER = auto()
    OTHER_AGENCY = auto()
    OVER = auto()
    NO_OFFER = auto()
    PICTURE_MISSING = auto()
    UNPLAYABLE = auto()
    NOT_YET = auto()
    OUTSIDE_HOURS = auto()
    DARK = auto()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A scene that may not be shown now, and the facts in one English sentence."""

    scene: str
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Selection:
    """The answer for one moment. Every moment in it is in UTC, so that they can be subtracted.

    `light` says whether the screen may be lit; while it may not, no scene is allowed. `closes`
    gives, for each allowed scene whose time ends, the moment it is no longer allowed, or says
    something else: scenes are as they are at this moment (`kiosk.campaign.today`).
    Before `ask_again` the answer stays the same; None means for ever. For hours that change their
    comment a hundred times without opening or closing, it comes before the end is known.
    """

    at: datetime
    light: Lit
    allowed: tuple[Scene, ...]
    left_out: tuple[LeftOut, ...]
    closes: Mapping[str, datetime]
    ask_again: datetime | None


def select(
    campaign: Campaign,
    agency: Agency,
    orientation: Orientation,
    now: datetime,
    *,
    present: Collection[str],
    unplayable: Mapping[str, str] = _NOTHING,
    always_lit: bool = False,
    contact: datetime | None = None,
) -> Selection:
    """The scenes this agency's screen may show at the aware moment `now`, in written order,
    then its notices.

    `present` names the pictures that exist; `unplayable` gives, by scene, why the player could
    not show it. `always_lit` leaves the lit hours out of it: for a fair, a test, a look at a desk.
    `contact` is the aware moment head office was last heard; None: no lease is kept, as of a
    plain folder. ValueError when `now` has no time zone.
    """
    if now.utcoffset() is None:
        raise ValueError(f"now ({now.isoformat()}) has no time zone; give an aware datetime")
    light = _ALWAYS if always_lit else lit(campaign, agency, now)
    at = now.astimezone(UTC)
    lease = _lease(campaign, contact)
    shop = _Shop(campaign, agency, orientation, at, present, unplayable, light, lease)
    told = [as_of(scene, campaign, agency, at) for scene in scenes_of(campaign, agency)]
    verdicts = [(scene, _judge(scene, until, shop)) for scene, until in told]
    return Selection(
        at=shop.now,
        light=light,
        allowed=tuple(scene for scene, verdict in verdicts if verdict.left_out is None),
        left_out=tuple(v.left_out for _, v in verdicts if v.left_out is not None),
        closes=MappingProxyType(
            {scene.id: v.closes for scene, v in verdicts if v.closes is not None}
        ),
        ask_again=min(
            (at for at in (light.until, *(v.ask_again for _, v in verdicts)) if at is not None),
            default=None,
        ),
    )


def scenes_of(campaign: Campaign, agency: Agency) -> tuple[Scene, ...]:
    """Every scene there is for this agency to be asked about: those written, then its notices."""
    return (*campaign.scenes, *notices_of(campaign, agency))


def scenes_at(campaign: Campaign, agency: Agency, now: datetime) -> tuple[Scene, ...]:
    """All of those as they would be shown at the aware moment `now`, allowed or not."""
    return tuple(as_of(scene, campaign, agency, now)[0] for scene in scenes_of(campaign, agency))


class _Shop(NamedTuple):
    campaign: Campaign
    agency: Agency
    orientation: Orientation
    now: datetime
    present: Collection[str]
    unplayable: Mapping[str, str]
    light: Lit
    lease: datetime | None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.agency.timezone)


def _lease(campaign: Campaign, contact: datetime | None) -> datetime | None:
    """The moment from which no face may be shown; None: there is none."""
    if contact is None:
        return None
    return contact.astimezone(UTC) + timedelta(days=campaign.lease_days)


class _Verdict(NamedTuple):
    left_out: LeftOut | None
    closes: datetime | None
    ask_again: datetime | None


def _judge(scene: Scene, until: datetime | None, shop: _Shop) -> _Verdict:
    spans = [span(window, shop.zone) for window in _windows(scene, shop.campaign)]
    if scene.person_rights() is not None:
        spans.append(Span(None, shop.lease))
    spans.append(Span(None, until))
    why = next(_objections(scene, shop), None)
    flip = Flip(None, certain=True)
    if scene.show is not None and why is None:
        flip = next_flip(scene.show, shop.now, shop.zone)
        if not shown_at(scene.show, shop.now, shop.zone):
            why = (Reason.OUTSIDE_HOURS, _closed_hours(scene.show, flip, shop))
    if why is None and not shop.light.lit:
        why = (Reason.DARK, f"The screen is dark: {shop.light.why} ({shop.light.detail}).")
    marks = [mark for span in spans for mark in span if mark is not None and mark > shop.now]
    ask_again = min([*marks, *([flip.at] if flip.at else [])], default=None)
    if why is not None:
        return _Verdict(LeftOut(scene.id, *why), None, ask_again)
    ends = [span.closes for span in spans] + [flip.at if flip.certain else None, shop.light.until]
    return _Verdict(None, min((end for end in ends if end is not None), default=None), ask_again)


def _windows(scene: Scene, campaign: Campaign) -> tuple[Window, ...]:
    rights = scene.person_rights()
    return (campaign.valid, scene.valid, *([rights] if rights else []))


def _objections(scene: Scene, shop: _Shop) -> Iterator[tuple[Reason, str]]:
    yield from _rights_objections(scene, shop)
    if scene.agencies is not None and shop.agency.agency not in scene.agencies:
        only = ", ".join(scene.agencies)
        yield Reason.OTHER_AGENCY, f"Only for {only}; this is {shop.agency.agency}."
    dated = (("campaign", shop.campaign.valid), ("scene", scene.valid))
    for what, window in dated:
        if _is_over(window, shop):
            yield Reason.OVER, f"The {what} ended on {window.until}."
    if isinstance(scene, JobsToday) and not scene.offers:
        yield Reason.NO_OFFER, f"No job offer of {shop.agency.agency} is open."
    for picture in scene.pictures_for(shop.orientation):
        if picture not in shop.present:
            yield Reason.PICTURE_MISSING, f"The picture {picture} is missing."
    if scene.id in shop.unplayable:
        yield Reason.UNPLAYABLE, shop.unplayable[scene.id]
    for what, window in dated:
        if _is_to_come(window, shop):
            yield Reason.NOT_YET, f"The {what} begins on {window.from_}."


def _rights_objections(scene: Scene, shop: _Shop) -> Iterator[tuple[Reason, str]]:
    rights = scene.person_rights()
    if rights is None:
        return
    if rights.withdrawn:
        yield Reason.RIGHTS_WITHDRAWN, f"Consent {rights.ref} was withdrawn."
    if MEDIUM not in [medium.casefold() for medium in rights.media]:
        covered = ", ".join(rights.media)
        yield Reason.RIGHTS_NOT_FOR_WINDOW, f"Consent {rights.ref} covers {covered}, not {MEDIUM}."
    if _is_over(rights, shop):
        yield Reason.RIGHTS_OVER, f"Consent {rights.ref} ended on {rights.until}."
    if _is_to_come(rights, shop):
        yield Reason.RIGHTS_NOT_YET, f"Consent {rights.ref} begins on {rights.from_}."
    if shop.lease is not None and shop.lease <= shop.now:
        ended, days = shop.lease.astimezone(shop.zone), shop.campaign.lease_days
        yield (
            Reason.LEASE_OVER,
            (
                f"Head office was last heard more than {days} day{'s'[: days != 1]} ago: faces left"
                f" on {ended:%Y-%m-%d %H:%M} ({shop.agency.timezone})."
            ),
        )


def _is_over(window: Window, shop: _Shop) -> bool:
    closes = span(window, shop.zone).closes
    return closes is not None and closes <= shop.now


def _is_to_come(window: Window, shop: _Shop) -> bool:
    opens = span(window, shop.zone).opens
    return opens is not None and opens > shop.now


def _closed_hours(show: str, flip: Flip, shop: _Shop) -> str:
    if flip.at is None:
        return f"The hours {show} never open again."
    least = "" if flip.certain else "at least "
    local = flip.at.astimezone(shop.zone).strftime("%Y-%m-%d %H:%M")
    return f"The hours {show} are closed {least}until {local} ({shop.agency.timezone})."
