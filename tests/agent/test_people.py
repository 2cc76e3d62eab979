"""Consent on the glass: a real `kiosk run` before a real display, and a site behind real TLS."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from kiosk.release.origin import Origin, open_origin
from kiosk.release.record import Contact
from kiosk.release.sync import Seat, Unchanged, Updated
from tests.agent.keeping import keeping
from tests.player.display import needs_xvfb, xvfb
from tests.player.x11 import Desktop
from tests.release import answers
from tests.release.authority import Authority
from tests.release.faults import FaultServer, faulty
from tests.release.head_office import HeadOffice, Shop, picture

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="signals are a Unix's"),
    needs_xvfb,
]

PEOPLE: Final = {"am1": (0xA0, 0x80, 0x00), "am2": (0xA0, 0x80, 0x28)}
"""Blue, green, red of each portrait's picture."""
NOBODY: Final = (0x40, 0x20, 0xC0)
POSTER: Final = """\
  - id: po1
    kind: poster
    picture: portraits/po1.svg
    says: Près de chez vous.
    illustration: true
"""
LEASE: Final = timedelta(days=7)
SPANS_S: Final = (10, 60)
"""The lease ends so long after the start; the second is for a machine that is very slow."""


@dataclass
class Street:
    """A head office, its site, and a shop window to look at."""

    root: Path
    office: HeadOffice
    shop: Shop
    server: FaultServer
    authority: Authority
    display: Desktop
    environ: dict[str, str]

    @property
    def origin(self) -> Origin:
        """The site as the shop's PC sees it."""
        return open_origin(self.server.url, ca_file=self.authority.file)

    def write(self, withdrawn: frozenset[str] = frozenset(), more: str = POSTER) -> None:
        """Two portraits that stand for five minutes each, and a poster of nobody."""
        self.office.write(dict.fromkeys(PEOPLE, "Bonjour."), withdrawn=withdrawn)
        path = self.office.folder / "campaign.yaml"
        text = path.read_text("utf-8").replace("link: booking\n", "hold_s: 300\n    weight: 9\n")
        path.write_text(text + more, "utf-8")

    def publish(self) -> None:
        """As head office does."""
        self.office.now = self.shop.now = datetime.now(UTC)
        self.office.publish()

    def hear(self) -> None:
        """Head office is heard, by a poll of our own besides the supervisor's."""
        self.shop.now = datetime.now(UTC)
        assert isinstance(self.shop.poll(self.origin), Updated | Unchanged)

    def seen(self, colour: tuple[int, int, int]) -> bool:
        """Whether a picture of this colour is in the window."""
        return bool((self.display.picture() == colour).all(axis=2).mean() > 0.02)

    def person(self) -> str | None:
        """Whose portrait is in the window."""
        return next((name for name, colour in PEOPLE.items() if self.seen(colour)), None)


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    """A street with a window that has release 1, and a PC that is still off."""
    office, authority = HeadOffice(tmp_path / "office", datetime.now(UTC)), Authority(tmp_path)
    (office.folder / "portraits" / "po1.svg").write_bytes(picture("#c02040"))
    shop = Shop(tmp_path / "data", office.anchor, Seat("nantes", "vitrine"))
    with ExitStack() as stack:
        server = stack.enter_context(faulty(office.tree, authority.server()))
        environ = stack.enter_context(xvfb(640, 360))
        display = stack.enter_context(Desktop(environ))
        found = {"DISPLAY": environ["DISPLAY"], "QT_QPA_PLATFORM": "xcb"}
        street = Street(tmp_path, office, shop, server, authority, display, found)
        (tmp_path / "root.json").write_bytes(office.anchor)
        (tmp_path / "kiosk.yaml").write_text(
            f"central: {server.url}\nagency: nantes\nscreen: vitrine\nroot: root.json\ndata: data\n"
            "ca_file: ca.pem\npoll_s: 30\ndisk_reserve_mb: 0\n"
        )
        street.write()
        street.publish()
        assert isinstance(shop.poll(street.origin), Updated)
        yield street


def test_a_withdrawn_portrait_leaves_the_glass_and_the_disk_with_the_next_poll(
    street: Street,
) -> None:
    words = ("--config", str(street.root / "kiosk.yaml"))
    with keeping(street.root, street.shop.root, *words, **street.environ) as keeper:
        keeper.until(street.person, "a portrait")
        gone = street.person()
        assert gone is not None
        file = street.office.picture(gone).read_bytes()
        street.write(withdrawn=frozenset({gone}))
        street.publish()
        polled = keeper.until(lambda: not _kept(street.shop.root, file), "off the disk")
        left = keeper.until(lambda: not street.seen(PEOPLE[gone]), "off the glass")
        print(f"off the disk {polled:.1f} s after it was published, off the glass {left:.1f} s on")
        line = f"sync: deleted: portraits/{gone}.svg, consent was withdrawn"
        log = street.shop.root / "log" / "kiosk.log"
        keeper.until(lambda: line in log.read_text("utf-8"), "the log's line")
        keeper.until(lambda: street.person() or street.seen(NOBODY), "another scene")
        assert street.person() != gone
        assert keeper.status()["restarts"] == 0
        assert "Traceback" not in keeper.said()


def test_past_its_lease_a_portrait_is_replaced_and_after_contact_it_is_back(
    street: Street,
) -> None:
    street.server.fault = answers.hang_up
    words = ("--config", str(street.root / "kiosk.yaml"))
    for span in SPANS_S:
        contact = datetime.now(UTC) - LEASE + timedelta(seconds=span)
        street.shop.store.keep_contact(Contact(at=contact))
        with keeping(street.root, street.shop.root, *words, **street.environ) as keeper:
            keeper.until(lambda: street.person() or street.seen(NOBODY), "a scene")
            if street.person() is None:
                continue
            keeper.until(lambda: street.seen(NOBODY), "a scene with nobody on it")
            over = contact + LEASE
            late = (datetime.now(UTC) - over).total_seconds()
            print(f"replaced {late:.1f} s after the lease's end")
            assert street.person() is None
            keeper.until(lambda: "sync: unreachable" in keeper.said(), "a poll nobody answers")
            street.server.fault = None
            street.hear()
            back = keeper.until(street.person, "a portrait again")
            print(f"back {back:.1f} s after contact")
            assert keeper.status()["restarts"] == 0
            assert "Traceback" not in keeper.said()
            return
    pytest.fail(f"no portrait was on the glass within {SPANS_S[-1]} s")


def test_where_there_is_nothing_but_portraits_they_are_back_after_contact_too(
    street: Street,
) -> None:
    street.write(more="")
    street.publish()
    street.hear()
    street.server.fault = answers.hang_up
    street.shop.store.keep_contact(Contact(at=datetime.now(UTC) - LEASE))
    words = ("--config", str(street.root / "kiosk.yaml"))
    with keeping(street.root, street.shop.root, *words, **street.environ) as keeper:
        keeper.until(lambda: "the display shows our picture" in keeper.said(), "standby")
        assert street.person() is None
        keeper.until(lambda: "sync: unreachable" in keeper.said(), "a poll nobody answers")
        street.server.fault = None
        street.hear()
        back = keeper.until(street.person, "a portrait again")
        print(f"back {back:.1f} s after contact")


def _kept(root: Path, content: bytes) -> list[Path]:
    """The files below a folder that have this content."""
    found = []
    for path in root.rglob("*"):
        try:
            found += [path] if path.is_file() and content in path.read_bytes() else []
        except OSError:  # gone meanwhile
            continue
    return found
