"""One scene on its way to the glass, there, or on its way off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kiosk.campaign.model import Scene
from kiosk.player.blocks import Composition
from kiosk.player.content import Content
from kiosk.player.desk import Prepared
from kiosk.player.reel import Reel

if TYPE_CHECKING:
    from kiosk.player.film import Film


@dataclass(slots=True)
class Cast:
    """A scene being prepared, ready or on the glass; `scene` is None for standby.

    `content` is the release it was cast from, which may no longer be the newest.
    """

    content: Content
    scene: Scene | None
    composition: Composition
    images: Prepared
    began: datetime | None = None
    reel: Reel | None = None

    @property
    def film(self) -> Film | None:
        """Its clip, if it can be played."""
        return self.reel.film if self.reel is not None else None

    @property
    def is_ready(self) -> bool:
        """Its pictures are there, and its clip's first frame or the certainty that none comes."""
        drawn = len(self.images) == len(self.composition.pictures)
        return drawn and (self.reel is None or self.reel.is_settled)

    def lay_out(self, composition: Composition) -> None:
        """The same scene for another size."""
        self.composition = composition
        if self.reel is not None and composition.film is not None:
            self.reel.block = composition.film
