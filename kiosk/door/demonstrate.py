"""`kiosk demonstrate`: head office, the central site and a screen, all on this machine."""

from __future__ import annotations

import argparse
import os
import secrets
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from kiosk.door.needs import add_folder
from kiosk.player import preflight

SYNC_EVERY_S: Final = 15.0
ROOT_KEYS: Final = 3


@dataclass(frozen=True, slots=True)
class ThrowAway:
    """A head office for once, its keys and its site below one folder."""

    place: Path

    @property
    def site(self) -> Path:
        """The site's folder."""
        return self.place / "site"

    @property
    def anchor(self) -> Path:
        """What screens trust."""
        return self._keys / "root.json"

    def init(self) -> list[str]:
        """The `kiosk` command that makes its keys, with passphrases nobody will need."""
        words = self.place / "passphrases"
        words.write_text("".join(f"{secrets.token_hex(16)}\n" for _ in range(ROOT_KEYS)))
        return ["keys", "init", str(self._keys), "--passphrase-file", str(words)]

    def publish(self, folder: Path) -> list[str]:
        """The `kiosk` command that publishes a campaign's folder."""
        return ["publish", str(folder), "--to", str(self.site), "--keys", str(self._keys)]

    @property
    def _keys(self) -> Path:
        return self.place / "keys"


def add(command: argparse.ArgumentParser) -> None:
    """Its place in the command line."""
    command.description = (
        "Publish FOLDER with throw-away keys to a temporary site, serve it on "
        "loopback, sync one screen from it and play. While it plays, save a change in FOLDER and "
        "publish it with the command that is printed: the screen has it seconds later."
    )
    add_folder(command)
    command.add_argument("--agency", metavar="ID", required=True, help="the agency to be")
    command.add_argument(
        "--pictures",
        metavar="DIR",
        type=Path,
        default=Path("kiosk-pictures"),
        help="with no display: where a picture of each scene is left (default: %(default)s)",
    )
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do it, step by step, each a command that anybody could type."""
    # Ended from outside, it takes the player with it and leaves no folder behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))

    from kiosk.door.loopback import served

    with TemporaryDirectory(prefix="kiosk-") as name:
        office = ThrowAway(Path(name))
        publish = office.publish(arguments.folder)
        for step in (office.init(), publish):
            code = _step(step, quiet=step is not publish)
            if code:
                return code
        with served(office.site) as address:
            screen = ["--data", str(office.place / "data"), "--agency", arguments.agency]
            sync = ["sync", "--central", address, "--root", str(office.anchor), *screen]
            code = _step(sync)
            if code:
                return code
            if preflight.display_wanted(os.environ) != "offscreen":
                print(f"To change what it shows, save a change, then: {_shown(publish)}")
            play = [
                "play",
                *screen,
                "--always-lit",
                "--demonstration",
                "--pictures",
                str(arguments.pictures),
            ]
            with _syncing(sync):
                return _step(play)


def _step(words: list[str], *, quiet: bool = False) -> int:
    print(f"$ {_shown(words)}", flush=True)
    output = subprocess.DEVNULL if quiet else None
    return subprocess.call(_command(words), stdout=output)


def _command(words: list[str]) -> list[str]:
    return [sys.executable, "-m", "kiosk", *words]


def _shown(words: list[str]) -> str:
    return shlex.join(["kiosk", *words])


@contextmanager
def _syncing(words: list[str]) -> Iterator[None]:
    """Poll now and then, as a screen's own supervisor does."""
    over = threading.Event()

    def poll() -> None:
        while not over.wait(SYNC_EVERY_S):
            ran = subprocess.run(_command(words), capture_output=True, text=True, check=False)
            line = (ran.stdout + ran.stderr).strip()
            if not line.startswith("unchanged"):
                print(line, flush=True)

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
