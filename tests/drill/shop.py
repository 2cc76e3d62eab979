"""A shop with everything on: head office, a server that can fail, a display, a kiosk, a watcher."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from tests.drill.keeper import Keeper
from tests.drill.office import AGENCY, SIZE, Presses
from tests.drill.watcher import Watcher
from tests.places import ROOT
from tests.player.display import xvfb
from tests.player.x11 import Desktop
from tests.release.faults import FaultServer, faulty

SETTINGS: Final = """\
central: {central}
agency: {agency}
root: {root}
data: {data}
evergreen: {evergreen}
poll_s: 30
deadline_s: 60
disk_reserve_mb: 0
"""
FIRST_S: Final = 60.0


@dataclass(frozen=True)
class Shop:
    """All of it, running."""

    root: Path
    data: Path
    presses: Presses
    server: FaultServer
    environ: Mapping[str, str]
    desktop: Desktop
    keeper: Keeper
    watcher: Watcher

    @property
    def log(self) -> Path:
        """The kiosk's own log."""
        return self.data / "log" / "kiosk.log"

    @property
    def said(self) -> str:
        """All that supervisors and players have printed, which no disk of theirs can lose."""
        return (self.root / "said.txt").read_text("utf-8", "replace")

    def status(self) -> dict[str, Any]:
        """What status.json says; nothing where it cannot be read."""
        try:
            found: dict[str, Any] = json.loads((self.data / "status.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return found

    def sync(self) -> subprocess.Popen[bytes]:
        """A poll of our own, besides the supervisor's."""
        return subprocess.Popen(
            command(self.root, "sync"),
            cwd=ROOT,
            env=dict(self.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def command(root: Path, *words: str) -> list[str]:
    """A command of the kiosk with the shop's settings."""
    return [sys.executable, "-m", "kiosk", *words, "--config", str(root / "kiosk.yaml")]


@contextmanager
def shop(root: Path, data: Path | None = None) -> Iterator[Shop]:
    """A shop below `root` that is on the air; `data` may be on another disk."""
    with furnished(root, data or root / "data") as make, make((), {}) as opened:
        yield opened


Open = Callable[[Sequence[str], Mapping[str, str]], AbstractContextManager[Shop]]
"""Starts the kiosk: with another program than `kiosk run`, and more variables."""


@contextmanager
def furnished(root: Path, data: Path) -> Iterator[Open]:
    """Everything but the kiosk, which the value starts, as often as wanted."""
    presses = Presses(root)
    presses.publish()
    album = presses.album()
    with ExitStack() as stack:
        server = stack.enter_context(faulty(presses.office.tree))
        environ = stack.enter_context(xvfb(*SIZE))
        desktop = stack.enter_context(Desktop(environ))
        clean = {k: v for k, v in environ.items() if not k.startswith("KIOSK_")}
        clean |= {"PYTHONPATH": str(ROOT)}
        write_settings(root, data, server, presses)
        fetch(root, clean, root / "evergreen")
        fetch(root, clean, data)
        watcher = Watcher(environ, album, root / "false")
        stack.callback(watcher.close)
        closed = partial(Shop, root, data, presses, server, clean, desktop)

        @contextmanager
        def opened(program: Sequence[str], more: Mapping[str, str]) -> Iterator[Shop]:
            words = [*command(root, "run"), "--always-lit"]
            words[: 4 if program else 0] = program
            keeper = Keeper(words, {**clean, **more}, ROOT, root / "said.txt")
            try:
                on_air = watcher.until_true(watcher.last_true, FIRST_S)
                assert on_air, (root / "said.txt").read_text("utf-8")
                yield closed(keeper, watcher)
            finally:
                keeper.close()

        yield opened


def write_settings(root: Path, data: Path, server: FaultServer, presses: Presses) -> None:
    """The kiosk.yaml of this screen."""
    text = SETTINGS.format(
        central=server.url,
        agency=AGENCY,
        root=presses.anchor,
        data=data,
        evergreen=root / "evergreen",
    )
    (root / "kiosk.yaml").write_text(text, "utf-8")


def fetch(root: Path, environ: Mapping[str, str], data: Path) -> None:
    """Synchronise once into this folder."""
    ran = subprocess.run(
        [*command(root, "sync"), "--data", str(data)],
        cwd=ROOT,
        env=dict(environ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr + ran.stdout
