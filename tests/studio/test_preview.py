"""The preview's window, as a person at head office drives it: real files, keys and pictures."""

from __future__ import annotations

import argparse
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEventLoop, Qt, QTimer
from PySide6.QtGui import QImage, QKeyEvent

from kiosk.door import preview as door
from kiosk.door.needs import content_of_folder
from kiosk.door.refusal import EX_NOINPUT, Refusal
from kiosk.player import scenery
from kiosk.studio.preview import FIRST_SIZE, Preview
from kiosk.studio.preview_painter import GONE
from kiosk.studio.preview_view import View
from tests.places import DEMONSTRATION

Key = Qt.Key
SMOOTH = Qt.TransformationMode.SmoothTransformation
GREY = QImage.Format.Format_Grayscale8
NOON = datetime(2026, 12, 22, 11, 0, tzinfo=UTC)
"""A Tuesday, 12 h in Le Mans: lit."""
START_S = 60.0
SOON_S = 30.0
"""A busy machine draws slowly; what must be quick is measured by itself."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "campagne"
    shutil.copytree(DEMONSTRATION, root)
    return root


@pytest.fixture
def window(folder: Path) -> Iterator[Preview]:
    """The first scene of Le Mans, drawn."""
    yield from opened(folder)


def opened(folder: Path, agency: str = "le-mans") -> Iterator[Preview]:
    scenery.application(offscreen=True)
    preview = Preview(folder, View(agency, "", "", NOON), content_of_folder)
    preview.resize(*FIRST_SIZE)
    preview.show()
    preview.begin()
    until(lambda: settled(preview) or preview.trouble is not None, START_S)
    yield preview
    preview.close()
    preview.end()
    QCoreApplication.processEvents()


def until(true: Callable[[], bool], within_s: float = SOON_S) -> float:
    """Let the window live until this is so; the seconds it took."""
    began = time.monotonic()
    while not true():
        taken = time.monotonic() - began
        assert taken < within_s, "not within its time"
        loop = QEventLoop()
        QTimer.singleShot(10, loop.quit)
        loop.exec()
    return time.monotonic() - began


def settled(window: Preview) -> bool:
    """What is looked at is what was drawn."""
    return window.drawn is not None and window.drawn.order.number == window._awaited


def press(window: Preview, key: Qt.Key, *, shift: bool = False) -> None:
    modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    event = QKeyEvent(QKeyEvent.Type.KeyPress, key, modifier)
    QCoreApplication.sendEvent(window, event)


def change(folder: Path, old: str, new: str, file: str = "campaign.yaml") -> None:
    written = (folder / file).read_text("utf-8")
    assert written.count(old) == 1, old
    (folder / file).write_text(written.replace(old, new), "utf-8")


def good(window: Preview) -> QImage:
    image = window.page.image
    assert image is not None and not image.isNull()
    return image


def other(one: QImage, two: QImage) -> bool:
    """Whether a person sees another picture: Qt's first frame has other edges of letters."""
    small = [image.scaled(160, 90, mode=SMOOTH).convertToFormat(GREY) for image in (one, two)]
    greys: list[bytes] = [bytes(image.constBits()) for image in small]
    changed = [a for a, b in zip(greys[0], greys[1], strict=True) if abs(a - b) > 24]
    return len(changed) > 20


def same(one: QImage, two: QImage) -> bool:
    return one.size() == two.size() and not other(one, two)


def state(window: Preview) -> str:
    return window.page.caption.state


def test_a_saved_quote_is_a_new_picture(window: Preview, folder: Path) -> None:
    before = good(window)
    assert before.width() == 1564, "as wide as the window lets it be"
    change(folder, "Dix ans dans la même famille : la confiance", "Douze ans : la confiance")
    until(lambda: other(good(window), before))
    assert window.seen is not None and "Douze ans" in window.seen.scene.words()  # type: ignore[union-attr]


def test_a_file_put_in_the_place_of_another_is_followed(window: Preview, folder: Path) -> None:
    before = good(window)
    for quote in ("Quinze ans", "Seize ans"):
        fresh = folder / "neu.tmp"
        text = (DEMONSTRATION / "campaign.yaml").read_text("utf-8")
        fresh.write_text(text.replace('quote: "Dix ans', f'quote: "{quote}'), "utf-8")
        fresh.replace(folder / "campaign.yaml")
        until(lambda: other(good(window), before))  # noqa: B023 - called in this round only
        before = good(window)


def test_a_changed_picture_is_drawn_again(window: Preview, folder: Path) -> None:
    before = good(window)
    shutil.copy(folder / "portraits" / "marc.svg", folder / "portraits" / "claire.svg")
    until(lambda: other(good(window), before))


def test_a_broken_save_is_told_and_the_last_picture_stays(window: Preview, folder: Path) -> None:
    before = good(window)
    change(folder, "    service: jardinage\n", "    service: jardin\n")
    change(folder, "code: lm", "code: LM!", "agencies/le-mans.yaml")
    until(lambda: window.panel is not None and len(window.panel.items) == 2)
    assert window.panel is not None and window.panel.heading.startswith("2")
    places = [item.place for item in window.panel.items]
    assert places[0].startswith("agencies/le-mans.yaml:4:7")
    line = (folder / "campaign.yaml").read_text("utf-8").split("service: jardin\n")[0].count("\n")
    assert places[1] == f"campaign.yaml:{line + 1}:14"
    assert all(item.message for item in window.panel.items)
    assert "dernière image" in window.panel.below
    until(lambda: good(window).width() < before.width())  # it makes room for the panel
    assert window.picture().pixelColor(1590, 10).name() == "#ffffff", "the panel is painted"
    change(folder, "    service: jardin\n", "    service: jardinage\n")
    change(folder, "code: LM!", "code: lm", "agencies/le-mans.yaml")
    until(lambda: window.panel is None and same(good(window), before))


def test_half_a_file_and_no_yaml_at_all_are_told(window: Preview, folder: Path) -> None:
    whole = (folder / "campaign.yaml").read_bytes()
    for broken in (whole[: len(whole) // 2], b"", b"\xff\xfe\x00", b"{{{{"):
        (folder / "campaign.yaml").write_bytes(broken)
        until(lambda: window.trouble is not None)
        good(window)
        (folder / "campaign.yaml").write_bytes(whole)
        until(lambda: window.trouble is None)


def test_arrows_step_through_every_scene(window: Preview) -> None:
    assert window.book is not None and window.seen is not None
    names = [scene.id for scene in window.book.scenes(window.view)]
    seen = []
    for _ in names:
        seen.append(window.view.scene)
        press(window, Key.Key_Right)
    assert seen == names and window.view.scene == names[0]
    press(window, Key.Key_Left)
    assert window.view.scene == names[-1]
    until(lambda: settled(window))
    caption = window.page.caption.what
    assert f"{names[-1]} (" in caption and f"{len(names)}/{len(names)}" in caption
    line = window.seen.place.removeprefix("campaign.yaml:")
    written = (window.path / "campaign.yaml").read_text("utf-8").splitlines()
    assert f"id: {names[-1]}" in written[int(line) - 1]


def test_agencies_screens_and_sizes(window: Preview, folder: Path) -> None:
    press(window, Key.Key_Down)
    until(lambda: settled(window) and good(window).height() > good(window).width())
    assert window.view.agency == "nantes" and "1080" in window.page.caption.what
    press(window, Key.Key_Up)
    assert (window.view.agency, window.view.screen) == ("le-mans", "vitrine")
    second = "\n  haute: {diagonal_in: 49, orientation: portrait}\n"
    file = folder / "agencies" / "le-mans.yaml"
    file.write_text(file.read_text("utf-8").rstrip() + second, "utf-8")
    until(lambda: "haute" in window.book.agency(window.view).screens)  # type: ignore[union-attr]
    press(window, Key.Key_Tab)
    assert window.view.screen == "haute"
    press(window, Key.Key_Tab)
    assert window.view.screen == "vitrine" and window.seen is not None
    sizes = []
    for _ in range(4):
        sizes.append(window.seen.size)
        press(window, Key.Key_S)
        size = window.seen.size
        until(lambda: window.drawn is not None and window.drawn.order.size == size)  # noqa: B023
    assert sizes == [(1920, 1080), (1080, 1920), (1080, 1080), (3840, 2160)]
    assert window.seen.size == sizes[0]


def test_the_clock_decides_what_may_be_shown(window: Preview, folder: Path) -> None:
    assert "Peut être montrée" in state(window) and window.page.caption.good
    assert "mardi 22 décembre 2026 à 12" in window.title().replace("\N{NO-BREAK SPACE}", " ")
    change(folder, "  - id: am1\n", "  - id: am1\n    valid: {until: 2026-12-22}\n")
    until(lambda: window.seen is not None and window.seen.scene.valid.until is not None)  # type: ignore[union-attr]
    assert "Peut être montrée" in state(window)
    press(window, Key.Key_T)
    assert "mercredi 23\N{NO-BREAK SPACE}décembre 2026" in window.title()
    assert "La scène a pris fin le mardi 22" in state(window) and not window.page.caption.good
    press(window, Key.Key_T, shift=True)
    assert window.view.at == NOON and window.page.caption.good
    for _ in range(10):
        press(window, Key.Key_Plus)
    assert "l’écran est éteint" in state(window) and "fermée" in state(window)
    for _ in range(10):
        press(window, Key.Key_Minus)
    assert window.view.at == NOON


def test_the_folder_goes_and_comes_back(window: Preview, folder: Path) -> None:
    before = good(window)
    away = folder.with_name("ailleurs")
    folder.rename(away)
    until(lambda: window.trouble is not None)
    assert window.panel is not None and "ne peut pas être lu" in window.panel.heading
    assert "attend" in window.panel.below
    good(window)
    away.rename(folder)
    until(lambda: window.trouble is None and same(good(window), before))


def test_a_deleted_and_a_damaged_picture(window: Preview, folder: Path) -> None:
    good(window)
    whole = (folder / "portraits" / "claire.svg").read_bytes()
    (folder / "portraits" / "claire.svg").unlink()
    until(lambda: window.panel is not None)
    assert "Il manque une image" in state(window) and "claire.svg" in state(window)
    good(window)
    press(window, Key.Key_Left)
    until(lambda: settled(window) and window.panel is None)
    press(window, Key.Key_Right)
    until(lambda: settled(window) and window.panel is not None)
    assert window.page.image is None, "another scene's picture does not stand for it"
    (folder / "portraits" / "claire.svg").write_bytes(whole[:40])
    until(lambda: window.panel is not None and "claire.svg" in window.panel.items[0].message)
    (folder / "portraits" / "claire.svg").write_bytes(whole)
    until(lambda: window.panel is None)
    good(window)


def test_a_broken_folder_opens_and_is_followed(folder: Path) -> None:
    change(folder, "campaign: vrais-visages", "campaign: [")
    for window in opened(folder, "no-such-agency"):
        assert window.trouble is not None and window.page.image is None
        change(folder, "campaign: [", "campaign: vrais-visages")
        until(lambda: settled(window) and window.panel is None)  # noqa: B023
        assert window.view.agency == "annecy", "the first one"


def test_it_plays_what_the_screen_would(window: Preview) -> None:
    press(window, Key.Key_V)
    press(window, Key.Key_Space)
    assert window.play.on
    until(lambda: window.play.ready)
    first = window.view.scene
    until(lambda: window.view.scene != first)  # 20 s, ten times as fast
    assert "Lecture ×10" in state(window) and "À l’écran" in state(window)
    assert window.view.at > NOON
    press(window, Key.Key_Space)
    assert not window.play.on and "Lecture" not in state(window)


def test_a_dark_screen_plays_black(window: Preview) -> None:
    for _ in range(10):
        press(window, Key.Key_Plus)
    press(window, Key.Key_Space)
    until(lambda: window.play.ready and window.page.dark)
    assert "éteint" in state(window)
    assert window.picture().pixelColor(800, 400).name() == "#000000"


def test_a_drawing_process_that_ends_is_started_again(window: Preview) -> None:
    process = window._painter._process
    assert process is not None
    process.kill()
    until(lambda: window._painter._process is None)
    press(window, Key.Key_Right)
    until(lambda: settled(window) and window.panel is None)
    process = window._painter._process
    assert process is not None
    press(window, Key.Key_Right)
    process.kill()
    until(lambda: window.drawn is not None and window.drawn.refused == GONE)
    press(window, Key.Key_R)
    until(lambda: settled(window) and window.panel is None)


def test_many_errors_are_turned_over(window: Preview, folder: Path) -> None:
    text = (folder / "campaign.yaml").read_text("utf-8")
    (folder / "campaign.yaml").write_text(text.replace("    kind:", "    kin:"), "utf-8")
    until(lambda: window.panel is not None and len(window.panel.items) >= 10)
    window.picture()
    shown = window._shown
    assert window.panel is not None and 0 < shown < len(window.panel.items)
    press(window, Key.Key_PageDown)
    assert window.page.first == shown
    press(window, Key.Key_PageUp)
    assert window.page.first == 0


def test_escape_leaves(window: Preview) -> None:
    left: list[bool] = []
    window.closed.connect(lambda: left.append(True))
    press(window, Key.Key_Escape)
    until(lambda: left == [True])
    assert not window.isVisible()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--agency", "le-man"), "did you mean 'le-mans'?"),
        (("--agency", "le-mans", "--screen", "porte"), "there is: vitrine"),
    ],
)
def test_a_wrong_name_is_refused(words: tuple[str, ...], said: str) -> None:
    parser = argparse.ArgumentParser()
    door.add(parser)
    arguments = parser.parse_args([str(DEMONSTRATION), *words])
    with pytest.raises(Refusal, match=said.replace("?", r"\?")) as refusal:
        arguments.run(arguments)
    assert refusal.value.code == EX_NOINPUT


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    door.add(parser)
    arguments = parser.parse_args([str(tmp_path / "nowhere"), "--agency", "le-mans"])
    with pytest.raises(Refusal, match="check the path"):
        arguments.run(arguments)
