"""A phone's camera at the window: what it makes of a code's tile, seeded, so that it repeats."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.studio.scan import Gray

Light = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Profile:
    """Where the phone is and what it looks through; lengths in px of its picture, angles in deg.

    `focal_px` is that of a 26 mm-equivalent phone's 1080p preview. `reflection` and `haze` are
    shares of full white, `noise` is of 255 levels. `matrix` is the share of a panel pixel's side
    that its black matrix takes.
    """

    focal_px: float = 1442.0
    yaw: float = 25.0
    pitch: float = 8.0
    roll: float = 6.0
    matrix: float = 0.14
    defocus: float = 0.7
    motion: float = 1.5
    reflection: float = 0.30
    haze: float = 0.15
    noise: float = 5.0


PAVEMENT: Final = Profile()
_WHITE: Final = 235
"""The level that the camera exposes white for."""
_FINER: Final = 2
"""The scene is drawn at twice the camera's pixels, then gathered into them."""
_PANEL: Final = 7
"""Parts of a panel pixel's side: one of them is its black matrix."""
_LARGEST_PANEL: Final = 1800
"""Sample points a side of the tile; where a tile has more pixels, its matrix is not seen."""
_AROUND: Final = 0.35
"""Of the tile's side: how much of what surrounds it the camera shows, on each side."""
_PATCHES: Final = 5
"""Bright and dark parts of the street, a side of the picture, that the window reflects."""
_EDGE: Final = 30.0
"""How sharply they end: as houses do against the sky."""
_GROUND: Final = 0.92
"""What surrounds the tile: paper, as a share of white."""


def seen(tile: Gray, quiet: int, ratio: float, seed: int, profile: Profile = PAVEMENT) -> Gray:
    """The camera's picture of `tile` (whose margin is `quiet` px) from `ratio` code sides away."""
    chance = np.random.default_rng(seed)
    code = tile.shape[0] - 2 * quiet
    camera_px = profile.focal_px / ratio
    scale = _FINER * camera_px / code
    scene = _panel_from_afar(tile.tobytes(), tile.shape[0], round(tile.shape[0] * scale), profile)
    roll = float(chance.uniform(-profile.roll, profile.roll))
    canvas = round(camera_px * tile.shape[0] / code * (1 + 2 * _AROUND))
    corners = _corners(tile.shape[0] / code, ratio, roll, profile) + canvas / 2
    placed = _projected(scene, corners, canvas)
    blurred = _moved(placed, float(chance.uniform(0, 180)), profile)
    light = cv2.resize(blurred, (canvas, canvas), interpolation=cv2.INTER_AREA)
    return _exposed(light.astype(np.float32), chance, profile)


@lru_cache(maxsize=16)
def _panel_from_afar(raw: bytes, side: int, target: int, profile: Profile) -> Light:
    """The panel's light, resampled to about what the camera resolves."""
    light = _panel(raw, side, profile)
    how = cv2.INTER_AREA if target < light.shape[0] else cv2.INTER_LINEAR
    size = (max(2, target), max(2, target))
    return np.asarray(cv2.resize(light, size, interpolation=how), np.float32)


@lru_cache(maxsize=2)
def _panel(raw: bytes, side: int, profile: Profile) -> Light:
    """The tile as the panel's pixels give it out, each with its black matrix."""
    tile = np.frombuffer(raw, np.uint8).reshape(side, side).astype(np.float32) / 255
    parts = min(_PANEL, _LARGEST_PANEL // side)
    if parts < 2:
        return np.asarray(tile, np.float32)
    light = np.kron(tile, np.ones((parts, parts), np.float32))
    return np.asarray(light * np.tile(_pixel(parts, profile), tile.shape), np.float32)


def _pixel(parts: int, profile: Profile) -> Light:
    """One panel pixel: its black matrix along two edges, its mean light 1."""
    share = profile.matrix * parts
    pixel = np.ones((parts, parts), np.float32)
    pixel[-1, :] = pixel[:, -1] = max(0.0, 1 - share)
    return np.asarray(pixel / pixel.mean(), np.float32)


def _corners(side: float, ratio: float, roll: float, profile: Profile) -> NDArray[np.float64]:
    """The tile's corners through the pinhole, in px from the picture's middle; `side` in codes."""
    half = side / 2
    flat = np.array([[-half, -half, 0], [half, -half, 0], [half, half, 0], [-half, half, 0]])
    turned = flat @ _turn(profile.yaw, profile.pitch, roll).T
    depth = turned[:, 2] + ratio
    return np.asarray(profile.focal_px * turned[:, :2] / depth[:, None])


def _projected(scene: Light, corners: NDArray[np.float64], canvas: int) -> Light:
    """The scene with its corners there, on paper."""
    side = scene.shape[0]
    source = np.array([[0, 0], [side, 0], [side, side], [0, side]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, (corners * _FINER).astype(np.float32))
    size = (canvas * _FINER, canvas * _FINER)
    placed = cv2.warpPerspective(
        scene, matrix, size, flags=cv2.INTER_LINEAR, borderValue=(_GROUND, 0, 0, 0)
    )
    return np.asarray(placed, np.float32)


def _turn(yaw: float, pitch: float, roll: float) -> NDArray[np.float64]:
    y, p, r = (math.radians(angle) for angle in (yaw, pitch, roll))
    about_y = [[math.cos(y), 0, math.sin(y)], [0, 1, 0], [-math.sin(y), 0, math.cos(y)]]
    about_x = [[1, 0, 0], [0, math.cos(p), -math.sin(p)], [0, math.sin(p), math.cos(p)]]
    about_z = [[math.cos(r), -math.sin(r), 0], [math.sin(r), math.cos(r), 0], [0, 0, 1]]
    return np.asarray(np.array(about_z) @ np.array(about_x) @ np.array(about_y))


def _moved(light: Light, angle: float, profile: Profile) -> Light:
    """Out of focus, and moved along `angle` while the shutter was open."""
    light = np.asarray(cv2.GaussianBlur(light, (0, 0), profile.defocus * _FINER), np.float32)
    length = profile.motion * _FINER
    reach = math.ceil(length / 2)
    path = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    for step in np.linspace(-length / 2, length / 2, 16):
        x = reach + step * math.cos(math.radians(angle))
        y = reach + step * math.sin(math.radians(angle))
        path[round(y), round(x)] += 1
    return np.asarray(cv2.filter2D(light, -1, path / path.sum()), np.float32)


def _exposed(light: Light, chance: np.random.Generator, profile: Profile) -> Gray:
    """Haze and a reflection that varies over the code laid on it, exposed for its whites."""
    veil = chance.uniform(0, 1, (_PATCHES, _PATCHES)).astype(np.float32)
    veil = (veil - veil.min()) / (veil.max() - veil.min())
    spread = cv2.resize(veil, light.shape[::-1], interpolation=cv2.INTER_CUBIC)
    spread = 1 / (1 + np.exp(_EDGE * (0.5 - spread)))
    seen_light = light * (1 - profile.haze) + profile.haze
    seen_light = seen_light + profile.reflection * spread
    exposed = _WHITE * seen_light / max(float(np.percentile(seen_light, 98)), 1e-6)
    grain = chance.normal(0, profile.noise, light.shape)
    return np.asarray(np.clip(exposed + grain, 0, 255), np.uint8)
