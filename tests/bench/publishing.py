"""`python -m tests.bench.publishing`: how long a whole `kiosk publish` takes for 600 agencies.

The whole command, with its checks, its drawing and its reading back: the first time, again with
nothing changed, with one word of one scene changed, and with one agency's name changed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.places import ROOT, stills

AGENCY = """\
agency: {name}
code: {code}
name: O2 Agence {number}
phone: "+33199000{number:03d}"
screens:
  vitrine: {{diagonal_in: 43, orientation: {shape}, resolution: 1920x1080, scan_distance_m: 2.0}}
"""
OLD, NEW = "Dix ans dans la même famille : la", "Onze ans dans la même famille : la"


def campaign(root: Path, agencies: int) -> Path:
    """The demonstration campaign for so many agencies, half of them with an upright screen."""
    folder = root / "campaign"
    shutil.copytree(stills(), folder)
    shutil.rmtree(folder / "agencies")
    (folder / "agencies").mkdir()
    for number in range(agencies):
        shape = "portrait" if number % 2 else "landscape"
        name, code = f"agence-{number}", f"a{number:03d}"
        text = AGENCY.format(name=name, code=code, number=number, shape=shape)
        (folder / "agencies" / f"{name}.yaml").write_text(text, "utf-8")
    return folder


def run(place: Path, *words: str) -> float:
    """Run one command; how long it took (s)."""
    started = time.monotonic()
    said = subprocess.run(
        [sys.executable, "-m", "kiosk", *words],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    took = time.monotonic() - started
    if said.returncode:
        sys.exit(f"{' '.join(words)}: {said.returncode}\n{said.stdout}{said.stderr}")
    drawn = [line for line in said.stderr.splitlines() if "drawn" in line]
    print(f"{took:7.1f} s  {drawn[0] if drawn else ''}", flush=True)
    return took


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--agencies", type=int, default=600)
    count = arguments.parse_args().agencies
    with TemporaryDirectory() as name:
        place = Path(name)
        folder = campaign(place, count)
        (place / "words").write_text("one two three four\nfive six seven\neight nine ten\n")
        run(place, "keys", "init", "keys", "--passphrase-file", "words")
        publish = ("publish", "campaign", "--to", "site", "--keys", "keys", "--cache", "cache")
        print(f"{count} agencies, {os.cpu_count()} cores\nfirst time")
        run(place, *publish)
        print("nothing changed")
        run(place, *publish)
        file = folder / "campaign.yaml"
        text = file.read_text("utf-8")
        assert OLD in text
        file.write_text(text.replace(OLD, NEW), "utf-8")
        print("one word changed")
        run(place, *publish)
        file = folder / "agencies" / "agence-0.yaml"
        file.write_text(file.read_text("utf-8").replace("Agence 0", "Agence zéro"), "utf-8")
        print("one agency's name changed")
        run(place, *publish)


if __name__ == "__main__":
    main()
