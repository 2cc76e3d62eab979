"""This PC's post for the supervisor: what it needs of the settings, whatever is wrong with them."""

from __future__ import annotations

import argparse
import hashlib
import logging
import platform
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kiosk.door.needs import lenient_settings, missing

if TYPE_CHECKING:
    from kiosk.config import Config

log = logging.getLogger("kiosk.agent")


def post(arguments: argparse.Namespace) -> dict[str, Any]:
    """What `kiosk.agent.post.read` reads; an enrolment on a USB stick is taken where needed."""
    config, problem = lenient_settings(arguments)
    note = None
    if missing(config) and problem is None:
        enrolled, note = _from_stick(config)
        if enrolled:
            config, problem = lenient_settings(arguments)
    own = config.settings
    told = repr((config.rows(), problem)).encode()
    return {
        "data": str(config.data),
        "agency": own.agency,
        "screen": own.screen,
        "central": own.central,
        "poll_s": own.poll_s,
        "deadline_s": own.deadline_s,
        "missing": missing(config),
        "problem": problem,
        "note": note,
        "mark": hashlib.sha256(told).hexdigest()[:16],
    }


def _from_stick(config: Config) -> tuple[bool, str | None]:
    """Whether a USB stick enrolled this PC; else what to say of it on the glass, in French."""
    from kiosk.agent.sticks import Sticks
    from kiosk.agent.taking import Desk, Enrolled, NotTaken, take
    from kiosk.player.setup import STICK_NOTES

    desk = Desk(config.data, config.root, platform.node())
    outcome = take(Sticks().find(), desk, datetime.now(UTC))
    if isinstance(outcome, NotTaken):
        log.warning("%s", outcome)
        return False, STICK_NOTES[str(outcome.reason)]
    return isinstance(outcome, Enrolled), None
