"""Display, renderer, fonts, pictures, video and codes: what the probe found, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from kiosk.agent.checks.finding import Finding, failed, passed, skipped, warned
from kiosk.agent.checks.supervised import on_air
from kiosk.agent.checks.visit import Visit

_NO_DISPLAY: Final = (
    "Run this in the kiosk's own session, and check that a display is connected and switched on."
)
_REMEDIES: Final[Mapping[str, str]] = {
    "display": "Check the display's cable and graphics driver, then run kiosk probe in the"
    " kiosk's own session.",
    "renderer": "Install the program again; if that is in vain, set KIOSK_RENDERER=software.",
    "fonts": "Install the program again: its own fonts are damaged or missing.",
    "images": "Install the program again: a picture decoder is damaged or missing.",
    "video": "Install the program again, and on Debian the package libxrandr2; no scene of today"
    " needs video.",
    "code": "Set KIOSK_RENDERER=software and tell head office what kiosk probe prints.",
}


def part(name: str) -> Callable[[Visit], Finding]:
    """The check of one part of the probe."""

    def check(visit: Visit) -> Finding:
        return _part(visit, name)

    return check


def display(visit: Visit) -> Finding:
    """The display, and whether the one in the settings is connected."""
    found = _part(visit, "display")
    part_ = visit.probe.parts.get("display", {})
    if found.state == "fail":
        return found
    if part_.get("platform") == "offscreen":
        return _without_display(visit, found)
    wanted = visit.case.display
    if wanted is None:
        return found
    there = part_.get("displays", [])
    if any(wanted == one["name"] for one in there) or (
        wanted.isdigit() and int(wanted) < len(there)
    ):
        return replace(found, seen=f"{found.seen}; {wanted!r} is the one to use")
    return failed(
        f"display {wanted!r} is not connected; connected is {found.seen}",
        "Plug it in and switch it on, or correct `display`.",
    )


def _without_display(visit: Visit, found: Finding) -> Finding:
    if visit.case.blind:
        return warned(f"{found.seen}; QT_QPA_PLATFORM asks for none", "Unset QT_QPA_PLATFORM.")
    if on_air(visit.case):
        return warned("no display in this session; the player is on air in another", _NO_DISPLAY)
    return failed("no display server answers in this session", _NO_DISPLAY)


def video(visit: Visit) -> Finding:
    """Video; no scene needs it yet, so that nothing is dark without it."""
    found = _part(visit, "video")
    return replace(found, state="warn") if found.state == "fail" else found


def _part(visit: Visit, name: str) -> Finding:
    probed = visit.probe
    remedy = probed.remedy or _REMEDIES[name]
    if probed.died_in and name not in probed.parts:
        return _not_told(probed.died_in == name, probed.died_in, probed.how, remedy)
    part_: Mapping[str, Any] = probed.parts.get(name, {})
    seen = str(part_.get("seen", "the probe does not tell it"))
    match part_.get("state"):
        case "pass":
            return passed(seen)
        case "skipped":
            return skipped(seen)
        case "warn":
            return warned(seen, remedy)
    return failed(seen, remedy)


def _not_told(here: bool, where: str, how: str, remedy: str) -> Finding:
    if here:
        return failed(how, remedy)
    return skipped(f"because the probe ended in {where}")
