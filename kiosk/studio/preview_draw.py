"""The preview's drawing process: it draws on a display of its own that nobody sees.

Orders come in on standard input and pictures leave on standard output. A picture that takes its
decoder down takes this process with it, not the window.
"""

from __future__ import annotations

import logging
import pickle
import signal
import struct
import sys
from dataclasses import dataclass
from typing import BinaryIO, Final

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QImage

from kiosk.campaign.model import Scene
from kiosk.player.blocks import Composition
from kiosk.player.content import Content
from kiosk.studio.render import Studio

LENGTH: Final = struct.Struct(">I")
Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Order:
    """A scene (None: standby) to draw at `size`, then made small enough for `box`; px."""

    number: int
    content: Content
    scene: Scene | None
    size: Size
    box: Size


@dataclass(frozen=True, slots=True)
class Sheet:
    """A drawn picture: 32 bits a pixel, no gaps; or why it could not be drawn."""

    number: int
    pixels: bytes
    size: Size
    refused: str | None
    composition: Composition


def packed(thing: object) -> bytes:
    """As it travels: its length, and itself."""
    raw = pickle.dumps(thing, protocol=pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(raw)) + raw


def main() -> None:
    """Draw until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.getLogger("kiosk").addHandler(logging.NullHandler())  # the window says it
    orders, sheets = sys.stdin.buffer, sys.stdout.buffer
    studio: Studio | None = None
    while (order := _next(orders)) is not None:
        studio = studio or Studio(order.content)
        sheets.write(packed(_drawn(studio, order)))
        sheets.flush()
        # Items of the frame before wait for an event loop that does not run here.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if studio is not None:
        studio.close()


def _next(orders: BinaryIO) -> Order | None:
    head = orders.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    raw = orders.read(LENGTH.unpack(head)[0])
    order = pickle.loads(raw)
    assert isinstance(order, Order)
    return order


def _drawn(studio: Studio, order: Order) -> Sheet:
    frame = studio.draw(order.content, order.scene, order.size)
    if frame.image.isNull():
        why = frame.refused or "the picture is empty"
        return Sheet(order.number, b"", (0, 0), why, frame.composition)
    small = _fitted(frame.image, order.box).convertToFormat(QImage.Format.Format_RGB32)
    size = small.width(), small.height()
    pixels = bytes(small.constBits())
    return Sheet(order.number, pixels, size, None, frame.composition)


def _fitted(image: QImage, box: Size) -> QImage:
    if image.width() <= box[0] and image.height() <= box[1]:
        return image
    return image.scaled(
        *box, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
