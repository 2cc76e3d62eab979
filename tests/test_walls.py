"""The house's walls: who may import whom, held by import-linter; and what no room may ever hold."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.places import ROOT

PROBES = re.compile(
    r"QtMultimedia.*(Camera|AudioInput|MediaCaptureSession|AudioSource)"
    r"|QtBluetooth|QtNfc|QtPositioning|QtSensors|VideoCapture|pyaudio|sounddevice|bleak|scapy"
)


def _modules() -> list[Path]:
    return sorted((ROOT / "kiosk").rglob("*.py"))


def test_imports_go_one_way() -> None:
    script = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run(
        [script, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_no_camera_microphone_or_radio_probe() -> None:
    found = [p.name for p in _modules() if PROBES.search(p.read_text("utf-8"))]
    assert found == []


def test_every_module_says_in_one_line_what_it_is() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in _modules()
        if not re.match(r'"""[^\n]+', path.read_text("utf-8"))
    ]
    assert silent == []
