"""What the smoke test shows: a campaign with JPEG, WebP and SVG, published, served over TLS."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtGui import QImage

from kiosk.campaign.links import url_of
from kiosk.door.demonstrate import ThrowAway
from kiosk.door.loopback import Silent, serving
from kiosk.release.folder import read_folder
from tests.places import DEMONSTRATION
from tests.release.authority import Authority

AGENCY: Final = "le-mans"
OTHER_FORMATS: Final = {"portraits/claire.svg": "jpg", "portraits/nadia.svg": "webp"}
"""Pictures of the demonstration that are shown in another format than SVG."""


def campaign(folder: Path) -> Path:
    """The demonstration for one agency, two of its pictures as JPEG and WebP."""
    shutil.copytree(DEMONSTRATION, folder)
    text = (folder / "campaign.yaml").read_text("utf-8")
    for name, form in OTHER_FORMATS.items():
        other = str(Path(name).with_suffix(f".{form}"))
        if not QImage(str(folder / name)).save(str(folder / other), quality=92):
            raise RuntimeError(f"{other} could not be written")
        text = text.replace(name, other)
    (folder / "campaign.yaml").write_text(text, "utf-8")
    return folder


def codes(folder: Path) -> dict[str, str]:
    """Every scene of the agency -> the URL that its code must say."""
    source = read_folder(folder).source
    agency = source.agency(AGENCY)
    found = {scene.id: url_of(source.campaign, agency, scene) for scene in source.campaign.scenes}
    return {scene: url for scene, url in found.items() if url is not None}


def published(folder: Path, place: Path) -> tuple[Path, Path]:
    """Sign the campaign with new keys; the site's folder and the trust anchor."""
    office = ThrowAway(place)
    for step in (office.init(), office.publish(folder)):
        subprocess.run(
            [sys.executable, "-m", "kiosk", *step],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=300,
        )
    return office.site, office.anchor


@contextmanager
def served(site: Path, place: Path) -> Iterator[tuple[str, Path]]:
    """The site over TLS on loopback: its address, and the authority that vouches for it."""
    authority = Authority(place)
    with serving(partial(Silent, directory=str(site)), authority.server()) as port:
        yield f"https://127.0.0.1:{port}", authority.file
