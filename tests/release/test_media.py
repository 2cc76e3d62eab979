"""A campaign's files are prepared for publishing: each in its own way, whatever it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.campaign.subtitles import parse_subtitles, written
from kiosk.release.folder import read_folder
from kiosk.release.media import MediaError, Preparation
from tests.player.test_video import WORDS, campaign, clip

NOTED = WORDS.replace("WEBVTT\n", "WEBVTT\n\nNOTE Nadia ne veut pas que l'on dise son nom.\n", 1)


def _said(_done: int, _total: int) -> None:
    """Nobody listens."""


def _prepared(root: Path, cache: Path) -> dict[str, Path]:
    folder = read_folder(root)
    names = sorted(folder.present())
    return Preparation(folder.source, {}, cache).every(names, folder.media, _said)


def test_pictures_clips_and_words_are_all_prepared(tmp_path: Path) -> None:
    root = campaign(tmp_path / "folder", words=NOTED)
    clip(root)
    files = _prepared(root, tmp_path / "cache")
    assert sorted(files) == [
        "clips/nadia.mp4",
        "clips/nadia.vtt",
        "portraits/claire.png",
        "portraits/nadia.png",
    ]
    words = files["clips/nadia.vtt"].read_bytes()
    assert b"Nadia ne veut pas" not in words
    assert parse_subtitles(words) == parse_subtitles(NOTED)
    assert files == _prepared(root, tmp_path / "cache")


def test_words_with_signs_read_back_the_same() -> None:
    text = "WEBVTT\n\n01:00:01.500 --> 01:00:04.000\nUn &lt;b&gt; &amp; un « d »\n"
    cues = parse_subtitles(text)
    assert isinstance(cues, tuple)
    assert parse_subtitles(written(cues)) == cues
    assert cues[0].text == "Un <b> & un « d »"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("clips/nadia.vtt", b"1\n00:01,5 --> 2\nx", "clips/nadia.vtt:1:1"),
        ("clips/nadia.mp4", b"no clip", "clips/nadia.mp4 "),
        ("portraits/nadia.png", b"no picture", "portraits/nadia.png "),
    ],
)
def test_what_cannot_be_published_is_named(
    tmp_path: Path, name: str, content: bytes, expected: str
) -> None:
    root = campaign(tmp_path / "folder")
    clip(root)
    (root / name).write_bytes(content)
    with pytest.raises(MediaError) as refused:
        _prepared(root, tmp_path / "cache")
    assert str(refused.value).startswith(expected)
