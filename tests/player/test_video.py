"""Video scenes in a running loop: real clips, real decoders, every frame looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from PySide6.QtCore import QObject, Qt

from kiosk.campaign.hold import hold_seconds
from kiosk.campaign.model import Scene
from kiosk.player.backstage import composed
from kiosk.player.reels import MOST_FALTERS
from tests import clips
from tests.clips import Pixels, number_of
from tests.player import theatre
from tests.player.conftest import Until
from tests.player.files import good
from tests.player.pixels import pixels
from tests.player.theatre import Theatre

FPS: Final = 10
SECONDS: Final = 3
VIDEO: Final = """\
  - id: film
    kind: video
    service: menage
    clip: clips/nadia.{suffix}
    poster: portraits/nadia.png
    {subtitles}
    duration_s: 3
    first_name: Nadia
    role: intervenant
    about: Aide-ménagère
    quote: La confiance, ça se construit.
    rights: {{ref: R-9, media: [vitrine], from: 2020-01-01, until: 2040-01-01}}
"""
WORDS: Final = """\
WEBVTT

00:00.000 --> 00:01.000
Bonjour !

00:02.000 --> 00:03.000
Je m'appelle Nadia.
"""


def campaign(root: Path, *, suffix: str = "mp4", words: str | None = WORDS) -> Path:
    """A portrait, then Nadia in a clip that is not made here."""
    theatre.with_pictures(root, "claire")
    good(root / "portraits" / "nadia.png")
    (root / "clips").mkdir()
    line = "subtitles: clips/nadia.vtt" if words is not None else ""
    if words is not None:
        (root / "clips" / "nadia.vtt").write_text(words, "utf-8")
    with (root / "campaign.yaml").open("a", encoding="utf-8") as file:
        file.write(VIDEO.format(suffix=suffix, subtitles=line))
    return root


def clip(root: Path, suffix: str = "mp4") -> Path:
    """Nadia's clip, three seconds whose pictures tell their number."""
    codec: clips.Codec = "libvpx" if suffix == "webm" else "libx264"
    to = root / "clips" / f"nadia.{suffix}"
    return clips.make(to, codec=codec, size=(640, 360), fps=FPS, seconds=SECONDS)


class Watched(QObject):
    """A running theatre, and each of its frames as it was swapped."""

    def __init__(self, root: Path, hold: Callable[[Scene], float]) -> None:
        super().__init__()
        self.stage = Theatre(theatre.content_of(root), hold=hold)
        self.area = self._area()
        self.panes: list[tuple[str, Pixels]] = []
        self.said: list[str] = []
        self.faltered: list[str] = []
        self.stage.director.reels.faltered.connect(lambda _scene, why: self.faltered.append(why))
        window = self.stage.view.window
        window.frameSwapped.connect(self._swapped, Qt.ConnectionType.QueuedConnection)

    def _area(self) -> tuple[slice, slice]:
        content = self.stage.content
        film = composed(content, content.campaign.scene("film"), self.stage.size).film
        assert film is not None
        area = film.area
        return slice(area.y, area.bottom), slice(area.x, area.right)

    def _swapped(self) -> None:
        glass = pixels(self.stage.view.window.grabWindow())
        standing = self.stage.director.shown[1] if self.stage.stood else ""
        self.panes.append((standing, glass[self.area]))
        said = self.stage.view.stage.card(self.stage.view.glass._slot)._said._rows
        text = " ".join(block.text.replace("\n", " ") for block in said)
        if not self.said or self.said[-1] != text:
            self.said.append(text)

    def dark(self) -> int:
        """How many frames had anything in the clip's place as dark as black."""
        return sum(int(pane.mean() < 40) for _, pane in self.panes)

    def numbers(self) -> list[int]:
        """The clip's pictures in the order in which they were seen, without repeats."""
        seen: list[int] = []
        for name, pane in self.panes:
            number = number_of(pane) if name == "film" else -1
            if 0 <= number < FPS * SECONDS and seen[-1:] != [number]:
                seen.append(number)
        return seen


@pytest.fixture
def watch() -> Iterator[Callable[..., Watched]]:
    """Begin a loop; it is taken down at the end."""
    opened: list[Watched] = []

    def begin(root: Path, hold: Callable[[Scene], float] = lambda _: theatre.HOLD_S) -> Watched:
        opened.append(Watched(root, hold))
        opened[-1].stage.director.begin()
        return opened[-1]

    yield begin
    for each in opened:
        each.stage.close()


def hold_of_the_clip(scene: Scene) -> float:
    """The clip's own time; others hardly stand."""
    return SECONDS if scene.id == "film" else theatre.HOLD_S


@pytest.mark.parametrize("suffix", ["mp4", "webm"])
def test_a_clip_runs_once_from_its_first_picture_to_its_last(
    tmp_path: Path, watch: Callable[..., Watched], until: Until, suffix: str
) -> None:
    root = campaign(tmp_path, suffix=suffix)
    clip(root, suffix)
    seen = watch(root, hold_of_the_clip)
    until(lambda: [p.scene for p in seen.stage.plays].count("film") == 1)
    numbers = seen.numbers()
    assert numbers[0] <= 1
    assert numbers == sorted(numbers)
    assert numbers[-1] >= FPS * SECONDS - 4
    assert len(numbers) >= FPS * SECONDS / 2
    assert seen.dark() == 0
    assert [text for text in seen.said if text] == ["Bonjour\u202f!", "Je m’appelle Nadia."]
    assert seen.stage.skipped == []
    assert seen.faltered == []
    play = next(play for play in seen.stage.plays if play.scene == "film")
    assert play.kind == "video"
    assert SECONDS <= play.seconds < SECONDS + 2


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (clips.broken, ""),
        (clips.truncated, ""),
        (clips.unsupported, "not a video"),
        (lambda path: path.rename(path.with_suffix(".gone")), "missing"),
        (lambda path: path.write_bytes(b""), "empty"),
    ],
    ids=["broken", "truncated", "unsupported", "missing", "empty"],
)
def test_where_a_clip_cannot_be_played_its_picture_stands_in(
    tmp_path: Path,
    watch: Callable[..., Watched],
    until: Until,
    bad: Callable[[Path], object],
    why: str,
) -> None:
    root = campaign(tmp_path)
    made = bad(path := clip(root))
    if isinstance(made, Path) and made.suffix == ".mp4":
        made.replace(path)
    seen = watch(root, lambda scene: 0.8 if scene.id == "film" else theatre.HOLD_S)
    until(lambda: [p.scene for p in seen.stage.plays].count("film") == MOST_FALTERS + 1)
    assert [p.scene for p in seen.stage.plays][:2] in (["claire", "film"], ["film", "claire"])
    assert seen.dark() == 0
    assert seen.stage.skipped == []
    assert seen.faltered
    assert all(why in each for each in seen.faltered)
    assert len(seen.faltered) <= MOST_FALTERS


def test_a_clip_without_an_end_leaves_with_its_scene(
    tmp_path: Path, watch: Callable[..., Watched], until: Until
) -> None:
    root = campaign(tmp_path, suffix="webm", words=None)
    path = clip(root, "webm")
    clips.endless(path, hours=0.05).replace(path)
    seen = watch(root, lambda scene: 1.0 if scene.id == "film" else theatre.HOLD_S)
    until(lambda: [p.scene for p in seen.stage.plays].count("film") == 2)
    assert seen.dark() == 0
    assert all(play.seconds < 4 for play in seen.stage.plays)


def test_it_holds_as_long_as_its_clip(tmp_path: Path) -> None:
    root = campaign(tmp_path)
    scene = theatre.content_of(root).campaign.scene("film")
    longer = scene.model_copy(update={"duration_s": 47.5})
    assert hold_seconds(scene) == 12.0
    assert hold_seconds(longer) == 47.5


def test_a_new_release_has_it_tried_again(
    tmp_path: Path, watch: Callable[..., Watched], until: Until
) -> None:
    root = campaign(tmp_path)
    path = clip(root)
    whole = path.read_bytes()
    path.write_bytes(b"no clip")
    seen = watch(root, lambda scene: 0.3 if scene.id == "film" else theatre.HOLD_S)
    until(lambda: len(seen.faltered) == MOST_FALTERS)
    path.write_bytes(whole)
    seen.stage.director.adopt(theatre.content_of(root))
    until(lambda: bool(seen.numbers()))
    assert seen.dark() == 0
