"""Which renderer is chosen, from the machine's facts."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from kiosk.player import renderer
from kiosk.player.renderer import Renderer


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


@pytest.mark.parametrize("driver", ["vgem", "vkms", "virtio-pci", "virtio_gpu", None])
def test_a_driver_that_pretends_does_not(tmp_path: Path, driver: str | None) -> None:
    assert renderer.linux(_drm(tmp_path, renderD128=driver)).kind == "software"


def test_a_real_driver_beside_a_pretender_draws(tmp_path: Path) -> None:
    chosen = renderer.linux(_drm(tmp_path, renderD128="vgem", renderD129="amdgpu"))
    assert chosen == Renderer("hardware", "renderD129 is driven by amdgpu")


def test_no_node_at_all(tmp_path: Path) -> None:
    assert renderer.linux(tmp_path / "nowhere").kind == "software"
    assert renderer.linux(_drm(tmp_path, card0="i915")).kind == "software"


@pytest.mark.parametrize("kind", ["software", "hardware"])
def test_a_person_may_settle_it(kind: renderer.Kind) -> None:
    assert renderer.choose("xcb", {"KIOSK_RENDERER": kind}) == Renderer(kind, "KIOSK_RENDERER")


def test_without_a_display_it_is_software() -> None:
    assert renderer.choose("offscreen", {}) == Renderer("software", "no display")


def test_applying_it_twice_is_silent(app: QGuiApplication) -> None:
    del app
    for _ in range(2):
        renderer.apply(Renderer("software", "a test"))
