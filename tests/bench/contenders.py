"""The two contenders: how each is started to show the same scenes, and taken down again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

from tests.bench.content import AGENCY, FOLDER, ROOT
from tests.bench.display import Display, Size
from tests.bench.processes import end

Name = Literal["player", "chromium"]

PLAYER: Final[Name] = "player"
CHROMIUM: Final[Name] = "chromium"
SLIDESHOW: Final = Path(__file__).with_name("slideshow.html")

# Debian's `chromium` is a shell script that looks about for a while: it is not what we measure.
BINARIES: Final = ("/usr/lib/chromium/chromium", "chromium", "chromium-browser", "google-chrome")

# What a kiosk has no use for is off, and so is the GPU process's search for a GPU.
FLAGS: Final = (
    "--kiosk",
    "--start-fullscreen",
    "--window-position=0,0",
    "--force-device-scale-factor=1",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    "--no-sandbox",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
    "--disable-gpu",
    "--disable-software-rasterizer",
    "--disable-extensions",
    "--disable-component-extensions-with-background-pages",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--disable-client-side-phishing-detection",
    "--disable-search-engine-choice-screen",
    "--disable-site-isolation-trials",
    "--disable-features=Translate,MediaRouter,OptimizationHints,DialMediaRouteProvider,"
    "InterestFeedContentSuggestions,CertificateTransparencyComponentUpdater,"
    "AutofillServerCommunication,PrivacySandboxSettings4,SpareRendererForSitePerProcess",
    "--metrics-recording-only",
    "--mute-audio",
    "--password-store=basic",
    "--use-mock-keychain",
    "--allow-file-access-from-files",
)


@dataclass(frozen=True, slots=True)
class Show:
    """What to play. Times in s; after the last of `holds` that one goes on.

    `report` has a contender print a line after so many changes; 0 is never.
    """

    size: Size
    pictures: Path
    order: tuple[str, ...]
    holds: tuple[float, ...]
    fade_s: float
    report: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """A contender on a display: the process that leads its tree, and what it prints."""

    pid: int
    process: subprocess.Popen[bytes]
    stdout: Path
    stderr: Path


def chromium_binary() -> str | None:
    """Where Chromium is, None where it is not installed."""
    return next((found for name in BINARIES if (found := shutil.which(name))), None)


def shop_command() -> list[str]:
    """The command of a shop: the production holds and fade, the installed program."""
    kiosk = Path(sys.executable).with_name("kiosk")
    return [str(kiosk), "play", str(FOLDER), "--agency", AGENCY]


def player_command(show: Show) -> list[str]:
    """The player's own parts with this show's holds and fade."""
    holds = ",".join(f"{hold:g}" for hold in show.holds)
    options = ["--fade", f"{show.fade_s:g}", "--holds", holds, "--report", str(show.report)]
    return [sys.executable, "-m", "tests.bench.player", *options]


def chromium_command(show: Show, home: Path) -> list[str]:
    """A full-screen page in a new profile in `home`, where the page is written too."""
    page = home / "slideshow.html"
    shutil.copyfile(SLIDESHOW, page)
    facts = {
        "pictures": [(show.pictures / f"{name}.png").as_uri() for name in show.order],
        "holds": show.holds,
        "fade": show.fade_s,
        "report": show.report,
    }
    (home / "show.js").write_text(f"const show = {json.dumps(facts)};\n", "utf-8")
    binary = chromium_binary()
    assert binary is not None, "looked for at the start"
    width, height = show.size
    return [
        binary,
        *FLAGS,
        *(["--enable-logging=stderr"] if show.report else []),
        # Chromium keeps one pixel short of the whole display; one more covers it.
        f"--window-size={width + 1},{height + 1}",
        f"--user-data-dir={home / 'profile'}",
        f"--app={page.as_uri()}",
    ]


def command_of(name: Name, show: Show, home: Path) -> list[str]:
    """The command line that has this contender play the show."""
    return player_command(show) if name == PLAYER else chromium_command(show, home)


@contextmanager
def home_folder() -> Iterator[Path]:
    """A home of its own for one run, so that nothing is found that an earlier one left."""
    with tempfile.TemporaryDirectory(prefix="o2-bench-home-", ignore_cleanup_errors=True) as path:
        yield Path(path)


@contextmanager
def running(command: list[str], display: Display, home: Path) -> Iterator[Run]:
    """Start a command on a display; its whole tree is gone at the end."""
    out, err = home / "stdout", home / "stderr"
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=_environment(display, home),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
    try:
        yield Run(process.pid, process, out, err)
    finally:
        end(process)


def _environment(display: Display, home: Path) -> dict[str, str]:
    strange = ("QT_", "QSG_", "QML", "XDG_", "WAYLAND_", "DBUS_", "KIOSK_", "COVERAGE_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(strange)}
    return {**kept, "DISPLAY": display.name, "HOME": str(home)}


def as_json(show: Show) -> dict[str, object]:
    """The show for the report."""
    facts = asdict(show)
    return {key: facts[key] for key in ("size", "holds", "fade_s")}
