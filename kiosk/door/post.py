"""This PC's post for the supervisor: what it needs of the settings, whatever is wrong with them."""

from __future__ import annotations

import argparse
import hashlib
from typing import Any

from kiosk.door.needs import lenient_settings, missing


def post(arguments: argparse.Namespace) -> dict[str, Any]:
    """What `kiosk.agent.post.read` reads; an enrolment on a USB stick is taken where needed."""
    config, problem = lenient_settings(arguments)
    note = None
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
