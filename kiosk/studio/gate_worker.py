"""One of the gate's drawing processes: frames come in, their problems go out."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
import threading
from collections.abc import Mapping
from functools import cache, lru_cache
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Final

import cv2
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QImage

from kiosk.campaign.model import Campaign, Scene
from kiosk.player.backstage import composed, orders
from kiosk.player.content import Content
from kiosk.player.pictures import Unreadable, load
from kiosk.studio.render import Frame, Studio
from kiosk.studio.tour import Stop, verdict

DRAWN: Final = frozenset({"campaign", "brand", "links"})
"""What a layout takes from the campaign itself. A worker is given no more than this."""
PICTURES_KEPT: Final = 4
"""Decoded pictures a process keeps: at 3840 x 2160 one takes 33 MB."""

Size = tuple[int, int]


class Easel(Studio):
    """A studio for hundreds of frames in a row: a picture is decoded once, a frame drawn once."""

    def __init__(self, content: Content) -> None:
        super().__init__(content)
        self._load = lru_cache(maxsize=PICTURES_KEPT)(load)

    def draw(self, content: Content, scene: Scene | None, size: Size) -> Frame:
        """Draw `scene`, or standby for None, at `size` (width, height in px)."""
        composition = composed(content, scene, size)
        images: list[QImage] = []
        for order in orders(composition, content):
            image = self._load(order.path, order.size, order.focus) if order.path else None
            if image is None or isinstance(image, Unreadable):
                why = image.why if image else "missing"
                return Frame(QImage(), composition, f"{order.name}: {why}")
            images.append(image)
        self._view.glass.stand(composition, images)
        self._settle(size)
        return Frame(self._view.window.grabWindow(), composition)

    def _settle(self, size: Size) -> None:
        """Without a resize Qt has nothing to do but to draw the frame that grabbing draws too."""
        window = self._view.window
        if (window.width(), window.height()) != size:
            window.setWidth(size[0])
            window.setHeight(size[1])
            self._app.processEvents()
        # Items of the frame before wait for an event loop that does not run here.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def parcel(stop: Stop, pictures: Mapping[str, Path | None]) -> Stop:
    """The stop as it travels to a worker: what is drawn, and nothing that the key leaves out."""
    content = stop.content
    facts = {name: getattr(content.campaign, name) for name in DRAWN}
    drawn = Content(
        release=content.release,
        campaign=Campaign.model_construct(**facts),
        agency=content.agency,
        screen_name=content.screen_name,
        screen=content.screen,
        present=frozenset(name for name, path in pictures.items() if path),
        media=dict(pictures).get,
    )
    return Stop(drawn, stop.scene, stop.size)


def begin() -> None:
    """Make this process a worker: it leaves Ctrl+C to its parent, and ends when that is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    leaving, leave = multiprocessing.Pipe(duplex=False)
    watch = threading.Thread(target=_end_with, args=(parent.sentinel, leaving), daemon=True)
    watch.start()
    # A thread that still runs would keep modules alive, and zxing-cpp would speak of leaks.
    atexit.register(watch.join)
    atexit.register(leave.close)


def _end_with(parent: int, leaving: Connection) -> None:
    # An executor's worker waits for its next task for ever when its parent was killed.
    if parent in wait([parent, leaving]):
        os._exit(1)


def problems_of(stop: Stop) -> tuple[str, ...]:
    """Draw the stop and read it back; what must not reach a screen, or nothing."""
    if not _easels():
        _easels().append(Easel(stop.content))
        atexit.register(_easels()[0].close)
    return verdict(_easels()[0].draw(stop.content, stop.scene, stop.size)).problems


@cache
def _easels() -> list[Easel]:
    """This process's easel, from its first frame on: an executor has no better place for it."""
    return []
