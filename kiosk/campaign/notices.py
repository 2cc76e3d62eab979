"""The notices of one agency, as scenes: its own and head office's."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from kiosk.campaign.fields import Window
from kiosk.campaign.model import Agency, Campaign, Notice, NoticeScene

PREFIX: Final = "avis."
"""Of a notice's id, which no written scene can have: their ids hold no point."""


def notices_of(campaign: Campaign, agency: Agency) -> tuple[NoticeScene, ...]:
    """The agency's notices of every day, head office's first; what says the same is one."""
    ours = [n for n in campaign.notices if n.agencies is None or agency.agency in n.agencies]
    scenes = (_scene(notice) for notice in (*ours, *agency.notices))
    return tuple({scene.id: scene for scene in scenes}.values())


def _scene(notice: Notice) -> NoticeScene:
    """Its id follows from what it says, so that it stays the same from release to release."""
    facts = f"{notice.text}\n{notice.from_}\n{notice.until}\n{notice.priority}"
    return NoticeScene(
        id=PREFIX + sha256(facts.encode()).hexdigest()[:8],
        text=notice.text,
        urgent=notice.priority == "urgent",
        valid=Window.model_validate({"from": notice.from_, "until": notice.until}),
    )
