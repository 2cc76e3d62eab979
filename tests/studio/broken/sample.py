"""A small campaign folder with nothing wrong in it, written file by file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from PIL import Image

NOW: Final = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
PORTRAIT: Final = "portraits/claire.jpg"
CAMPAIGN: Final = "campaign.yaml"
LE_MANS: Final = "agencies/le-mans.yaml"
FILES: Final[Mapping[str, str]] = {
    CAMPAIGN: """\
campaign: essai
title: Un essai
valid: {from: 2026-09-01, until: 2027-08-31}
brand: {name: O2, accent: "#005CA9", ink: "#1D1D1B", paper: "#F7F5F0"}
links:
  hosts: [o2.example]
  booking: {to: "https://o2.example/r/{agency}{scene}", label: Réserver un service}
scenes:
  - id: am1
    kind: portrait
    service: menage
    picture: portraits/claire.jpg
    focus: [0.5, 0.4]
    first_name: Claire
    role: intervenant
    about: Aide-ménagère au Mans
    quote: La confiance se construit.
    link: booking
    rights: {ref: DAI-14, media: [vitrine], from: 2026-08-01, until: 2027-07-31}
  - id: ch1
    kind: figure
    number: 1 million
    sentence: d'heures de service par an
    source: Rapport annuel
    dated: "2025"
""",
    LE_MANS: """\
agency: le-mans
code: lm
name: O2 Le Mans
opening_hours: "Mo-Fr 09:00-12:30,14:00-18:30; PH off"
screens:
  vitrine: {diagonal_in: 32, resolution: 1280x720, scan_distance_m: 1.0}
""",
}


def write(root: Path, size: tuple[int, int] = (720, 900)) -> Path:
    """Write the folder; `size` is its one photograph's, in px."""
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    photograph(root / PORTRAIT, size)
    return root


def photograph(path: Path, size: tuple[int, int]) -> None:
    """A picture that is not all of one colour."""
    path.parent.mkdir(exist_ok=True)
    Image.radial_gradient("L").resize(size).convert("RGB").save(path, "JPEG", quality=80)
