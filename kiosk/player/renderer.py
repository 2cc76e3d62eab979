"""Hardware where it is real, the software scene graph where it is not; chosen, never by chance.

OpenGL without a GPU (llvmpipe) fades at half the frames for eight times the CPU of Qt Quick's own
software renderer, so a driver that only pretends is worse than none.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from PySide6.QtQuick import QQuickWindow, QSGRendererInterface

Kind = Literal["software", "hardware"]

_PRETENDERS: Final = {"vgem", "vkms", "virtio-pci", "virtio_gpu", "bochs-drm", "simple-framebuffer"}
"""Kernel drivers behind a render node that draw with the CPU or only pass frames on."""
_BASIC_DISPLAY: Final = ("Basic Display", "Basic Render", "Remote Display")


@dataclass(frozen=True, slots=True)
class Renderer:
    """The choice and its reason, for the log and the status."""

    kind: Kind
    why: str


def choose(platform: str, environ: Mapping[str, str] = os.environ) -> Renderer:
    """Decide from the machine's facts; KIOSK_RENDERER=software|hardware settles it by hand."""
    wanted = environ.get("KIOSK_RENDERER", "")
    if wanted == "software":
        return Renderer("software", "KIOSK_RENDERER")
    if wanted == "hardware":
        return Renderer("hardware", "KIOSK_RENDERER")
    if platform == "offscreen":
        return Renderer("software", "no display")
    if sys.platform == "win32":
        return _windows()
    if sys.platform.startswith("linux"):
        return linux(Path("/sys/class/drm"))
    return Renderer("hardware", "this platform always has it")


def linux(drm: Path) -> Renderer:
    """Look for a render node of a real driver below `drm` (/sys/class/drm)."""
    for node in sorted(drm.glob("renderD*")):
        driver = node / "device" / "driver"
        name = driver.resolve().name if driver.is_dir() else None
        if name is not None and name not in _PRETENDERS:
            return Renderer("hardware", f"{node.name} is driven by {name}")
    return Renderer("software", "no render node of a real graphics driver")


def apply(renderer: Renderer) -> None:
    """Tell Qt Quick, before the first window is made."""
    if renderer.kind == "software" and QQuickWindow.sceneGraphBackend() != "software":
        QQuickWindow.setGraphicsApi(QSGRendererInterface.GraphicsApi.Software)


def _windows() -> Renderer:  # pragma: no cover - runs on Windows only
    import ctypes
    from ctypes import wintypes

    class Device(ctypes.Structure):
        """DISPLAY_DEVICEW of wingdi.h."""

        _fields_ = (
            ("cb", wintypes.DWORD),
            ("name", wintypes.WCHAR * 32),
            ("string", wintypes.WCHAR * 128),
            ("flags", wintypes.DWORD),
            ("id", wintypes.WCHAR * 128),
            ("key", wintypes.WCHAR * 128),
        )

    device = Device()
    device.cb = ctypes.sizeof(Device)
    user32 = ctypes.WinDLL("user32")  # type: ignore[attr-defined,unused-ignore]
    found = user32.EnumDisplayDevicesW(None, 0, ctypes.byref(device), 0)
    if found and not any(name in device.string for name in _BASIC_DISPLAY):
        return Renderer("hardware", device.string)
    return Renderer("software", device.string if found else "no display adapter")
