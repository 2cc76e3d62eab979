"""A campaign with a picture of each kind, published and served over TLS by an unknown authority."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from kiosk.door.loopback import serving
from tests.release.authority import Authority
from tests.release.head_office import CAMPAIGN, HeadOffice, Quiet

KINDS: Final = {"am1": "jpg", "am2": "webp", "am3": "svg"}
"""Scene -> the kind of its picture."""
COLOURS: Final = {"am1": "#b03030", "am2": "#308030", "am3": "#3050b0"}
"""Scene -> the colour that fills its picture."""
DISC: Final = "#f0f0f0"
SCENE: Final = """\
  - id: {scene}
    kind: portrait
    service: menage
    picture: portraits/{scene}.{kind}
    first_name: Claire
    role: intervenant
    about: Aide-ménagère au Mans
    quote: Une image {kind} à l’œuvre, « déjà » vue.
    link: booking
    agencies: [le-mans, nantes]
    rights: {{ref: R-{scene}, media: [vitrine], from: 2020-01-01, until: 2040-01-01}}
"""


@dataclass(frozen=True, slots=True)
class Office:
    """What a screen needs of head office."""

    address: str
    anchor: Path
    authority: Path
    asked: list[str]
    """The paths that were asked for."""


def url(scene: str) -> str:
    """What the code of a scene says on the screen of Le Mans."""
    return f"https://o2.example/r/lm{scene}"


@contextmanager
def office(root: Path) -> Iterator[Office]:
    """Publish into `root` and serve it on a loopback port."""
    head = HeadOffice(root / "office", now=datetime.now(UTC))
    _write(head)
    head.publish()
    anchor = root / "root.json"
    anchor.write_bytes(head.anchor)
    authority = Authority(root)
    asked: list[str] = []
    handler = partial(Quiet, asked=asked, directory=str(head.tree))
    with serving(handler, authority.server("localhost")) as port:
        address = f"https://localhost:{port}"  # wine knows no IP in a certificate
        yield Office(address, anchor, authority.file, asked)


def _write(head: HeadOffice) -> None:
    scenes = "".join(SCENE.format(scene=scene, kind=kind) for scene, kind in KINDS.items())
    (head.folder / "campaign.yaml").write_text(CAMPAIGN + scenes, "utf-8")
    for old in (head.folder / "portraits").iterdir():
        old.unlink()
    for scene, kind in KINDS.items():
        _draw(head.folder / "portraits" / f"{scene}.{kind}", COLOURS[scene])


def _draw(path: Path, colour: str) -> None:
    """A disc on the colour, so that a picture that is only half there is seen."""
    if path.suffix == ".svg":
        path.write_text(
            '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="1200">'
            f'<rect width="900" height="1200" fill="{colour}"/>'
            f'<circle cx="450" cy="600" r="300" fill="{DISC}"/></svg>',
            "utf-8",
        )
        return
    image = Image.new("RGB", (900, 1200), colour)
    ImageDraw.Draw(image).ellipse((150, 300, 750, 900), fill=DISC)
    image.save(path, quality=90)
