"""What a scene needs before it can be shown: its layout, and its pictures at the size drawn."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from kiosk.campaign.model import Scene, Video
from kiosk.player.blocks import Composition, PictureBlock
from kiosk.player.compose import STANDBY_PICTURE, compose, standby
from kiosk.player.content import Content
from kiosk.player.desk import Order
from kiosk.player.setup import told
from kiosk.player.subtitled import subtitled


def composed(content: Content, scene: Scene | None, size: tuple[int, int]) -> Composition:
    """Lay out a scene of this content, or standby for None, at `size` (width, height in px)."""
    if scene is None and content.message is not None:
        return told(content, content.message, size)
    if scene is None:
        return standby(content.campaign, content.agency, content.screen, size)
    if isinstance(scene, Video):
        scene = subtitled(scene, content)
    return compose(scene, content.campaign, content.agency, content.screen, size)


def orders(composition: Composition, content: Content) -> list[Order]:
    """The pictures of a composition, as orders for the desk."""
    return [_order(picture, content) for picture in composition.pictures]


def _order(picture: PictureBlock, content: Content) -> Order:
    name, size = picture.name, (picture.area.width, picture.area.height)
    if name.startswith(STANDBY_PICTURE):
        return Order(name, brand_picture(name.removeprefix(STANDBY_PICTURE)), size, picture.focus)
    path = content.media(name)
    return Order(name, path, size, picture.focus, content.intact, content.trying)


def brand_picture(orientation: str) -> Path:
    """The file of the brand's own still background for this orientation."""
    name = {"landscape": "paysage", "portrait": "portrait", "square": "carre"}[orientation]
    return Path(str(files("kiosk.assets") / "brand" / f"standby-{name}.svg"))
