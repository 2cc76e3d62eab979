"""What head office sees of earlier releases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from kiosk.release.history import history
from kiosk.release.rollback import roll_back
from kiosk.release.rotate import rotate_daily
from tests.release.head_office import HeadOffice


def test_every_release_with_its_day_and_none_twice(tmp_path: Path) -> None:
    office = HeadOffice(tmp_path / "office")
    office.publish()
    office.now += timedelta(days=1)
    office.write({"am1": "Salut."})
    office.publish()
    office.refresh()
    entries = list(history(office.repository()))
    assert [(entry.number, entry.published, entry.note) for entry in entries] == [
        (2, office.now, ""),
        (1, office.now - timedelta(days=1), ""),
    ]


def test_what_cannot_come_back_says_why(tmp_path: Path) -> None:
    office = HeadOffice(tmp_path / "office")
    office.publish()
    rotate_daily(office.repository(), "hq", [])
    office.write({"am1": "Salut."})
    office.publish()
    entries = list(history(office.repository()))
    assert [(entry.number, entry.note) for entry in entries] == [(3, ""), (1, "")]
    roll_back(office.repository(), 1)
    for path in office.tree.glob("targets/campaign/*.release.json"):
        path.write_bytes(b"{}")
    assert {entry.note for entry in history(office.repository())} == {
        "no longer whole on the site",
        "signed with keys that were replaced, or gone",
    }
