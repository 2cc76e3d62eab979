"""Head office for drills: the demonstration campaign in a few editions that take turns."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from kiosk.release.publish import Published
from tests.drill.likeness import Album
from tests.places import ROOT, stills
from tests.player.x11 import Frame
from tests.release.head_office import HeadOffice

AGENCY: Final = "le-mans"
SIZE: Final = (960, 540)
ACCENT: Final = "#005CA9"
EDITIONS: Final = {"blue": ACCENT, "green": "#00663A", "red": "#A3202B"}
"""The name of an edition, and its colour, which every scene but standby carries."""
QUOTE: Final = "Dix ans dans la même famille"


@dataclass
class Presses:
    """Publishes one edition after the other, each a new release."""

    root: Path
    office: HeadOffice = field(init=False)
    released: list[tuple[float, str]] = field(default_factory=list)
    """When (monotonic seconds) which edition came out."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.office = HeadOffice(self.root / "office", datetime.now(UTC))
        for name, colour in EDITIONS.items():
            folder = Path(shutil.copytree(stills(), self.root / "editions" / name))
            path = folder / "campaign.yaml"
            text = path.read_text("utf-8").replace(ACCENT, colour)
            path.write_text(text.replace(QUOTE, f"{QUOTE} ({name})"), "utf-8")

    @property
    def anchor(self) -> Path:
        """The trust anchor of the screens."""
        return self.office.root / "keys" / "roots" / "1.root.json"

    @property
    def edition(self) -> str:
        """The edition that is out."""
        return self.released[-1][1]

    def publish(self) -> str:
        """Publish the next edition; its name."""
        names = list(EDITIONS)
        with self._lock:
            name = names[len(self.released) % len(names)]
            shutil.rmtree(self.office.folder)
            shutil.copytree(self.root / "editions" / name, self.office.folder)
            self.office.now = datetime.now(UTC)
            published = self.office.publish()
            assert isinstance(published, Published), published
            self.released.append((time.monotonic(), name))
        return name

    def album(self) -> Album:
        """Every scene of every edition, as the player draws it."""
        out = self.root / "pictures"
        folders = [str(self.root / "editions" / name) for name in EDITIONS]
        ran = subprocess.run(
            [sys.executable, "-m", "tests.drill.pictures", str(out), *folders],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        frames: dict[str, Frame] = {}
        for path in sorted(out.glob("*/*.png")):
            with Image.open(path) as picture:
                frame = np.asarray(picture.convert("RGB"))[:, :, ::-1]
            frames[f"{path.parent.name}/{path.stem}"] = frame
        return Album.of(frames)
