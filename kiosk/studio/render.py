"""Scenes as still pictures, drawn by the player's own window with no display."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QImage

from kiosk.campaign.model import Scene
from kiosk.player import scenery
from kiosk.player.backstage import composed, orders
from kiosk.player.blocks import Composition
from kiosk.player.content import Content
from kiosk.player.pictures import Unreadable, load


@dataclass(frozen=True, slots=True)
class Frame:
    """What the glass shows, and how it was laid out. `refused` names an unreadable picture."""

    image: QImage
    composition: Composition
    refused: str | None = None


class Studio:
    """One hidden window that draws any scene of a content at any size. Close it when done."""

    def __init__(self, content: Content) -> None:
        self._app = scenery.application(offscreen=True)
        self._view = scenery.build(scenery.props(content.campaign.brand, 0, ()))
        self._view.window.show()

    def draw(self, content: Content, scene: Scene | None, size: tuple[int, int]) -> Frame:
        """Draw `scene`, or standby for None, at `size` (width, height in px)."""
        composition = composed(content, scene, size)
        images: list[QImage] = []
        for order in orders(composition, content):
            image = load(order.path, order.size, order.focus) if order.path else None
            if image is None or isinstance(image, Unreadable):
                why = image.why if image else "missing"
                return Frame(QImage(), composition, f"{order.name}: {why}")
            images.append(image)
        window = self._view.window
        window.setWidth(size[0])
        window.setHeight(size[1])
        self._view.glass.stand(composition, images)
        self._app.processEvents()
        return Frame(window.grabWindow(), composition)

    def close(self) -> None:
        """Take the window down."""
        self._view.close()
