"""The rehearsal page's French: moments, lengths of time, rules and reasons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from kiosk.campaign.fields import Window
from kiosk.campaign.hours import Why
from kiosk.campaign.model import NoticeScene, Scene
from kiosk.campaign.rehearsal import Absence, Stretch
from kiosk.campaign.selection import Reason
from kiosk.campaign.wall import span
from kiosk.player.regions import orientation_of
from kiosk.studio.timeline import Timeline

_DAYS: Final = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS: Final = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip
NBSP: Final = "\N{NO-BREAK SPACE}"
RULES: Final[Mapping[Why, str]] = MappingProxyType(
    {
        Why.BLACKOUT: "extinction demandée",
        Why.NIGHT: "nuit",
        Why.LOCAL_DARK_HOURS: "règle locale",
        Why.CLOSED: "agence fermée",
        Why.OPENING_HOURS: "autour des heures d’ouverture",
        Why.NO_HOURS: "sans horaires d’ouverture",
        Why.ASKED: "demandé",
    }
)
KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "portrait": "portrait",
        "poster": "affiche",
        "figure": "chiffre",
        "programme": "programme",
        "notice": "avis",
        "jobs": "offres d’emploi",
        "agency": "agence",
        "video": "vidéo",
    }
)
AUDIENCES: Final[Mapping[str, str]] = MappingProxyType(
    {"families": "Familles", "candidates": "Candidats", "everybody": "Tout le monde"}
)


def day(of: date) -> str:
    """jeudi 24 décembre 2026"""
    number = "1er" if of.day == 1 else str(of.day)
    return f"{_DAYS[of.weekday()]} {number}{NBSP}{_MONTHS[of.month - 1]} {of.year}"


def hour(at: datetime) -> str:
    """18 h 05; 8 h on the hour"""
    return f"{at.hour}{NBSP}h" + (f"{NBSP}{at.minute:02}" if at.minute else "")


def moment(at: datetime) -> str:
    """jeudi 24 décembre 2026 à 18 h 05"""
    return f"{day(at.date())} à {hour(at)}"


def exact(at: datetime) -> str:
    """18:05:20"""
    return f"{at:%H:%M:%S}"


def length(seconds: float) -> str:
    """1 h 05; 25 min; 40 s under a minute"""
    if seconds < 60:
        return f"{number(seconds)}{NBSP}s"
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return f"{minutes}{NBSP}min"
    return f"{hours}{NBSP}h" + (f"{NBSP}{minutes:02}" if minutes else "")


def number(value: float) -> str:
    """12,5; no decimals where there are none"""
    return f"{round(value, 1):g}".replace(".", ",")


def percent(share: float) -> str:
    """60,1 %"""
    return f"{number(100 * share)}{NBSP}%"


def counted(count: int, word: str) -> str:
    """248 passages"""
    return f"{count}{NBSP}{word}{'s' if count > 1 else ''}"


def period(line: Timeline, one: Stretch | Absence) -> str:
    """18 h 05 – 19 h 30; with the day where it is another one"""
    begins, ends = line.local(one.begins), line.local(one.ends)
    told = line.told
    if (one.begins, one.ends) == (told.begins, told.ends):
        return "toute la période"
    if begins.date() == ends.date():
        return f"{_DAYS[begins.weekday()]} {hour(begins)} – {hour(ends)}"
    return f"{_DAYS[begins.weekday()]} {hour(begins)} – {_DAYS[ends.weekday()]} {hour(ends)}"


def rule(stretch: Stretch) -> str:
    """Why the screen is lit or dark, with the words or hours of the rule."""
    return RULES[stretch.why]


def named(line: Timeline, scene: str) -> str:
    """What a scene is called: its id, which the author gave it; of a notice, its own words."""
    found = line.scenes[scene]
    if isinstance(found, NoticeScene):
        return f"«{NBSP}{found.text}{NBSP}»"
    return scene


def reason(line: Timeline, one: Absence) -> str:
    """Why a scene is left out, in one sentence."""
    scene = line.scenes[one.scene]
    rights = scene.person_rights()
    if rights is not None and one.reason in _CONSENT:
        words = _CONSENT[one.reason]
        return f"Le consentement {rights.ref} " + words.format(
            until=day(rights.until), from_=day(rights.from_)
        )
    what, window = _dated(line, one)
    return {
        Reason.OTHER_AGENCY: f"Réservée à{NBSP}: {', '.join(scene.agencies or ())}.",
        Reason.OVER: f"{what} a pris fin{_on(window.until)}.",
        Reason.NOT_YET: f"{what} ne commence que{_on(window.from_)}.",
        Reason.PICTURE_MISSING: f"Il manque une image{NBSP}: {', '.join(_lost(line, scene))}.",
        Reason.OUTSIDE_HOURS: f"Hors de ses heures ({scene.show}).",
        Reason.NO_OFFER: "Aucune offre d’emploi à montrer ici.",
    }.get(one.reason, one.detail)


_CONSENT: Final[Mapping[Reason, str]] = MappingProxyType(
    {
        Reason.LEASE_OVER: "n’est plus assuré, faute de nouvelles du siège.",
        Reason.RIGHTS_WITHDRAWN: "a été retiré.",
        Reason.RIGHTS_NOT_FOR_WINDOW: "ne couvre pas la vitrine.",
        Reason.RIGHTS_OVER: "a pris fin le {until}.",
        Reason.RIGHTS_NOT_YET: "ne commence que le {from_}.",
    }
)


def _lost(line: Timeline, scene: Scene) -> list[str]:
    shape = orientation_of(line.content.screen.seen_size())
    return [name for name in scene.pictures_for(shape) if name not in line.content.present]


def _dated(line: Timeline, one: Absence) -> tuple[str, Window]:
    """The campaign where it is what is over or to come, else the scene; its window."""
    whole = line.content.campaign.valid
    opens, closes = span(whole, line.zone)
    over, to_come = one.reason is Reason.OVER, one.reason is Reason.NOT_YET
    if over and closes is not None and closes <= one.begins:
        return "La campagne", whole
    if to_come and opens is not None and opens > one.begins:
        return "La campagne", whole
    return "La scène", line.scenes[one.scene].valid


def _on(of: date | None) -> str:
    return f" le {day(of)}" if of else ""
