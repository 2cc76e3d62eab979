"""A head office of any size, and a real nginx before its site that counts what it sends."""

from __future__ import annotations

import http.client
import io
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.bench.processes import cpu_seconds
from tests.release.faults import closed_port
from tests.release.head_office import CAMPAIGN, SCENE, HeadOffice

NGINX: Final = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
GZIP: Final = ("gzip on;", "gzip_types application/json;")
"""What the README recommends."""
_MARK: Final = "/mark"
_STARTS_S: Final = 10.0
_KINDS: Final = "application/json json; image/jpeg jpg; text/yaml yaml;"
_TEMPORARY: Final = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
_CONFIG: Final = """\
daemon off;
master_process off;
pid nginx.pid;
error_log error.log;
events { worker_connections 4096; }
http {
  types { %(kinds)s }
  default_type application/octet-stream;
  log_format bodies '$status $body_bytes_sent $bytes_sent $request_uri';
  access_log access.log bodies;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 100000;
  %(temporary)s
  server { listen 127.0.0.1:%(port)d; %(tls)s root "%(tree)s"; %(more)s }
}
"""


# -- head office --------------------------------------------------------------------------------


def photograph(seed: int) -> bytes:
    """A JPEG of 1200 x 1600 with the grain of a photograph: about 300 kB."""
    coarse = np.random.default_rng(seed).integers(40, 215, (16, 12, 3), np.uint8)
    smooth = Image.fromarray(coarse).resize((1200, 1600), Image.Resampling.BICUBIC)
    pixels = np.clip(np.asarray(smooth, np.int16) + _grain(), 0, 255).astype(np.uint8)
    with io.BytesIO() as file:
        Image.fromarray(pixels).save(file, "JPEG", quality=80)
        return file.getvalue()


@cache
def _grain() -> NDArray[np.int16]:
    drawn = np.random.default_rng(0).normal(0, 5.5, (1600, 1200, 1))
    return drawn.astype(np.int16)


def noise(path: Path, length: int, seed: int) -> None:
    """A file of so many bytes that no compression helps: stands for a large picture."""
    with path.open("wb") as file:
        source = Random(seed)
        for at in range(0, length, 2**20):
            file.write(source.randbytes(min(2**20, length - at)))


def head_office(root: Path, agencies: int, scenes: Iterable[str]) -> HeadOffice:
    """A head office of 2 agencies or more, whose every scene is for all of them."""
    office = HeadOffice(root)
    for name in agency_names(agencies)[2:]:
        office.agency(name, name.replace("gence-", ""))
    write_scenes(office, scenes)
    return office


def agency_names(count: int) -> list[str]:
    """The names of so many agencies."""
    return ["le-mans", "nantes", *(f"agence-{number:03}" for number in range(2, count))]


def write_scenes(office: HeadOffice, scenes: Iterable[str], quote: str = "Bonjour.") -> None:
    """Write a campaign of JPEG portraits; their pictures are not written."""
    facts = {"quote": quote, "agencies": "", "more": ""}
    texts = (SCENE % {**facts, "scene": scene} for scene in scenes)
    text = CAMPAIGN + "".join(texts).replace(".svg", ".jpg").replace("    agencies: \n", "")
    (office.folder / "campaign.yaml").write_text(text, "utf-8")


def portrait(office: HeadOffice, scene: str) -> Path:
    """The picture of a scene."""
    return office.folder / "portraits" / f"{scene}.jpg"


def with_photographs(root: Path, agencies: int, count: int) -> HeadOffice:
    """A head office with so many photographs, not yet published."""
    scenes = [f"p{number:02}" for number in range(count)]
    office = head_office(root, agencies, scenes)
    for number, scene in enumerate(scenes):
        portrait(office, scene).write_bytes(photograph(number))
    return office


# -- nginx --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Served:
    """One answer, as the access log has it: bytes of its body, and with its headers."""

    status: int
    body: int
    sent: int
    path: str


@dataclass(frozen=True, slots=True)
class Server:
    """A running nginx with one worker."""

    port: int
    pid: int
    log: Path
    tls_port: int | None

    @property
    def url(self) -> str:
        """Its address: by TLS where it has a certificate."""
        if self.tls_port is not None:
            return f"https://127.0.0.1:{self.tls_port}"
        return f"http://127.0.0.1:{self.port}"

    def cpu_s(self) -> float:
        """User and system time so far, in s."""
        return cpu_seconds((self.pid,))

    @contextmanager
    def recording(self) -> Iterator[list[Served]]:
        """What is served meanwhile; the list is filled at the end."""
        seen: list[Served] = []
        begin = self._logged()
        yield seen
        with self.log.open("rb") as file:
            end = self._logged()
            file.seek(begin)
            lines = file.read(end - begin).decode().splitlines()
        seen += (answer for answer in map(_served, lines) if answer.path != _MARK)

    def _logged(self) -> int:
        """The log's length, once all that was served before is in it: nginx is one process."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_STARTS_S)
        connection.request("GET", _MARK)
        connection.getresponse().read()
        connection.close()
        return self.log.stat().st_size


@contextmanager
def nginx(folder: Path, tree: Path, *more: str, pem: Path | None = None) -> Iterator[Server]:
    """The tree behind an nginx of its own that lives in `folder`; `more` are its directives.

    `pem` holds a key and its certificate, to serve by TLS. FileNotFoundError without nginx.
    """
    if NGINX is None:
        raise FileNotFoundError("nginx is not installed")
    folder.mkdir(parents=True)
    port, tls_port = closed_port(), closed_port() if pem else None
    certificate = (f'ssl_certificate "{pem}";', f'ssl_certificate_key "{pem}";') if pem else ()
    facts: Mapping[str, object] = {
        "kinds": _KINDS,
        "temporary": " ".join(f"{name}_temp_path tmp_{name};" for name in _TEMPORARY),
        "port": port,
        "tls": f"listen 127.0.0.1:{tls_port} ssl;" if pem else "",
        "tree": tree,
        "more": " ".join((*certificate, *more)),
    }
    (folder / "nginx.conf").write_text(_CONFIG % facts, "utf-8")
    command = [NGINX, "-p", f"{folder}/", "-e", "error.log", "-c", "nginx.conf"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            _await(process, port, folder / "error.log")
            yield Server(port, process.pid, folder / "access.log", tls_port)
        finally:
            process.terminate()


def _await(process: subprocess.Popen[bytes], port: int, errors: Path) -> None:
    until = time.monotonic() + _STARTS_S
    while process.poll() is None and time.monotonic() < until:
        with suppress(ConnectionRefusedError):
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.connect()
            connection.close()
            return
        time.sleep(0.01)
    said = errors.read_text("utf-8") if errors.exists() else ""
    raise RuntimeError(f"nginx did not start: {said.strip()[-300:]}")


def _served(line: str) -> Served:
    status, body, sent, path = line.split(" ", 3)
    return Served(int(status), int(body), int(sent), path)
