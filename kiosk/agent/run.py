"""One run of the player, as far as it has been heard."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field

from kiosk.agent.child import Child
from kiosk.agent.growth import Growth
from kiosk.agent.journal import Light
from kiosk.agent.ladder import Footing, How, RunEnd
from kiosk.agent.lines import Frame, Hidden, Look, Note, Playing, Said, Trying


@dataclass(slots=True)
class Run:
    """Times are monotonic seconds."""

    child: Child
    footing: Footing
    started: float
    heard: float
    """The last frame, or word that the display shows none."""
    first_frame: float | None = None
    frames: int = 0
    release: str | None = None
    scene: str | None = None
    hidden: bool = False
    look: Look | None = None
    trying: set[str] = field(default_factory=set)
    playing: str = ""
    told: dict[str, Mapping[str, str]] = field(default_factory=dict)
    growth: Growth = field(default_factory=Growth)
    hung: bool = False
    leaving_since: float | None = None

    def hear(self, said: Said, now: float) -> None:
        """Take in one line."""
        match said:
            case Frame():
                self.first_frame = self.first_frame or now
                self.frames += 1
                self.release, self.scene = said.release, said.scene
                self.heard, self.hidden = now, False
                self.trying.clear()
            case Hidden():
                self.heard, self.hidden = now, True
            case Trying():
                self.trying.add(said.object)
            case Playing():
                self.playing = said.object
            case Look():
                self.look = said
            case Light():
                self.look = None  # what was seen before is of another picture
            case Note():
                self.told[said.event] = dict(said.facts)

    def silent_at(self, first_frame_s: float, silence_s: float) -> float:
        """When it is to be replaced, unless it is heard before."""
        if self.hung:  # so long its picture is kept for want of another
            return self.heard + first_frame_s
        if self.first_frame is None and not self.hidden:
            return self.started + first_frame_s
        return self.heard + silence_s

    def on_glass_s(self, now: float) -> float:
        """Seconds since its first frame; 0: there was none."""
        return now - self.first_frame if self.first_frame is not None else 0.0

    def end(self, now: float, code: int | None = None) -> RunEnd:
        """How it ended: with this code, or by silence."""
        outside = {-signal.SIGTERM, -getattr(signal, "SIGKILL", signal.SIGTERM)}
        how: How = "hung" if code is None else "killed" if code in outside else "crashed"
        software = self.told.get("renderer", {}).get("kind") == "software"
        tried = self.trying | ({self.playing} if self.playing else set())
        return RunEnd(how, self.on_glass_s(now), frozenset(tried), software)
