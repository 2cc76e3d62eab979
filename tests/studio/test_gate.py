"""The gate: what passes is drawn once, what fails is drawn again, and a crash loses little."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.door.needs import content_of_folder
from kiosk.player.content import Content
from kiosk.release.folder import read_folder
from kiosk.studio.gate import Finding, Gate, pass_gate
from kiosk.studio.gate_memory import (
    GateError,
    Keys,
    engine_digest,
    engine_parts,
    pictures_of,
    recalled,
    remember,
)
from kiosk.studio.gate_worker import Easel, parcel
from kiosk.studio.render import Studio
from kiosk.studio.tour import stops
from tests.places import DEMONSTRATION, ROOT, leave_out

MORE_AGENCIES = {
    "angers": "{diagonal_in: 55, scan_distance_m: 2.5}",
    "brest": "{diagonal_in: 43, orientation: portrait}",
}
FRAMES = 13
"""Of one agency: twelve scenes and standby."""
BY_THE_CLOCK = "ag1"
"""The agency's scene changes with the hour: its frame would be due again in the midst of a test."""
CHILD = """
import sys
from pathlib import Path
from kiosk.studio.gate import pass_gate
from tests.studio.test_gate import contents

def seen(done, total):
    print(done, flush=True)

pass_gate(contents(Path(sys.argv[1])), Path(sys.argv[2]), workers=2, seen=seen)
"""


def contents(root: Path, *agencies: str) -> tuple[Content, ...]:
    """Every screen of these agencies of the folder, or of all."""
    folder = read_folder(root)
    wanted = [a for a in folder.source.agencies if not agencies or a.agency in agencies]
    return tuple(
        content_of_folder(folder, agency.agency, name)
        for agency in wanted
        for name in agency.screens
    )


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Gate]:
    """Five agencies' campaign, the memory of its first pass, and what that found."""
    root = tmp_path_factory.mktemp("gate") / "campaign"
    shutil.copytree(DEMONSTRATION, root)
    leave_out(root, BY_THE_CLOCK)
    for number, (name, screen) in enumerate(MORE_AGENCIES.items()):
        text = f"agency: {name}\ncode: x{number}\nname: O2 {name.title()}\n"
        text += f"screens: {{vitrine: {screen}}}\n"
        (root / "agencies" / f"{name}.yaml").write_text(text, "utf-8")
    memory = root.parent / "passed.txt"
    return root, memory, pass_gate(contents(root), memory)


@pytest.fixture
def shop(passed: tuple[Path, Path, Gate], tmp_path: Path) -> tuple[Path, Path]:
    """A campaign that has passed and its memory, to change at will."""
    root, memory, _ = passed
    shutil.copytree(root, tmp_path / "campaign")
    shutil.copy(memory, tmp_path / "passed.txt")
    return tmp_path / "campaign", tmp_path / "passed.txt"


def test_the_demonstration_passes(passed: tuple[Path, Path, Gate]) -> None:
    _, memory, gate = passed
    assert gate == Gate((), looked_at=5 * FRAMES, rendered=5 * FRAMES)
    assert len(recalled(memory)) == len(memory.read_text("ascii").splitlines()) == 5 * FRAMES


def test_what_has_passed_is_not_drawn_again(shop: tuple[Path, Path]) -> None:
    heard: list[tuple[int, int]] = []
    # With no worker allowed, the least frame to draw would be an error.
    gate = pass_gate(contents(shop[0]), shop[1], workers=0, seen=lambda *facts: heard.append(facts))
    assert gate == Gate((), looked_at=5 * FRAMES, rendered=0)
    assert heard == [(5 * FRAMES, 5 * FRAMES)]


def test_one_word_draws_its_scene_for_every_agency(shop: tuple[Path, Path]) -> None:
    root, memory = shop
    _edit(root / "campaign.yaml", "Dix ans dans la même famille : la", "Onze ans chez eux : la")
    heard: list[tuple[int, int]] = []
    gate = pass_gate(contents(root), memory, seen=lambda *facts: heard.append(facts))
    assert gate == Gate((), looked_at=5 * FRAMES, rendered=5)
    assert heard == [(done, 5 * FRAMES) for done in range(5 * FRAMES - 5, 5 * FRAMES + 1)]
    assert pass_gate(contents(root), memory, workers=0).rendered == 0


@pytest.mark.parametrize(
    ("picture", "drawn"), [("portraits/claire.svg", 10), ("posters/maison-portrait.svg", 2)]
)
def test_a_changed_picture_draws_where_it_is_shown(
    shop: tuple[Path, Path], picture: str, drawn: int
) -> None:
    root, memory = shop
    _edit(root / picture, "</svg>", "<!-- retouched --></svg>")
    assert pass_gate(contents(root), memory).rendered == drawn


@pytest.mark.parametrize(
    ("old", "new", "looked_at", "rendered"),
    [
        ("title: De vrais visages", "title: Rentrée", 65, 0),
        ("valid: {from: 2026-01-01}", "valid: {from: 2026-02-01}", 65, 0),
        ("families: 60, candidates: 40", "families: 1, candidates: 1", 65, 0),
        ("id: fa1", "id: fa1\n    agencies: [nantes]", 61, 1),
        ("until: 2036-12-31}", "until: 2036-12-31, withdrawn: true}", 60, 0),
    ],
)
def test_only_what_is_shown_and_drawn_counts(
    shop: tuple[Path, Path], old: str, new: str, looked_at: int, rendered: int
) -> None:
    root, memory = shop
    _edit(root / "campaign.yaml", old, new)
    assert pass_gate(contents(root), memory) == Gate((), looked_at, rendered)


def test_a_colour_of_the_brand_is_in_every_frame(shop: tuple[Path, Path]) -> None:
    root, memory = shop
    _edit(root / "campaign.yaml", 'accent: "#005CA9"', 'accent: "#7A003C"')
    due = contents(root, "le-mans")
    assert pass_gate(due, memory).rendered == FRAMES


def _too_long(root: Path) -> None:
    word = "Anticonstitutionnellement" * 6
    _edit(root / "campaign.yaml", "quote: Chaque matin, on ouvre", f"quote: {word} on ouvre")


def _too_far(root: Path) -> None:
    _edit(root / "agencies" / "le-mans.yaml", "scan_distance_m: 2.0", "scan_distance_m: 9.0")


def _damaged(root: Path) -> None:
    (root / "portraits" / "nadia.svg").write_text("no drawing")


def _gone(root: Path) -> None:
    (root / "portraits" / "nadia.svg").unlink()


@pytest.mark.parametrize(
    ("spoil", "finding", "drawn_again"),
    [
        (_too_long, "le-mans/vitrine se1: does not fit: «\u202fAnticonstitutionnellement", 1),
        (_too_far, "le-mans/vitrine am1: too small to scan at 9 m", FRAMES),
        (_damaged, "le-mans/vitrine se1: portraits/nadia.svg: not a picture", 1),
        (_gone, "le-mans/vitrine se1: portraits/nadia.svg: missing", 1),
    ],
)
def test_what_must_not_reach_a_screen_is_said_each_time(
    shop: tuple[Path, Path], spoil: Callable[[Path], None], finding: str, drawn_again: int
) -> None:
    root, memory = shop
    spoil(root)
    here = contents(root, "le-mans")[0]

    def finder(name: str) -> Path | None:
        """Cannot be pickled: what it finds travels to the workers, not the finder."""
        return here.media(name)

    due = [replace(here, media=finder)]
    kept = len(recalled(memory))
    first = pass_gate(due, memory)
    assert any(str(found).startswith(finding) for found in first.findings), first
    assert first.rendered == drawn_again
    faulty = {found.scene for found in first.findings}
    assert len(recalled(memory)) == kept + first.rendered - len(faulty)
    second = pass_gate(due, memory)
    assert second.findings == first.findings
    assert second.rendered == len(faulty)


def test_a_finding_reads_as_a_line() -> None:
    finding = Finding("le-mans", "vitrine", "am1", "does not fit: Bonjour")
    assert str(finding) == "le-mans/vitrine am1: does not fit: Bonjour"


def test_findings_follow_agencies_and_scenes(shop: tuple[Path, Path]) -> None:
    root, memory = shop
    for name in ("marc", "nadia"):
        (root / "portraits" / f"{name}.svg").unlink()
    due = contents(root)
    expected = [(c.agency.agency, scene) for c in due for scene in ("se1", "ca2")]
    assert [(f.agency, f.scene) for f in pass_gate(due, memory).findings] == expected


# -- the memory ---------------------------------------------------------------------------------


def test_a_cut_off_line_is_ignored_and_the_next_one_is_whole(shop: tuple[Path, Path]) -> None:
    root, memory = shop
    due = contents(root, "le-mans")
    everything = memory.read_bytes()
    memory.write_bytes(everything[:-25])
    assert len(recalled(memory)) == 5 * FRAMES - 1
    gate = pass_gate(contents(root), memory)
    assert gate.rendered == 1
    assert recalled(memory) == {line.decode() for line in everything.split()}
    assert pass_gate(due, memory, workers=0).rendered == 0


def test_lines_that_are_no_keys_are_ignored(tmp_path: Path) -> None:
    memory = tmp_path / "new" / "passed.txt"
    assert recalled(memory) == frozenset()
    remember(memory, ["0" * 64])
    with memory.open("ab") as file:
        file.write(b"\xff\x00 nonsense\n" + b"A" * 64 + b"\n" + b"2" * 65 + b"\n")
    remember(memory, ["1" * 64])
    assert recalled(memory) == {"0" * 64, "1" * 64}


def test_a_memory_that_cannot_be_used_is_named(shop: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(GateError, match=r"passed cannot be kept in .*name another file"):
        pass_gate(contents(shop[0]), tmp_path)
    with pytest.raises(GateError, match="cannot be kept in"):
        remember(shop[1] / "below-a-file", ["0" * 64])


def test_every_part_of_the_engine_is_in_the_key(shop: tuple[Path, Path]) -> None:
    parts = list(engine_parts())
    names = {name for name, _ in parts}
    assert {
        "kiosk.campaign/links.py",
        "kiosk.player/compose.py",
        "kiosk.player/qml/O2/Kiosk/CodeTile.qml",
        "kiosk.assets/fonts/AtkinsonHyperlegibleNext_400Regular.ttf",
        "kiosk.assets/brand/standby-paysage.svg",
        "kiosk.studio/scan.py",
        "PySide6",
        "zxing-cpp",
    } <= names
    digests = {engine_digest(parts)}
    for number, (name, content) in enumerate(parts):
        digests.add(engine_digest([*parts[:number], (name, content + b"#"), *parts[number + 1 :]]))
    assert len(digests) == len(parts) + 1
    stop = stops(contents(shop[0], "le-mans"), datetime.now(UTC))[0]
    keys = {Keys(engine).of(stop, pictures_of(stop)) for engine in digests}
    assert len(keys) == len(digests)


# -- the workers --------------------------------------------------------------------------------


def test_an_easel_draws_what_the_studio_draws() -> None:
    sizes = [(1280, 720), (720, 1280)]
    plan = stops(contents(DEMONSTRATION, "le-mans"), datetime.now(UTC), sizes)
    studio, easel = Studio(plan[0].content), Easel(plan[0].content)
    for stop in plan:  # Qt draws a letter a shade differently the first time
        studio.draw(stop.content, stop.scene, stop.size)
    for stop in plan:
        light = parcel(stop, pictures_of(stop))
        frame = easel.draw(light.content, light.scene, light.size)
        assert frame == studio.draw(stop.content, stop.scene, stop.size), stop.name
    easel.close()
    studio.close()


def test_a_worker_that_dies_is_an_error_and_what_passed_stays(
    shop: tuple[Path, Path], tmp_path: Path
) -> None:
    memory = tmp_path / "new.txt"

    def kill(done: int, _total: int) -> None:
        if done == 3:
            for child in multiprocessing.active_children():
                child.kill()

    with pytest.raises(GateError, match=r"a drawing process ended by itself at .*Run it again"):
        pass_gate(contents(shop[0], "le-mans"), memory, workers=2, seen=kill)
    kept = len(recalled(memory))
    assert 3 <= kept < FRAMES
    assert pass_gate(contents(shop[0], "le-mans"), memory).rendered == FRAMES - kept


def _begun(root: Path, memory: Path) -> subprocess.Popen[str]:
    """A gate in a process and a group of its own, after its fifth frame."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(root), str(memory)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert child.stdout is not None
    for line in child.stdout:
        if int(line) >= 5:
            return child
    raise AssertionError(child.communicate()[1])


def _ended(child: subprocess.Popen[str]) -> str:
    """What it said; its pipes close only when its last worker has ended, or time is over."""
    return child.communicate(timeout=60)[1]


def test_a_kill_loses_no_frame_that_passed_and_leaves_no_worker(
    shop: tuple[Path, Path], tmp_path: Path
) -> None:
    memory = tmp_path / "new.txt"
    child = _begun(shop[0], memory)
    child.kill()
    _ended(child)
    kept = len(recalled(memory))
    assert 5 <= kept < 5 * FRAMES
    assert pass_gate(contents(shop[0]), memory) == Gate((), 5 * FRAMES, 5 * FRAMES - kept)


@pytest.mark.skipif(sys.platform == "win32", reason="a group of processes is a Unix thing")
def test_ctrl_c_ends_all_quietly(shop: tuple[Path, Path], tmp_path: Path) -> None:
    memory = tmp_path / "new.txt"
    child = _begun(shop[0], memory)
    os.killpg(child.pid, signal.SIGINT)
    said = _ended(child)
    assert child.returncode == -signal.SIGINT
    assert said.count("Traceback") == 1 and said.rstrip().endswith("KeyboardInterrupt"), said
    assert 5 <= len(recalled(memory)) < 5 * FRAMES


def test_two_campaigns_may_pass_one_gate(shop: tuple[Path, Path], tmp_path: Path) -> None:
    brand = contents(shop[0])[0].campaign.brand.model_copy(update={"paper": "#FFFFFF"})
    here = contents(shop[0], "le-mans")[0]
    there = replace(here, campaign=here.campaign.model_copy(update={"brand": brand}))
    gate = pass_gate([here, there], tmp_path / "new.txt")
    assert gate == Gate((), 2 * FRAMES, 2 * FRAMES)
    assert pass_gate([there, here], tmp_path / "new.txt", workers=0).rendered == 0
