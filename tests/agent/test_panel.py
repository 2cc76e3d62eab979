"""Panel standby: the policy by its seconds, the ways on real servers and processes."""

from __future__ import annotations

import json
import math
import os
import queue
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.agent.child import Child, Ended, Line
from kiosk.agent.journal import Entry, Light, append, read
from kiosk.agent.panel import AGAIN_S, REASSERT_S, RETRY_S, SILENCE_S, Panel, Switch, Wish, answer
from kiosk.agent.panels import command, ddc, wayland, windows, x11
from kiosk.agent.panels.attempt import Equipment, attempt, ways, worked
from kiosk.agent.panels.way import Order, Outcome, Way
from tests.agent.panel_server import Server, cut_line, dpms_server, serving
from tests.places import ROOT

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX")
DARK = Light(False, "closed", "Mo-Fr 09:30-18:30", "le-mans", "vitrine", "r1", "Europe/Paris")
LIT = Light(True, "opening hours", "", "le-mans", "vitrine", "r1", "Europe/Paris")
MOMENT = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)


# -- the policy -----------------------------------------------------------------------------


def asked(panel: Panel, seconds: Sequence[float], alive: bool = True) -> list[tuple[float, Wish]]:
    """What is asked for at these seconds, by a player that lives, or has ended."""
    found: list[tuple[float, Wish]] = []
    for now in seconds:
        panel = panel.alive(now) if alive else panel
        wish = panel.due(now)
        if wish is not None:
            found.append((now, wish))
            panel = panel.ask(wish, now).answered(True, now)
    return found


def test_both_twice_at_a_change_and_off_every_five_minutes() -> None:
    dark = Panel(0).said(True, 100)
    asks: list[tuple[float, Wish]] = [(100, "off"), (110, "off"), (410, "off"), (710, "off")]
    assert asked(dark, range(100, 1000)) == asks
    lit = dark.ask("off", 100).said(False, 500)
    assert asked(lit, range(500, 2000)) == [(500, "on"), (510, "on")]


def test_a_panel_is_never_off_longer_than_a_living_player_says() -> None:
    dark = Panel(0).said(True, 100)
    assert asked(dark, range(100, 600), alive=False) == [
        (100, "off"),
        (110, "off"),
        (220, "on"),
        (230, "on"),
    ]


def test_an_earlier_supervisor_may_have_left_the_panel_off() -> None:
    assert asked(Panel(0), range(600), alive=False) == [(120, "on"), (130, "on")]
    assert asked(Panel(0).said(False, 3), range(3, 600)) == [(3, "on"), (13, "on")]


def test_a_player_that_comes_back_is_believed_again() -> None:
    silent = Panel(0).said(True, 0).ask("off", 0).ask("on", 120)
    assert silent.dark is None
    assert asked(silent.said(True, 125), [125, 126]) == [(125, "off")]


def test_a_fresh_player_may_have_woken_the_panel() -> None:
    dark = Panel(0).said(True, 100).ask("off", 100).ask("off", 110)
    fresh = dark.said(True, 200)
    assert fresh.moment == 200 + AGAIN_S
    assert fresh.said(True, 205).moment == 200 + AGAIN_S  # however fast players crash


def test_a_panel_that_does_not_come_on_is_asked_until_it_does() -> None:
    panel, waits, now = Panel(0).said(True, 0).ask("off", 0).said(False, 0.0), [], 0.0
    for _ in range(7):
        panel = panel.ask("on", now).answered(False, now)
        waits.append(panel.moment - now)
        now = panel.moment
    assert waits == [AGAIN_S, 2 * RETRY_S, 4 * RETRY_S, 240, 300, 300, 300]
    assert panel.ask("on", now).answered(True, now).moment == math.inf


@given(
    st.lists(
        st.tuples(st.floats(0, 400), st.sampled_from(["dark", "lit", "alive", "", "fails"])),
        max_size=40,
    )
)
def test_whatever_happens_the_panel_is_asked_on_in_time(story: list[tuple[float, str]]) -> None:
    panel, now, heard = Panel(0), 0.0, 0.0
    for wait, event in story:
        until = now + wait
        while panel.moment <= until:
            now = max(now, panel.moment)
            wish = panel.due(now)
            assert wish is not None
            assert wish == "on" or now < heard + SILENCE_S
            panel = panel.ask(wish, now)
            assert panel.moment > now, "asked twice at one moment"
            panel = panel.answered(event != "fails", now)
        now = until
        if event in ("dark", "lit"):
            panel, heard = panel.said(event == "dark", now), now
        elif event == "alive":
            panel, heard = panel.alive(now), now
    if panel.asked == "off":
        assert panel.moment <= max(heard + SILENCE_S, now + REASSERT_S)


# -- real processes -------------------------------------------------------------------------


@dataclass
class Shop:
    """A switch whose commands are real processes that answer as told."""

    says: str = (
        '{"panel": "off", "ways": [{"way": "w", "state": "verified", "detail": "off"},'
        ' {"way": "x", "state": "not offered", "detail": ""}]}'
    )
    code: int = 0
    asked: list[Wish] = field(default_factory=list)
    events: queue.SimpleQueue[Line | Ended] = field(default_factory=queue.SimpleQueue)

    def __post_init__(self) -> None:
        self.switch = Switch(self.start, 0.0)

    def start(self, wish: Wish, within_s: float) -> Child | None:
        self.asked.append(wish)
        program = f"print({self.says!r}); raise SystemExit({self.code})"
        words = [sys.executable, "-c", program]
        return Child(words, self.events.put, os.environ, within_s=within_s)

    def until_ended(self, now: float) -> None:
        """Let the switch hear its child to the end."""
        while True:
            match self.events.get(timeout=30):
                case Line(child, text, error):
                    assert self.switch.heard(child, text, error=error)
                case Ended(child, code):
                    assert self.switch.ended(child, code, now)
                    return


def test_a_change_is_asked_for_and_journalled_with_the_panels_answer(tmp_path: Path) -> None:
    shop = Shop()
    shop.switch.journal.keep(tmp_path)
    shop.switch.said(DARK, 0, MOMENT)
    shop.switch.due(0, MOMENT)
    shop.switch.due(0, MOMENT)  # one at a time
    shop.until_ended(1)
    assert shop.asked == ["off"]
    assert shop.switch.dark
    shop.switch.said(LIT, 5, MOMENT.replace(hour=20))
    shop.switch.due(5, MOMENT)
    shop.until_ended(6)
    assert shop.switch.leave(7, MOMENT.replace(hour=21)) is None  # it is lit already
    assert shop.switch.journal.close(10)
    found = read(tmp_path)
    assert [entry.light.lit for entry in found] == [False, True, None]
    assert found[0].panel == (Outcome("w", "verified", "off"),)
    assert shop.asked == ["off", "on"]


def test_who_leaves_lights_the_panel(tmp_path: Path) -> None:
    shop = Shop()
    shop.switch.journal.keep(tmp_path)
    shop.switch.said(DARK, 0, MOMENT)
    shop.switch.due(0, MOMENT)
    last = shop.switch.leave(1, MOMENT)
    assert last is not None
    assert shop.asked == ["off", "on"]
    ended: list[Child] = []
    while last not in ended:
        event = shop.events.get(timeout=30)
        ended += [event.child] if isinstance(event, Ended) else []
    assert shop.switch.journal.close(10)
    assert [entry.light.rule for entry in read(tmp_path)] == ["closed", "stopped"]


def test_a_silent_player_is_journalled_and_the_panel_lit(tmp_path: Path) -> None:
    shop = Shop(code=1, says="no JSON")
    shop.switch.journal.keep(tmp_path)
    shop.switch.said(DARK, 0, MOMENT)
    shop.switch.due(0, MOMENT)
    shop.until_ended(1)
    shop.switch.due(SILENCE_S, MOMENT)
    shop.until_ended(SILENCE_S + 1)
    assert shop.asked == ["off", "on"]
    assert min(shop.switch.moments()) == SILENCE_S + AGAIN_S
    assert shop.switch.journal.close(10)
    assert [entry.light.rule for entry in read(tmp_path)] == ["closed", "no player"]


def test_a_program_that_cannot_be_started_stops_nothing() -> None:
    switch = Switch(lambda _wish, _within: None, 0)
    switch.said(LIT, 0, MOMENT)
    switch.due(0, MOMENT)
    assert 0 < min(switch.moments()) <= RETRY_S


@given(st.binary(max_size=100) | st.sampled_from([b'{"ways": [{}]}', b'{"ways": 3}', b"[]"]))
def test_no_answer_can_hurt(said: bytes) -> None:
    assert answer(said) == ()


# -- every way ------------------------------------------------------------------------------


def test_a_way_that_hangs_or_throws_costs_its_deadline_and_no_more() -> None:
    def hang(_order: Order) -> Outcome:
        select.select([], [], [], 600)
        return Outcome("bus", "done")

    def throw(_order: Order) -> Outcome:
        raise ZeroDivisionError("by a driver")

    found = [Way("bus", hang), Way("driver", throw), Way("x", lambda _: Outcome("x", "done"))]
    began = time.monotonic()
    outcomes = attempt("off", found, 0.2)
    assert time.monotonic() - began < 5
    assert [outcome.state for outcome in outcomes] == ["failed", "failed", "done"]
    assert outcomes[0].detail == "no answer within 0.2 s"
    assert worked(outcomes)
    assert not worked(outcomes[:2])
    assert worked([Outcome("x", "not offered")])


def test_the_signal_goes_last_and_comes_back_first() -> None:
    names = {
        "on": [way.name for way in ways(Equipment("ddc"), {}, "on")],
        "off": [way.name for way in ways(Equipment("ddc"), {}, "off")],
    }
    assert names["on"] == names["off"][::-1]
    assert names["off"][:2] == [ddc.NAME, command.NAME]
    assert ddc.NAME not in [way.name for way in ways(Equipment(), {}, "off")]
    assert [way.name for way in ways(Equipment("none"), {}, "off")] == [command.NAME]


@posix
def test_own_commands(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    off = f'{sys.executable} -c \'open("{mark}", "w").write("off")\''
    assert command.carry_out(off, "true", "off").state == "done"
    assert mark.read_text() == "off"
    assert str(command.carry_out("true", "sh -c 'echo no bus >&2; exit 3'", "on")) == (
        "own command: failed (exit code 3: no bus)"
    )
    assert "panel_on is not set" in command.carry_out("true", None, "off").detail
    assert "no such file" in command.carry_out("/nowhere", "true", "off").detail
    assert command.carry_out("sh -c '", "true", "off").state == "failed"
    assert command.carry_out(None, None, "off").state == "not offered"


@posix
def test_a_command_that_hangs_is_ended_with_what_it_started(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    began = time.monotonic()
    outcome = command.carry_out(f"sh -c 'sleep 600 & echo $! > {pid}; wait'", "true", "off")
    assert time.monotonic() - began < 10
    assert outcome.detail == "not done within 2.5 s"
    until = time.monotonic() + 10
    while _runs(int(pid.read_text())):
        assert time.monotonic() < until
        time.sleep(0.01)


def _runs(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1][:3]
    except OSError:
        return False


@posix
@pytest.mark.parametrize(("heeds", "state"), [("on", "verified"), ("off", "failed")])
def test_wayland_reads_back_what_the_compositor_says(
    tmp_path: Path, heeds: str, state: str
) -> None:
    tool = tmp_path / "wlopm"
    tool.write_text(f'#!/bin/sh\n[ "$1" ] || echo "HDMI-A-1 {heeds}"\n')
    tool.chmod(0o755)
    environ = {"WAYLAND_DISPLAY": "wayland-0", "PATH": f"{tmp_path}:/usr/bin:/bin"}
    assert wayland.carry_out(environ, "on").state == state
    assert wayland.carry_out(environ, "status") == Outcome("Wayland", "verified", heeds)
    assert wayland.carry_out({}, "on").state == "not offered"
    assert wayland.carry_out({"WAYLAND_DISPLAY": "x", "PATH": ""}, "on").state == "not offered"


@pytest.mark.skipif(sys.platform == "win32", reason="would switch this PC's monitors")
def test_windows_is_not_offered_elsewhere() -> None:
    assert windows.carry_out("off").state == "not offered"


# -- DDC/CI: monitorcontrol's own Monitor, on a panel that is only played -------------------------


def test_ddc_is_read_back_where_the_panel_answers() -> None:
    monitorcontrol = pytest.importorskip("monitorcontrol")

    class Bus(monitorcontrol.vcp.VCP):  # type: ignore[misc,name-defined]
        """A panel's end of the bus; `deaf` once it is off."""

        def __init__(self, deaf: bool = False, broken: bool = False) -> None:
            self.power, self.deaf, self.broken = 1, deaf, broken

        def __enter__(self) -> None:
            if self.broken:
                raise monitorcontrol.VCPIOError("unable to open VCP")

        def __exit__(self, *_: object) -> None:
            pass

        def set_vcp_feature(self, code: int, value: int) -> None:
            assert code == 0xD6
            self.power = value

        def get_vcp_feature(self, _code: int) -> tuple[int, int]:
            if self.deaf and self.power != 1:
                raise monitorcontrol.VCPIOError("unable to read from I2C bus")
            return self.power, 5

        def get_vcp_capabilities(self) -> str:
            return ""

    def asked_of(order: Order, *buses: Bus) -> Outcome:
        return ddc.carry_out(order, lambda: [monitorcontrol.Monitor(bus) for bus in buses])

    good = Bus()
    assert asked_of("off", good) == Outcome("DDC/CI", "verified", "off")
    assert good.power == ddc.OFF
    assert asked_of("status", good).detail == "off"
    assert asked_of("on", good, Bus()) == Outcome("DDC/CI", "verified", "on, on")
    assert asked_of("off", Bus(deaf=True)) == Outcome("DDC/CI", "done", "cannot be read back")
    assert asked_of("off", Bus(broken=True)) == Outcome("DDC/CI", "failed", "unable to open VCP")
    assert asked_of("off").state == "not offered"


# -- X11: real servers ----------------------------------------------------------------------


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A real Xorg whose panel can be switched off."""
    with dpms_server(tmp_path) as found:
        yield found


def test_x11_switches_a_panel_off_and_on_and_reads_it_back(server: Server) -> None:
    assert x11.carry_out(server.display, "status") == Outcome("X11 DPMS", "verified", "on")
    for _ in range(2):  # asserted again: nothing changes
        assert x11.carry_out(server.display, "off") == Outcome("X11 DPMS", "verified", "off")
        assert x11.carry_out(server.display, "status").detail == "off"
    assert server.levels()[-1] == x11.OFF
    for _ in range(2):
        assert x11.carry_out(server.display, "on") == Outcome("X11 DPMS", "verified", "on")
    assert server.levels()[-1] == x11.ON


def test_a_way_back_from_every_level_and_with_dpms_disabled(server: Server) -> None:
    if shutil.which("xset") is None:
        pytest.skip("xset is not installed")
    environ = {**os.environ, "DISPLAY": server.display}
    for words in (["force", "standby"], ["force", "suspend"], ["force", "off"]):
        subprocess.run(["xset", "dpms", *words], env=environ, check=True)
        assert x11.carry_out(server.display, "on").state == "verified"
        said = subprocess.run(["xset", "q"], env=environ, check=True, capture_output=True).stdout
        assert b"DPMS is Disabled" in said, "a timer of the server's own could blank the window"
    subprocess.run(["xset", "-dpms"], env=environ, check=True)  # as the player has it
    assert x11.carry_out(server.display, "off").state == "verified"
    said = subprocess.run(["xset", "q"], env=environ, check=True, capture_output=True).stdout
    assert b"Monitor is Off" in said
    assert b"Standby: 0    Suspend: 0    Off: 0" in said


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Server]:
    """A real X server that knows no panels."""
    xvfb = shutil.which("Xvfb")
    if xvfb is None:
        pytest.skip("Xvfb is not installed")
    with serving([xvfb], tmp_path) as found:
        yield found


def test_a_server_without_dpms_offers_nothing(plain: Server, tmp_path: Path) -> None:
    assert x11.carry_out(plain.display, "off").state == "not offered"
    code, told = panel("off", DISPLAY=plain.display, KIOSK_DATA=str(tmp_path))
    assert code == 0
    assert {way["state"] for way in told["ways"]} == {"not offered"}


def test_a_server_that_hangs_or_dies_cannot_hold_up_the_command(
    plain: Server, tmp_path: Path
) -> None:
    plain.process.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    code, told = panel("off", DISPLAY=plain.display, KIOSK_DATA=str(tmp_path))
    assert code == 1
    assert {"way": "X11 DPMS", "state": "failed", "detail": "no answer within 3 s"} in told["ways"]
    assert time.monotonic() - began < 20
    plain.process.kill()
    plain.process.wait()
    code, told = panel("off", DISPLAY=plain.display, KIOSK_DATA=str(tmp_path))
    assert code == 1
    assert f"the display {plain.display} cannot be opened" in str(told)


@pytest.mark.skipif(sys.platform != "linux", reason="abstract names are Linux's")
def test_a_connection_lost_half_way_costs_its_deadline(plain: Server, tmp_path: Path) -> None:
    """Xlib ends a process for that; this one tries the other ways and says so."""
    with cut_line(plain.display, b"DPMS") as display:
        settings = {"KIOSK_DATA": str(tmp_path), "DISPLAY": display}
        code, told = panel("off", **settings)
    assert code == 1
    assert [way["state"] for way in told["ways"]] == ["not offered", "not offered", "failed"]


# -- the command ----------------------------------------------------------------------------

RUN = (
    "import argparse, sys\n"
    "from kiosk.door.panel import add\n"
    "parser = argparse.ArgumentParser()\n"
    "add(parser)\n"
    "arguments = parser.parse_args()\n"
    "sys.exit(arguments.run(arguments))\n"
)


def run(*words: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    """`kiosk panel` in a process of its own, with no display unless one is given."""
    own = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return subprocess.run(
        [sys.executable, "-c", RUN, *words],
        env={**own, "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        timeout=60,
        check=False,
    )


def panel(*words: str, **environ: str) -> tuple[int, dict[str, Any]]:
    """Its exit code, and what it said as JSON."""
    done = run(*words, "--json", **environ)
    assert done.stdout, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, told


@posix
def test_with_nothing_to_switch_the_black_frame_is_enough(tmp_path: Path) -> None:
    for order in ("off", "status", "on"):
        code, told = panel(order, KIOSK_DATA=str(tmp_path))
        assert (code, told["panel"]) == (0, order)
        assert {way["state"] for way in told["ways"]} == {"not offered"}
    assert run("sideways").returncode == 2


def test_the_journal_as_a_table_and_as_json(tmp_path: Path) -> None:
    assert b"no change of light" in run("journal", "--data", str(tmp_path)).stdout
    append(tmp_path, Entry(MOMENT, DARK, (Outcome("X11 DPMS", "verified", "off"),)))
    append(tmp_path, Entry(MOMENT.replace(day=24, hour=7), LIT))
    append(tmp_path, Entry(MOMENT.replace(day=24, hour=18), DARK))
    append(tmp_path, Entry(MOMENT.replace(day=24, hour=19), Light(None, "stopped")))
    done = run("journal", "--data", str(tmp_path))
    lines = done.stdout.decode().splitlines()
    assert lines[:5] == [
        "2026-11-23  le-mans/vitrine  (Europe/Paris)",
        "  19:30-24:00  dark     closed (Mo-Fr 09:30-18:30)  [panel: X11 DPMS verified]",
        "",
        "2026-11-24  le-mans/vitrine  (Europe/Paris)",
        "  00:00-08:30  dark     closed (Mo-Fr 09:30-18:30)  [panel: X11 DPMS verified]",
    ]
    assert lines[5] == "  08:30-19:30  lit      opening hours  [panel: -]"
    told = json.loads(
        run("journal", "--json", "--since", "2026-11-24", "--data", str(tmp_path)).stdout
    )
    assert told[0]["from"] == "2026-11-24T00:00:00+01:00"
    assert run("journal", "--since", "yesterday").returncode == 2
