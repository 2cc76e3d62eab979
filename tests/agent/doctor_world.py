"""A healthy screen: settings, a site behind a real web server, a release, a player on air."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kiosk.agent.checks.case import Case
from kiosk.agent.status import FILE, PlayerStatus, Status, SyncStatus, write
from kiosk.release.origin import open_origin
from kiosk.release.record import Contact
from kiosk.release.store import Store
from kiosk.release.sync import Updated
from tests.release.authority import Authority
from tests.release.head_office import HeadOffice, Shop

SAY = "import sys; print(open(sys.argv[1]).read())"


@dataclass(frozen=True, slots=True)
class Clinic:
    """A case of one's own to plant a fault in; `said` is what a real probe found."""

    root: Path
    case: Case
    site: Path
    authority: Authority
    said: dict[str, Any]
    now: datetime

    def probe_says(self, part: str, **facts: Any) -> tuple[str, ...]:
        """A probe that says what the real one did, but for these facts."""
        path = self.root / f"{part}.json"
        path.write_text(json.dumps({**self.said, part: {**self.said[part], **facts}}))
        return sys.executable, "-c", SAY, str(path)

    def picture(self) -> Path:
        """The object of the first scene's picture."""
        release = Store(self.case.data).current()
        assert release is not None
        return Store(self.case.data).path(release.files["media/portraits/am1.svg"].sha256)

    def heard(self, at: datetime) -> None:
        """Have head office heard last then."""
        Store(self.case.data).keep_contact(Contact(at=at))

    def status(self, **facts: Any) -> None:
        """Have the supervisor tell that all is well, but for these facts."""
        told = status(self.now)
        for name, value in facts.items():
            if name == "last_frame":
                assert told.player is not None
                told = replace(told, player=replace(told.player, last_frame=value))
            else:
                told = replace(told, **{name: value})
        assert write(self.case.data, told) is None


def status(now: datetime) -> Status:
    """What the supervisor of a screen on air writes."""
    player = PlayerStatus(
        pid=1,
        footing="current",
        renderer="software",
        release="essai 1",
        scene="am1",
        frames=9,
        last_frame=now,
        hidden=False,
        look="same",
        memory=None,
        handles=None,
    )
    return Status(
        version="0",
        written=now,
        state="on air",
        pc="VITRINE",
        agency="le-mans",
        screen=None,
        pid=1,
        started=now,
        restarts=0,
        left_out=(),
        missing=(),
        problem=None,
        player=player,
        sync=SyncStatus(outcome=None, code=None, at=None, next=None),
    )


@dataclass(frozen=True, slots=True)
class Screen:
    """What every test copies: head office's site, and the data folder of a synced screen."""

    office: HeadOffice
    data: Path

    @classmethod
    def synced(cls, root: Path) -> Screen:
        """Published, signed and fetched now."""
        now = datetime.now(UTC)
        office = HeadOffice(root / "office", now)
        office.publish()
        shop = Shop(root / "data", office.anchor, now=now)
        assert isinstance(shop.poll(open_origin(office.tree.as_uri())), Updated)
        return cls(office, shop.root)

    def clinic(self, root: Path, central: str, said: Path, authority: Authority) -> Clinic:
        """A copy for one test, its supervisor on air."""
        data = Path(shutil.copytree(self.data, root / "data"))
        anchor = root / "root.json"
        anchor.write_bytes(self.office.anchor)
        now = datetime.now(UTC)
        case = Case(
            version="0",
            data=data,
            root=anchor,
            probe=(sys.executable, "-c", SAY, str(said)),
            central=central,
            agency="le-mans",
            reserve_mb=1,
            blind=True,
            now=lambda: now,
        )
        clinic = Clinic(root, case, self.office.tree, authority, json.loads(said.read_text()), now)
        clinic.status()
        assert (data / FILE).exists()
        return clinic
