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
    leave_out(folder, *MOVING)
    return folder


def leave_out(folder: Path, *scenes: str) -> None:
    """Take these scenes, by their ids, out of a folder written as the demonstration is."""
    path = folder / "campaign.yaml"
    head, *written = re.split(r"(?m)^(?=  - id: )", path.read_text("utf-8"))
    marks = tuple(f"  - id: {scene}\n" for scene in scenes)
    kept = [text for text in written if not text.startswith(marks)]
    assert len(kept) == len(written) - len(scenes)
    path.write_text("".join((head, *kept)), "utf-8")
