"""The display is kept lit while the player runs, and everything is put back when it leaves."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusServiceWatcher, QDBusVirtualObject

from tests.places import ROOT
from tests.player.conftest import Until
from tests.player.display import needs_xvfb, xvfb
from tests.player.playing import playing
from tests.player.x11 import Desktop

SERVICE: Final = "org.freedesktop.ScreenSaver"
NO_BUS: Final = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere/at/all"}
AWAKE: Final = """
from kiosk.player.awake import Awake
awake = Awake()
print(awake.hold(), flush=True)
input()
awake.release()
awake.release()
print("released", flush=True)
input()
"""

needs_dbus = pytest.mark.skipif(
    shutil.which("dbus-daemon") is None, reason="dbus-daemon is not installed"
)


class ScreenSaver(QDBusVirtualObject):
    """A desktop's screen saver service: notes what is asked for, and who still inhibits."""

    def __init__(self, connection: QDBusConnection, *, refuses: bool) -> None:
        super().__init__()
        self.asked: list[tuple[object, ...]] = []
        self.inhibiting: set[str] = set()
        self._refuses = refuses
        self._watcher = QDBusServiceWatcher()
        self._watcher.setConnection(connection)
        self._watcher.serviceUnregistered.connect(self.inhibiting.discard)
        assert connection.registerVirtualObject("/org/freedesktop/ScreenSaver", self)
        assert connection.registerService(SERVICE)

    def introspect(self, path: str) -> str:
        """Qt's call."""
        del path
        return ""

    def handleMessage(self, message: QDBusMessage, connection: QDBusConnection) -> bool:  # noqa: N802
        """Qt's call."""
        self.asked.append((message.interface(), message.member(), *message.arguments()))
        if self._refuses:
            return connection.send(message.createErrorReply(f"{SERVICE}.No", "not now"))
        self._watcher.addWatchedService(message.service())
        self.inhibiting.add(message.service())
        reply = message.createReply()
        reply.setArguments([4711])
        return connection.send(reply)


@contextmanager
def session_bus() -> Iterator[tuple[str, QDBusConnection]]:
    """A session bus of our own: its address, and our connection to it."""
    daemon = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert daemon.stdout is not None
    name = f"test-{daemon.pid}"
    try:
        address = daemon.stdout.readline().strip()
        connection = QDBusConnection.connectToBus(address, name)
        assert connection.isConnected(), address
        yield address, connection
    finally:
        QDBusConnection.disconnectFromBus(name)
        daemon.terminate()
        daemon.wait(10)
        daemon.stdout.close()


@contextmanager
def awake(**environ: str) -> Iterator[subprocess.Popen[str]]:
    """A process that is kept awake until it reads a line, and ends when it reads another."""
    kept = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    with subprocess.Popen(
        [sys.executable, "-c", AWAKE],
        cwd=ROOT,
        env={**kept, **NO_BUS, **environ},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line_of(process: subprocess.Popen[str]) -> str:
    """What the process says next, while Qt's loop runs here: it may be talking to us."""
    assert process.stdout is not None
    while not select.select([process.stdout], [], [], 0.02)[0]:
        QCoreApplication.processEvents()
    return process.stdout.readline().strip()


def go_on(process: subprocess.Popen[str]) -> None:
    """Let the process take its next step."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


@needs_xvfb
@pytest.mark.parametrize("way", ["chord", "signal"])
def test_the_x_server_never_blanks_while_the_player_runs(way: str) -> None:
    with xvfb(960, 540) as environ, Desktop(environ) as desktop:
        desktop.blank_after(123)
        with playing({**environ, **NO_BUS}) as player:
            player.until(lambda: "kept awake by X11 screen saver\n" in player.said)
            assert desktop.blanks_after() == 0
            if way == "chord":
                desktop.press("Ctrl+Shift+Q")
            else:
                player.process.send_signal(signal.SIGTERM)
            assert player.code() == 0
            assert player.complaints() == []
        assert desktop.blanks_after() == 123


@pytest.mark.parametrize("display", [{}, {"DISPLAY": ":4711"}], ids=["none", "dead"])
def test_with_nobody_to_ask_nothing_agrees_and_nothing_breaks(display: dict[str, str]) -> None:
    with awake(**display) as process:
        assert line_of(process) == "[]"
        go_on(process)
        assert line_of(process) == "released"
        _, complaints = process.communicate("\n", timeout=30)
        assert (process.returncode, complaints) == (0, "")


@needs_xvfb
@needs_dbus
def test_the_desktop_is_asked_too_and_both_may_sleep_again_on_release(until: Until) -> None:
    """The service's own rule: an inhibition ends with the connection that asked for it."""
    with (
        session_bus() as (address, connection),
        xvfb(320, 240) as environ,
        Desktop(environ) as desktop,
    ):
        desktop.blank_after(123)
        service = ScreenSaver(connection, refuses=False)
        with awake(DISPLAY=environ["DISPLAY"], DBUS_SESSION_BUS_ADDRESS=address) as process:
            assert line_of(process) == "['X11 screen saver', 'desktop session']"
            assert service.asked == [(SERVICE, "Inhibit", "O2 Kiosk", "the shop window is lit")]
            assert len(service.inhibiting) == 1
            go_on(process)
            assert line_of(process) == "released"
            until(lambda: not service.inhibiting)
            assert desktop.blanks_after() == 123
            assert process.poll() is None


@needs_dbus
def test_a_desktop_that_refuses_is_not_counted_on() -> None:
    with session_bus() as (address, connection):
        service = ScreenSaver(connection, refuses=True)
        with awake(DBUS_SESSION_BUS_ADDRESS=address) as process:
            assert line_of(process) == "[]"
            assert len(service.asked) == 1


@needs_dbus
def test_a_session_without_a_screen_saver_is_not_counted_on() -> None:
    with session_bus() as (address, _), awake(DBUS_SESSION_BUS_ADDRESS=address) as process:
        assert line_of(process) == "[]"
