"""A head office for tests: keys, a campaign folder, a site on disk, a real web server before it."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib import parse

from securesystemslib.signer import Signer
from tuf.api.metadata import Metadata, MetaFile, Snapshot, Timestamp

from kiosk.door.loopback import Silent, serving
from kiosk.release.folder import Folder, read_folder
from kiosk.release.keys import Keys, init, load_root_key
from kiosk.release.origin import Limits, Origin, open_origin
from kiosk.release.publish import NothingNew, Published, publish, refresh
from kiosk.release.record import Release
from kiosk.release.repository import Repository, target_file
from kiosk.release.site import Site, open_site
from kiosk.release.store import Store
from kiosk.release.sync import Outcome, Poll, Seat, sync

CAMPAIGN = """\
campaign: essai
title: Essai
brand: {name: O2}
links:
  hosts: [o2.example]
  booking: {to: "https://o2.example/r/{agency}{scene}", label: Réserver un service}
scenes:
"""
SCENE = """\
  - id: %(scene)s
    kind: portrait
    service: menage
    picture: portraits/%(scene)s.svg
    first_name: Claire
    role: intervenant
    about: Aide-ménagère
    quote: %(quote)s
    link: booking
    agencies: %(agencies)s
    rights: {ref: R-%(scene)s, media: [vitrine], from: 2020-01-01, until: 2040-01-01%(more)s}
"""
AGENCY = """\
agency: %s
code: %s
name: O2 %s
screens: {vitrine: {diagonal_in: 43}}
"""
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
SOON = Limits(answer_s=2.0, window_s=1.0, window_bytes=1024)


def picture(colour: str, padding: int = 0) -> bytes:
    """A real picture of a colour, as many bytes longer as wanted."""
    comment = f"<!--{'x' * padding}-->" if padding else ""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="120">'
        f'<rect width="90" height="120" fill="{colour}"/>{comment}</svg>'
    ).encode()


def passphrase(name: str) -> str:
    """The passphrase of a root key in these tests."""
    return f"the words of {name}"


@dataclass
class HeadOffice:
    """Everything that head office has, below one folder."""

    root: Path
    now: datetime = NOW
    keys: Keys = field(init=False)
    opened: Site | None = None
    """Another site than the folder."""

    def __post_init__(self) -> None:
        self.keys = init(self.root / "keys", passphrase, self.now)
        (self.folder / "agencies").mkdir(parents=True)
        (self.folder / "portraits").mkdir()
        self.agency("le-mans", "lm")
        self.agency("nantes", "na")
        self.write({"am1": "Bonjour.", "am2": "Bonsoir."})

    @property
    def folder(self) -> Path:
        """The campaign's folder."""
        return self.root / "campaign"

    @property
    def tree(self) -> Path:
        """The site's folder."""
        return self.root / "site"

    @property
    def anchor(self) -> bytes:
        """The root.json that screens are installed with: the first one."""
        return (self.root / "keys" / "roots" / "1.root.json").read_bytes()

    def agency(self, name: str, code: str) -> None:
        """Write an agency's file."""
        text = AGENCY % (name, code, name)
        (self.folder / "agencies" / f"{name}.yaml").write_text(text, "utf-8")

    def write(
        self,
        quotes: Mapping[str, str],
        agencies: Mapping[str, str] | None = None,
        withdrawn: frozenset[str] = frozenset(),
    ) -> None:
        """Write a campaign of portraits: scene id -> quote; pictures are made where missing."""
        text = CAMPAIGN
        for number, (scene, quote) in enumerate(quotes.items()):
            where = (agencies or {}).get(scene, "[le-mans, nantes]")
            more = ", withdrawn: true" if scene in withdrawn else ""
            text += SCENE % {"scene": scene, "quote": quote, "agencies": where, "more": more}
            path = self.picture(scene)
            if not path.exists():
                path.write_bytes(picture(f"#{number * 40 % 256:02x}80a0"))
        (self.folder / "campaign.yaml").write_text(text, "utf-8")

    def picture(self, scene: str) -> Path:
        """The picture of a scene."""
        return self.folder / "portraits" / f"{scene}.svg"

    def site(self) -> Site:
        """The site, as `kiosk publish` opens it."""
        return self.opened or open_site(str(self.tree))

    def repository(self) -> Repository:
        """The site's signed state, read afresh."""
        return Repository(self.site(), self.keys, self.now)

    def read(self) -> Folder:
        """The campaign's folder, read."""
        return read_folder(self.folder)

    def publish(self) -> Published | NothingNew:
        """Publish the folder as it is."""
        folder = self.read()
        shown = {name: path for name in folder.present() if (path := folder.media(name))}
        withdrawn = {
            scene.pictures_for("landscape")[0]
            for scene in folder.source.campaign.scenes
            if (rights := scene.person_rights()) is not None and rights.withdrawn
        }
        pictures = {name: path for name, path in shown.items() if name not in withdrawn}
        return publish(self.repository(), folder, pictures)

    def refresh(self) -> None:
        """What head office's machine does each night."""
        refresh(self.repository())

    def root_signers(self, *numbers: int) -> list[object]:
        """Root keys, unlocked."""
        names = [f"root-{number}" for number in numbers]
        return [load_root_key(self.root / "keys" / f"{n}.pem", passphrase(n)) for n in names]

    def copy_site(self, name: str) -> Path:
        """What the site is now, kept for later."""
        return Path(shutil.copytree(self.tree, self.root / name))

    def copied(self, root: Path) -> HeadOffice:
        """The same head office in another folder."""
        twin = copy.copy(self)
        twin.root = Path(shutil.copytree(self.root, root))
        twin.keys = Keys(root / "keys")
        return twin

    # -- what whoever stole the daily keys can do ------------------------------------------

    def latest(self, role: str) -> Path:
        """The newest file of a role on the site."""
        metadata = self.tree / "metadata"
        if role == "timestamp":
            return metadata / "timestamp.json"
        return max(metadata.glob(f"*.{role}.json"), key=lambda file: int(file.name.split(".")[0]))

    def forge(self, role: str, change: Callable[[Any], object]) -> None:
        """Have `role`, snapshot and timestamp sign something else."""
        metadata: Metadata[Any] = Metadata.from_bytes(self.latest(role).read_bytes())
        change(metadata.signed)
        metadata.signed.version += 1
        self.put(role, metadata, self.keys.signer(role))

    def put(self, role: str, metadata: Metadata[Any], signer: Signer) -> None:
        """Put a role's metadata on the site, and have snapshot and timestamp name it."""
        timestamp = Metadata[Timestamp].from_bytes(self.latest("timestamp").read_bytes())
        snapshot = Metadata[Snapshot].from_bytes(self.latest("snapshot").read_bytes())
        snapshot.signed.version += 1
        snapshot.signed.meta[f"{role}.json"] = MetaFile(metadata.signed.version)
        timestamp.signed.version += 1
        timestamp.signed.snapshot_meta = MetaFile(snapshot.signed.version)
        self._write(role, metadata, signer)
        self._write("snapshot", snapshot, self.keys.signer("snapshot"))
        self._write("timestamp", timestamp, self.keys.signer("timestamp"))

    def _write(self, role: str, metadata: Metadata[Any], signer: Signer) -> None:
        metadata.sign(signer)
        prefix = "" if role == "timestamp" else f"{metadata.signed.version}."
        path = self.tree / "metadata" / f"{prefix}{parse.quote(role, '')}.json"
        path.write_bytes(metadata.to_bytes())

    def have_signed(self, role: str, path: str, content: bytes) -> None:
        """Have `role` sign these bytes as the target `path`, and put them there."""
        target = target_file(path, content)
        folder, _, name = path.rpartition("/")
        place = self.tree / "targets" / folder / f"{target.hashes['sha256']}.{name}"
        place.write_bytes(content)
        self.forge(role, lambda signed: signed.targets.update({path: target}))


@dataclass
class Shop:
    """One screen of an agency, with its own data folder."""

    root: Path
    anchor: bytes
    seat: Seat = field(default_factory=lambda: Seat("le-mans"))
    now: datetime = NOW

    @property
    def store(self) -> Store:
        """Its store, opened afresh."""
        return Store(self.root)

    @property
    def release(self) -> Release:
        """The release that it would show."""
        release = self.store.current()
        assert release is not None
        return release

    def poll(self, origin: Origin) -> Outcome:
        """Synchronise once."""
        return sync(
            Poll(
                origin=origin,
                store=self.store,
                anchor=self.anchor,
                seat=self.seat,
                now=lambda: self.now,
                reserve=0,
                pause=lambda _: None,
            )
        )


class Quiet(Silent):
    """A static server that keeps connections open and tells which paths were asked."""

    def __init__(self, *args: object, asked: list[str], directory: str) -> None:
        self.asked = asked
        super().__init__(*args, directory=directory)  # type: ignore[arg-type]

    def do_GET(self) -> None:  # noqa: N802
        self.asked.append(self.path)
        super().do_GET()


@contextmanager
def served(tree: Path, kind: type[Quiet] = Quiet) -> Iterator[tuple[Origin, list[str]]]:
    """The tree behind a real web server; the origin, and the paths that were asked."""
    asked: list[str] = []
    with serving(partial(kind, asked=asked, directory=str(tree))) as port:
        yield open_origin(f"http://127.0.0.1:{port}", limits=SOON), asked
