"""What the smoke test shows: a campaign with JPEG, WebP and SVG, published, served over TLS."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

from PySide6.QtGui import QImage

from kiosk.campaign.links import url_of
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
    keys, site, words = place / "keys", place / "site", place / "words"
    words.write_text("".join(f"{secrets.token_hex(16)}\n" for _ in range(3)), "utf-8")
    for step in (
        ["keys", "init", str(keys), "--passphrase-file", str(words)],
        ["publish", str(folder), "--to", str(site), "--keys", str(keys)],
    ):
        subprocess.run(
            [sys.executable, "-m", "kiosk", *step],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=300,
        )
    return site, keys / "root.json"


class _Silent(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        del format, args


@contextmanager
def served(site: Path, place: Path) -> Iterator[tuple[str, Path]]:
    """The site over TLS on loopback: its address, and the authority that vouches for it."""
    authority = Authority(place)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Silent, directory=str(site))) as server:
        server.socket = authority.server().wrap_socket(server.socket, server_side=True)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"https://127.0.0.1:{server.server_port}", authority.file
        finally:
            server.shutdown()
            thread.join()
