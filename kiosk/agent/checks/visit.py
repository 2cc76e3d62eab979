"""One visit: the case, the time that is left, and what one check found out for the next."""

from __future__ import annotations

import hashlib
import time
from functools import cached_property
from typing import Final

from kiosk.agent.checks.case import Case
from kiosk.agent.checks.probed import Probed, run_probe
from kiosk.agent.checks.route import Route, route_of
from kiosk.campaign.model import Agency
from kiosk.campaign.parse import CAMPAIGN_FILE, Broken, parse_source
from kiosk.release.origin import Limits, Origin, open_origin
from kiosk.release.record import CAMPAIGN, Release, agency_file
from kiosk.release.store import Store
from kiosk.release.trust import Trust

WHOLE_S: Final = 57.0
"""The whole visit."""
STEP_S: Final = 9.0
"""One check that asks the network."""


class Visit:
    """What is asked once and used by several checks."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.store = Store(case.data)
        self.trust: Trust | None = None
        """What head office has signed, once it has been verified."""
        self.failed: tuple[str, ...] = ()
        self._ends = time.monotonic() + WHOLE_S

    def left(self, most: float = STEP_S) -> float:
        """Seconds that a check may still take."""
        return max(0.2, min(most, self._ends - time.monotonic()))

    @cached_property
    def probe(self) -> Probed:
        """What the probe found, in a process of its own."""
        return run_probe(self.case.probe, self.case.environ, self.left(20.0))

    @cached_property
    def route(self) -> Route | None:
        """The way to the central address; None where that is no web address."""
        return route_of(self.case.central, self.case.proxy, self.case.origins.get("proxy", ""))

    def origin(self) -> Origin:
        """The origin as a poll opens it, but less patient; NoContact for a bad CA file."""
        assert self.case.central is not None
        patience = self.left()
        limits = Limits(answer_s=patience, window_s=patience)
        return open_origin(
            self.case.central, proxy=self.case.proxy, ca_file=self.case.ca_file, limits=limits
        )

    @cached_property
    def release(self) -> Release | None:
        """The release that the screen would show."""
        return self.store.current()

    @cached_property
    def agency(self) -> Agency | None:
        """The agency as the release has it; nothing in the store is moved, whatever is damaged."""
        release = self.release
        if release is None:
            return None
        own = agency_file(release.agency)
        words = {name: self._object(release, name) for name in (CAMPAIGN, own)}
        campaign, text = words[CAMPAIGN], words[own]
        if campaign is None or text is None:
            return None
        source = parse_source({CAMPAIGN_FILE: campaign, own: text}, None)
        return None if isinstance(source, Broken) else source.agency(release.agency)

    def _object(self, release: Release, name: str) -> bytes | None:
        signed = release.files.get(name)
        if signed is None:
            return None
        try:
            content = self.store.path(signed.sha256).read_bytes()
        except OSError:
            return None
        return content if hashlib.sha256(content).hexdigest() == signed.sha256 else None
