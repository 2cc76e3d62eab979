"""Every frame on a real display is the old scene, the new one, or one mix of the two."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from tests.places import ROOT
from tests.player.display import needs_xvfb, xvfb
from tests.player.watch_changes import share_of

CHANGES = 200


@needs_xvfb
@pytest.mark.timeout(240)
def test_200_changes_show_no_false_frame() -> None:
    with xvfb(960, 540) as environ:
        run = subprocess.run(
            [sys.executable, "-m", "tests.player.watch_changes", str(CHANGES)],
            cwd=ROOT,
            env=environ,
            capture_output=True,
            text=True,
            timeout=220,
            check=False,
        )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    found = json.loads(run.stdout)
    assert found["false"] == []
    assert found["changes"] == CHANGES
    assert found["mixed"] >= CHANGES, "the fades themselves were not seen"


def test_the_judge_tells_a_mix_from_a_black_or_foreign_frame() -> None:
    random = np.random.default_rng(7)
    old, new, foreign = (random.integers(0, 256, (40, 60, 3)).astype(np.int16) for _ in range(3))
    half = ((old + new) // 2).astype(np.int16)
    assert share_of(old, new, half)[1] <= 1
    assert share_of(old, new, np.zeros_like(old))[1] > 50
    assert share_of(old, new, foreign)[1] > 50
    torn = np.concatenate([old[:20], new[20:]])
    assert share_of(old, new, torn)[1] > 50
