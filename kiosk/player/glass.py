"""Puts prepared scenes on the glass and says when one is really there."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtQuick import QQuickWindow, QSGRendererInterface

from kiosk.player.blocks import Composition, TextBlock
from kiosk.player.images import Images, code_source
from kiosk.player.stage import Stage


class Glass(QObject):
    """Two slots taking turns. `presented(token)` follows the first frame of the scene alone."""

    opening = Signal()
    presented = Signal(int)

    def __init__(self, stage: Stage, images: Images) -> None:
        super().__init__()
        self._stage = stage
        self._images = images
        self._window: QQuickWindow | None = None
        self._slot = 0
        self._token: int | None = None
        self._swaps_to_see = 0
        stage.ended.connect(self._alone)

    def hang_in(self, window: QQuickWindow) -> None:
        """Show everything in this window; called once, before the first scene."""
        self._window = window

    @property
    def token(self) -> int | None:
        """The scene on the glass, or fading in; None before the first."""
        return self._token

    def show(
        self,
        token: int,
        composition: Composition,
        pictures: list[QImage],
        film: QObject | None = None,
    ) -> None:
        """Cross over to this scene; the very first one simply stands there."""
        first = self._token is None
        self._slot = 1 - self._slot
        self._token = token
        self._draw(composition, pictures, film)
        if first:
            self._stage.cut.emit(self._slot)
            self.opening.emit()
            self._await_frame()
        else:
            self._stage.fade.emit(self._slot)

    def stand(self, composition: Composition, pictures: list[QImage]) -> None:
        """Put a scene there at once, with nobody waiting for its frame: for a still picture."""
        self._token = 0
        self._draw(composition, pictures)
        self._stage.cut.emit(self._slot)

    def redraw(
        self, composition: Composition, pictures: list[QImage], film: QObject | None = None
    ) -> None:
        """Draw the scene on the glass again: its size has changed, or its clip is given up."""
        self._draw(composition, pictures, film)

    def say(self, texts: Sequence[TextBlock]) -> None:
        """Show these words of the clip on the glass."""
        self._stage.card(self._slot).say(texts)

    def _draw(
        self, composition: Composition, pictures: list[QImage], film: QObject | None = None
    ) -> None:
        prefix = f"{self._slot}/"
        self._images.drop(prefix)
        keys = [f"{prefix}{self._token}/{n}" for n in range(len(pictures))]
        sources = [self._images.put(*pair) for pair in zip(keys, pictures, strict=True)]
        code = code_source(composition.code) if composition.code else ""
        self._stage.card(self._slot).draw(composition, sources, code, film)

    def _alone(self) -> None:
        other = 1 - self._slot
        self._stage.card(other).clear()
        self._images.drop(f"{other}/")
        self._await_frame()

    def _await_frame(self) -> None:
        # With a render thread the swap of the frame before may still be on its way to us.
        assert self._window is not None
        api = self._window.rendererInterface().graphicsApi()
        threaded = api != QSGRendererInterface.GraphicsApi.Software
        if self._swaps_to_see == 0:
            self._window.frameSwapped.connect(self._swapped, Qt.ConnectionType.AutoConnection)
        self._swaps_to_see = 2 if threaded else 1
        self._window.update()

    def _swapped(self) -> None:
        assert self._window is not None
        self._swaps_to_see -= 1
        if self._swaps_to_see > 0:
            self._window.update()
            return
        self._window.frameSwapped.disconnect(self._swapped)
        if self._token is not None:
            self.presented.emit(self._token)
