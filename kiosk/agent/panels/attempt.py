"""Every way that this PC offers, one after the other, none waited for longer than its deadline."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

from kiosk.agent.panels import command, ddc, wayland, windows, x11
from kiosk.agent.panels.way import Order, Outcome, Way

DEADLINE_S: Final = 3.0
Use = Literal["auto", "ddc", "none"]
"""What the session offers; that and DDC/CI; nothing but the black frame and own commands."""


@dataclass(frozen=True, slots=True)
class Equipment:
    """What the settings say of this PC's panel; `on` and `off` are command lines."""

    use: Use = "auto"
    off: str | None = None
    on: str | None = None


def ways(equipment: Equipment, environ: Mapping[str, str], order: Order) -> list[Way]:
    """The ways, in the order to try them.

    A panel without a signal hears no DDC/CI: the signal goes last and comes back first.
    """
    own = Way(command.NAME, partial(command.carry_out, equipment.off, equipment.on))
    bus = [Way(ddc.NAME, ddc.carry_out)] if equipment.use == "ddc" else []
    session = _session(environ) if equipment.use != "none" else []
    found = [*bus, own, *session]
    return found[::-1] if order == "on" else found


def attempt(order: Order, found: Sequence[Way], deadline_s: float = DEADLINE_S) -> list[Outcome]:
    """Try every way; a way that hangs is left behind on its thread, which ends with the process."""
    return [_in_time(order, way, deadline_s) for way in found]


def worked(outcomes: Sequence[Outcome]) -> bool:
    """Whether one way at least has worked, or none is offered: the frame is black all the same."""
    offered = [outcome for outcome in outcomes if outcome.state != "not offered"]
    return not offered or any(outcome.state != "failed" for outcome in offered)


def _session(environ: Mapping[str, str]) -> list[Way]:
    if sys.platform == "win32":
        return [Way(windows.NAME, windows.carry_out)]
    return [
        Way(wayland.NAME, partial(wayland.carry_out, environ)),
        Way(x11.NAME, partial(x11.carry_out, environ.get("DISPLAY", ""))),
    ]


def _in_time(order: Order, way: Way, deadline_s: float) -> Outcome:
    answers: queue.SimpleQueue[Outcome] = queue.SimpleQueue()

    def work() -> None:
        try:
            answers.put(way.carry_out(order))
        except Exception as error:  # whatever a driver or a library may throw
            answers.put(Outcome(way.name, "failed", f"{type(error).__name__}: {error}"[:300]))

    threading.Thread(target=work, daemon=True).start()
    try:
        return answers.get(timeout=deadline_s)
    except queue.Empty:
        return Outcome(way.name, "failed", f"no answer within {deadline_s:g} s")
