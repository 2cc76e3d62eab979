"""The machine that the bundle is tried on: wine with a display of its own, or Windows itself."""

from __future__ import annotations

import hashlib
import os
import shutil
import ssl
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Final

from PIL import Image, ImageGrab

HERE: Final = Path(__file__).resolve().parent
WINE: Final = "/usr/lib/wine/wine64"
ENVIRONMENT: Final = r"SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
SECONDS: Final = 180
CERT_SHA1_HASH_PROP_ID: Final = 3
CERT_CERT_PROP_ID: Final = 32


@dataclass(frozen=True, slots=True)
class Said:
    """How a program ended, and all that it printed."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Machine:
    """Runs Windows programs; `drive` is where C: is, None on Windows itself."""

    environ: Mapping[str, str]
    drive: Path | None
    display: str | None

    def file(self, path: str) -> Path:
        """Where a file such as C:\\ProgramData\\x is for us."""
        if self.drive is None:
            return Path(path)
        return self.drive.joinpath(*PureWindowsPath(path).parts[1:])

    def named(self, path: Path) -> str:
        """A file of ours, as a Windows program names it."""
        return str(path) if self.drive is None else "Z:" + str(path).replace("/", "\\")

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Begin a program; its output is a pipe, which wine needs."""
        command = list(words) if self.drive is None else [WINE, *words]
        return subprocess.Popen(
            command,
            env={**self.environ, **_machine_variables()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def run(self, *words: str, seconds: float = SECONDS) -> Said:
        """Run a program to its end; a code of 124 where it did not end in time."""
        running = self.start(*words)
        try:
            output, _ = running.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            running.kill()
            output, _ = running.communicate()
            return Said(124, output.decode("utf-8", "replace"))
        return Said(running.returncode, output.decode("utf-8", "replace").replace("\r\n", "\n"))

    def end(self, *programs: str) -> None:
        """End programs by their file names, as Task Manager does."""
        self.run("taskkill", "/f", *(word for name in programs for word in ("/im", name)))

    def picture(self) -> Image.Image:
        """What is on the glass."""
        shot = ImageGrab.grab(xdisplay=self.display) if self.display else ImageGrab.grab()
        return shot.convert("RGB")

    def trust(self, authority: Path) -> None:
        """Have wine's own store hold a certificate authority.

        wine 8 can make no chain engine for one that a program brings, which `ca_file` needs.
        """
        der = ssl.PEM_cert_to_DER_cert(authority.read_text("ascii"))
        mark = hashlib.sha1(der)
        parts = ((CERT_SHA1_HASH_PROP_ID, mark.digest()), (CERT_CERT_PROP_ID, der))
        blob = b"".join(struct.pack("<III", kind, 1, len(data)) + data for kind, data in parts)
        key = rf"HKLM\Software\Microsoft\SystemCertificates\Root\Certificates\{mark.hexdigest()}"
        self._registry(key, "Blob", "REG_BINARY", blob.hex())

    def spare_direct3d(self) -> None:
        """Have wine's programs draw and decode by the processor.

        Its Direct3D 11 presents a bare Qt Quick window once and never again; its decoders crash.
        wine hands on no QT_ variables of ours; from its registry it takes them.
        """
        for name, value in (
            ("KIOSK_RENDERER", "software"),
            ("QT_FFMPEG_DECODING_HW_DEVICE_TYPES", ","),
        ):
            self._registry(rf"HKLM\{ENVIRONMENT}", name, "REG_SZ", value)

    def _registry(self, key: str, name: str, kind: str, value: str) -> None:
        said = self.run("reg", "add", key, "/v", name, "/t", kind, "/d", value, "/f")
        if said.code:
            raise SystemExit(f"reg add {name}: {said.text}")

    def variable(self, name: str) -> str | None:
        """A variable of the machine's environment, as a new program sees it."""
        said = self.run("cmd", "/c", "set", name).text.splitlines()
        found = (line.partition("=")[2] for line in said if line.startswith(f"{name}="))
        return next(found, None)


def _machine_variables() -> dict[str, str]:
    """KIOSK_* as a program that is started now has them; on Windows our own are older."""
    found: dict[str, str] = {}
    if sys.platform == "win32":
        import winreg

        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, ENVIRONMENT) as key:
            values = [winreg.EnumValue(key, at) for at in range(winreg.QueryInfoKey(key)[1])]
        found = {name: str(value) for name, value, _ in values if name.startswith("KIOSK_")}
    return found


def until(what: str, seconds: float, look: Callable[[], bool]) -> None:
    """Look again until it is so; TimeoutError says what did not come."""
    deadline = time.monotonic() + seconds
    while not look():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        time.sleep(0.2)


@contextmanager
def machine(work: Path, size: str) -> Iterator[Machine]:
    """This machine, or a copy of the prefix that `wine prepare` made below `work`."""
    if sys.platform == "win32":
        clean = {name: value for name, value in os.environ.items() if "KIOSK" not in name}
        yield Machine(clean, None, None)
        return
    if not (work / "prefix" / "system.reg").is_file():
        raise SystemExit(f"{work} holds no prefix; first: packaging/windows/wine prepare")
    with _display(size) as display, tempfile.TemporaryDirectory() as scratch:
        prefix = Path(shutil.copytree(work / "prefix", Path(scratch, "prefix"), symlinks=True))
        environ = {
            "HOME": str(work),
            "PATH": "/usr/bin:/bin",
            "DISPLAY": display,
            "WINEPREFIX": str(prefix),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree,mshtml,winedbg.exe=d",
        }
        try:
            yield Machine(environ, prefix / "drive_c", display)
        finally:
            for what in ("-k", "-w"):  # end every program of this prefix, and wait for it
                subprocess.run(("/usr/bin/wineserver", what), env=environ, check=False, timeout=30)


@contextmanager
def _display(size: str) -> Iterator[str]:
    """An X server of our own."""
    server = shutil.which("Xvfb")
    if server is None:
        raise SystemExit("Xvfb is missing; apt-get install xvfb")
    reading, writing = os.pipe()
    command = [server, "-displayfd", str(writing), "-screen", "0", f"{size}x24", "-ac"]
    quiet = subprocess.DEVNULL
    running = subprocess.Popen(command, pass_fds=(writing,), stdout=quiet, stderr=quiet)
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            yield f":{pipe.readline().strip()}"
    finally:
        running.terminate()
        running.wait()
