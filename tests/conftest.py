"""Fixtures every room's tests share. Qt runs offscreen unless a test starts its own display."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

ROOT = Path(__file__).parent.parent
DEMONSTRATION = ROOT / "playlists" / "demonstration"


@pytest.fixture
def demonstration() -> Path:
    """The demonstration campaign's folder."""
    return DEMONSTRATION
