"""A screen that shows one release while the next is out, and what must hold whatever happens."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kiosk.release.durable import NEW
from kiosk.release.origin import Origin, open_origin
from kiosk.release.record import Floor, Release
from kiosk.release.store import Store
from kiosk.release.sync import Unchanged, Updated
from tests.release.head_office import HeadOffice, Shop, picture

Opened = Literal["old", "new"]


class Harm(AssertionError):
    """A promise of the store that did not hold, in one phrase."""


@dataclass(frozen=True)
class ShopFloor:
    """The folders and facts that every fault starts from."""

    root: Path
    anchor: Path
    old: Release
    new: Release
    floor: Floor
    """Of the old release."""
    floor_new: Floor

    @property
    def site(self) -> Path:
        """The site that has the new release."""
        return self.root / "office" / "site"

    def data(self, name: str, where: Path | None = None) -> Path:
        """A data folder that shows the old release, as good as untouched."""
        data = (where or self.root) / name
        shutil.rmtree(data, ignore_errors=True)
        return Path(shutil.copytree(self.root / "start", data))

    def shop(self, data: Path) -> Shop:
        """The screen with that data folder."""
        return Shop(data, self.anchor.read_bytes())

    def origin(self) -> Origin:
        """Where the new release is."""
        return open_origin(self.site.as_uri())

    # -- what must hold ---------------------------------------------------------------------

    def opened(self, data: Path) -> Opened:
        """Which release the store opens on, whole; Harm where it is neither, or mixed."""
        store = Store(data)
        release = store.current()
        if release is None:
            raise Harm("the store opens on nothing")
        which = self._which(release)
        for name, signed in release.files.items():
            if (fault := fault_of(store.path(signed.sha256), signed.sha256)) is not None:
                raise Harm(f"opens on the {which} release, but {name} {fault}")
        least = self.floor if which == "old" else self.floor_new
        if (fault := _lower(store.floor(), least)) is not None:
            raise Harm(f"opens on the {which} release, but {fault}")
        return which

    def _which(self, release: Release) -> Opened:
        if release == self.old:
            return "old"
        if release.says_the_same(self.new) and release.manifest == self.new.manifest:
            if release.seq <= self.old.seq:
                raise Harm(f"the new release has number {release.seq}")
            return "new"
        raise Harm(f"opens on a release that nobody published: {release.manifest}")

    def never_lower(self, data: Path, was: Opened) -> None:
        """Whoever offers the old site again does not bring the old release back."""
        copy = data.with_name(f"{data.name}-offered")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(data, copy)
        outcome = self.shop(copy).poll(open_origin((self.root / "office" / "was").as_uri()))
        if (now := self.opened(copy)) != was:
            raise Harm(f"the old site leads from {was} to {now}: {outcome}")
        shutil.rmtree(copy)

    def healed(self, data: Path) -> None:
        """The next sync brings the new release, clears up, and leaves nothing to do."""
        shop = self.shop(data)
        first = shop.poll(self.origin())
        if not isinstance(first, Updated | Unchanged) or self.opened(data) != "new":
            raise Harm(f"the next sync does not heal: {first}")
        left = [*data.rglob(f"{NEW}*"), *data.glob("partial/*"), *data.glob("at-work")]
        if left:
            raise Harm(f"left behind: {[str(path.relative_to(data)) for path in left]}")
        again = shop.poll(self.origin())
        if not isinstance(again, Unchanged):
            raise Harm(f"a second sync still finds work: {again}")

    def judge(self, data: Path) -> Opened:
        """Everything that must hold after a fault; which release the store opened on."""
        which = self.opened(data)
        self.never_lower(data, which)
        self.healed(data)
        return which


def set_up(root: Path) -> ShopFloor:
    """Publish three releases; the screen has had the first and shows the second."""
    office = HeadOffice(root / "office")
    anchor = root / "root.json"
    anchor.write_bytes(office.anchor)
    start, after = Shop(root / "start", office.anchor), Shop(root / "after", office.anchor)
    origin = open_origin(office.tree.as_uri())
    office.publish()
    start.poll(origin)
    office.picture("am1").write_bytes(picture("#111111", 5000))
    office.publish()
    start.poll(origin)
    office.copy_site("was")
    office.write({"am1": "Au revoir.", "am3": "Coucou."})
    office.picture("am1").write_bytes(picture("#222222", 300_000))
    office.publish()
    shutil.copytree(start.root, after.root)
    after.poll(origin)
    return ShopFloor(
        root, anchor, start.release, after.release, start.store.floor(), after.store.floor()
    )


def fault_of(path: Path, sha256: str) -> str | None:
    """What is wrong with a file that must have these bytes; None: nothing."""
    try:
        content = path.read_bytes()
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return None if hashlib.sha256(content).hexdigest() == sha256 else "has other bytes"


def _lower(floor: Floor, least: Floor) -> str | None:
    for role, (version, _) in least.roles.items():
        if floor.roles.get(role, (0, ""))[0] < version:
            return f"the floor of {role} fell below {version}"
    if least.signed_at is not None and (floor.signed_at or least.signed_at) < least.signed_at:
        return "the time of the floor fell"
    return None
