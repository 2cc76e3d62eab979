"""What the screen has: its agency, and a release that is whole."""

from __future__ import annotations

import hashlib
import time
from datetime import timedelta
from pathlib import Path
from typing import Final

from kiosk.agent.checks.finding import Finding, failed, one_line, passed, skipped, warned, within
from kiosk.agent.checks.visit import Visit
from kiosk.campaign.model import Agency
from kiosk.release.clock import age, trusted_now
from kiosk.release.origin import NoContact
from kiosk.release.record import Pointer, Release, agency_file, unseal
from kiosk.release.store import Store
from kiosk.release.trust import Untrusted

_LOOK_S: Final = 15.0
"""For reading every object; what is left is said."""
_SYNC: Final = "Run: kiosk sync"


def agency(visit: Visit) -> Finding:
    """Whether the site, or where that was not reached the release, knows the agency and screen."""
    name = visit.case.agency
    if name is None:
        return skipped("because settings failed")
    correct = f"Correct `agency: {name}`, or have head office publish agencies/{name}.yaml."
    if visit.trust is not None:
        trust = visit.trust
        try:
            there = within(visit.left(), lambda: trust.target(agency_file(name)))
        except (Untrusted, NoContact, TimeoutError) as error:
            return failed(f"{name} cannot be looked up: {one_line(error) or 'no answer'}", _SYNC)
        if there is None:
            return failed(f"{name} is not on the site", correct)
    release = visit.release
    if release is None or release.agency != name:
        if visit.trust is not None:
            return passed(f"{name} is on the site; no release of it is here yet")
        return skipped("because the site was not reached and no release of it is here")
    return _screen(visit, name, visit.agency)


def _screen(visit: Visit, name: str, own: Agency | None) -> Finding:
    if own is None:
        return failed(f"{name}: its words in the release are damaged", f"{_SYNC} after `release`.")
    wanted = visit.case.screen or next(iter(own.screens))
    if wanted not in own.screens:
        return failed(
            f"{name} has no screen {wanted!r}; it has {', '.join(own.screens)}",
            f"Correct `screen`, or have head office add it to agencies/{name}.yaml.",
        )
    screen = own.screens[wanted]
    return passed(
        f"{name} ({one_line(own.name)}), screen {wanted}: {screen.diagonal_in:g} inches,"
        f" {screen.orientation}"
    )


def release(visit: Visit) -> Finding:
    """Whether a whole release is here, how fresh it is, and what would be fallen back on."""
    here = visit.release
    if here is None:
        return _none(visit)
    wrong, unread = _look_at(visit.store, here, visit.left(_LOOK_S))
    number = f"release {here.manifest.number}"
    if wrong:
        names = ", ".join(wrong[:3]) + (f" and {len(wrong) - 3} more" if len(wrong) > 3 else "")
        return failed(
            f"{number}: damaged or missing: {names}",
            f"Delete {visit.store.path(here.files[wrong[0]].sha256)} and every other file named,"
            " then run: kiosk sync",
        )
    seen = f"{number}, {len(here.files)} files whole{_others(visit)}"
    if unread:
        seen += f"; {unread} files not read in time"
    return _freshness(visit, here, seen)


def _none(visit: Visit) -> Finding:
    if visit.failed:
        return skipped(f"because {visit.failed[0]} failed, and no release is here yet")
    return failed(f"no release is in {visit.case.data} yet", f"{_SYNC} (kiosk run does it itself).")


def _look_at(store: Store, here: Release, seconds: float) -> tuple[list[str], int]:
    """The names of files whose bytes are wrong or gone, and how many were not read in time.

    Only looked at: it is the player and the next sync that put things right.
    """
    ends = time.monotonic() + seconds
    wrong: list[str] = []
    for count, (name, signed) in enumerate(sorted(here.files.items())):
        left = ends - time.monotonic()
        if left <= 0:
            return wrong, len(here.files) - count
        try:
            path = store.path(signed.sha256)
            digest = within(left, lambda path=path: _hash(path))  # type: ignore[misc]
        except TimeoutError:
            return wrong, len(here.files) - count
        except OSError:
            digest = ""
        if digest != signed.sha256:
            wrong.append(name)
    return wrong, 0


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _others(visit: Visit) -> str:
    pointer = visit.store.root / "previous"
    told = ""
    try:
        found = unseal(Pointer, pointer.read_bytes())
    except OSError:
        found = None
    if found is not None:
        kept = [one for one in visit.store.releases() if one.seq == found.release]
        told += f", before it {kept[0].manifest.number}" if kept else ""
    inside = Store(visit.case.evergreen).current() if visit.case.evergreen else None
    return told + (f", evergreen {inside.manifest.number}" if inside else ", no evergreen")


def _freshness(visit: Visit, here: Release, seen: str) -> Finding:
    contact, signed = visit.store.contact(), visit.store.floor().signed_at
    now = trusted_now(visit.case.now(), signed)
    how = age(contact.at if contact else None, now, timedelta(days=here.manifest.max_offline_days))
    if contact is None:
        return warned(f"{seen}; head office was never heard", _SYNC)
    hours = round((now - contact.at).total_seconds() / 3600)
    ago = f"{hours} h" if hours < 48 else f"{hours // 24} days"
    ago = "less than an hour" if hours < 1 else ago
    told = f"{seen}; head office was heard {ago} ago"
    if how == "old":
        return failed(told, f"{_SYNC}, and see that kiosk run is started with this PC.")
    if how == "stale":
        return warned(told, f"{_SYNC}, and see that kiosk run is started with this PC.")
    if here.agency != visit.case.agency and visit.case.agency is not None:
        return warned(f"{told}, for {here.agency}", _SYNC)
    return passed(told)
