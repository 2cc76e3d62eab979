"""A small valid campaign, as YAML text and as model objects, for every test that needs one."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from kiosk.campaign.model import (
    Agency,
    Brand,
    Campaign,
    Figure,
    Link,
    Links,
    Mix,
    NoticeScene,
    Portrait,
    Poster,
    Programme,
    Rights,
    Scene,
    Screen,
    Source,
)

CAMPAIGN_YAML: Final = """\
campaign: vrais-visages
title: De vrais visages
valid: {from: 2026-09-01, until: 2027-01-31}
mix: {families: 60, candidates: 40}
brand: {name: O2, accent: "#005CA9", ink: "#1D1D1B", paper: "#F7F5F0"}
links:
  hosts: [o2.example]
  booking: {to: "https://o2.example/r/{agency}/{scene}", label: Réserver un service}
  jobs: {to: "https://o2.example/j/{agency}/{scene}", label: Rejoindre l’équipe}
scenes:
  - id: am1
    kind: portrait
    audience: families
    service: menage
    picture: portraits/claire.jpg
    focus: [0.5, 0.35]
    first_name: Claire
    role: intervenant
    about: Aide-ménagère au Mans depuis dix ans
    quote: "Dix ans dans la même famille : la confiance, ça se construit."
    link: booking
    rights: {ref: DAI-2026-014, media: [vitrine], from: 2026-08-01, until: 2027-07-31}
    show: "Mo-Sa 08:00-20:00"
    agencies: [le-mans, nantes]
    weight: 2
  - id: am2
    kind: poster
    audience: candidates
    picture: {landscape: posters/equipe.jpg, portrait: posters/equipe-haut.jpg}
    says: Rejoignez une équipe près de chez vous.
    link: jobs
  - id: ch1
    kind: figure
    number: 1 049 000
    sentence: "heures de service par an : autant de temps rendu aux familles"
    source: Rapport annuel
    dated: "2025"
  - id: pr1
    kind: programme
    title: FamilyAct
    sentence: Concilier vie de famille et vie professionnelle.
    points: [Des horaires choisis, Un référent en agence]
"""

LE_MANS_YAML: Final = """\
agency: le-mans
code: lm
name: O2 Le Mans
address: {street: 1 rue de la Paix, postal_code: "72000", city: Le Mans}
phone: "+33199000001"
timezone: Europe/Paris
opening_hours: "Mo-Fr 09:00-12:30,14:00-18:30; PH off"
screens:
  vitrine: {diagonal_in: 43, orientation: portrait, scan_distance_m: 2.0}
"""

NANTES_YAML: Final = """\
agency: nantes
code: nt
name: O2 Nantes
screens:
  vitrine: {diagonal_in: 55, resolution: 3840x2160}
  cote: {diagonal_in: 26.5, resolution: 1920x1920, orientation: square}
"""


JOBS_YAML: Final = """\
offers:
  - id: am12
    title: Aide-ménager H/F
    employment_type: CDI
    work_hours: 25 h par semaine
    job_location: Le Mans
    date_posted: 2026-09-01
    valid_through: 2026-10-31
    base_salary: {min_value: 12.1, max_value: 13.4, unit_text: hour}
    agencies: [le-mans, nantes]
"""


def files(**changed: str | None) -> dict[str, bytes]:
    """The files of the folder; `campaign`, `le_mans`, `nantes` replace one, None drops it.

    `jobs` and `more_jobs` add a file each.
    """
    texts = {"campaign": CAMPAIGN_YAML, "le_mans": LE_MANS_YAML, "nantes": NANTES_YAML, **changed}
    names = {
        "jobs": "jobs/sarthe.yaml",
        "more_jobs": "jobs/zone.yaml",
        "campaign": "campaign.yaml",
        "le_mans": "agencies/le-mans.yaml",
        "nantes": "agencies/nantes.yaml",
    }
    return {names[key]: text.encode() for key, text in texts.items() if text is not None}


def rights(**fields: Any) -> Rights:
    """A consent valid from 1 August 2026 to 31 July 2027; `from_` and `until` move its dates."""
    values: dict[str, Any] = {
        "ref": "DAI-2026-014",
        "media": ("vitrine",),
        "from": fields.pop("from_", date(2026, 8, 1)),
        "until": date(2027, 7, 31),
    }
    return Rights.model_validate(values | fields)


def portrait(scene_id: str = "am1", **fields: Any) -> Portrait:
    """A portrait for families, without a link, allowed everywhere and always."""
    values: dict[str, Any] = {
        "id": scene_id,
        "kind": "portrait",
        "service": "menage",
        "picture": f"portraits/{scene_id}.jpg",
        "first_name": "Claire",
        "role": "intervenant",
        "about": "Aide-ménagère au Mans depuis dix ans",
        "quote": "Dix ans dans la même famille : la confiance, ça se construit.",
        "rights": rights(),
    }
    return Portrait.model_validate(values | fields)


def poster(scene_id: str = "po1", **fields: Any) -> Poster:
    """A poster for families with one landscape picture and no person on it."""
    values: dict[str, Any] = {
        "id": scene_id,
        "kind": "poster",
        "picture": f"posters/{scene_id}.jpg",
        "says": "Rejoignez une équipe près de chez vous.",
    }
    return Poster.model_validate(values | fields)


def figure(scene_id: str = "ch1", **fields: Any) -> Figure:
    """A figure for families, without a picture."""
    values: dict[str, Any] = {
        "id": scene_id,
        "kind": "figure",
        "number": "1 049 000",
        "sentence": "heures de service par an",
        "source": "Rapport annuel",
        "dated": "2025",
    }
    return Figure.model_validate(values | fields)


def programme(scene_id: str = "pr1", **fields: Any) -> Programme:
    """A programme for families, without a picture."""
    values: dict[str, Any] = {
        "id": scene_id,
        "kind": "programme",
        "title": "FamilyAct",
        "sentence": "Concilier vie de famille et vie professionnelle.",
    }
    return Programme.model_validate(values | fields)


def notice_scene(scene_id: str, *, urgent: bool) -> NoticeScene:
    """A notice as the loop has it."""
    return NoticeScene(id=scene_id, text="Agence fermée le 24 décembre", urgent=urgent)


def screen(**fields: Any) -> Screen:
    """A 43-inch landscape screen at 1080p, scanned from 2 m."""
    return Screen.model_validate({"diagonal_in": 43} | fields)


def agency(agency_id: str = "le-mans", code: str = "lm", **fields: Any) -> Agency:
    """An agency in Paris time with one screen, `vitrine`."""
    values: dict[str, Any] = {
        "agency": agency_id,
        "code": code,
        "name": "O2 Le Mans",
        "screens": {"vitrine": screen()},
    }
    return Agency.model_validate(values | fields)


def links(**named: Link) -> Links:
    """Links on o2.example: `booking` and `jobs`, or those given."""
    defaults = {
        "booking": Link(to="https://o2.example/r/{agency}/{scene}", label="Réserver un service"),
        "jobs": Link(to="https://o2.example/j/{agency}/{scene}", label="Rejoindre l’équipe"),
    }
    return Links.model_validate({"hosts": ("o2.example",)} | (named or defaults))


def campaign(*scenes: Scene, **fields: Any) -> Campaign:
    """A campaign without dates that holds these scenes, or one portrait."""
    values: dict[str, Any] = {
        "campaign": "vrais-visages",
        "title": "De vrais visages",
        "mix": Mix(families=60, candidates=40),
        "brand": Brand(name="O2"),
        "links": links(),
        "scenes": scenes or (portrait(),),
    }
    return Campaign.model_validate(values | fields)


def source(*scenes: Scene, agencies: tuple[Agency, ...] = ()) -> Source:
    """A whole source: `campaign(*scenes)` and these agencies, or one."""
    return Source(campaign=campaign(*scenes), agencies=agencies or (agency(),))
