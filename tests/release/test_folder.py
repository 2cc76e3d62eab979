"""A campaign folder on disk: what is read, what is refused, and that nothing hangs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from kiosk.campaign.parse import MOST_BYTES
from kiosk.release.folder import MOST_AGENCIES, CampaignErrors, FolderError, read_folder
from tests.campaign import samples

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The sample campaign with two of its pictures."""
    root = tmp_path / "vrais-visages"
    for name, raw in samples.files().items():
        put(root / name, raw)
    put(root / "portraits" / "claire.jpg", b"claire")
    put(root / "posters" / "equipe.jpg", b"equipe")
    return root


def put(file: Path, raw: bytes) -> None:
    """Write `raw` to `file`, with the folders on its way."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(raw)


def problems(root: Path) -> list[str]:
    """What is told about the files of a folder that is refused."""
    with pytest.raises(CampaignErrors) as caught:
        read_folder(root)
    assert str(caught.value).splitlines() == [str(problem) for problem in caught.value.problems]
    return [str(problem) for problem in caught.value.problems]


def refusal(root: Path) -> str:
    """What is told about a folder that is none."""
    with pytest.raises(FolderError) as caught:
        read_folder(root)
    return str(caught.value)


def test_reads_the_sample(folder: Path) -> None:
    read = read_folder(folder)
    assert read.root == folder.resolve()
    assert read.source.campaign.campaign == "vrais-visages"
    assert [agency.agency for agency in read.source.agencies] == ["le-mans", "nantes"]


def test_other_files_are_left_alone(folder: Path) -> None:
    put(folder / "notes.txt", b"\xff")
    put(folder / "agencies" / "notes.txt", b"\xff")
    put(folder / "agencies" / "._le-mans.yaml", b"\xff")
    assert read_folder(folder) == read_folder(folder)


def test_pictures_of_the_folder(folder: Path) -> None:
    read = read_folder(folder)
    claire = read.root / "portraits" / "claire.jpg"
    assert read.media("portraits/claire.jpg") == claire
    assert read.present() == {"portraits/claire.jpg", "posters/equipe.jpg"}
    put(folder / "posters" / "equipe-haut.jpg", b"")
    assert "posters/equipe-haut.jpg" in read.present()
    claire.unlink()
    assert read.media("portraits/claire.jpg") is None
    assert "portraits/claire.jpg" not in read.present()


@pytest.mark.parametrize(
    "name", ["", ".", "portraits", "../outside.jpg", "portraits/none.jpg", "a\0b.jpg", "x" * 5000]
)
def test_what_is_no_picture_of_the_folder(folder: Path, name: str) -> None:
    put(folder.parent / "outside.jpg", b"outside")
    read = read_folder(folder)
    assert read.media(name) is None
    assert read.media(str(folder.parent / "outside.jpg")) is None


@posix
def test_links_must_stay_in_the_folder(folder: Path) -> None:
    put(folder.parent / "outside.jpg", b"outside")
    (folder / "out.jpg").symlink_to(folder.parent / "outside.jpg")
    (folder / "in.jpg").symlink_to("portraits/claire.jpg")
    (folder / "loop.jpg").symlink_to("loop.jpg")
    read = read_folder(folder)
    assert read.media("out.jpg") is None
    assert read.media("in.jpg") == read.root / "portraits" / "claire.jpg"
    assert read.media("loop.jpg") is None


def test_the_release_follows_the_content(folder: Path, tmp_path: Path) -> None:
    first = read_folder(folder).release
    assert first.startswith("folder-")
    assert len(first) == len("folder-") + 12
    moved = folder.rename(tmp_path / "elsewhere")
    os.utime(moved / "campaign.yaml", (0, 0))
    assert read_folder(moved).release == first
    put(moved / "notes.txt", b"not part of it")
    assert read_folder(moved).release == first
    releases = {first}
    for name, raw in (
        ("portraits/claire.jpg", b"another size"),
        ("posters/equipe-haut.jpg", b"new"),
        ("campaign.yaml", samples.CAMPAIGN_YAML.encode() + b"\n"),
        ("agencies/nantes.yaml", samples.NANTES_YAML.encode() + b"\n"),
    ):
        put(moved / name, raw)
        releases.add(read_folder(moved).release)
    assert len(releases) == 5


def test_problems_of_the_files_are_told(folder: Path) -> None:
    put(folder / "agencies" / "nantes.yaml", samples.NANTES_YAML.replace("55", "500").encode())
    assert problems(folder) == [
        "agencies/nantes.yaml:5:26: diagonal_in: must be at most 200",
    ]


def test_a_large_file_is_not_read_whole(folder: Path) -> None:
    put(folder / "campaign.yaml", b"#" * (3 * MOST_BYTES))
    assert problems(folder) == [
        "campaign.yaml:1:1: is larger than 1 MB; split it, and keep pictures in their own files"
    ]


def test_misnamed_files_are_to_be_renamed(folder: Path) -> None:
    put(folder / "campaign.yml", b"")
    put(folder / "agencies" / "paris.yml", b"")
    put(folder / "agencies" / "lyon.yaml.txt", b"")
    put(folder / "agencies" / "Lyon.YAML", b"")
    assert problems(folder) == [
        "agencies/Lyon.YAML:1:1: must be called agencies/Lyon.yaml; rename it",
        "agencies/lyon.yaml.txt:1:1: must be called agencies/lyon.yaml; rename it",
        "agencies/paris.yml:1:1: must be called agencies/paris.yaml; rename it",
        "campaign.yml:1:1: must be called campaign.yaml; rename it",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such a name")
def test_a_name_that_cannot_be_printed(folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/agencies/\xe9.yaml")).write_bytes(b"")
    assert problems(folder) == [
        "agencies/\\udce9.yaml:1:1: must be called agencies/\\udce9.yaml; rename it"
    ]


@posix
@pytest.mark.timeout(20)
def test_nothing_but_files_is_opened(folder: Path) -> None:
    agencies = folder / "agencies"
    os.mkfifo(agencies / "a-pipe.yaml")
    (agencies / "b-folder.yaml").mkdir()
    (agencies / "c-device.yaml").symlink_to("/dev/zero")
    (agencies / "d-dangling.yaml").symlink_to("nowhere")
    (agencies / "e-loop.yaml").symlink_to("e-loop.yaml")
    put(folder.parent / "outside.yaml", b"agency: outside")
    (agencies / "f-outside.yaml").symlink_to(folder.parent / "outside.yaml")
    assert [problem.partition(":1:1: ")[::2] for problem in problems(folder)] == [
        (f"agencies/{name}.yaml", "is not a file of this folder; put a copy of the file here")
        for name in ("a-pipe", "b-folder", "c-device", "d-dangling", "e-loop", "f-outside")
    ]


@posix
def test_a_folder_behind_a_link_and_files_linked_inside_it_are_read(folder: Path) -> None:
    kept = folder / "agencies" / "nantes.txt"
    (folder / "agencies" / "nantes.yaml").rename(kept)
    (folder / "agencies" / "nantes.yaml").symlink_to(kept.name)
    link = folder.parent / "current"
    link.symlink_to(folder)
    assert read_folder(link).root == folder.resolve()


def test_a_folder_that_is_missing_or_none(folder: Path, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert refusal(missing).startswith(f"{missing} cannot be opened (")
    assert refusal(missing).endswith("); check the path")
    assert refusal(Path("a\0b")).endswith("cannot be opened (not a possible name); check the path")
    file = folder / "campaign.yaml"
    assert refusal(file) == f"{file} is a file; give the folder that holds campaign.yaml"


def test_a_folder_without_a_campaign(tmp_path: Path) -> None:
    root = tmp_path.resolve()
    assert refusal(root) == f"{root} holds no campaign.yaml; give the folder that holds it"
    put(root / "other" / "notes.txt", b"")
    assert refusal(root) == f"{root} holds no campaign.yaml; give the folder that holds it"
    put(root / "noel" / "campaign.yaml", b"")
    assert refusal(root) == f"{root} holds no campaign.yaml; did you mean {root / 'noel'}?"
    put(root / "campaign.yml", b"")
    assert refusal(root) == (f"{root} holds no campaign.yaml; rename campaign.yml to campaign.yaml")


@pytest.mark.parametrize("agencies", [None, b"a file"])
def test_a_folder_without_agencies(tmp_path: Path, agencies: bytes | None) -> None:
    put(
        tmp_path / "campaign.yaml",
        samples.CAMPAIGN_YAML.replace("[le-mans, nantes]", "[]").encode(),
    )
    if agencies:
        put(tmp_path / "agencies", agencies)
    assert problems(tmp_path) == [
        "campaign.yaml:1:1: there is no agency; write at least one file agencies/<id>.yaml"
    ]


def test_more_agencies_than_can_be(folder: Path) -> None:
    for number in range(MOST_AGENCIES):
        (folder / "agencies" / f"a{number}.yaml").touch()
    agencies = folder.resolve() / "agencies"
    assert refusal(folder) == f"{agencies} holds more than {MOST_AGENCIES} files; split it"


@posix
def test_rights_that_are_missing(folder: Path) -> None:
    (folder / "agencies" / "nantes.yaml").chmod(0)
    if os.access(folder / "agencies" / "nantes.yaml", os.R_OK):
        pytest.skip("rights do not hold root back")
    assert problems(folder) == [
        "agencies/nantes.yaml:1:1: cannot be read (permission denied); check its rights"
    ]
    (folder / "agencies").chmod(0)
    assert refusal(folder).endswith("cannot be listed (permission denied); check its rights")
    (folder / "agencies").chmod(0o755)
