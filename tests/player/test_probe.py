"""`kiosk probe`: one JSON object, whatever this machine is like; a real Qt that aborts or hangs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kiosk.player.finding import Finding
from kiosk.player.findings import FRENCH, images
from tests.places import ROOT
from tests.player.display import needs_xvfb, xvfb
from tests.player.false_display import false_display

PARTS = ("display", "renderer", "fonts", "images", "video", "code")
only_linux = pytest.mark.skipif(sys.platform != "linux", reason="an X server's socket")
NO_FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><cachedir>{}</cachedir></fontconfig>"""


def probed(
    environ: Mapping[str, str], *, words: tuple[str, ...] = ("-m", "kiosk", "probe")
) -> subprocess.CompletedProcess[str]:
    """The command as a child, in this environment."""
    return subprocess.run(
        [sys.executable, *words],
        env=dict(environ),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def found(environ: Mapping[str, str]) -> dict[str, Any]:
    """What it told: nothing but the object, and nothing on stderr."""
    run = probed(environ)
    assert (run.returncode, run.stderr) == (0, "")
    told = json.loads(run.stdout)
    assert isinstance(told, dict)
    return told


@pytest.fixture(scope="module")
def offscreen() -> dict[str, Any]:
    """The probe with no display."""
    return found({**os.environ, "QT_QPA_PLATFORM": "offscreen"})


def test_offscreen_everything_is_tried_and_the_display_is_a_warning(
    offscreen: dict[str, Any],
) -> None:
    states = {name: offscreen[name]["state"] for name in PARTS}
    assert states == {**dict.fromkeys(PARTS, "pass"), "display": "warn"}
    assert offscreen["display"]["platform"] == "offscreen"
    assert offscreen["renderer"]["kind"] == "software"


def test_every_clip_moves(offscreen: dict[str, Any]) -> None:
    clips = offscreen["video"]["clips"]
    assert {clip["codec"] for clip in clips.values()} == {"H264", "VP8", "VP9"}
    assert all(clip["different"] >= 2 for clip in clips.values())


def test_the_code_is_drawn_and_read_back(offscreen: dict[str, Any]) -> None:
    code = offscreen["code"]
    assert code["read_by"] == ["zxing", "zbar", "opencv"]
    assert code["tile_px"] % code["module_px"] == 0
    assert code["scannable"]


@only_linux
def test_french_is_there_on_a_system_without_a_font(tmp_path: Path) -> None:
    config = tmp_path / "fonts.conf"
    config.write_text(NO_FONTS.format(tmp_path / "cache"))
    fonts = found({**os.environ, "FONTCONFIG_FILE": str(config)})["fonts"]
    assert fonts["state"] == "pass"
    assert fonts["glyphs"] == dict.fromkeys(FRENCH, "Atkinson Hyperlegible Next")


@needs_xvfb
def test_a_real_display_is_told_as_it_is() -> None:
    with xvfb(1080, 1920) as environ:
        told = found(environ)
    display = told["display"]
    assert (display["state"], display["platform"]) == ("pass", "xcb")
    assert [one["px"] for one in display["displays"]] == [[1080, 1920]]
    assert [one["orientation"] for one in display["displays"]] == ["portrait"]
    assert display["displays"][0]["primary"]
    assert told["code"]["state"] == "pass"


@only_linux
def test_an_abort_of_qt_has_last_words() -> None:
    with false_display(hangs_up=True) as environ:
        run = probed(environ)
    assert run.returncode == -signal.SIGABRT
    assert run.stdout == ""
    assert "no Qt platform plugin could be initialized" in run.stderr


@only_linux
def test_a_display_server_that_never_answers_ends_it_in_time() -> None:
    """libxcb waits for ever, and PySide keeps Python's lock meanwhile."""
    with false_display(hangs_up=False) as environ:
        began = time.monotonic()
        run = probed(environ, words=("-m", "kiosk", "probe", "--progress"))
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith("probe: display\n")
    assert "in display" in run.stderr, "the traceback says where"
    assert time.monotonic() - began < 16


HANGS = """
import sys, time
from kiosk.player import findings
findings.images = lambda: time.sleep(60)
from kiosk.cli import main
sys.exit(main(["probe"]))
"""


def test_a_part_that_hangs_is_named_and_the_others_told() -> None:
    run = probed(os.environ, words=("-c", HANGS))
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert told["images"] == {"state": "fail", "seen": "did not end within 3.0 s"}
    assert told["fonts"]["state"] == "pass"
    assert told["code"] == {"state": "skipped", "seen": "because images did not end"}


MISSING = """
import sys
from kiosk.player import preflight
preflight.LIBRARIES = (preflight.Library("libnowhere.so.7", "libnowhere7", "offscreen"),)
from kiosk.cli import main
sys.exit(main(["probe"]))
"""


@only_linux
def test_a_missing_library_is_69_with_its_package() -> None:
    run = probed(os.environ, words=("-c", MISSING))
    assert run.returncode == 69
    assert "apt-get install --no-install-recommends libnowhere7" in run.stderr


NO_MULTIMEDIA = """
import sys
sys.modules["PySide6.QtMultimedia"] = None
from kiosk.cli import main
sys.exit(main(["probe"]))
"""


def test_a_bundle_without_multimedia_says_so_and_goes_on() -> None:
    run = probed(os.environ, words=("-c", NO_MULTIMEDIA))
    told = json.loads(run.stdout)
    assert told["video"]["state"] == "fail"
    assert told["video"]["seen"].startswith("QtMultimedia cannot be loaded")
    assert told["code"]["state"] == "pass"


def test_a_picture_with_other_colours_is_not_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "probe"
    folder.mkdir()
    for file in (ROOT / "assets" / "probe").glob("bars.*"):
        (folder / file.name).write_bytes(file.read_bytes())
    drawn = (folder / "bars.svg").read_text().replace("#e8b23a", "#000000")
    (folder / "bars.svg").write_text(drawn)
    (folder / "bars.webp").write_bytes(b"RIFF")
    monkeypatch.setattr("kiosk.player.findings.files", lambda _: tmp_path)
    finding: Finding = images()
    assert finding.state == "fail"
    formats = finding.facts["formats"]
    assert formats["svg"].startswith("wrong colours")
    assert formats["webp"] == "not a picture"
    assert (formats["jpg"], formats["png"]) == ("decoded", "decoded")
