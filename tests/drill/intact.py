"""Whether a data folder still holds what was published, whole, after whatever was done to it."""

from __future__ import annotations

from pathlib import Path

from kiosk.release.durable import NEW
from kiosk.release.origin import open_origin
from kiosk.release.store import Store
from kiosk.release.sync import Seat, Unchanged, Updated
from tests.crash.shop_floor import fault_of
from tests.drill.office import AGENCY, Presses
from tests.release import head_office


def harms_now(data: Path) -> list[str]:
    """What is wrong with the release that the store opens on."""
    store = Store(data)
    release = store.current()
    if release is None:
        return ["the store opens on nothing"]
    return [
        f"{name} of release {release.manifest.number} {fault}"
        for name, signed in release.files.items()
        if (fault := fault_of(store.path(signed.sha256), signed.sha256)) is not None
    ]


def harms_at_rest(data: Path, presses: Presses) -> list[str]:
    """The same with nothing running; the next poll must heal everything and find the newest."""
    harms = harms_now(data)
    screen = head_office.Shop(
        data, presses.anchor.read_bytes(), Seat(AGENCY), now=presses.office.now
    )
    origin = open_origin(presses.office.tree.as_uri())
    first, again = screen.poll(origin), screen.poll(origin)
    if not isinstance(first, Updated | Unchanged) or not isinstance(again, Unchanged):
        harms.append(f"the next polls do not heal: {first}; {again}")
    newest = len(presses.released)
    if screen.release.manifest.number != newest:
        harms.append(f"release {screen.release.manifest.number} is current, {newest} is out")
    left = [*data.rglob(f"{NEW}*"), *data.glob("partial/*"), *data.glob("at-work")]
    harms += [f"left behind: {path.relative_to(data)}" for path in left]
    return harms + harms_now(data)
