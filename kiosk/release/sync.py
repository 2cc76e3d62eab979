"""One poll: verify, plan, fetch, commit. What is current changes in one step, at the end."""

from __future__ import annotations

import errno
import hashlib
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from pydantic import ValidationError

from kiosk.campaign.model import Source
from kiosk.campaign.parse import CAMPAIGN_FILE, Broken, parse_source
from kiosk.release.clock import trusted_now
from kiosk.release.download import Wanted, WrongBytes, download
from kiosk.release.origin import NoContact, Origin
from kiosk.release.pace import poll_s
from kiosk.release.record import (
    CAMPAIGN,
    MANIFEST,
    MEDIA,
    Contact,
    Floor,
    Manifest,
    Release,
    Signed,
    agency_file,
    jobs_file,
)
from kiosk.release.store import Busy, Store
from kiosk.release.trust import Trust, Untrusted

LARGEST_FILE: Final = 256 * 2**20
"""Bytes of one object."""
LARGEST_TEXT: Final = 2**20
RESERVE: Final = 500 * 2**20
"""Bytes of the disk that are left to others."""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The newest release is here already; `poll_s` is when to ask again, where that is urgent."""

    release: Release
    poll_s: int | None = None

    def __str__(self) -> str:
        return f"unchanged: release {self.release.manifest.number} is the newest"


@dataclass(frozen=True, slots=True)
class Updated:
    """A new release is here, whole; bytes are those of pictures and texts.

    `poll_s` is when to ask again, in seconds, where that is urgent.
    """

    release: Release
    files: int
    received: int
    poll_s: int | None = None

    def __str__(self) -> str:
        what = f"{self.files} file{'s'[: self.files != 1]}, {self.received} bytes"
        return f"updated: release {self.release.manifest.number} is here ({what} fetched)"


@dataclass(frozen=True, slots=True)
class Rejected:
    """What is offered must not, or cannot, be taken; the current release plays on."""

    why: str

    def __str__(self) -> str:
        return f"rejected: {self.why}"


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The origin could not be asked; the current release plays on."""

    why: str

    def __str__(self) -> str:
        return f"unreachable: {self.why}"


Outcome = Unchanged | Updated | Rejected | Unreachable


@dataclass(frozen=True, slots=True)
class Seat:
    """Which screen this is; `screen` None is the first in its agency's file."""

    agency: str
    screen: str | None = None


@dataclass(frozen=True, slots=True)
class Poll:
    """All that one poll depends on."""

    origin: Origin
    store: Store
    anchor: bytes
    seat: Seat
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    reserve: int = RESERVE
    pause: Callable[[float], None] = time.sleep
    progress: Callable[[int, int], None] = field(default=lambda _done, _total: None)
    """Told bytes received and bytes wanted while pictures come in."""
    forgotten: Callable[[str], None] = field(default=lambda _name: None)
    """Told each picture that was deleted from the disk: somebody withdrew consent."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a release is made of, and what of it has still to come."""

    files: Mapping[str, Signed]
    missing: tuple[Wanted, ...]

    @property
    def bytes(self) -> int:
        """How many bytes are missing."""
        return sum(wanted.length for wanted in self.missing)

    @property
    def hashes(self) -> frozenset[str]:
        """Every object that the release is made of."""
        return frozenset(signed.sha256 for signed in self.files.values())


def sync(poll: Poll) -> Outcome:
    """Ask the origin once. The outcome is a value, whatever the network or the disk does."""
    try:
        with poll.store.locked():
            return _sync(poll)
    except (Untrusted, WrongBytes, _Refused) as refusal:
        return Rejected(str(refusal))
    except NoContact as trouble:
        return Unreachable(str(trouble))
    except Busy as busy:
        return Rejected(str(busy))
    except OSError as error:
        return Rejected(_disk_phrase(error, poll.store))


class _Refused(Exception):
    """A candidate that must not be taken, in one phrase."""


def _sync(poll: Poll) -> Outcome:
    store = poll.store
    floor = store.floor()
    system = poll.now()
    trust = Trust(
        poll.anchor,
        store,
        lambda name, most: poll.origin.fetch(f"metadata/{name}", most),
        trusted_now(system),
        floor.roles,
        signed_at=floor.signed_at,
    )
    trust.refresh()
    candidate = _Candidate(poll, trust)
    candidate.locate()
    store.raise_floor(Floor(roles=trust.floor, signed_at=trust.signed_at))
    store.keep_contact(Contact(at=system, signed_at=trust.signed_at))
    texts = candidate.texts()
    source = candidate.source(texts)
    plan = candidate.plan(texts, source)
    manifest = candidate.manifest(texts)
    withdrawn = {f"{MEDIA}{name}" for name in source.campaign.withdrawn_media()} - set(plan.files)
    # Before anything is fetched: who withdrew consent does not wait for others' clips to come.
    _forget(poll, withdrawn, plan)
    outcome = _commit(poll, candidate, plan, manifest)
    _forget(poll, withdrawn, plan)
    urgent = poll_s(source, poll.seat.agency, trusted_now(system, trust.signed_at))
    return replace(outcome, poll_s=urgent)


def _forget(poll: Poll, names: set[str], plan: Plan) -> None:
    """Delete these files; a player that shows the current release is told to read it again."""
    gone = poll.store.forget(names, plan.hashes)
    for name in sorted(gone):
        poll.forgotten(name.removeprefix(MEDIA))
    current = poll.store.current()
    if current is not None and not gone.isdisjoint(current.files):
        poll.store.healed(current)


def _commit(
    poll: Poll, candidate: _Candidate, plan: Plan, manifest: Manifest
) -> Unchanged | Updated:
    store, seat = poll.store, poll.seat
    candidate.fetch(plan)
    current = store.current()
    release = Release(
        seq=store.next_seq(),
        agency=seat.agency,
        screen=seat.screen,
        manifest=manifest,
        files=plan.files,
    )
    if current is not None and release.says_the_same(current):
        if candidate.received:
            store.healed(current)
        return Unchanged(current)
    store.activate(release)
    store.raise_floor(Floor(seq=release.seq))
    store.collect()
    return Updated(release, candidate.fetched, candidate.received)


class _Candidate:
    """The release on offer: what was signed of it, and the way to get it."""

    def __init__(self, poll: Poll, trust: Trust) -> None:
        self._poll, self._trust = poll, trust
        self._agency_file = agency_file(poll.seat.agency)
        self._jobs_file = jobs_file(poll.seat.agency)
        self._found: dict[str, Wanted] = {}
        self.fetched = self.received = 0

    def locate(self) -> None:
        """Have every role verified that speaks for this screen."""
        for name in self._names():
            self._wanted(name)

    def texts(self) -> dict[str, bytes]:
        """The release's own words: manifest, campaign, this agency; fetched where needed."""
        return {name: self._text(name) for name in self._names()}

    def _names(self) -> tuple[str, ...]:
        own = MANIFEST, CAMPAIGN, self._agency_file
        return (*own, self._jobs_file) if self._trust.target(self._jobs_file) else own

    def manifest(self, texts: Mapping[str, bytes]) -> Manifest:
        """The manifest, read."""
        try:
            return Manifest.model_validate_json(texts[MANIFEST])
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise _Refused(f"{MANIFEST} is signed, but wrong: {where} {first['msg']}") from error

    def plan(self, texts: Mapping[str, bytes], source: Source) -> Plan:
        """Which files this screen needs, and which of them are not here yet."""
        names = [*texts, *(f"{MEDIA}{name}" for name in needed(source, self._poll.seat))]
        wanted = {name: self._wanted(name) for name in names}
        missing = {
            one.sha256: one
            for one in wanted.values()
            if not self._poll.store.has(one.sha256, one.length)
        }
        files = {n: Signed(sha256=one.sha256, length=one.length) for n, one in wanted.items()}
        return Plan(files, tuple(missing.values()))

    def fetch(self, plan: Plan) -> None:
        """Fetch and verify what is missing, if there is room for it."""
        if plan.missing and not self._has_room(plan):
            # What came of a release that was given up half-way may be in the way.
            self._poll.store.collect(plan.hashes)
            if not self._has_room(plan):
                free, root = self._poll.store.free(), self._poll.store.root
                raise _Refused(
                    f"no room: {plan.bytes} bytes are to come, {free} are free in {root}"
                    f" and {self._poll.reserve} stay free for others; make room there"
                )
        for wanted in plan.missing:
            self._get(wanted, plan.bytes)
        self._poll.store.admit(*(wanted.sha256 for wanted in plan.missing))

    def _has_room(self, plan: Plan) -> bool:
        store = self._poll.store
        there = sum(_size(store, wanted) for wanted in plan.missing)
        return store.free() + there - plan.bytes * 11 // 10 >= self._poll.reserve

    def source(self, texts: Mapping[str, bytes]) -> Source:
        """The campaign and this agency, read."""
        own = self._agency_file
        files = {CAMPAIGN_FILE: texts[CAMPAIGN], own: texts[own]}
        if self._jobs_file in texts:
            files[f"jobs/{self._poll.seat.agency}.yaml"] = texts[self._jobs_file]
        source = parse_source(files, elsewhere=None)
        if isinstance(source, Broken):
            more = len(source.problems) - 1
            rest = f" (and {more} more)" if more else ""
            raise _Refused(f"the release is signed, but wrong: {source.problems[0]}{rest}")
        return source

    def _text(self, name: str) -> bytes:
        store, wanted = self._poll.store, self._wanted(name)
        if wanted.length > LARGEST_TEXT:
            raise _Refused(f"{name} has {wanted.length} bytes, more than {LARGEST_TEXT}")
        content = store.read(wanted.sha256)
        if content is None:
            content = self._small(name, wanted)
            store.partial(wanted.sha256).write_bytes(content)
            store.admit(wanted.sha256)
        return content

    def _small(self, name: str, wanted: Wanted) -> bytes:
        """A text, which may travel compressed: 600 screens ask for it within one interval."""
        content = self._poll.origin.fetch(wanted.name, wanted.length)
        if hashlib.sha256(content).hexdigest() != wanted.sha256:
            raise WrongBytes(f"{name} is not the file that was signed")
        self.received += len(content)
        self.fetched += 1
        return content

    def _wanted(self, name: str) -> Wanted:
        """What was signed of a file and where it lies; looked up once among all the roles."""
        if name not in self._found:
            self._found[name] = self._look_up(name)
        return self._found[name]

    def _look_up(self, name: str) -> Wanted:
        found = self._trust.target(name)
        if found is None:
            raise _Refused(f"{name} is not in the release{self._remedy(name)}")
        try:
            signed = Signed(sha256=found.hashes.get("sha256", ""), length=found.length)
        except ValidationError as error:
            raise _Refused(f"{name} was signed without SHA-256") from error
        if not 0 < signed.length <= LARGEST_FILE:
            raise _Refused(
                f"{name} was signed with {signed.length} bytes; 1 to {LARGEST_FILE} are allowed"
            )
        location = f"targets/{self._trust.location(found)}"
        return Wanted(location, signed.sha256, signed.length)

    def _remedy(self, name: str) -> str:
        agency = self._poll.seat.agency
        return f"; is `agency: {agency}` right?" if name == self._agency_file else ""

    def _get(self, wanted: Wanted, total: int) -> None:
        def got(count: int) -> None:
            self.received += count
            self._poll.progress(self.received, total)

        download(
            self._poll.origin,
            wanted,
            self._poll.store.partial(wanted.sha256),
            got=got,
            pause=self._poll.pause,
        )
        self.fetched += 1


def needed(source: Source, seat: Seat) -> tuple[str, ...]:
    """The files that this screen may have to show, whatever the day and hour."""
    agency = source.agency(seat.agency)
    if seat.screen is not None and seat.screen not in agency.screens:
        there = ", ".join(agency.screens)
        raise _Refused(f"agency {seat.agency} has no screen {seat.screen!r}; there is: {there}")
    return source.campaign.media_of(seat.agency, agency.screen(seat.screen).orientation)


def _size(store: Store, wanted: Wanted) -> int:
    with suppress(OSError):
        return store.partial(wanted.sha256).stat().st_size
    return 0


def _disk_phrase(error: OSError, store: Store) -> str:
    if error.errno == errno.ENOSPC:
        return f"the disk of {store.root} is full; make room there"
    if error.errno == errno.EROFS:
        return f"{store.root} is read-only; mount it for writing"
    return f"{store.root} cannot be written ({error.strerror}); are its rights and its disk sound?"
