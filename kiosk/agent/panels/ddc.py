"""DDC/CI: a word to the panel itself, for panels that were seen to wake from it.

Many fall deaf when they are off, and only a hand at their button lights them again: therefore
this way is used only where the settings say so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final

from kiosk.agent.panels.way import Order, Outcome, read

NAME: Final = "DDC/CI"
ON: Final = 1
OFF: Final = 4
"""Never 5: from that no panel can be woken by word."""
LEVELS: Final = {ON: "on", 2: "standby", 3: "suspend", OFF: "off", 5: "off"}

Monitors = Callable[[], Sequence[AbstractContextManager[Any]]]


def carry_out(order: Order, monitors: Monitors | None = None) -> Outcome:
    """Switch every panel that answers. `monitors` finds them; default: monitorcontrol's own."""
    try:
        import monitorcontrol as library  # type: ignore[import-untyped,unused-ignore]
    except (ImportError, OSError) as error:
        return Outcome(NAME, "not offered", f"monitorcontrol cannot be used: {error}"[:200])
    found = (monitors or library.get_monitors)()
    if not found:
        return Outcome(NAME, "not offered", "no panel answers")
    troubles: list[str] = []
    levels: list[str] = []
    for monitor in found:
        try:
            with monitor as panel:
                if order != "status":
                    panel.set_power_mode(ON if order == "on" else OFF)
                levels += _level(panel, library.VCPError)
        except (library.VCPError, OSError) as error:
            troubles.append(str(error)[:100])
    if troubles:
        return Outcome(NAME, "failed", "; ".join(troubles))
    if len(levels) < len(found):
        return Outcome(NAME, "done", "cannot be read back")
    return read(NAME, order, levels)


def _level(panel: Any, trouble: type[Exception]) -> list[str]:
    """What the panel says; empty where it says nothing, or nothing that the standard knows."""
    try:
        return [LEVELS[int(panel.get_power_mode())]]
    except (trouble, OSError, ValueError, KeyError):
        return []
