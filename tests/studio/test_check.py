"""`kiosk check`: a clean folder says so, and each broken one gives its one line."""

from __future__ import annotations

import argparse
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kiosk.door.check import add
from kiosk.door.refusal import EX_DATAERR, EX_NOINPUT, Refusal
from kiosk.release.folder import CampaignErrors, read_folder
from kiosk.studio.check import check, refused
from kiosk.studio.findings import RULES, Figures, Level, Report
from tests.places import DEMONSTRATION
from tests.studio.broken import table
from tests.studio.broken.sample import CAMPAIGN, LE_MANS, NOW, write
from tests.studio.fuzz_check import run

AT = ("--at", "2026-11-23T12:00")


def report_on(root: Path, *agencies: str) -> Report:
    try:
        return check(read_folder(root), NOW, agencies)
    except CampaignErrors as errors:
        return refused(errors.problems)


def ran(*words: str) -> int:
    """The command's exit code."""
    parser = argparse.ArgumentParser()
    add(parser)
    arguments = parser.parse_args(words)
    code: int = arguments.run(arguments)
    return code


def test_a_clean_folder_says_so_with_its_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write(tmp_path / "campaign")
    assert ran(str(root), *AT) == 0
    out = capsys.readouterr().out
    assert out.startswith(
        f"{root}: clean; 2 scenes, 1 agency, 1 screen, 3 frames, 1 of 1 code read"
    )
    assert ", least reach " in out
    assert "le-mans/vitrine am1, asked 1 m" in out


def test_every_broken_folder_is_in_the_table_once() -> None:
    names = [name for name, _ in table.EDITS]
    assert len(names) == len(set(names)) >= 40
    assert list(table.expected()) == names


@pytest.mark.parametrize(("name", "spoil"), table.EDITS, ids=[name for name, _ in table.EDITS])
def test_a_broken_folder_gives_one_line(name: str, spoil: table.Spoil, tmp_path: Path) -> None:
    root = write(tmp_path)
    spoil(root)
    assert [str(finding) for finding in report_on(root).findings] == [table.expected()[name]]


def test_most_rules_are_broken_by_some_folder() -> None:
    told = {line.partition("[")[2].partition("]")[0] for line in table.expected().values()}
    # No edit of a folder reaches these: the layout keeps letters and modules above their floors.
    of_clips = {rule for rule in RULES if rule.startswith(("clip-", "poster-", "subtitles"))}
    unreached = {"text-small", "code-unread", "code-reach", "campaign-late", *of_clips}
    assert told == set(RULES) - unreached


def test_all_that_is_wrong_is_told_at_once_in_order(tmp_path: Path) -> None:
    root = write(tmp_path)
    for name in ("consent over", "pale ink", "far away", "ligature", "picture soft"):
        dict(table.EDITS)[name](root)
    found = report_on(root).findings
    assert list(found) == sorted(found)
    assert {finding.rule for finding in found} == {
        "rights-over", "contrast", "code-small", "typography", "picture-soft",
    }  # fmt: skip


def test_one_finding_stands_for_all_screens_that_have_it(tmp_path: Path) -> None:
    root = write(tmp_path)
    text = (root / LE_MANS).read_text("utf-8")
    for number, name in enumerate(("angers", "brest", "caen")):
        other = text.replace("agency: le-mans", f"agency: {name}").replace("lm", f"x{number}")
        (root / "agencies" / f"{name}.yaml").write_text(other, "utf-8")
    dict(table.EDITS)["picture small"](root)
    (finding,) = report_on(root).findings
    assert "(on angers/vitrine, 1280x720 and 3 more screens)" in finding.message
    (finding,) = report_on(root, "caen").findings
    assert "(on caen/vitrine, 1280x720)" in finding.message


def test_the_demonstration_has_no_error_in_one_agency(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert ran(str(DEMONSTRATION), "--agency", "nantes", "--format", "json", *AT) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["errors"], found["warnings"]) == (0, 0)
    figures = Figures(**found["figures"])
    assert (figures.codes, figures.codes_read) == (14, 14)
    assert replace(figures, seconds=0, least_reach_m=None, least_reach_at="") == Figures(
        13, 1, 1, 14, 14, 14, None, "", 0
    )


@pytest.mark.parametrize(("name", "code"), [("consent over", EX_DATAERR), ("ligature", 0),
                                            ("tab", EX_DATAERR)])  # fmt: skip
def test_errors_end_in_65_and_warnings_do_not(
    name: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write(tmp_path)
    dict(table.EDITS)[name](root)
    assert ran(str(root), *AT) == code
    first, last = capsys.readouterr().out.splitlines()
    assert first == f"{root}/{table.expected()[name]}"
    assert last.startswith(f"{root}: 1 error" if code else f"{root}: no error (1 warning)")


def test_no_folder_and_no_such_agency(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refusal:
        ran(str(tmp_path / "nowhere"))
    assert refusal.value.code == EX_NOINPUT
    with pytest.raises(Refusal, match="did you mean 'le-mans'") as refusal:
        ran(str(write(tmp_path)), "--agency", "le-man")
    assert refusal.value.code == EX_NOINPUT


def test_sarif_has_what_the_standard_requires(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write(tmp_path / "été")
    dict(table.EDITS)["consent over"](root)
    dict(table.EDITS)["ligature"](root)
    assert ran(str(root), "--format", "sarif", *AT) == EX_DATAERR
    log: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert log["version"] == "2.1.0"
    (one,) = log["runs"]
    driver = one["tool"]["driver"]
    assert driver["name"]
    ids = [rule["id"] for rule in driver["rules"]]
    assert ids == list(RULES)
    assert one["columnKind"] in ("unicodeCodePoints", "utf16CodeUnits")
    (base,) = one["originalUriBaseIds"].items()
    assert base[1]["uri"].startswith("file:///")
    assert base[1]["uri"].endswith("/%C3%A9t%C3%A9/")
    levels = []
    for result in one["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["message"]["text"]
        (location,) = result["locations"]
        place = location["physicalLocation"]
        assert place["artifactLocation"] == {"uri": CAMPAIGN, "uriBaseId": base[0]}
        assert place["region"]["startLine"] >= 1
        assert place["region"]["startColumn"] >= 1
        levels.append(result["level"])
    assert levels == ["warning", "error"]


def test_a_rule_has_a_level_and_a_meaning() -> None:
    for rule in RULES.values():
        assert rule.level in Level
        assert rule.meaning.endswith(".")


def test_the_folder_is_left_as_it_was(tmp_path: Path) -> None:
    root = write(tmp_path / "campaign")
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    shutil.copytree(root, tmp_path / "copy")
    report_on(root)
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_whatever_is_written_there_is_an_answer() -> None:
    assert run(300).examples >= 300
