"""Real X servers for the tests of panel standby: one whose panel can be switched off, and a line
to a server that is cut half-way."""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

CONFIG = """
Section "Module"
    Load "paneldpms"
EndSection
Section "ServerFlags"
    Option "AutoAddDevices" "false"
    Option "AutoAddGPU" "false"
EndSection
Section "Device"
    Identifier "panel"
    Driver "dummy"
EndSection
Section "Screen"
    Identifier "screen"
    Device "panel"
EndSection
"""
MODULE = """
#include <xorg-server.h>
#include <xf86.h>
#include <xf86Priv.h>
#include <xf86Module.h>

/* The dummy driver has no power management: give its screens some, and have the log tell of it. */
static Bool (*probe)(DriverPtr, int);
static Bool (*screen_init)(ScreenPtr, int, char **);

static void power(ScrnInfoPtr screen, int level, int flags)
{
    xf86DrvMsg(screen->scrnIndex, X_INFO, "panel power level %d\\n", level);
}

static Bool init(ScreenPtr screen, int argc, char **argv)
{
    return screen_init(screen, argc, argv) && (xf86DPMSInit(screen, power, 0), TRUE);
}

static Bool probe_and_wrap(DriverPtr driver, int flags)
{
    Bool found = probe(driver, flags);
    for (int i = 0; found && !(flags & PROBE_DETECT) && i < xf86NumScreens; i++) {
        screen_init = xf86Screens[i]->ScreenInit;
        xf86Screens[i]->ScreenInit = init;
    }
    return found;
}

static pointer setup(pointer module, pointer options, int *major, int *minor)
{
    if (LoadSubModule(module, "dummy", NULL, NULL, NULL, NULL, major, minor)) {
        probe = xf86DriverList[xf86NumDrivers - 1]->Probe;
        xf86DriverList[xf86NumDrivers - 1]->Probe = probe_and_wrap;
    }
    return (pointer) 1;
}

static XF86ModuleVersionInfo version = {
    "paneldpms", "test", MODINFOSTRING1, MODINFOSTRING2, XORG_VERSION_CURRENT, 1, 0, 0,
    ABI_CLASS_VIDEODRV, ABI_VIDEODRV_VERSION, MOD_CLASS_NONE, {0, 0, 0, 0}
};
_X_EXPORT XF86ModuleData paneldpmsModuleData = { &version, setup, NULL };
"""
XORG = Path("/usr/lib/xorg/Xorg")
MODULES = Path("/usr/lib/xorg/modules")
HEADERS = ("/usr/include/xorg", "/usr/include/pixman-1")


@dataclass
class Server:
    """A real X server; `log` is what its driver says of the panel."""

    process: subprocess.Popen[bytes]
    display: str
    log: Path | None = None

    def levels(self) -> list[int]:
        """What the driver was told, in order."""
        assert self.log is not None
        words = self.log.read_text("utf-8", "replace").split("panel power level ")[1:]
        return [int(word[0]) for word in words]


@contextmanager
def serving(words: Sequence[str], cwd: Path, log: Path | None = None) -> Iterator[Server]:
    """The server, on a display of its own choice."""
    reading, writing = os.pipe()
    with (cwd / "said").open("wb") as said:
        process = subprocess.Popen(
            [*words, "-displayfd", str(writing), "-noreset", "-nolisten", "tcp"],
            cwd=cwd,
            stdout=said,
            stderr=said,
            pass_fds=[writing],
        )
    os.close(writing)
    try:
        ready, _, _ = select.select([reading], [], [], 30)
        number = os.read(reading, 10).strip().decode() if ready else ""
        if not number:
            pytest.skip(f"no X server: {(cwd / 'said').read_text('utf-8', 'replace')[-300:]}")
        yield Server(process, f":{number}", log)
    finally:
        os.close(reading)
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait(30)


@contextmanager
def dpms_server(tmp_path: Path) -> Iterator[Server]:
    """A real Xorg whose panel can be switched off."""
    if not XORG.exists() or not (MODULES / "drivers" / "dummy_drv.so").exists():
        pytest.skip("xserver-xorg-core or xserver-xorg-video-dummy is not installed")
    compiler = shutil.which("gcc")
    if compiler is None or not Path(HEADERS[0], "xf86.h").exists():
        pytest.skip("gcc or xserver-xorg-dev is not installed")
    (tmp_path / "paneldpms.c").write_text(MODULE)
    (tmp_path / "xorg.conf").write_text(CONFIG)
    includes = [f"-I{folder}" for folder in HEADERS]
    words = [compiler, "-shared", "-fPIC", "-w", *includes, "-o", "libpaneldpms.so", "paneldpms.c"]
    subprocess.run(words, cwd=tmp_path, check=True)
    log = tmp_path / "log"
    xorg = [str(XORG), "-config", str(tmp_path / "xorg.conf"), "-logfile", str(log)]
    with serving([*xorg, "-modulepath", f"{tmp_path},{MODULES}"], tmp_path, log) as found:
        yield found


@contextmanager
def cut_line(display: str, word: bytes) -> Iterator[str]:
    """A display that is this one, until a client says the word: then the line is cut."""
    number = 8000 + os.getpid() % 1000
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(f"\0/tmp/.X11-unix/X{number}")
        door.listen()
        door.settimeout(30)
        relay = threading.Thread(target=_relay, args=(door, display, word))
        relay.start()
        yield f":{number}"
        relay.join()


def _relay(door: socket.socket, display: str, word: bytes) -> None:
    guest, _ = door.accept()
    with guest, socket.socket(socket.AF_UNIX) as host:
        host.connect(f"\0/tmp/.X11-unix/X{display[1:]}")
        while True:
            ready, _, _ = select.select([guest, host], [], [], 30)
            for end in ready:
                chunk = end.recv(65_536)
                if not chunk or (end is guest and word in chunk):
                    return
                (host if end is guest else guest).sendall(chunk)
