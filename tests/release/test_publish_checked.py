"""`kiosk publish` and the whole check: what ends it, what is only said, what is remembered."""

from __future__ import annotations

import argparse
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.door.publish import add
from kiosk.door.refusal import EX_PROBLEMS, Refusal
from kiosk.release.folder import read_folder
from kiosk.release.keys import init
from kiosk.studio.check import check
from kiosk.studio.check_memory import Memory
from kiosk.studio.check_publish import MOST_PRINTED, Checked
from kiosk.studio.findings import BY_TIME, RULES, Finding, Level, Report
from tests.release.head_office import passphrase
from tests.studio.broken import table
from tests.studio.broken.sample import CAMPAIGN, LE_MANS, NOW, write

OVER = date.today() - timedelta(days=1)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys, and a campaign that was published to the folder `site`."""
    root = tmp_path_factory.mktemp("office")
    init(root / "keys", passphrase, NOW)
    write(root / "campaign")
    _far(root)
    assert publish(root) == 0
    return root


@pytest.fixture
def desk(office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desk of the test's own, in whose folder commands are typed."""
    root = Path(shutil.copytree(office, tmp_path / "desk"))
    monkeypatch.chdir(root)
    return root


def publish(root: Path) -> int:
    """The command's exit code."""
    parser = argparse.ArgumentParser()
    add(parser)
    words = ["campaign", "--to", str(root / "site"), "--keys", str(root / "keys")]
    arguments = parser.parse_args([*words, "--cache", str(root / "cache")])
    arguments.folder = root / "campaign" if not Path("campaign").is_dir() else Path("campaign")
    code: int = arguments.run(arguments)
    return code


def _far(root: Path) -> None:
    """Let nothing of the campaign end soon, whatever day it is."""
    path = root / "campaign" / CAMPAIGN
    text = path.read_text("utf-8")
    text = text.replace("until: 2027-08-31", "until: 2097-08-31")
    path.write_text(text.replace("until: 2027-07-31", "until: 2097-07-31"), "utf-8")


def edit(root: Path, old: str, new: str, file: str = CAMPAIGN) -> None:
    table.edit(file, old, new)(root / "campaign")


def site(root: Path) -> dict[Path, bytes]:
    """Every file of the site."""
    return {path: path.read_bytes() for path in (root / "site").rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("old", "new", "file", "line"),
    [
        ('ink: "#1D1D1B"', 'ink: "#B8B8B0"', CAMPAIGN, "campaign.yaml:4:43: error [contrast] "),
        ("[vitrine]", "[presse]", CAMPAIGN, "campaign.yaml:19:34: error [rights-media] "),
        (table.QUOTE, f"quote: {table.LONG}", CAMPAIGN, "campaign.yaml:17:12: error [text-long] "),
        ("[0.5, 0.4]", "[0.05, 0.4]", CAMPAIGN, "campaign.yaml:13:12: error [face-cut] "),
        ("_m: 1.0", "_m: 2.9", LE_MANS, "agencies/le-mans.yaml:6:69: error [code-small] "),
        ("claire.jpg", "clara.jpg", CAMPAIGN, "campaign.yaml:12:14: error [picture-missing] "),
    ],
)
def test_what_would_be_wrong_on_a_screen_ends_it(
    desk: Path, old: str, new: str, file: str, line: str
) -> None:
    before = site(desk)
    edit(desk, old, new, file)
    with pytest.raises(Refusal) as refusal:
        publish(desk)
    assert refusal.value.code == EX_PROBLEMS
    first, *lines = str(refusal.value).splitlines()
    assert first == "nothing was published; kiosk check finds 1 error:"
    assert len(lines) == 1
    assert lines[0].startswith(f"campaign/{line}")
    assert site(desk) == before


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("until: 2097-07-31", f"until: {OVER}", "rights-over"),
        ("until: 2097-08-31", f"until: {OVER}", "campaign-over"),
        ("    role:", '    show: "2020 Mo 10:00-12:00"\n    role:', "window-never"),
    ],
)
def test_what_time_has_ended_holds_nothing_up(
    desk: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, rule: str
) -> None:
    edit(desk, old, new)
    notice = (
        f'notices: [{{text: "Fermé", from: {OVER}, until: {date.today()}, priority: urgent}}]\n'
    )
    path = desk / "campaign" / CAMPAIGN
    path.write_text(path.read_text("utf-8") + notice, "utf-8")
    memory = Memory(desk / "cache" / "checked.txt")
    report = check(read_folder(desk / "campaign"), datetime.now().astimezone(), memory=memory)
    assert rule in {finding.rule for finding in report.findings if finding.level is Level.ERROR}
    assert publish(desk) == 0
    said = capsys.readouterr().out
    assert said.startswith("release 2 is at ")
    assert (
        "note: 1 error of kiosk check held nothing up: screens leave out what time has ended\n"
        "note: campaign/campaign.yaml:"
    ) in said
    assert f": error [{rule}] " in said


def test_an_empty_hour_holds_nothing_up(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for key in ("    role:", "    number:"):
        edit(desk, key, f'    show: "00:00-13:30"\n{key}')
    assert publish(desk) == 0
    assert "note: campaign/agencies/le-mans.yaml:4:16: error [agency-empty] " in (
        capsys.readouterr().out
    )


def test_a_warning_is_said(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(desk, table.QUOTE, "quote: Du coeur à l'ouvrage.")
    assert publish(desk) == 0
    notes = [line for line in capsys.readouterr().out.splitlines() if line.startswith("note: ")]
    assert len(notes) == 1
    assert notes[0].startswith("note: campaign/campaign.yaml:17:12: warning [typography] ")


def test_what_is_said_is_bounded() -> None:
    findings = [Finding("campaign.yaml", line, 1, rule, "so") for line in range(1, 99)
                for rule in ("text-long", "rights-over", "words")]  # fmt: skip
    checked = Checked.of(Report(tuple(findings)), Path("folder"))
    assert checked.refusal().splitlines()[0] == "kiosk check finds 98 errors:"
    assert checked.refusal().splitlines()[-1] == f"… and {98 - MOST_PRINTED} more"
    first, *notes, last = checked.notes()
    assert first.startswith("98 errors of kiosk check held nothing up")
    assert all("[rights-over]" in note for note in notes)
    assert (len(notes), last) == (MOST_PRINTED, f"… and {2 * 98 - MOST_PRINTED} more")


def test_only_errors_are_made_by_time() -> None:
    assert all(RULES[rule].level is Level.ERROR for rule in BY_TIME)


# -- the memory -----------------------------------------------------------------------------------


def frames(root: Path, memory: Path) -> tuple[list[str], int]:
    """The rules of what is found on a folder with this memory, and how many frames it then has."""
    report = check(read_folder(root), NOW, memory=Memory(memory))
    kept = memory.read_text("ascii").split() if memory.exists() else []
    return [finding.rule for finding in report.findings], len(set(kept))


def test_only_what_differs_from_a_frame_that_passed_is_looked_at_again(tmp_path: Path) -> None:
    root, memory = write(tmp_path / "campaign"), tmp_path / "passed.txt"
    assert frames(root, memory) == ([], 3)
    written = memory.read_bytes()
    report = check(read_folder(root), NOW, memory=Memory(memory))
    assert report.figures is not None
    assert (report.figures.frames, report.figures.codes) == (3, 0)
    assert memory.read_bytes() == written
    dict(table.EDITS)["ligature"](root)
    assert frames(root, memory) == (["typography"], 4)
    dict(table.EDITS)["picture soft"](root)
    assert frames(root, memory) == (["picture-soft", "typography"], 5)
    assert frames(root, memory) == (["picture-soft", "typography"], 5)
    dict(table.EDITS)["long address"](root)
    assert frames(root, memory) == (["code-long", "picture-soft", "typography"], 8)
    report = check(read_folder(root), NOW, memory=Memory(memory))
    assert report.figures is not None
    assert report.figures.codes == 0
    assert report.findings == check(read_folder(root), NOW).findings


def test_a_frame_that_nobody_drew_is_not_remembered_where_its_like_was_wrong(
    tmp_path: Path,
) -> None:
    root, memory = write(tmp_path / "campaign"), tmp_path / "passed.txt"
    text = (root / LE_MANS).read_text("utf-8")
    other = text.replace("agency: le-mans", "agency: angers").replace("code: lm", "code: an")
    (root / "agencies" / "angers.yaml").write_text(other, "utf-8")
    dict(table.EDITS)["pale accent"](root)
    assert frames(root, memory) == (["contrast"], 0)
    (root / "agencies" / "angers.yaml").unlink()  # the one that was drawn
    assert frames(root, memory) == (["contrast"], 0)


def test_reading_no_further_than_asked_says_the_same(tmp_path: Path) -> None:
    root = write(tmp_path / "campaign")
    whole = check(read_folder(root), NOW)
    asked = check(read_folder(root), NOW, memory=Memory(tmp_path / "passed.txt"))
    assert whole.findings == asked.findings
    assert whole.figures is not None
    assert asked.figures is not None
    assert asked.figures.least_reach_m is not None
    assert whole.figures.least_reach_m is not None
    assert 1.0 <= asked.figures.least_reach_m < whole.figures.least_reach_m
