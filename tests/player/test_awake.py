"""Sleep is inhibited while the player runs, and given back."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from kiosk.player.awake import Awake
from tests.places import ROOT
from tests.player.display import needs_xvfb, xvfb

SEE = """
import ctypes, json
from kiosk.player.awake import Awake
x11 = ctypes.CDLL("libX11.so.6")
x11.XOpenDisplay.restype = ctypes.c_void_p
display = ctypes.c_void_p(x11.XOpenDisplay(None))
def seen():
    values = [ctypes.c_int() for _ in range(4)]
    x11.XGetScreenSaver(display, *(ctypes.byref(value) for value in values))
    return [value.value for value in values]
x11.XSetScreenSaver(display, 300, 60, 1, 1)
x11.XSync(display, 0)
awake = Awake()
before, agreed, held = seen(), awake.hold(), seen()
awake.release()
print(json.dumps([before, agreed, held, seen()]))
"""


@needs_xvfb
def test_the_x_servers_own_blanking_is_switched_off_and_back() -> None:
    with xvfb(640, 480) as environ:
        run = subprocess.run(
            [sys.executable, "-c", SEE],
            cwd=ROOT,
            env=dict(environ),
            capture_output=True,
            text=True,
            check=False,
        )
    assert run.returncode == 0, run.stderr
    before, agreed, held, after = json.loads(run.stdout)
    assert before[0] == 300
    assert "X11 screen saver" in agreed
    assert held[0] == 0
    assert after == before


def test_where_nothing_answers_it_says_so_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/at/all")
    awake = Awake()
    assert awake.hold() == []
    awake.release()
