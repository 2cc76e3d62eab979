"""`kiosk doctor`: every step from the settings to the glass, in the order of causes."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from kiosk.agent.checks import machine
from kiosk.agent.checks.answers import origin
from kiosk.agent.checks.case import Case
from kiosk.agent.checks.certificate import tls
from kiosk.agent.checks.clock import clock
from kiosk.agent.checks.disk import disk
from kiosk.agent.checks.finding import Finding, State, failed, one_line, skipped, within
from kiosk.agent.checks.kept import agency, release
from kiosk.agent.checks.network import dns, proxy
from kiosk.agent.checks.settings import settings
from kiosk.agent.checks.signed import metadata
from kiosk.agent.checks.supervised import supervisor
from kiosk.agent.checks.visit import Visit

__all__ = ["Case", "Step", "examine", "lines", "plain", "verdict"]

_WIDTH: Final = 100
_NAME: Final = 11
_STATE: Final = 9
_LONGEST_S: Final = 22.0
"""Longer than any check gives itself: for a disk that hangs."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: pass, warn, fail or skipped, the value seen, and what to do."""

    name: str
    state: State
    seen: str
    remedy: str


@dataclass(frozen=True, slots=True)
class _Check:
    name: str
    look: Callable[[Visit], Finding]
    after: tuple[str, ...] = ()
    """Steps without which there is no sense in this one."""


_CHECKS: Final = (
    _Check("settings", settings),
    _Check("display", machine.display),
    _Check("renderer", machine.part("renderer")),
    _Check("fonts", machine.part("fonts")),
    _Check("images", machine.part("images")),
    _Check("video", machine.video),
    _Check("codes", machine.part("code")),
    _Check("disk", disk),
    _Check("clock", clock),
    _Check("dns", dns, ("settings",)),
    _Check("proxy", proxy, ("settings", "dns")),
    _Check("tls", tls, ("settings", "dns", "proxy")),
    _Check("origin", origin, ("settings", "dns", "proxy", "tls")),
    _Check("metadata", metadata, ("settings", "dns", "proxy", "tls", "origin")),
    _Check("agency", agency, ("settings",)),
    _Check("release", release),
    _Check("supervisor", lambda visit: supervisor(visit.case)),
)


def examine(case: Case) -> Iterator[Step]:
    """Each step as soon as it is done; the first that fails is the cause. Under 60 s in all."""
    visit = Visit(case)
    for check in _CHECKS:
        cause = next((name for name in check.after if name in visit.failed), None)
        found = skipped(f"because {cause} failed") if cause else _look(check, visit)
        if found.state == "fail":
            visit.failed = (*visit.failed, check.name)
        yield Step(check.name, found.state, found.seen, found.remedy)


def _look(check: _Check, visit: Visit) -> Finding:
    seconds = visit.left(_LONGEST_S)
    try:
        return within(seconds, lambda: check.look(visit))
    except TimeoutError:
        return failed(
            f"it did not end within {seconds:.0f} s",
            "Check the disk's health and the network, restart this PC, and ask again.",
        )
    except Exception as error:  # one check that breaks must not hide what the others see
        return failed(
            f"the check itself broke: {type(error).__name__}: {one_line(error)}",
            "Send this line to whoever keeps the program; the other steps hold all the same.",
        )


def lines(step: Step) -> str:
    """The step as the table has it: one line or more of plain text, no wider than 100 signs."""
    state = step.state.upper() if step.state == "fail" else step.state
    head = f"{step.name:<{_NAME}}{state:<{_STATE}}"
    rest = " " * len(head)
    seen = textwrap.fill(step.seen, _WIDTH, initial_indent=head, subsequent_indent=rest)
    if not step.remedy:
        return seen
    remedy = textwrap.fill(
        step.remedy, _WIDTH, initial_indent=f"{rest}-> ", subsequent_indent=f"{rest}   "
    )
    return f"{seen}\n{remedy}"


def verdict(steps: Sequence[Step]) -> str:
    """One sentence, with the first step that fails."""
    first = next((step for step in steps if step.state == "fail"), None)
    if first is not None:
        return f"Not well: {first.name} is the first step that fails; mend it, then ask again."
    warnings = [step.name for step in steps if step.state == "warn"]
    if warnings:
        return f"Well, with a warning of {', '.join(warnings)}."
    return "Well: every step passed."


def plain(version: str, steps: Sequence[Step]) -> str:
    """The steps as one JSON object."""
    ok = all(step.state != "fail" for step in steps)
    told = {"ok": ok, "version": version, "steps": [asdict(step) for step in steps]}
    return json.dumps(told, indent=1)
