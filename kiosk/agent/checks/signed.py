"""The metadata: whether it descends from the trust anchor, and for how long it holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from securesystemslib.exceptions import StorageError
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata

from kiosk.agent.checks.finding import Finding, failed, passed, warned, within
from kiosk.agent.checks.visit import Visit
from kiosk.release.clock import trusted_now
from kiosk.release.origin import NoContact
from kiosk.release.store import Store
from kiosk.release.trust import Trust, Untrusted

_ROLES: Final = ("timestamp", "snapshot", "targets", "root")
_SOON: Final = timedelta(days=3)
_REFRESH: Final = (
    "Have head office run: kiosk publish --refresh (its nightly job may have stopped)."
)


class _Desk:
    """A shelf that reads the store and keeps what is new to itself: nothing is written."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[str, bytes] = {}

    def metadata(self, role: str) -> bytes | None:
        """As trust.Shelf."""
        return self._kept.get(role) or self._store.metadata(role)

    def keep_metadata(self, role: str, content: bytes) -> None:
        """As trust.Shelf."""
        self._kept[role] = content


def metadata(visit: Visit) -> Finding:
    """Verify as a poll does, and tell when each role expires."""
    case, desk = visit.case, _Desk(visit.store)
    copy_it = f"Copy the root.json that head office gave you to {case.root}."
    try:
        anchor = case.root.read_bytes()
    except OSError as error:
        return failed(f"the trust anchor {case.root} cannot be read ({error.strerror})", copy_it)
    try:
        visit.trust = within(visit.left(), lambda: _verified(visit, desk, anchor))
    except TimeoutError:
        return failed("it did not come in time", "Check the line's speed and the web server.")
    except NoContact as trouble:
        return failed(str(trouble), "Have the site's files mended: publish again.")
    except Untrusted as refusal:
        return _refused(str(refusal), copy_it)
    expires = {role: _expires(desk, role) for role in _ROLES}
    return _judged({role: end for role, end in expires.items() if end}, case.now())


def _refused(why: str, copy_it: str) -> Finding:
    if "expired" in why:
        return failed(why, _REFRESH)
    if "older release" in why or "old copy" in why:
        return failed(
            why, "Have head office publish again, and purge any cache between it and this PC."
        )
    return failed(why, copy_it)


def _verified(visit: Visit, desk: _Desk, anchor: bytes) -> Trust:
    floor, origin = visit.store.floor(), visit.origin()
    trust = Trust(
        anchor,
        desk,
        lambda name, most: origin.fetch(f"metadata/{name}", most),
        trusted_now(visit.case.now()),
        floor.roles,
        signed_at=floor.signed_at,
    )
    trust.refresh()
    return trust


def _judged(expires: Mapping[str, datetime], now: datetime) -> Finding:
    days = ", ".join(f"{role} {(end - now).days} days" for role, end in expires.items())
    soon = [role for role, end in expires.items() if end - now < _SOON]
    if soon:
        return warned(f"verified, but {' and '.join(soon)} end soon: {days}", _REFRESH)
    return passed(f"verified from the trust anchor; left: {days}")


def _expires(desk: _Desk, role: str) -> datetime | None:
    content = desk.metadata(role)
    if content is None:
        return None
    try:
        return Metadata.from_bytes(content).signed.expires
    except (RepositoryError, StorageError, ValueError):
        return None
