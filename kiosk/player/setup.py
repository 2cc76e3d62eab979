"""The set-up scene: what a screen shows while it has no settings, or no content, yet.

It stands in a shop window: whoever passes by sees a quiet page of the brand, whoever installs the
screen reads what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from kiosk.campaign.model import Agency, Brand, Campaign, Links, Programme, Screen
from kiosk.campaign.typography import french
from kiosk.player.blocks import Composition, PictureBlock, Rect, ShapeBlock
from kiosk.player.compose import STANDBY_PICTURE
from kiosk.player.content import Content, Message
from kiosk.player.page import Page, Words
from kiosk.player.regions import Measures, orientation_of
from kiosk.player.typeset import BOLD, REGULAR, SEMIBOLD, width_of

NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "agency": "l’agence",
        "central": "l’adresse centrale",
        "root": "l’ancre de confiance (root.json)",
    }
)
"""How each setting is called on the glass."""

STICK_NOTES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "damaged": "Clé USB lue : fichier illisible",
        "not-signed": "Clé USB lue : signature refusée",
        "expired": "Clé USB lue : fichier périmé, demandez-en un nouveau",
        "other-pc": "Clé USB lue : fichier destiné à un autre poste",
        "older": "Clé USB lue : fichier plus ancien que les réglages en place",
        "no-anchor": "Clé USB lue : l’ancre de confiance (root.json) manque sur ce poste",
        "not-kept": "Clé USB lue : le dossier de données ne peut pas être écrit",
    }
)
"""What the glass says of a stick that gave no settings, by the reason."""

PANEL: Final = "#FFFFFF"
LONGEST_NOTE: Final = 160
_NOBODY: Final = "poste-a-regler"
_SCREEN: Final = Screen(diagonal_in=43)


@dataclass(frozen=True, slots=True)
class SetupFacts:
    """What is known of a PC without content.

    `missing` names settings (see NAMES); `note` is one French line for whoever installs it;
    `waiting` says that the settings are there and the first content is awaited.
    """

    pc: str
    missing: tuple[str, ...]
    agency: str | None
    central: str | None
    note: str | None
    version: str
    waiting: bool
    data: str = ""


def setup_content(facts: SetupFacts, brand: Brand | None = None) -> Content:
    """The set-up scene as a content: no scene of it may ever be shown, so standby stands."""
    return Content(
        release="set-up",
        campaign=_campaign(brand or Brand(name="O2")),
        agency=Agency(
            agency=facts.agency or _NOBODY, code="o2", name="O2", screens={"vitrine": _SCREEN}
        ),
        screen_name="vitrine",
        screen=_SCREEN,
        present=frozenset(),
        media=lambda _name: None,
        message=_waiting(facts) if facts.waiting else _lacking(facts),
    )


def _campaign(brand: Brand) -> Campaign:
    """A campaign has a scene: here one that is for no agency."""
    never = Programme(
        id="reglages", kind="programme", title="Réglages", sentence="Réglages", agencies=()
    )
    links = Links.model_validate({"hosts": ("o2.example",)})
    return Campaign(
        campaign="reglages", title="Réglages", brand=brand, links=links, scenes=(never,)
    )


def _lacking(facts: SetupFacts) -> Message:
    names = [NAMES.get(name, name) for name in facts.missing]
    return Message(
        headline="Cet écran attend ses réglages",
        sentence="Insérez la clé USB d’enrôlement remise par le siège, ou appelez votre support"
        " informatique.",
        label="Nom de ce poste",
        name=facts.pc,
        facts=(f"Il manque : {_listed(names)}.",) if names else (),
        quiet=_quiet(facts),
    )


def _waiting(facts: SetupFacts) -> Message:
    known = (("Agence", facts.agency), ("Adresse", facts.central))
    return Message(
        headline="Contenu en cours de réception",
        sentence="Cet écran est réglé. Ses premières images arrivent du siège : il n’y a rien à"
        " faire.",
        label="Nom de ce poste",
        name=facts.pc,
        facts=tuple(f"{what} : {value}" for what, value in known if value),
        quiet=_quiet(facts),
    )


def _quiet(facts: SetupFacts) -> tuple[str, ...]:
    own = f"O2 Kiosk {facts.version}" + (f" · Données : {facts.data}" if facts.data else "")
    return (facts.note[:LONGEST_NOTE], own) if facts.note else (own,)


def _listed(names: list[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} et {last}" if most else last


# -- layout ---------------------------------------------------------------------------------

_TOP: Final = {"landscape": 0.13, "portrait": 0.12, "square": 0.085}
_BOTTOM: Final = {"landscape": 0.695, "portrait": 0.765, "square": 0.715}
"""Where the words begin and end, as shares of the height: below them is the street."""
_BESIDE: Final = 0.54
"""The share of the width that the words take where the panel stands beside them."""


def told(content: Content, message: Message, size: tuple[int, int]) -> Composition:
    """Lay the message out at `size` (width, height in px), above the brand's own drawing."""
    page = Page(content.campaign, content.agency, Measures.of(content.screen, size))
    brand, px = page.campaign.brand, page.measures.px
    shape, left, gap = orientation_of(size), px(72), px(56)
    wide, full = shape == "landscape", size[0] - 2 * left
    top, bottom = round(size[1] * _TOP[shape]), round(size[1] * _BOTTOM[shape])

    small = [Words(line, REGULAR, 26, brand.ink, gap=6) for line in message.quiet]
    foot = Rect(left, bottom - px(160), full, px(160))
    room = bottom - page.stack(_fitting(page, small, full), foot, from_bottom=True) - gap - top

    words = [
        Words(french(message.headline), BOLD, 88, brand.accent, head=True),
        Words(french(message.sentence), SEMIBOLD, 46, brand.ink, gap=26),
    ]
    width = round(full * _BESIDE) if wide else full
    taken = page.stack(words, Rect(left, top, width, room if wide else room // 2))

    down, across = (0, width + gap) if wide else (taken + gap, 0)
    panel = _panel(page, message, Rect(left + across, top + down, full - across, room - down))
    picture = PictureBlock(STANDBY_PICTURE + orientation_of(size), Rect(0, 0, *size), (0.5, 1.0))
    texts, misfits = tuple(page.texts), tuple(page.misfits)
    return Composition(*size, brand.paper, (picture,), (panel,), texts, None, misfits)


def _panel(page: Page, message: Message, box: Rect) -> ShapeBlock:
    """What IT asks for on the telephone: the PC's name, large, and the facts."""
    brand, pad = page.campaign.brand, page.measures.px(36)
    inner = Rect(box.x + pad, box.y + pad, box.width - 2 * pad, box.height - 2 * pad)
    words = [
        Words(french(message.label), REGULAR, 34, brand.ink),
        Words(message.name, BOLD, 84, brand.accent, gap=4),
        *(Words(french(line), REGULAR, 36, brand.ink, gap=14) for line in message.facts),
    ]
    height = page.stack(_fitting(page, words, inner.width), inner)
    return ShapeBlock(Rect(box.x, box.y, box.width, height + 2 * pad), PANEL)


def _fitting(page: Page, words: list[Words], width: int) -> list[Words]:
    """A name or a path has no place to break: of one too long for a line the middle goes."""
    px = page.measures.small_floor
    return [
        replace(
            one, text=" ".join(_cut(word, one.weight, px, width) for word in one.text.split(" "))
        )
        for one in words
    ]


def _cut(word: str, weight: int, px: int, width: int) -> str:
    keep, made = len(word), word
    while width_of(made, px, weight) > width and keep > 2:
        keep -= 1
        made = f"{word[: keep - keep // 2]}…{word[len(word) - keep // 2 :]}"
    return made
