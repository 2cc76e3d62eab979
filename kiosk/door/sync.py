"""`kiosk sync`: one poll, one line, one exit code."""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from kiosk.door.needs import SETTINGS, add_settings, required, settings
from kiosk.door.refusal import EX_CONFIG, EX_PROTOCOL, EX_TEMPFAIL, Refusal

if TYPE_CHECKING:
    from kiosk.config import Config
    from kiosk.release.sync import Outcome, Poll


def add(command: argparse.ArgumentParser) -> None:
    """Its place in the command line."""
    command.description = (
        "Ask the central address once, verify what it offers, fetch what this screen "
        "lacks, and make it current. Prints one line: unchanged, updated, rejected or unreachable; "
        "before it a line for each picture deleted because consent was withdrawn, and one where an "
        "urgent notice asks for the next poll soon."
    )
    command.epilog = (
        "exit codes: 0 unchanged or updated; 75 unreachable; 76 rejected; 78 settings. "
        "Whatever happens, the current release plays on."
    )
    add_settings(command, *(name for name in SETTINGS if name != "display"))
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Poll once."""
    from kiosk.release.sync import Rejected, Unreachable, sync

    config = required(settings(arguments), "central", "agency")
    outcome = _in_time(lambda: sync(poll(config)), config.settings.deadline_s)
    match outcome:
        case Unreachable():
            print(f"{outcome} ({_meanwhile(config)})", flush=True)
            return EX_TEMPFAIL
        case Rejected():
            print(f"{outcome} ({_meanwhile(config)})", flush=True)
            return EX_PROTOCOL
    if outcome.poll_s is not None:
        print(f"poll: {outcome.poll_s} s, while an urgent notice is in force", flush=True)
    print(outcome, flush=True)
    return 0


def _meanwhile(config: Config) -> str:
    """What plays on, and how long ago head office was last heard."""
    from kiosk.release.clock import age, trusted_now
    from kiosk.release.store import Store

    store = Store(config.data)
    release, contact = store.current(), store.contact()
    if release is None:
        return "no release is here yet"
    plays = f"release {release.manifest.number} plays on"
    if contact is None:
        return plays
    now = trusted_now(datetime.now(UTC), store.floor().signed_at)
    how = age(contact.at, now, timedelta(days=release.manifest.max_offline_days))
    since = now - contact.at
    hours = max(0, round(since.total_seconds() / 3600))
    ago = f"{hours} h" if hours < 48 else f"{hours // 24} days"
    return f"{plays}, {how}: head office was last heard {ago} ago"


def poll(config: Config) -> Poll:
    """All that one poll depends on, from this PC's settings."""
    from kiosk.release.origin import open_origin
    from kiosk.release.store import Store
    from kiosk.release.sync import Poll, Seat

    own = config.settings
    assert own.central is not None
    assert own.agency is not None
    try:
        anchor = config.root.read_bytes()
    except OSError as error:
        raise Refusal(
            EX_CONFIG,
            f"the trust anchor {config.root} cannot be read ({error.strerror}); copy the root.json"
            " that head office gave you there, or set `root`",
        ) from error
    return Poll(
        origin=open_origin(own.central, proxy=own.proxy, ca_file=config.ca_file),
        store=Store(config.data),
        anchor=anchor,
        seat=Seat(own.agency, own.screen),
        reserve=own.disk_reserve_mb * 2**20,
        progress=_progress(),
        forgotten=lambda name: print(f"deleted: {name}, consent was withdrawn", flush=True),
    )


def _progress() -> Callable[[int, int], None]:
    """Megabytes on one line of a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        return lambda _done, _total: None
    told = -1

    def progress(done: int, total: int) -> None:
        nonlocal told
        part = 100 * done // max(total, 1)
        if part != told:
            told = part
            print(f"\r{part:3d} % of {total / 1e6:.1f} MB ", end="", file=sys.stderr, flush=True)
            if done >= total:
                print("\r" + " " * 30 + "\r", end="", file=sys.stderr, flush=True)

    return progress


_GIVEN_UP: Final = "not done within {} s; what came is kept, the next poll goes on from there"


def _in_time(work: Callable[[], Outcome], deadline_s: float) -> Outcome:
    """The outcome, or Unreachable at the deadline: the process ends, and its lock with it."""
    from kiosk.release.sync import Unreachable

    found: list[Outcome | BaseException] = []

    def run_() -> None:
        try:
            found.append(work())
        except BaseException as error:
            found.append(error)

    thread = threading.Thread(target=run_, daemon=True)
    thread.start()
    thread.join(deadline_s)
    if not found:
        return Unreachable(_GIVEN_UP.format(f"{deadline_s:g}"))
    if isinstance(found[0], BaseException):
        raise found[0]
    return found[0]
