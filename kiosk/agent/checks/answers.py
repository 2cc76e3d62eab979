"""The origin: whether it has the site, and what it says of a file that it has not."""

from __future__ import annotations

import secrets
from typing import Final

from kiosk.agent.checks.finding import Finding, failed, passed, warned, within
from kiosk.agent.checks.visit import Visit
from kiosk.release.origin import Missing, NoContact, Origin, WebPage
from kiosk.release.trust import LARGEST

_TIMESTAMP: Final = "metadata/timestamp.json"
_ANSWER_404: Final = "Have the web server answer 404 for files that are not there."


def origin(visit: Visit) -> Finding:
    """Ask as a poll does: for the timestamp, and for a name that nobody has used."""
    central = visit.case.central
    try:
        return within(visit.left(), lambda: _asked(visit.origin(), str(central)))
    except TimeoutError:
        return failed(f"{central}: no answer in time", "Check the line's speed and the web server.")
    except WebPage as page:
        return failed(
            f"{central}: {page}",
            "Sign this PC in to the network's portal, or have the network let it through without.",
        )
    except Missing:
        return failed(
            f"{central} answers, but has no {_TIMESTAMP}",
            "Correct `central`: it is the address of the folder that holds metadata/ and targets/.",
        )
    except NoContact as trouble:
        return failed(f"{central}: {trouble}", "Have the web server or the line to it mended.")


def _asked(origin_: Origin, central: str) -> Finding:
    content = origin_.fetch(_TIMESTAMP, LARGEST["timestamp"])
    seen = f"{central}: {_TIMESTAMP} is there ({len(content)} bytes)"
    nowhere = f"metadata/doctor-{secrets.token_hex(8)}.json"
    try:
        origin_.fetch(nowhere, LARGEST["root"])
    except WebPage:
        return warned(f"{seen}, but a missing file is answered with a web page", _ANSWER_404)
    except Missing:
        return passed(f"{seen}; a missing file is answered with 404")
    except NoContact as trouble:
        return warned(f"{seen}, but a missing file is answered otherwise: {trouble}", _ANSWER_404)
    return failed(f"{seen}, but a missing file is answered with other bytes", _ANSWER_404)
