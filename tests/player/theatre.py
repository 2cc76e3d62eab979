"""A whole player in one process: real window, real pictures, a campaign folder of our own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtGui import QGuiApplication

from kiosk.campaign.model import Scene
from kiosk.campaign.proof import Play
from kiosk.door.needs import content_of_folder
from kiosk.player import scenery
from kiosk.player.app import SYSTEM_CLOCK
from kiosk.player.content import Content
from kiosk.player.desk import Desk
from kiosk.player.director import Clock, Director
from kiosk.player.scenery import Scenery
from kiosk.release.folder import read_folder
from tests.player.files import good
from tests.release.head_office import AGENCY, CAMPAIGN

HOLD_S = 0.03
FADE_S = 0.05
SIZE = (640, 360)

SCENE = """\
  - id: {id}
    kind: portrait
    audience: {audience}
    service: menage
    picture: portraits/{picture}
    first_name: Claire
    role: intervenant
    about: Aide-ménagère
    quote: La confiance, ça se construit.
    link: booking
    rights: {{ref: R-1, media: [vitrine], from: 2020-01-01, until: 2040-01-01}}
"""


def folder(root: Path, scenes: dict[str, str], more: str = "") -> Path:
    """A campaign of portraits: scene id -> picture name. Pictures are not made here."""
    agency = AGENCY % ("le-mans", "lm", "Le Mans")
    (root / "agencies").mkdir(parents=True, exist_ok=True)
    (root / "portraits").mkdir(exist_ok=True)
    (root / "agencies" / "le-mans.yaml").write_text(agency, "utf-8")
    audiences = ("families", "candidates")
    text = CAMPAIGN + "".join(
        SCENE.format(id=name, picture=picture, audience=audiences[number % 2]) + more
        for number, (name, picture) in enumerate(scenes.items())
    )
    (root / "campaign.yaml").write_text(text, "utf-8")
    return root


def with_pictures(root: Path, *names: str) -> Path:
    """A campaign whose scenes all have a picture."""
    for name in names:
        good(root / "portraits" / f"{name}.png")
    return folder(root, {name: f"{name}.png" for name in names})


def content_of(root: Path) -> Content:
    """The folder as its only agency's only screen sees it."""
    read = read_folder(root)
    return content_of_folder(read, read.source.agencies[0].agency, None)


@dataclass
class Theatre:
    """A running loop and what it has said so far."""

    content: Content
    desk: Desk = field(default_factory=Desk)
    size: tuple[int, int] = SIZE
    clock: Clock = SYSTEM_CLOCK
    hold: Callable[[Scene], float] = lambda _: HOLD_S
    plays: list[Play] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    stood: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.view: Scenery = scenery.build(
            scenery.props(self.content.campaign.brand, 0, (), fade_s=FADE_S)
        )
        self.view.window.setWidth(self.size[0])
        self.view.window.setHeight(self.size[1])
        self.director = Director(
            self.content, self.size, self.view.glass, self.desk, self.clock, hold=self.hold
        )
        self.director.played.connect(self.plays.append)
        self.director.skipped.connect(lambda scene, why: self.skipped.append((scene, why)))
        self.director.standing.connect(self._stands)
        self.view.glass.opening.connect(self.view.window.show)

    def _stands(self, token: int) -> None:
        scene = self.director.scene_of(token)
        self.stood.append(scene.id if scene else "standby")

    def close(self) -> None:
        """End the loop and take the window down."""
        self.director.stop()
        self.desk.close(20)
        self.view.close()
        QGuiApplication.processEvents()
