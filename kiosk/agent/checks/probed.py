"""The probe as the doctor runs it: a child process, because Qt may abort or hang."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from kiosk.agent.checks.finding import one_line
from kiosk.agent.child import how

EX_UNAVAILABLE: Final = 69
_BEGINS: Final = "probe: "
_FOUND: Final = "found: "
_LIBRARY: Final = re.compile(r"^\s+(\S+)\s+Debian package \S+$", re.MULTILINE)
_TO_INSTALL: Final = re.compile(r"^\s+(sudo apt-get .+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Probed:
    """The parts of its answer; where it died the parts before, where it died, how, the remedy."""

    parts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    died_in: str = ""
    how: str = ""
    remedy: str = ""


def run_probe(command: tuple[str, ...], environ: Mapping[str, str], seconds: float) -> Probed:
    """Run it and read what it says, or what became of it."""
    try:
        ran = subprocess.run(
            [*command, "--progress"],
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        said = (late.stderr or b"").decode("utf-8", "replace")
        return _dead(said, f"the probe did not end within {seconds:.0f} s and was killed")
    except OSError as error:
        reason = f"the probe cannot be started ({error.strerror})"
        return Probed({}, "display", reason, "Install the program again.")
    said = ran.stderr.decode("utf-8", "replace")
    if ran.returncode == EX_UNAVAILABLE:
        return _without_libraries(said)
    if ran.returncode:
        return _dead(said, f"the probe ended with {how(ran.returncode)}")
    try:
        return Probed(json.loads(ran.stdout))
    except ValueError:
        return _dead(said, "the probe's answer cannot be read")


def _dead(said: str, what: str) -> Probed:
    lines = said.splitlines()
    begun = [line.removeprefix(_BEGINS) for line in lines if line.startswith(_BEGINS)]
    last = one_line(" ".join(line for line in lines if not line.startswith((_BEGINS, _FOUND))), 160)
    where = begun[-1] if begun else "display"
    return Probed(_found(lines), where, f"{what}: {last}" if last else what)


def _found(lines: list[str]) -> dict[str, Any]:
    """The parts that were done before it died."""
    found: dict[str, Any] = {}
    for line in lines:
        if line.startswith(_FOUND):
            with suppress(ValueError):  # it died while it spoke
                found |= json.loads(line.removeprefix(_FOUND))
    return found


def _without_libraries(said: str) -> Probed:
    names, line = _LIBRARY.findall(said), _TO_INSTALL.search(said)
    remedy = f"Run: {line[1]}" if line else "Install the libraries that kiosk probe names."
    return Probed({}, "display", f"system libraries are missing: {', '.join(names)}", remedy)
