"""The door: help that reads well, and every refusal with its cause, its remedy and its code."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kiosk.cli import main
from kiosk.door.refusal import EX_DATAERR, EX_NOINPUT
from kiosk.player.preflight import EX_UNAVAILABLE
from tests.places import DEMONSTRATION, ROOT


@pytest.mark.parametrize("arguments", [[], ["play"], ["tour"]])
def test_help_reads_well(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([*arguments, "--help"])
    assert left.value.code == 0
    text = capsys.readouterr().out
    assert "FOLDER" in text or not arguments
    assert all(len(line) <= 100 for line in text.splitlines())


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["play", "{demo}", "--agency", "le-man"], EX_NOINPUT, "did you mean 'le-mans'?"),
        (["play", "{demo}", "--agency", "x"], EX_NOINPUT, "there is: annecy, le-mans, nantes"),
        (["play", "{demo}/nowhere", "--agency", "x"], EX_NOINPUT, "nowhere"),
        (["play", "{demo}/campaign.yaml", "--agency", "x"], EX_NOINPUT, "is a file"),
        (["tour", "{demo}", "--agency", "lyon", "--out", "{tmp}"], EX_NOINPUT, "no agency 'lyon'"),
        (["tour", "{tmp}", "--out", "{tmp}/out"], EX_NOINPUT, "campaign.yaml"),
        (
            ["play", "{demo}", "--agency", "le-mans", "--screen", "vitrin"],
            EX_NOINPUT,
            "did you mean 'vitrine'?",
        ),
    ],
)
def test_a_refusal_names_cause_and_remedy(
    arguments: list[str],
    code: int,
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    filled = [a.format(demo=DEMONSTRATION, tmp=tmp_path) for a in arguments]
    assert main(filled) == code
    message = capsys.readouterr().err
    assert message.startswith("kiosk: ") and words in message
    assert "Traceback" not in message


def test_broken_yaml_is_reported_whole_with_places(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign = tmp_path / "mine"
    shutil.copytree(DEMONSTRATION, campaign)
    text = (campaign / "campaign.yaml").read_text("utf-8")
    text = text.replace("quote:", "qote:", 1).replace("kind: poster", "kind: postr")
    (campaign / "campaign.yaml").write_text(text, "utf-8")
    assert main(["play", str(campaign), "--agency", "le-mans"]) == EX_DATAERR
    message = capsys.readouterr().err
    assert "2 problems" in message
    assert 'unknown key "qote"; did you mean "quote"?' in message
    assert "campaign.yaml:26:5: " in message


@pytest.mark.parametrize("size", ["1920", "19x10", "1920x1080x3", "99999x99999"])
def test_a_size_that_is_none_is_refused(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["tour", str(DEMONSTRATION), "--size", size, "--out", "x"])
    assert left.value.code == 2
    assert "is not a size such as 1920x1080" in capsys.readouterr().err


def _environ(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return {**kept, **more}


def test_with_no_display_the_loop_goes_round_once_and_leaves_pictures(tmp_path: Path) -> None:
    plays = tmp_path / "plays.jsonl"
    command = ["play", str(DEMONSTRATION), "--agency", "le-mans", "--plays", str(plays)]
    run = subprocess.run(
        [sys.executable, "-m", "kiosk", *command, "--pictures", str(tmp_path / "pictures")],
        cwd=ROOT,
        env=_environ(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[0].startswith("No display: the loop runs offscreen")
    drawn = {path.stem for path in (tmp_path / "pictures").iterdir()}
    families = {"am1", "se1", "ga1", "ja1", "se2", "po1", "fa1", "ag1"}
    assert drawn >= families | {"ca1", "ca2", "ch1", "em1"}
    records = [json.loads(line) for line in plays.read_text("utf-8").splitlines()]
    assert [record["counter"] for record in records] == list(range(1, len(records) + 1))
    assert all(record["seconds"] >= 1.0 for record in records)


def test_it_leaves_in_good_order_when_told_to(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "kiosk", "play", str(DEMONSTRATION), "--agency", "le-mans"]
        + ["--pictures", str(tmp_path)],
        cwd=ROOT,
        env=_environ(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines = [process.stdout.readline(), process.stdout.readline()]
    process.send_signal(signal.SIGTERM)
    before = time.monotonic()
    process.communicate(timeout=20)
    assert process.returncode == 0
    assert time.monotonic() - before < 10
    assert lines[1].strip()


def test_a_missing_library_stops_it_before_qt_can_abort(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from kiosk.player import preflight

    absent = preflight.Library("libnot-there.so.9", "libnot-there9", "offscreen")
    monkeypatch.setattr(preflight, "LIBRARIES", (*preflight.LIBRARIES, absent))
    assert main(["play", str(DEMONSTRATION), "--agency", "le-mans"]) == EX_UNAVAILABLE
    message = capsys.readouterr().err
    assert "libnot-there.so.9" in message and "libnot-there9" in message
