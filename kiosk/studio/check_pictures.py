"""A scene's pictures on one screen: there, usable, large enough, the face whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QImageIOHandler, QImageReader

from kiosk.campaign.model import Scene
from kiosk.player.blocks import Composition, PictureBlock, Rect
from kiosk.player.compose import STANDBY_PICTURE
from kiosk.player.content import Content
from kiosk.release.originals import Unusable, examine, read_whole
from kiosk.studio.check_places import Places
from kiosk.studio.check_seen import Seen, Where, scene_place, screen_name
from kiosk.studio.crops import MOST_ENLARGED, MUCH_CUT, SOFT, Crop

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Original:
    """A picture's upright size in px, and whether it is drawn at any size; or why it fails."""

    size: Size
    is_drawing: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Looks at each picture of the folder once."""

    places: Places
    _known: dict[Path, Original] = field(default_factory=dict)

    def judged(self, content: Content, scene: Scene, composition: Composition) -> Iterator[Seen]:
        """What is wrong with the pictures of this composition."""
        for block in composition.pictures:
            if not block.name.startswith(STANDBY_PICTURE):
                yield from self._of_block(content, scene, composition, block)

    def _of_block(
        self, content: Content, scene: Scene, composition: Composition, block: PictureBlock
    ) -> Iterator[Seen]:
        where, on = self._where(scene, block.name), screen_name(content)
        path = content.media(block.name)
        if path is None:
            yield Seen("picture-missing", where, f"{block.name} is not in the folder",
                       "add the picture, or correct its name", on)  # fmt: skip
            return
        original = self._original(path)
        if original.why:
            message, _, remedy = original.why.rpartition("; ")
            yield Seen("picture-unusable", where, f"{block.name} {message}", remedy, on)
            return
        crop = Crop(original.size, block.area, block.focus)
        if not original.is_drawing:
            yield from _of_size(crop, block.name, where, on)
        yield from self._of_face(scene, crop, composition, on)

    def _where(self, scene: Scene, name: str) -> Where:
        file, top = scene_place(self.places, scene, "picture")
        return file, self.places.where_text(file, top, lambda text: text == name) or top

    def _original(self, path: Path) -> Original:
        if path not in self._known:
            self._known[path] = _looked_at(path)
        return self._known[path]

    def _of_face(
        self, scene: Scene, crop: Crop, composition: Composition, on: str
    ) -> Iterator[Seen]:
        if scene.person_rights() is None:
            return
        where = scene_place(self.places, scene, "focus")
        name = f"{scene.id}: the face at focus [{crop.focus[0]:g}, {crop.focus[1]:g}]"
        remedy = "move focus to the middle of the face, or give a picture with room around it"
        face = crop.on_screen(crop.face)
        if not crop.keeps_face:
            yield Seen("face-cut", where, f"{name} is cut at the picture's edge", remedy, on,
                       crop.lost)  # fmt: skip
        elif any(face.overlaps(area) for area in _in_front(composition, crop.area)):
            yield Seen("face-cut", where, f"{name} is covered by what stands on the picture",
                       "choose another code_at, or a picture with room for it", on)  # fmt: skip
        elif crop.lost > MUCH_CUT and "focus" not in scene.model_fields_set:
            share = round(100 * crop.lost)
            yield Seen("focus-missing", scene_place(self.places, scene),
                       f"{scene.id}: {share} % of the picture is cut off, and nothing says where"
                       " the face is", "add focus: [x, y], the middle of the face from 0 to 1",
                       on, crop.lost)  # fmt: skip


def _in_front(composition: Composition, area: Rect) -> Iterator[Rect]:
    """What stands on the picture: plates and the code, not what stands beside it."""
    parts = [shape.area for shape in composition.shapes]
    parts += [code.panel for code in composition.codes]
    return (part for part in parts if part.overlaps(area))


def _of_size(crop: Crop, name: str, where: Where, on: str) -> Iterator[Seen]:
    times = crop.enlarged
    if times <= SOFT:
        return
    width, height = crop.size
    rule = "picture-small" if times > MOST_ENLARGED else "picture-soft"
    needed = f"{round(width * times)} x {round(height * times)}"
    yield Seen(rule, where, f"{name} has {width} x {height} px and is enlarged {times:.1f} times",
               f"give a picture of {needed} px", on, times)  # fmt: skip


def _looked_at(path: Path) -> Original:
    try:
        examined = examine(read_whole(path), path.suffix)
    except Unusable as reason:
        return Original((0, 0), False, str(reason))
    if examined.format != "SVG":
        return Original(examined.upright, False)
    size = _drawn_size(path)
    why = "" if size.isValid() and not size.isEmpty() else "is not a drawing; export it again"
    return Original((size.width(), size.height()), True, why)


def _drawn_size(path: Path) -> QSize:
    reader = QImageReader(str(path))
    reader.setDecideFormatFromContent(True)
    turned = reader.transformation() & QImageIOHandler.Transformation.TransformationRotate90
    return reader.size().transposed() if turned else reader.size()
