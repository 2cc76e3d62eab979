"""Hands the preview's orders to its drawing process, the newest first, and brings back pictures."""

from __future__ import annotations

import pickle
import sys
from dataclasses import dataclass, replace
from typing import Final, get_args

from PySide6.QtCore import QByteArray, QObject, QProcess, QTimer, Signal
from PySide6.QtGui import QImage

from kiosk.campaign.model import Orientation, Scene
from kiosk.player.blocks import Composition
from kiosk.player.content import Content
from kiosk.studio.preview_draw import LENGTH, Order, Sheet, Size, packed

DEADLINE_MS: Final = 30_000
PROGRAM: Final = ("-c", "from kiosk.studio.preview_draw import main; main()")
"""Not by -m: what it is sent would be of another module than its own."""
GONE: Final = "the drawing process ended"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture and what it was asked with; `refused` says why there is none."""

    order: Order
    image: QImage
    refused: str | None
    composition: Composition | None = None

    @property
    def misfits(self) -> tuple[str, ...]:
        """The texts that are too long."""
        return self.composition.misfits if self.composition is not None else ()


class Painter(QObject):
    """One picture at a time; of those asked for meanwhile only the last is drawn."""

    drawn = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._number = 0
        self._came = bytearray()
        self._due: Order | None = None
        self._next: Order | None = None
        self._deadline = QTimer(self)
        self._deadline.setSingleShot(True)
        self._deadline.timeout.connect(self._late)

    def order(self, content: Content, scene: Scene | None, size: Size, box: Size) -> int:
        """Ask for a picture; the number of the order."""
        self._number += 1
        parcel = Order(self._number, _parcel(content, scene), scene, size, box)
        if self._due is not None:
            self._next = parcel
        else:
            self._send(parcel)
        return self._number

    def start(self) -> None:
        """Have the process ready for the first order."""
        process = QProcess(self)
        process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._ended)
        process.errorOccurred.connect(self._failed)
        self._came.clear()
        self._process = process
        process.start(sys.executable, list(PROGRAM))

    def close(self) -> None:
        """End the process."""
        self._deadline.stop()
        process, self._process = self._process, None
        if process is None:
            return
        process.blockSignals(True)
        process.closeWriteChannel()
        if not process.waitForFinished(2000):
            process.kill()
            process.waitForFinished(2000)

    def _send(self, order: Order) -> None:
        if self._process is None:
            self.start()
        assert self._process is not None
        self._due = order
        self._deadline.start(DEADLINE_MS)
        self._process.write(QByteArray(packed(order)))

    def _read(self) -> None:
        if self._process is None:
            return
        self._came += self._process.readAllStandardOutput().data()
        if len(self._came) < LENGTH.size:
            return
        whole = LENGTH.size + LENGTH.unpack(self._came[: LENGTH.size])[0]
        if len(self._came) < whole:
            return
        sheet: Sheet = pickle.loads(bytes(self._came[LENGTH.size : whole]))
        del self._came[:whole]
        image = QImage()
        if sheet.pixels:
            width, height = sheet.size
            form = QImage.Format.Format_RGB32
            image = QImage(sheet.pixels, width, height, 4 * width, form).copy()
        self._answer(image, sheet.refused, sheet.composition)

    def _answer(
        self, image: QImage, refused: str | None, composition: Composition | None = None
    ) -> None:
        self._deadline.stop()
        done, self._due = self._due, None
        after, self._next = self._next, None
        if after is not None:
            self._send(after)
        if done is not None:
            self.drawn.emit(Drawn(done, image, refused, composition))

    def _late(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._ended()

    def _ended(self) -> None:
        """It is started again by the next order, not before."""
        if self._process is not None:
            self._process.deleteLater()
            self._process = None
        self._answer(QImage(), GONE)


def _parcel(content: Content, scene: Scene | None) -> Content:
    """The content as it travels: with this scene's files only."""
    names = {n for o in get_args(Orientation) for n in (scene.media_for(o) if scene else ())}
    return replace(content, media={name: content.media(name) for name in names}.get)
