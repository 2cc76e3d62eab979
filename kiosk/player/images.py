"""The decoded pictures and codes of the scenes at hand, by key, where QML finds them."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtQuick import QQuickImageProvider

from kiosk.campaign.links import encode
from kiosk.player.blocks import CodeBlock
from kiosk.player.codes import tile

PROVIDER: Final = "kiosk"
_CODE: Final = "code/"


def code_source(block: CodeBlock) -> str:
    """The URL QML asks for a code by: the same code at the same size has the same one."""
    return f"image://{PROVIDER}/{_CODE}{block.geometry.module_px}/{block.code.url}"


class Images(QQuickImageProvider):
    """An image provider over a dictionary; QML asks on the GUI thread and shares the pixels."""

    def __init__(self) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image)
        self._images: dict[str, QImage] = {}

    def put(self, key: str, image: QImage) -> str:
        """Keep `image` under `key`; the URL QML asks for it by."""
        self._images[key] = image
        return f"image://{PROVIDER}/{key}"

    def drop(self, prefix: str) -> None:
        """Forget every image whose key begins so."""
        for key in [k for k in self._images if k.startswith(prefix)]:
            del self._images[key]

    def requestImage(self, key: str, size: QSize, requested: QSize) -> QImage:  # noqa: N802
        """Qt's call."""
        del requested
        image = _code(key) if key.startswith(_CODE) else self._images.get(key, QImage())
        size.setWidth(image.width())
        size.setHeight(image.height())
        return image


def _code(key: str) -> QImage:
    module_px, _, url = key.removeprefix(_CODE).partition("/")
    return tile(encode(url), int(module_px))
