"""A poll that brings a withdrawal, whatever else it brings or cannot; and one that is urgent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile

import pytest

from kiosk.release.origin import Origin, open_origin
from kiosk.release.publish import publish
from kiosk.release.record import Pointer, unseal
from kiosk.release.shown import open_shown
from kiosk.release.sync import Outcome, Poll, Rejected, Unchanged, Unreachable, Updated, sync
from tests.release import answers
from tests.release.faults import FaultServer, faulty
from tests.release.head_office import SOON, HeadOffice, Shop, picture

AM1 = "media/portraits/am1.svg"
GONE = frozenset({"am1"})


@pytest.fixture
def site(office: HeadOffice) -> Iterator[FaultServer]:
    """The office's site behind a server that can fail."""
    with faulty(office.tree) as server:
        yield server


@pytest.fixture
def kept(shop: Shop, site: FaultServer) -> Shop:
    """A screen that shows release 1."""
    shop.poll(_origin(site))
    return shop


def _origin(site: FaultServer) -> Origin:
    return open_origin(site.url, limits=SOON)


def _poll(shop: Shop, site: FaultServer, reserve: int = 0) -> tuple[Outcome, list[str]]:
    """Synchronise once; what became of it, and what was deleted."""
    gone: list[str] = []
    poll = Poll(_origin(site), shop.store, shop.anchor, shop.seat, lambda: shop.now, reserve)
    return sync(replace(poll, pause=lambda _: None, forgotten=gone.append)), gone


def test_what_is_deleted_is_told_once(office: HeadOffice, kept: Shop, site: FaultServer) -> None:
    office.write({"am1": "Bonjour.", "am2": "Bonsoir."}, withdrawn=GONE)
    office.publish()
    outcome, gone = _poll(kept, site)
    assert isinstance(outcome, Updated)
    assert gone == ["portraits/am1.svg"]
    outcome, gone = _poll(kept, site)
    assert isinstance(outcome, Unchanged)
    assert gone == []


@pytest.mark.parametrize("reason", ["no answer", "no room"])
def test_a_withdrawal_does_not_wait_for_the_rest_of_its_release(
    office: HeadOffice, kept: Shop, site: FaultServer, reason: str
) -> None:
    file = kept.store.path(kept.release.files[AM1].sha256)
    pointer = kept.store.pointer()
    quotes = dict.fromkeys(("am1", "am2", "am3"), "Bonjour.")
    office.write(quotes, withdrawn=GONE)
    office.publish()
    site.where, site.fault = "*am3*", answers.hang_up if reason == "no answer" else None
    outcome, gone = _poll(kept, site, reserve=2**60 if reason == "no room" else 0)
    assert isinstance(outcome, Unreachable if reason == "no answer" else Rejected)
    assert gone == ["portraits/am1.svg"]
    assert not file.exists()
    assert kept.release.manifest.number == 1
    assert kept.store.pointer() != pointer  # a player is told
    shown = open_shown(kept.store)
    assert shown is not None
    assert shown.present() == {"portraits/am2.svg"}
    site.fault = None
    outcome, gone = _poll(kept, site)
    assert isinstance(outcome, Updated)
    assert gone == []
    assert not file.exists()
    current = unseal(Pointer, (kept.store.root / "current").read_bytes())
    assert current is not None
    assert current.healed == 0


@pytest.mark.parametrize("folder", ["partial", "quarantine"])
def test_what_was_put_away_or_half_fetched_of_it_leaves_too(
    office: HeadOffice, kept: Shop, site: FaultServer, folder: str
) -> None:
    sha256 = kept.release.files[AM1].sha256
    copy = kept.store.root / folder / sha256
    copyfile(kept.store.path(sha256), copy)
    office.write({"am1": "Bonjour.", "am2": "Bonsoir."}, withdrawn=GONE)
    office.publish()
    _poll(kept, site)
    assert not copy.exists()
    assert not kept.store.path(sha256).exists()


def test_the_same_bytes_under_another_name_stay(
    office: HeadOffice, kept: Shop, site: FaultServer
) -> None:
    office.write(dict.fromkeys(("am1", "am2", "am3"), "Bonjour."), withdrawn=GONE)
    copyfile(office.picture("am1"), office.picture("am3"))
    office.publish()
    outcome, gone = _poll(kept, site)
    assert isinstance(outcome, Updated)
    assert gone == []
    shown = open_shown(kept.store)
    assert shown is not None
    assert shown.present() == {"portraits/am2.svg", "portraits/am3.svg"}


def test_a_picture_that_another_scene_may_show_stays(
    office: HeadOffice, kept: Shop, site: FaultServer
) -> None:
    office.write(dict.fromkeys(("am1", "am2"), "Bonjour."), withdrawn=GONE)
    path = office.folder / "campaign.yaml"
    path.write_text(path.read_text("utf-8").replace("am2.svg", "am1.svg"), "utf-8")
    office.picture("am1").write_bytes(picture("#123456"))
    folder = office.read()
    publish(office.repository(), folder, {"portraits/am1.svg": office.picture("am1")})
    outcome, gone = _poll(kept, site)
    assert isinstance(outcome, Updated)
    assert gone == []
    assert kept.store.path(kept.release.files[AM1].sha256).exists()


# -- how soon to ask again ----------------------------------------------------------------------

NOTICE = 'notices: [{text: "Fermé", from: 2026-11-20, until: 2026-11-21, priority: %s}]\n'
BEFORE = datetime(2026, 11, 19, 22, 59, tzinfo=UTC)
"""Midnight in Paris is a minute later."""


@pytest.mark.parametrize(
    ("notice", "poll_s"),
    [
        ((datetime(2026, 11, 20, 10, tzinfo=UTC), "urgent"), 60),
        ((datetime(2026, 11, 20, 10, tzinfo=UTC), "normal"), None),
        ((BEFORE, "urgent"), None),
        ((datetime(2026, 11, 19, 23, 1, tzinfo=UTC), "urgent"), 60),
        ((datetime(2026, 11, 21, 22, 59, tzinfo=UTC), "urgent"), 60),
        ((datetime(2026, 11, 21, 23, 1, tzinfo=UTC), "urgent"), None),
    ],
)
def test_a_notice_is_urgent_on_its_days_in_its_agency(
    office: HeadOffice,
    kept: Shop,
    site: FaultServer,
    notice: tuple[datetime, str],
    poll_s: int | None,
) -> None:
    now, priority = notice
    office.now = BEFORE
    file = office.folder / "agencies" / "le-mans.yaml"
    file.write_text(file.read_text("utf-8") + NOTICE % priority, "utf-8")
    office.publish()
    kept.now = now
    for kind in (Updated, Unchanged):
        outcome, _ = _poll(kept, site)
        assert isinstance(outcome, Updated | Unchanged)
        assert isinstance(outcome, kind)
        assert outcome.poll_s == poll_s


@pytest.mark.parametrize(
    ("written", "poll_s"),
    [
        (("", ""), 60),
        ((", agencies: [le-mans]", ""), 60),
        ((", agencies: [nantes]", ""), None),
        (("", "valid: {until: 2026-11-19}\n"), None),
    ],
)
def test_head_office_s_notice_is_urgent_where_it_is_shown(
    office: HeadOffice,
    kept: Shop,
    site: FaultServer,
    written: tuple[str, str],
    poll_s: int | None,
) -> None:
    agencies, valid = written
    path: Path = office.folder / "campaign.yaml"
    notice = NOTICE.replace("}]", f"{agencies}}}]") % "urgent"
    path.write_text(valid + path.read_text("utf-8") + notice, "utf-8")
    office.publish()
    outcome, _ = _poll(kept, site)
    assert isinstance(outcome, Updated)
    assert outcome.poll_s == poll_s
