"""Where things are."""

import atexit
import re
import shutil
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp

ROOT = Path(__file__).parent.parent
DEMONSTRATION = ROOT / "playlists" / "demonstration"
MOVING = ("vi1", "ag1", "em1")
"""Its scenes that are not the same picture at every moment, or have no code or several."""


@lru_cache
def stills() -> Path:
    """A copy of the demonstration without those: each scene is one picture, known by its code."""
    root = Path(mkdtemp(prefix="stills-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    folder = Path(shutil.copytree(DEMONSTRATION, root / "campaign"))
    shutil.rmtree(folder / "jobs")
    path = folder / "campaign.yaml"
    head, *scenes = re.split(r"(?m)^(?=  - id: )", path.read_text("utf-8"))
    kept = [text for text in scenes if not text.startswith(tuple(f"  - id: {m}\n" for m in MOVING))]
    assert len(kept) == len(scenes) - len(MOVING)
    path.write_text("".join((head, *kept)), "utf-8")
    return folder
