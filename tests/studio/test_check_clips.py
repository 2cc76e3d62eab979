"""`kiosk check` of clips and their words: each thing at its place, in the file where it is."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import pytest

from kiosk.release.folder import read_folder
from kiosk.studio.check_clips import clips_of
from kiosk.studio.check_places import Places
from kiosk.studio.findings import Finding
from tests.clips import make
from tests.studio.broken.sample import CAMPAIGN, LE_MANS, PORTRAIT, photograph, write

CLIP: Final = "clips/nadia.mp4"
WORDS: Final = "clips/nadia.vtt"
SCENE: Final = """\
  - id: vi1
    kind: video
    service: menage
    clip: clips/nadia.mp4
    poster: portraits/claire.jpg
    subtitles: clips/nadia.vtt
    duration_s: 3
    first_name: Nadia
    role: intervenant
    about: Aide-ménagère au Mans
    quote: Je suis là.
    rights: {ref: DAI-15, media: [vitrine], from: 2026-08-01, until: 2027-07-31}
"""
VTT: Final = "WEBVTT\n\n00:00.500 --> 00:03.000\nJe suis là.\n"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("clip") / "nadia.mp4", seconds=3, fps=10)


@pytest.fixture
def root(tmp_path: Path, clip: Path) -> Path:
    """A folder with one clip and nothing wrong."""
    folder = write(tmp_path / "campaign", (960, 540))
    edit(folder, CAMPAIGN, "  - id: ch1", SCENE + "  - id: ch1")
    (folder / "clips").mkdir()
    shutil.copy(clip, folder / CLIP)
    (folder / WORDS).write_text(VTT, "utf-8")
    return folder


def edit(root: Path, file: str, old: str, new: str) -> None:
    text = (root / file).read_text("utf-8")
    assert text.count(old) == 1, old
    (root / file).write_text(text.replace(old, new), "utf-8")


def found(root: Path) -> list[Finding]:
    folder = read_folder(root)
    return list(clips_of(folder, Places(folder.files), folder.source.agencies))


def told(root: Path, rule: str) -> str:
    """The only finding: its place and its sentence. Its place is where its text stands."""
    (finding,) = found(root)
    assert finding.rule == rule
    assert finding.remedy
    return f"{finding.file}: {finding.sentence}"


def written(root: Path, finding: Finding) -> str:
    """What is written where the finding is."""
    line = (root / finding.file).read_text("utf-8").splitlines()[finding.line - 1]
    return line[finding.column - 1 :]


def test_nothing_is_wrong(root: Path) -> None:
    assert found(root) == []


def test_without_subtitles_nothing_is_wrong(root: Path) -> None:
    edit(root, CAMPAIGN, f"    subtitles: {WORDS}\n", "")
    (root / WORDS).unlink()
    assert found(root) == []


def test_a_clip_that_is_missing(root: Path) -> None:
    (root / CLIP).unlink()
    assert told(root, "clip-missing") == (
        "campaign.yaml: clips/nadia.mp4 is not in the folder; add it, or correct its name"
    )
    assert written(root, found(root)[0]) == CLIP


def test_a_clip_that_cannot_be_played(root: Path) -> None:
    (root / CLIP).write_bytes(b"Bonjour")
    assert told(root, "clip-unusable") == (
        "campaign.yaml: clips/nadia.mp4 is neither MP4 nor WebM; export it as MP4 (H.264)"
    )
    assert written(root, found(root)[0]) == CLIP


def test_another_length_is_told_where_it_is_written(root: Path) -> None:
    edit(root, CAMPAIGN, "duration_s: 3", "duration_s: 20")
    assert told(root, "clip-unusable") == (
        "campaign.yaml: clips/nadia.mp4 lasts 3.0 s, not the 20 s of its scene; write duration_s: 3"
    )
    assert written(root, found(root)[0]) == "20"


def test_subtitles_that_are_missing(root: Path) -> None:
    (root / WORDS).unlink()
    assert told(root, "subtitles").startswith(
        "campaign.yaml: clips/nadia.vtt is not in the folder, or cannot be read; add it"
    )
    assert written(root, found(root)[0]) == WORDS


def test_a_problem_stands_in_the_file_of_the_words(root: Path) -> None:
    edit(root, WORDS, "00:00.500", "00:00,500")
    assert told(root, "subtitles") == (
        "clips/nadia.vtt: a comma stands here as in SRT; WebVTT has a point:"
        " write 00:00.500 --> 00:03.000"
    )
    assert written(root, found(root)[0]) == ",500 --> 00:03.000"


def test_every_problem_of_the_words(root: Path) -> None:
    (root / WORDS).write_text(VTT + "\nperdu\n\n00:09.000 --> 00:08.000\nOui\n", "utf-8")
    assert [(each.line, each.column) for each in found(root)] == [(6, 1), (8, 15)]


def test_words_that_come_after_the_clip(root: Path) -> None:
    (root / WORDS).write_text(VTT + "\n00:03.000 --> 00:06.000\nMerci.\n", "utf-8")
    assert told(root, "subtitles-late") == (
        'clips/nadia.vtt: "Merci." ends at 6 s, and the clip at 3; let it end with the clip,'
        " or delete it"
    )
    assert written(root, found(root)[0]) == "00:03.000 --> 00:06.000"


def test_words_that_cannot_be_read_so_fast(root: Path) -> None:
    edit(root, WORDS, "Je suis là.", "Je suis là tous les jours, chez vous.")
    assert told(root, "subtitles-fast") == (
        'clips/nadia.vtt: "Je suis là tous les jours, chez vous." stands for 2.5 s; its 8 words'
        " take 4.6; let it stand longer, or shorten it"
    )
    assert written(root, found(root)[0]) == "00:00.500 --> 00:03.000"


def test_a_poster_of_another_shape(root: Path) -> None:
    photograph(root / PORTRAIT, (720, 900))
    assert told(root, "poster-shape") == (
        "campaign.yaml: portraits/claire.jpg has 720 x 900 px and clips/nadia.mp4 640 x 360: a cut"
        " that suits one does not suit the other; take a frame of the clip as its poster"
    )
    assert written(root, found(root)[0]) == PORTRAIT
    photograph(root / PORTRAIT, (800, 600))
    assert found(root) == []


def test_a_poster_that_fails_is_told_as_a_picture(root: Path) -> None:
    (root / PORTRAIT).write_bytes(b"MZ")
    assert found(root) == []
    (root / PORTRAIT).unlink()
    assert found(root) == []


def test_only_what_a_screen_may_play(root: Path) -> None:
    (root / CLIP).unlink()
    edit(root, CAMPAIGN, "{ref: DAI-15,", "{ref: DAI-15, withdrawn: true,")
    assert found(root) == []
    edit(root, CAMPAIGN, "withdrawn: true,", "")
    edit(root, CAMPAIGN, "    duration_s: 3\n", "    duration_s: 3\n    agencies: [angers]\n")
    other = (root / LE_MANS).read_text("utf-8").replace("le-mans", "angers")
    (root / "agencies" / "angers.yaml").write_text(other.replace("code: lm", "code: an"), "utf-8")
    folder = read_folder(root)
    agency = folder.source.agency
    places = Places(folder.files)
    assert list(clips_of(folder, places, [agency("le-mans")])) == []
    assert [f.rule for f in clips_of(folder, places, [agency("angers")])] == ["clip-missing"]


def test_a_clip_of_two_scenes_is_told_at_both(root: Path) -> None:
    text = (root / CAMPAIGN).read_text("utf-8")
    begin = text.index("  - id: vi1")
    (root / CAMPAIGN).write_text(
        text + text[begin : text.index("  - id: ch1")].replace("vi1", "vi2")
    )
    (root / CLIP).write_bytes(b"Bonjour")
    first, second = found(root)
    assert first.message == second.message
    assert first.line != second.line
