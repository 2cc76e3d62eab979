"""The root ceremony as people meet it: at a terminal, typing passphrases that are not shown."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import ROOT

pty = pytest.importorskip("pty", reason="needs a terminal of POSIX")


def ceremony(folder: Path, lines: list[str]) -> tuple[int, str]:
    """Type these lines, each when it is asked for; the exit code and what was on the screen."""
    try:
        child, terminal = pty.fork()
    except OSError as error:
        pytest.skip(f"no terminal can be opened here ({error})")
    if child == 0:
        os.environ["PYTHONPATH"] = str(ROOT)
        os.execv(sys.executable, [sys.executable, "-m", "kiosk", "keys", "init", str(folder)])
    seen, asked = "", 0
    while select.select([terminal], [], [], 60)[0]:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # Linux: the other end is gone
            break
        if not piece:
            break
        seen += piece.decode()
        prompts = seen.count("assphrase of the new root-") + seen.count("Once more")
        if prompts > asked and asked < len(lines):
            os.write(terminal, f"{lines[asked]}\n".encode())
            asked += 1
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), seen


def test_three_people_choose_a_passphrase_each(tmp_path: Path) -> None:
    words = ["one horse two carts", "three hens four eggs", "five oaks six owls"]
    typed = [words[0], words[0], words[1], "a slip of the hand", words[1], words[1], *words[2:] * 2]
    code, seen = ceremony(tmp_path / "keys", typed)
    assert code == 0, seen
    assert "They differ; again." in seen
    assert not any(word in seen for word in words)
    assert "Move root-1.pem, root-2.pem and root-3.pem out of" in seen
    assert {p.name for p in (tmp_path / "keys").iterdir()} == {
        *("README.txt", "daily", "root.json", "roots", "root-1.pem", "root-2.pem", "root-3.pem")
    }


def test_a_short_passphrase_is_asked_for_again_at_once(tmp_path: Path) -> None:
    words = ["one horse two carts", "three hens four eggs", "five oaks six owls"]
    code, seen = ceremony(tmp_path / "keys", ["short", *[w for w in words for _ in range(2)]])
    assert code == 0, seen
    assert seen.count("Too short: at least 10 characters.") == 1


def test_two_equal_passphrases_make_no_keys(tmp_path: Path) -> None:
    code, seen = ceremony(tmp_path / "keys", ["one horse two carts"] * 6)
    assert code != 0
    assert "each root key needs a passphrase of its own" in seen
    assert not (tmp_path / "keys").exists()


def test_without_a_terminal_the_missing_passphrases_are_named(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kiosk", "keys", "init", str(tmp_path / "keys")]
    typed = "one horse two carts\n" * 6
    done = subprocess.run(
        command, input=typed, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
    )
    assert done.returncode == 77
    assert "the passphrase of the new root-1 is missing" in done.stderr
    assert "--passphrase-file FILE, one passphrase a line" in done.stderr
    assert "locked;" not in done.stderr
    assert not (tmp_path / "keys").exists()
