"""The steps of the smoke test: one bundle on one ground."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import numpy as np
import shop_window
import zxingcpp
from ground import Ground
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from kiosk import __version__
from tests.bench.display import Display, display
from tests.places import ROOT

EXPECTED: Final = re.compile(
    r"^[\d-]+ [\d:,]+ kiosk\.player"
    r" (renderer: |on display |kept awake|not kept awake|the display shows our picture)"
)
"""What the player says on a display of where it stands; any other line is a finding."""
SUPERVISED: Final = re.compile(
    r"^[\d-]+ [\d:,]+ kiosk\.agent"
    r" (kiosk [\d.]+ keeps |state: |on air |sync: |stopped: SIGTERM"
    r"|player: (renderer: |on display |kept awake|not kept awake|the display shows our picture))"
)
"""The same of the supervisor."""
PAINTER: Final = "/usr/lib/o2-kiosk/paper"
ON_DISPLAY_S: Final = 60.0
SIZE: Final = (1920, 1080)
PAPER: Final = (0xF0, 0xF5, 0xF7)
"""The brand's paper colour as blue, green, red."""


class Failed(Exception):
    """A step did not do what it must: what was seen."""


class Trial:
    """One bundle on one ground, step by step."""

    def __init__(self, ground: Ground, folder: Path) -> None:
        self._ground, self._folder = ground, folder
        self._codes = shop_window.codes(folder)
        self._data = ground.work / "data"
        self._pictures = ground.work / "pictures"

    def version(self) -> str:
        """It starts, and there is no Python it could have used."""
        if found := self._ground.pythons():
            raise Failed(f"there is a Python in this root: {', '.join(found)}")
        return self._said("--version", like=rf"kiosk {re.escape(__version__)}\n").strip()

    def config(self) -> str:
        """It reads its settings."""
        table = json.loads(self._said("config", "--json", *self._seat()))
        return f"{len(table)} settings"

    def sync(self, address: str, anchor: str, authority: str) -> str:
        """It fetches the release over TLS, and then finds nothing new."""
        words = ["sync", "--central", address, "--root", anchor, "--ca-file", authority]
        first = self._said(*words, *self._seat(), like=r"updated.*\n")
        self._said(*words, *self._seat(), like=r"unchanged.*\n")
        return first.strip()

    def refusal(self, address: str, anchor: str) -> str:
        """It does not take the site's word without the authority."""
        words = ["sync", "--central", address, "--root", anchor, *self._seat()]
        ran = self._ground.run(*words)
        if ran.code != 75 or ran.err or "ca_file" not in ran.out:
            raise Failed(f"an unknown authority: exit code {ran.code}\n{ran.out}{ran.err}")
        return "an unknown authority is refused"

    def play(self) -> str:
        """Offscreen, each scene stands once; its code reads; JPEG and WebP are among them."""
        where = self._ground.inside(self._pictures)
        said = self._said("play", "--always-lit", *self._seat(), "--pictures", where)
        lines = said.splitlines()[1:]
        shown = [line.partition(":")[0] for line in lines]
        if sorted(shown) != sorted(self._codes):
            raise Failed(f"scenes shown: {shown}; to be shown: {sorted(self._codes)}")
        for scene, url in self._codes.items():
            read = _read(_gray(QImage(str(self._pictures / f"{scene}.png"))))
            if read != url:
                raise Failed(f"the code of {scene} reads {read!r}, not {url!r}")
        return f"{len(shown)} scenes, each code read"

    def same_as_source(self) -> str:
        """The program run from source draws the same pixels from the same store."""
        place = self._ground.work / "from-source"
        words = ["play", "--always-lit", "--data", str(self._data), "--pictures", str(place)]
        environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
        subprocess.run(
            [sys.executable, "-m", "kiosk", *words],
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=120,
        )
        for scene in self._codes:
            ours, theirs = (QImage(str(p / f"{scene}.png")) for p in (self._pictures, place))
            if ours != theirs:
                raise Failed(f"{scene} is drawn otherwise than from source; see {place}")
        return f"{len(self._codes)} pictures equal, pixel for pixel"

    def probe(self) -> str:
        """Its decoders take every picture format and the video clips."""
        ran = self._ground.run("probe")
        if ran.code or ran.err:
            raise Failed(f"exit code {ran.code}\n{ran.err}")
        found = json.loads(ran.out)
        for part in ("fonts", "images", "video"):
            if found[part]["state"] != "pass":
                raise Failed(f"{part}: {found[part]['seen']}")
        return str(found["video"]["seen"])

    def on_display(self) -> str:
        """A real window on an X server: codes read from the server's own pixels."""
        plays = self._ground.work / "plays"
        with display(SIZE) as shown:
            words = ["play", "--always-lit", *self._seat(), "--plays", self._ground.inside(plays)]
            command = self._ground.command(*words, variables={"DISPLAY": shown.name})
            with self._running(command, EXPECTED) as process:
                read: set[str] = set()
                deadline = time.monotonic() + ON_DISPLAY_S
                while len(read) < 2 and process.poll() is None and time.monotonic() < deadline:
                    red, green, blue = np.moveaxis(shown.framebuffer.pixels[:, :, :3], 2, 0)
                    gray = (red // 3 + green // 3 + blue // 3).astype(np.uint8)
                    if found := _read(gray):
                        read.add(found)
                    time.sleep(0.25)
        wrong = read - set(self._codes.values())
        if wrong or len(read) < 2:
            raise Failed(f"codes read from the display: {sorted(read)}")
        return f"{len(read)} scenes' codes read from the display"

    def kept_alive(self, settings: dict[str, str]) -> str:
        """`kiosk run` on a display that the package has painted, telling systemd."""
        words = [self._ground.program, "run", "--always-lit"]
        told, painted = set[str](), ""
        address = self._ground.work / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd, display(SIZE) as shown:
            systemd.bind(str(address))
            address.chmod(0o777)
            systemd.settimeout(0.2)
            if self._has(PAINTER):
                painted = self._painted(shown)
            variables = {"DISPLAY": shown.name, "NOTIFY_SOCKET": self._ground.inside(address)}
            command = self._ground.started(*words, variables=variables | settings)
            with self._running(command, SUPERVISED) as process:
                deadline = time.monotonic() + ON_DISPLAY_S
                while process.poll() is None and time.monotonic() < deadline:
                    with suppress(TimeoutError):
                        told |= set(systemd.recv(4096).decode().splitlines())
                    if told >= {"READY=1", "WATCHDOG=1"}:
                        break
        if not told >= {"READY=1", "WATCHDOG=1"}:
            raise Failed(f"systemd was told {sorted(told)}")
        return ", ".join([*sorted(told), *([painted] if painted else [])])

    def _has(self, program: str) -> bool:
        return (self._ground.root / program.lstrip("/")).is_file()

    def _painted(self, shown: Display) -> str:
        """The package's own script paints the root window."""
        command = self._ground.started(PAINTER, variables={"DISPLAY": shown.name})
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        colour = tuple(shown.framebuffer.pixels[5, 5, :3].tolist())
        if ran.returncode or ran.stdout or ran.stderr or colour != PAPER:
            raise Failed(f"{PAINTER}: {ran.returncode} {ran.stdout}{ran.stderr}, {colour}")
        return "on the paper colour"

    @contextmanager
    def _running(
        self, command: list[str], expected: re.Pattern[str]
    ) -> Iterator[subprocess.Popen[str]]:
        """A command that goes on until it is asked to leave, which it must do by itself."""
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                text=True,
            )
            try:
                yield process
                process.send_signal(signal.SIGTERM)
                code = process.wait(20)
            finally:
                process.kill()
            out.seek(0), err.seek(0)
            strange = [line for line in err.read().splitlines() if not expected.match(line)]
            if code or strange or out.read():
                raise Failed(f"left with exit code {code}, and said: {strange}")

    def _said(self, *words: str, like: str = r"(?s).*") -> str:
        """What a command prints; it must succeed, say nothing on stderr, and match `like`."""
        ran = self._ground.run(*words)
        if ran.code or ran.err or not re.fullmatch(like, ran.out):
            raise Failed(f"exit code {ran.code}\nstdout: {ran.out}stderr: {ran.err}")
        return ran.out

    def _seat(self) -> list[str]:
        return ["--data", self._ground.inside(self._data), "--agency", shop_window.AGENCY]


def _gray(image: QImage) -> NDArray[np.uint8]:
    gray = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(gray.constBits(), np.uint8).reshape(gray.height(), gray.bytesPerLine())
    return rows[:, : gray.width()].copy()


def _read(gray: NDArray[np.uint8]) -> str | None:
    found = zxingcpp.read_barcodes(gray, formats=zxingcpp.barcode_formats_from_str("QRCode"))
    return found[0].text if len(found) == 1 else None
