"""The preview's French: the title, the lines below the picture, and the panel of errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kiosk.campaign.document import Problem
from kiosk.campaign.hours import Why
from kiosk.campaign.model import NoticeScene, Video
from kiosk.campaign.rehearsal import Absence, Rehearsal
from kiosk.campaign.selection import LeftOut, Reason, select
from kiosk.player.regions import orientation_of
from kiosk.studio.check_places import of_problem
from kiosk.studio.preview_view import Sight, Trouble
from kiosk.studio.rehearsal_words import KINDS, NBSP, RULES, counted, moment, reason
from kiosk.studio.timeline import Timeline

KEYS: Final = (
    "← → scène   ↑ ↓ agence   Tab écran   S taille   + − heure   T Maj+T jour   "
    "Espace lecture   V vitesse   R relire   Échap fermer"
)
KEY_OF_A_CLIP: Final = "C clip   "
DOT: Final = f"{NBSP}· "


@dataclass(frozen=True, slots=True)
class Caption:
    """The lines below the picture. `good`: the scene may be shown at this moment."""

    what: str
    state: str
    good: bool
    keys: str = KEYS


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is wrong: where, what, and what to do."""

    place: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Panel:
    """All that is wrong."""

    heading: str
    below: str
    items: tuple[Item, ...]


def title(seen: Sight | None) -> str:
    """The window's: the moment."""
    if seen is None:
        return "O2 Kiosk – aperçu"
    line = _line(seen)
    return f"O2 Kiosk – aperçu – {moment(line.local(seen.view.at))}"


def caption(seen: Sight | None, misfits: tuple[str, ...], playing: str) -> Caption:
    """What is looked at, and whether it may be shown."""
    if seen is None:
        return Caption(
            "Aucune scène à montrer pour l’instant", "En attente du dossier.", good=False
        )
    agency, view = seen.content.agency, seen.view
    width, height = seen.size
    parts = [
        f"{agency.name} ({agency.agency})",
        f"écran {view.screen}",
        f"{width}{NBSP}×{NBSP}{height}",
        *_scene_parts(seen),
    ]
    at = moment(_line(seen).local(view.at))
    good, state = _state(seen)
    if misfits:
        good, state = False, f"{state} Texte trop long{NBSP}: {', '.join(misfits)}."
    said = [playing, at[0].upper() + at[1:], state] if playing else [at[0].upper() + at[1:], state]
    keys = KEY_OF_A_CLIP + KEYS if isinstance(seen.scene, Video) else KEYS
    return Caption(DOT.join(parts), DOT.join(said), good, keys)


def _scene_parts(seen: Sight) -> list[str]:
    if seen.scene is None:
        return ["fond de marque"]
    name, kind = seen.view.scene, KINDS.get(seen.scene.kind, seen.scene.kind)
    if isinstance(seen.scene, NoticeScene):
        name = f"«{NBSP}{seen.scene.text}{NBSP}»"
    return [f"{name} ({kind})", f"{seen.number}/{seen.count}", seen.place]


def _state(seen: Sight) -> tuple[bool, str]:
    if seen.played:
        if not seen.lit:
            return False, _dark(seen)
        return True, "À l’écran." if seen.scene else "Rien à montrer : le fond de marque."
    if seen.left_out is None:
        return True, "Peut être montrée à ce moment."
    if seen.left_out.reason is Reason.DARK:
        return False, f"Pas montrée : {_dark(seen)}"
    return False, f"Pas montrée : {why_not(seen, seen.left_out)}"


def why_not(seen: Sight, left: LeftOut) -> str:
    """Why a scene is left out, in one sentence."""
    if left.reason is Reason.NO_OFFER:
        return f"Aucune offre d’emploi de {seen.content.agency.name} n’est ouverte."
    at = seen.view.at
    return reason(_line(seen), Absence(left.scene, left.reason, left.detail, at, at))


def _dark(seen: Sight) -> str:
    content, at = seen.content, seen.view.at
    shape = orientation_of(seen.size)
    light = select(content.campaign, content.agency, shape, at, present=content.present).light
    words = RULES[light.why]
    detail = f" ({light.detail})" if light.why is not Why.ASKED else ""
    return f"l’écran est éteint{NBSP}: {words}{detail}."


def _line(seen: Sight) -> Timeline:
    """The words of the rehearsal page are about a timeline; this one is of a moment."""
    at = seen.view.at
    return Timeline(seen.content, Rehearsal(at, at, (), (), None))


def panel(trouble: Trouble, *, stands: bool) -> Panel:
    """What is wrong with the folder; `stands` where an older picture still does."""
    items = _items(trouble.problems)
    last = "La dernière image valable reste affichée. " if stands else ""
    if trouble.folder:
        item = Item("", *_halves(trouble.folder))
        below = f"{last}La fenêtre attend que le dossier revienne."
        return Panel("Le dossier ne peut pas être lu", below, (item,))
    below = f"{last}Corrigez et enregistrez{NBSP}: la fenêtre suit."
    return Panel(counted(len(items), "erreur") + " dans le dossier", below, items)


def refused(place: str, why: str) -> Panel:
    """A scene that could not be drawn."""
    below = "La scène ne peut pas être dessinée ; les autres restent visibles."
    return Panel("Cette scène a un défaut", below, (Item(place, *_halves(why)),))


def falters(place: str, clip: str, why: str, misread: tuple[Problem, ...]) -> Panel:
    """A clip that could not be played, or whose subtitles could not be read."""
    what, _, remedy = why.partition("; ")
    items = ((Item(place, f"{clip}: {what}", remedy),) if why else ()) + _items(misread)
    stays = "L’affiche et la citation restent" if why else "La citation reste"
    heading = "Ce clip ne peut pas être joué" if why else "Les sous-titres ne peuvent pas être lus"
    below = f"{stays} à l’écran. Corrigez et enregistrez{NBSP}: la fenêtre suit."
    return Panel(heading, below, items)


def _items(problems: tuple[Problem, ...]) -> tuple[Item, ...]:
    return tuple(
        Item(f"{found.file}:{found.line}:{found.column}", found.message, found.remedy)
        for found in map(of_problem, problems)
    )


def _halves(sentence: str) -> tuple[str, str]:
    """What is wrong, and what to do."""
    head, semicolon, tail = sentence.rpartition("; ")
    return (head, tail) if semicolon else (sentence, "")
