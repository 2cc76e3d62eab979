"""Head office's original pictures -> the files that are published and shown."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Callable, Collection, Mapping
from fractions import Fraction
from io import BytesIO
from math import ceil
from pathlib import Path
from typing import Final

from PIL import Image, ImageChops, ImageCms, ImageFilter
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from kiosk.release.originals import Format, Original, Unusable, examine, read_whole

PREPARATION: Final = 1
"""To be raised when the same original is to give other bytes: everything is prepared again."""
LONGEST_SIDE: Final = 3840
"""Pixels: what is kept of a picture that no screen is known to show."""
LEAST_SAVING: Final = Fraction(1, 10)
"""Of a side: a smaller saving is not worth the sharpness that resampling costs."""

_JPEG_QUALITY: Final = 90
_WEBP_QUALITY: Final = 90


class PictureError(Exception):
    """A picture cannot be published: one sentence with its name, what is wrong, what to do."""


def prepared(name: str, raw: Path, covers: Collection[tuple[int, int]], cache: Path) -> Path:
    """The file to publish for the picture `name`, prepared once and kept in `cache`.

    `name` is relative to the campaign folder, such as portraits/claire.jpg, and `raw` the
    original; `covers` are the sizes in px (width, height) of every area that it must cover on any
    screen. The picture is upright, in sRGB, without metadata, as large as needed and never
    enlarged. PictureError where the original cannot be used.
    """
    try:
        content = read_whole(raw)
        original = examine(content, Path(name).suffix)
        size = _needed_size(original, covers)
        file = cache / f"{_key(content, original.format, size)}{Path(name).suffix.lower()}"
        if not file.is_file():
            published = _published(original, size)
            keep(file, lambda part: part.write_bytes(published))
    except Unusable as reason:
        raise PictureError(f"{name} {reason}") from reason
    return file


def _needed_size(original: Original, covers: Collection[tuple[int, int]]) -> tuple[int, int]:
    """Width and height in px, upright; rounded up, so that the areas are covered."""
    width, height = original.upright
    if original.format == "SVG":
        return width, height
    if covers:
        share = max(max(Fraction(w, width), Fraction(h, height)) for w, h in covers)
        share = Fraction(1) if share > 1 - LEAST_SAVING else share
    else:
        share = min(Fraction(1), Fraction(LONGEST_SIDE, max(width, height)))
    return max(1, ceil(width * share)), max(1, ceil(height * share))


def _key(content: bytes, form: Format, size: tuple[int, int]) -> str:
    digest = hashlib.sha256(f"{PREPARATION}:{form}:{size[0]}x{size[1]}:".encode())
    digest.update(content)
    return digest.hexdigest()


def keep(file: Path, write: Callable[[Path], object]) -> None:
    """Have `write` make a file that is in the cache, whole, from now on.

    Unusable where that fails with an OSError.
    """
    part = file.with_name(f".{uuid.uuid4().hex}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            write(part)
            with part.open("rb+") as stream:
                os.fsync(stream.fileno())
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        why = (error.strerror or "unknown").lower()
        raise Unusable(f"cannot be kept in {file.parent} ({why}); make room or rights") from error


def _published(original: Original, size: tuple[int, int]) -> bytes:
    if original.format == "SVG":
        return original.bare
    image = _decoded(original, size)
    profile = _profile(original)
    is_same = size == original.size and original.orientation == 1
    if original.ready and is_same and (profile is None or _is_srgb(profile)):
        return original.bare
    image = _in_srgb(image, profile)
    if original.orientation != 1:
        image = image.transpose(_TURNS[original.orientation])
    # Pillow writes some of what it read, comments and profiles, into the next file.
    image.info.clear()
    return _ENCODERS[original.format](image, original)


# Image.open would warn of large pictures, which were measured before, and of odd ones.
_DECODERS: Final[Mapping[Format, Callable[[BytesIO], ImageFile]]] = {
    "JPEG": JpegImageFile,
    "PNG": PngImageFile,
    "WEBP": WebPImageFile,
}
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _decoded(original: Original, upright: tuple[int, int]) -> Image.Image:
    """The pixels as L, LA, RGB, RGBA or CMYK, at the size needed, not turned yet."""
    width, height = upright[::-1] if original.orientation >= 5 else upright
    try:
        image = _DECODERS[original.format](BytesIO(original.bare))
        # libjpeg scales by 1/2, 1/4, 1/8 while it decodes; half is left to the better filter.
        drafted = image.draft(None, (2 * width, 2 * height))
        image.load()
        plain = _plain(image)
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise Unusable(f"is damaged ({error}); export it again") from error
    if plain.size == (width, height):
        return plain
    box = drafted[1] if drafted else None
    return plain.resize((width, height), Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)


def _plain(image: Image.Image) -> Image.Image:
    """Eight bits a channel and no palette."""
    if image.mode == "I;16":
        # Pillow's own conversion cuts at 255 instead of scaling.
        transparent = image.info.pop("transparency", None)
        image = image.point(lambda value: value * (1 / 257)).convert("L")
        if transparent is not None:
            image.info["transparency"] = transparent // 257
    if "transparency" in image.info:
        return image.convert("RGBA")
    mode = {"1": "L", "P": "RGB"}.get(image.mode, image.mode)
    # Pillow's conversion to the same mode is a copy, of up to 600 MB.
    return image if mode == image.mode else image.convert(mode)


def _profile(original: Original) -> ImageCms.ImageCmsProfile | None:
    if original.profile is None:
        return None
    try:
        return ImageCms.ImageCmsProfile(BytesIO(original.profile))
    except OSError as error:
        raise Unusable("has a damaged colour profile; export it again as sRGB") from error


_MODES: Final = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}


def _space(profile: ImageCms.ImageCmsProfile) -> str:
    try:
        space = profile.profile.xcolor_space.strip()
    except UnicodeDecodeError:
        space = ""
    if space not in _MODES:
        raise Unusable("has a colour profile of an unknown kind; export it again as sRGB")
    return space


def _is_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
    """Whether the profile changes no colour by more than two of 255 levels."""
    if _space(profile) != "RGB":
        return False
    steps = range(0, 256, 17)
    colours = bytes(value for r in steps for g in steps for b in steps for value in (r, g, b))
    chart = Image.frombytes("RGB", (256, 16), colours)
    changes = ImageChops.difference(chart, _converted(chart, profile)).tobytes()
    return max(changes) <= 2


def _in_srgb(image: Image.Image, profile: ImageCms.ImageCmsProfile | None) -> Image.Image:
    if profile is None:
        return _in_print_colours(image) if image.mode == "CMYK" else image
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    colours = image.convert(image.mode.removesuffix("A")) if alpha else image
    is_grey = colours.mode == "L"
    space = _space(profile)
    # Many a grey picture carries the RGB profile of the program that made it.
    colours = colours.convert("RGB") if is_grey and space == "RGB" else colours
    if _MODES[space] != colours.mode:
        raise Unusable(f"has a colour profile for {space}; export it again as sRGB")
    converted = _converted(colours, profile)
    converted = converted.convert("L") if is_grey else converted
    if alpha:
        converted.putalpha(alpha)
    return converted


def _converted(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    try:
        return ImageCms.buildTransform(
            profile,
            ImageCms.createProfile("sRGB"),
            image.mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        ).apply(image)
    except (ImageCms.PyCMSError, ValueError) as error:
        raise Unusable("has a damaged colour profile; export it again as sRGB") from error


# sRGB of the solid inks of offset print on coated paper (FOGRA39), cyan changing fastest, then
# magenta, then yellow. Multiplying inks as light, which is Pillow's way, gives neon colours.
_SOLIDS: Final = (
    *((255, 255, 255), (0, 159, 227), (230, 0, 126), (49, 39, 131)),
    *((255, 237, 0), (0, 150, 64), (227, 6, 19), (60, 53, 50)),
)
_SOLID_BLACK: Final = 29


def _in_print_colours(image: Image.Image) -> Image.Image:
    """CMYK without a profile: a mix of the solid inks, each by the area it covers (Neugebauer)."""
    cyan, magenta, yellow, black = image.split()
    table = [level / 255 for solid in _SOLIDS for level in solid]
    inks = Image.merge("RGB", (cyan, magenta, yellow)).filter(ImageFilter.Color3DLUT(2, table))
    dark = black.point([255 - round(ink * (255 - _SOLID_BLACK) / 255) for ink in range(256)])
    return ImageChops.multiply(inks, Image.merge("RGB", (dark, dark, dark)))


def _jpeg(image: Image.Image, _: Original) -> bytes:
    def encode(optimize: bool) -> bytes:
        file = BytesIO()
        image.save(file, "JPEG", quality=_JPEG_QUALITY, subsampling=0, optimize=optimize)
        return file.getvalue()

    content = encode(optimize=False)
    # Pillow's buffer for an optimised JPEG holds one byte a pixel; more of them is an error.
    return encode(optimize=True) if len(content) < image.width * image.height else content


def _png(image: Image.Image, _: Original) -> bytes:
    file = BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _webp(image: Image.Image, original: Original) -> bytes:
    file = BytesIO()
    image.save(file, "WEBP", quality=_WEBP_QUALITY, method=4, lossless=original.lossless)
    return file.getvalue()


_ENCODERS: Final[Mapping[Format, Callable[[Image.Image, Original], bytes]]] = {
    "JPEG": _jpeg,
    "PNG": _png,
    "WEBP": _webp,
}
