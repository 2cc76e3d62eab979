"""Wayland: the compositor's output power, through `wlopm` where that is installed."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Final

from kiosk.agent.panels.command import run
from kiosk.agent.panels.way import Order, Outcome, read

NAME: Final = "Wayland"
TOOL: Final = "wlopm"


def carry_out(environ: Mapping[str, str], order: Order) -> Outcome:
    """Switch every output of this compositor."""
    if not environ.get("WAYLAND_DISPLAY"):
        return Outcome(NAME, "not offered", "no Wayland display")
    tool = shutil.which(TOOL, path=environ.get("PATH"))
    if tool is None:
        return Outcome(NAME, "not offered", f"{TOOL} is not installed")
    if order != "status":
        asked = run([tool, f"--{order}", "*"])
        if asked.code != 0:
            return Outcome(NAME, "failed", asked.why())
    listed = run([tool])
    levels = [line.split()[-1] for line in listed.said.splitlines() if line.strip()]
    if listed.code != 0 or not levels:
        return Outcome(NAME, "failed", listed.why())
    return read(NAME, order, levels)
