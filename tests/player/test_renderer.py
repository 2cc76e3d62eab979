"""Which renderer is chosen, from the machine's facts."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickWindow, QSGRendererInterface

from kiosk.player import renderer
from kiosk.player.renderer import Renderer

PRETENDERS = ["vgem", "vkms", "virtio-pci", "virtio_gpu", "bochs-drm", "simple-framebuffer"]


def _drm(root: Path, **nodes: str | None) -> Path:
    """A /sys/class/drm with one folder for each node and a link to its driver."""
    drm = root / "drm"
    drm.mkdir()
    for node, driver in nodes.items():
        device = drm / node / "device"
        device.mkdir(parents=True)
        if driver is not None:
            target = root / "drivers" / driver
            target.mkdir(parents=True, exist_ok=True)
            (device / "driver").symlink_to(target)
    return drm


@pytest.mark.parametrize("driver", ["i915", "xe", "amdgpu", "nouveau", "vc4"])
def test_a_real_driver_draws(tmp_path: Path, driver: str) -> None:
    chosen = renderer.linux(_drm(tmp_path, renderD128=driver))
    assert chosen == Renderer("hardware", f"renderD128 is driven by {driver}")


@pytest.mark.parametrize("driver", [*PRETENDERS, None])
def test_a_driver_that_pretends_does_not(tmp_path: Path, driver: str | None) -> None:
    assert renderer.linux(_drm(tmp_path, renderD128=driver)).kind == "software"


def test_a_real_driver_beside_a_pretender_draws(tmp_path: Path) -> None:
    chosen = renderer.linux(_drm(tmp_path, renderD128="vgem", renderD129="amdgpu"))
    assert chosen == Renderer("hardware", "renderD129 is driven by amdgpu")


@pytest.mark.parametrize("target", ["../gone/i915", "driver"], ids=["dangling", "circular"])
def test_a_link_that_leads_nowhere_is_no_driver(tmp_path: Path, target: str) -> None:
    drm = _drm(tmp_path, renderD128=None, renderD129="amdgpu")
    (drm / "renderD128" / "device" / "driver").symlink_to(target)
    assert renderer.linux(drm).why == "renderD129 is driven by amdgpu"
    (drm / "renderD129" / "device" / "driver").unlink()
    assert renderer.linux(drm).kind == "software"


def test_no_node_at_all(tmp_path: Path) -> None:
    assert renderer.linux(tmp_path / "nowhere").kind == "software"
    assert renderer.linux(_drm(tmp_path, card0="i915")).kind == "software"


@pytest.mark.parametrize("kind", ["software", "hardware"])
def test_a_person_may_settle_it(kind: renderer.Kind) -> None:
    assert renderer.choose("xcb", {"KIOSK_RENDERER": kind}) == Renderer(kind, "KIOSK_RENDERER")


def test_without_a_display_it_is_software() -> None:
    assert renderer.choose("offscreen", {}) == Renderer("software", "no display")


def test_applying_it_again_beside_an_open_window_is_silent(app: QGuiApplication) -> None:
    """As a second scenery does in one process; Qt complains of a choice that comes too late."""
    software = Renderer("software", "a test")
    renderer.apply(software)
    window = QQuickWindow()
    window.show()
    app.processEvents()
    renderer.apply(software)
    assert QQuickWindow.sceneGraphBackend() == "software"
    api = window.rendererInterface().graphicsApi()
    assert api == QSGRendererInterface.GraphicsApi.Software
    window.close()
    window.deleteLater()
