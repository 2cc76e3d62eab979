"""The offers as they are really drawn: each code on the glass is read by three decoders."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from kiosk.campaign.jobs import JobOffer
from kiosk.campaign.model import JobsScene, Screen
from kiosk.campaign.today import as_of
from kiosk.door.needs import content_of_folder
from kiosk.release.folder import read_folder
from kiosk.studio.render import Studio
from kiosk.studio.scan import DECODERS, readers_of
from tests.places import DEMONSTRATION

SIZES = {
    (1920, 1080): Screen(diagonal_in=55, orientation="landscape", scan_distance_m=1.5),
    (1080, 1920): Screen(diagonal_in=55, orientation="portrait", scan_distance_m=1.5),
    (3840, 2160): Screen(diagonal_in=75, orientation="landscape", scan_distance_m=2.0),
}
TITLES = ("Jardinier H/F", "Garde d'enfants H/F", "Aide-ménagère ou aide-ménager H/F", "Chef H/F")
OFFERS = [
    JobOffer(
        id=f"r{n}",
        title=title,
        employment_type="CDD",
        job_location="Le Mans",
        date_posted=date(2026, 9, 1),
        valid_through=date(2026, 12, 31),
        agencies=("le-mans",),
    )
    for n, title in enumerate(TITLES)
]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_three_decoders_read_the_code_of_every_offer(size: tuple[int, int]) -> None:
    content = content_of_folder(read_folder(DEMONSTRATION), "le-mans", None)
    content = replace(content, screen=SIZES[size], campaign=content.campaign.with_offers(OFFERS))
    scene = JobsScene(id="em", kind="jobs", link="jobs")
    now = datetime(2026, 9, 15, 10, tzinfo=UTC)
    today, _ = as_of(scene, content.campaign, content.agency, now)
    studio = Studio(content)
    frame = studio.draw(content, today, size)
    studio.close()
    assert frame.composition.misfits == ()
    codes = frame.composition.codes
    assert [code.code.url for code in codes] == [f"https://o2.example/j/lmr{n}" for n in range(4)]
    for code in codes:
        assert readers_of(frame.image, code.code.url, code.tile) == tuple(DECODERS)
