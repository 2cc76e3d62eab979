"""Reads every scene's code from the grabbed display, and keeps the pictures."""

from __future__ import annotations

import time

import zxingcpp
from campaign import COLOURS, DISC, KINDS, url
from machine import until
from PIL import Image, ImageColor
from trial import Trial, need


def on_the_glass(trial: Trial, name: str, *words: str) -> str:
    """Run it until every scene's code has been read from the grabbed display."""
    running = trial.machine.start(*words)
    began = time.monotonic()
    first: list[float] = []
    before = b""
    waiting = {url(scene): (scene, kind) for scene, kind in KINDS.items()}

    def look() -> bool:
        nonlocal before
        need(running.poll() is None, f"{words} ended with {running.returncode}")
        shot = trial.machine.picture()
        stands, before = before == shot.tobytes(), shot.tobytes()
        for code in zxingcpp.read_barcodes(shot) if stands else ():
            if code.text in waiting:
                first.append(time.monotonic() - began)
                keep(trial, shot, name, *waiting.pop(code.text))
        return not waiting

    try:
        until(f"the scenes {sorted(waiting)}", 150, look)
    finally:
        trial.machine.end("kioskw.exe", "kiosk.exe")
        running.communicate(timeout=30)
    return f"first code after {first[0]:.1f} s, all {len(first)} after {first[-1]:.1f} s"


def keep(trial: Trial, shot: Image.Image, name: str, scene: str, kind: str) -> None:
    """Keep the picture; the colour and the disc of its scene must be in it."""
    path = trial.pictures / f"{name}-{scene}-{kind}.png"
    shot.save(path)
    data = shot.resize((96, 54), Image.Resampling.NEAREST).tobytes()
    pixels = list(zip(data[::3], data[1::3], data[2::3], strict=True))
    for wanted in (COLOURS[scene], DISC):
        count = sum(alike(pixel, wanted) for pixel in pixels)
        need(count > 50, f"{path} has {count} of {len(pixels)} pixels of {wanted}")


def alike(colour: tuple[int, int, int], wanted: str) -> bool:
    """Whether a pixel has this colour, as near as JPEG keeps it."""
    other = ImageColor.getrgb(wanted)
    return all(abs(one - two) <= 6 for one, two in zip(colour, other, strict=True))
