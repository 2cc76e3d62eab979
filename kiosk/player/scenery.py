"""Qt made ready: fonts, renderer, the QML window and what it draws on."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

import shiboken6
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication, QImageReader
from PySide6.QtQml import QQmlApplicationEngine
from PySide6.QtQuick import QQuickWindow

from kiosk.campaign.model import Brand
from kiosk.campaign.rotation import FADE_S
from kiosk.player import renderer
from kiosk.player.fonts import load_fonts
from kiosk.player.glass import Glass
from kiosk.player.images import PROVIDER, Images
from kiosk.player.memory import return_what_is_freed
from kiosk.player.stage import Stage

LEAVE: Final = ("Ctrl+Shift+Q",)
LEAVE_DEMONSTRATION: Final = ("Ctrl+Shift+Q", "Esc")


class SceneryMissing(RuntimeError):
    """The program's own QML could not be loaded: the installation is damaged."""


@dataclass(frozen=True, slots=True)
class Props:
    """What stands ready before there is a window, so that the first picture can be begun."""

    stage: Stage
    images: Images
    glass: Glass


@dataclass(frozen=True, slots=True)
class Scenery:
    """The window and its parts; whoever holds it keeps them alive."""

    engine: QQmlApplicationEngine
    window: QQuickWindow
    stage: Stage
    glass: Glass
    renderer: renderer.Renderer

    def close(self) -> None:
        """Take the window down before what it draws on."""
        self.window.hide()  # it refuses to be closed
        QCoreApplication.processEvents()
        # Not deleteLater: the engine's own destructor ends its window first, then itself.
        shiboken6.delete(self.engine)


def application(*, offscreen: bool) -> QGuiApplication:
    """The one application object. One logical pixel is one device pixel, at any system scale."""
    return_what_is_freed()
    os.environ["QT_ENABLE_HIGHDPI_SCALING"] = "0"
    os.environ.pop("QT_SCALE_FACTOR", None)
    if offscreen:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    app = QGuiApplication.instance() or QGuiApplication(["kiosk"])
    assert isinstance(app, QGuiApplication)
    app.setApplicationName("O2 Kiosk")
    app.setQuitOnLastWindowClosed(False)
    load_fonts()
    load_decoders()
    return app


def load_decoders() -> None:
    """Have every picture decoder loaded on this thread, before a worker needs the first.

    Qt makes a decoder on the thread that asks first and then moves it to this one, under a lock of
    its own; a worker holds Python's meanwhile. With an object of QML ending here at that moment,
    each waited for the other's lock for ever.
    """
    QImageReader.supportedImageFormats()


def props(brand: Brand, turn: int, leave_keys: tuple[str, ...], fade_s: float = FADE_S) -> Props:
    """The stage and its glass; scenes may be prepared for them, but not yet shown."""
    stage = Stage(brand.paper, round(fade_s * 1000), turn, leave_keys)
    images = Images()
    return Props(stage, images, Glass(stage, images))


def build(ready: Props) -> Scenery:
    """Load the QML window, hidden; SceneryMissing when the program's own files are damaged."""
    chosen = renderer.choose(QGuiApplication.platformName())
    renderer.apply(chosen)
    engine = QQmlApplicationEngine()
    engine.addImportPath(str(files("kiosk.player") / "qml"))
    engine.addImageProvider(PROVIDER, ready.images)
    engine.setInitialProperties({"stage": ready.stage})
    engine.loadFromModule("O2.Kiosk", "Main")
    roots = engine.rootObjects()
    if not roots or not isinstance(roots[0], QQuickWindow):
        raise SceneryMissing("the program's screen files are damaged; install the program again")
    window = roots[0]
    ready.glass.hang_in(window)
    return Scenery(engine, window, ready.stage, ready.glass, chosen)
