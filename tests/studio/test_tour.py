"""Every code of every scene, agency and size, read by every decoder from the player's frames."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage

from kiosk.campaign.links import url_of
from kiosk.campaign.model import JobsScene
from kiosk.door.needs import content_of_folder
from kiosk.player.content import Content
from kiosk.release.folder import Folder, read_folder
from kiosk.studio.reach import ENOUGH
from kiosk.studio.render import Studio
from kiosk.studio.scan import DECODERS, readers_of
from kiosk.studio.tour import stops, tour
from tests.places import DEMONSTRATION, ROOT

SIZES = [(1920, 1080), (3840, 2160), (1080, 1920), (2160, 3840), (1080, 1080), (1920, 1920)]
FOLDER = read_folder(DEMONSTRATION)


def _content(folder: Folder, agency_id: str) -> Content:
    return content_of_folder(folder, agency_id, None)


@pytest.mark.parametrize(
    ("agency_id", "size"),
    [
        *(("le-mans", size) for size in SIZES),
        *((name, _content(FOLDER, name).screen.seen_size()) for name in ("annecy", "nantes")),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value[0]}x{value[1]}",
)
def test_three_decoders_read_every_code(
    agency_id: str, size: tuple[int, int], tmp_path: Path
) -> None:
    content = _content(FOLDER, agency_id)
    rows = tour(stops([content], datetime.now(UTC), [size]), tmp_path)
    scenes = content.campaign.scenes
    assert [row.scene for row in rows] == [*(scene.id for scene in scenes), "standby"]
    for scene, row in zip(scenes, rows, strict=False):
        if isinstance(scene, JobsScene):  # each of its offers has a code of its own
            assert len(row.decoded_by) >= ENOUGH, row
        else:
            assert row.url == url_of(content.campaign, content.agency, scene)
            assert row.decoded_by == tuple(DECODERS), row
        assert row.problems == (), row
        assert row.version == 2 and row.module_mm >= 2.5 * row.distance_m
        picture = QImage(str(tmp_path / row.picture))
        assert (picture.width(), picture.height()) == size
    assert (tmp_path / "contact-sheet.png").stat().st_size > 10_000
    assert len(json.loads((tmp_path / "tour.json").read_text("utf-8"))) == len(rows)


def test_a_decoder_that_reads_something_else_does_not_count() -> None:
    content = _content(FOLDER, "le-mans")
    studio = Studio(content)
    frame = studio.draw(content, content.campaign.scene("am1"), (1920, 1080))
    studio.close()
    assert frame.composition.code is not None
    tile, url = frame.composition.code.tile, frame.composition.code.code.url
    assert readers_of(frame.image, url, tile) == tuple(DECODERS)
    assert readers_of(frame.image, url + "x", tile) == ()
    blank = QImage(1920, 1080, QImage.Format.Format_RGB32)
    blank.fill(QColor("white"))
    assert readers_of(blank, url, tile) == ()


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    digests = []
    for name in ("one", "two"):
        out = tmp_path / name
        command = ["tour", str(DEMONSTRATION), "--agency", "nantes", "--out", str(out)]
        run = subprocess.run(
            [sys.executable, "-m", "kiosk", *command],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        files = sorted(out.iterdir())
        assert len(files) == len(FOLDER.source.campaign.scenes) + 3
        digests.append({f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in files})
    assert digests[0] == digests[1]
    assert "13 codes" in run.stdout and "3/3" in run.stdout


def test_a_scene_that_cannot_be_drawn_is_named(tmp_path: Path) -> None:
    content = _content(FOLDER, "le-mans")
    broken = tmp_path / "broken.svg"
    broken.write_text("no drawing")
    stage = replace(
        content, media=lambda name: broken if name.endswith("claire.svg") else content.media(name)
    )
    rows = tour(stops([stage], datetime.now(UTC), [(640, 360)]), tmp_path / "out")
    assert "portraits/claire.svg: not a picture" in rows[0].problems
    assert not (tmp_path / "out" / rows[0].picture).exists()
