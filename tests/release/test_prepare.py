"""Original pictures: what is published of them, in which size and colours, and what is refused."""

from __future__ import annotations

import gzip
import io
import os
import struct
import sys
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from kiosk.release.originals import LARGEST_FILE
from kiosk.release.prepare import PictureError, prepared

Pixels = npt.NDArray[np.float64]
Prepare = Callable[..., Path]

SRGB_IN_D50 = np.array(
    [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]]
)
ADOBE_IN_D50 = np.array(
    [[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]]
)
P3_IN_D50 = np.array(
    [[0.51512, 0.29198, 0.15710], [0.24120, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]]
)
D50 = (0.9642, 1.0, 0.8249)
FORMATS = [("JPEG", "a.jpg"), ("PNG", "a.png"), ("WEBP", "a.webp")]
GPS_LATITUDE = (48.0, 0.0, 28.31)


@pytest.fixture
def prepare(tmp_path: Path) -> Prepare:
    """`prepared` for bytes: `prepare("a.jpg", raw, (1080, 1920), …)`."""

    def prepare(name: str, raw: bytes, *covers: tuple[int, int]) -> Path:
        original = tmp_path / "originals" / name
        original.parent.mkdir(parents=True, exist_ok=True)
        original.write_bytes(raw)
        return prepared(name, original, covers, tmp_path / "cache")

    return prepare


def scene(width: int, height: int, seed: int = 1) -> Image.Image:
    """Something like a photograph: soft shapes, edges, texture and a little grain."""
    chance = np.random.default_rng(seed)
    whole = np.zeros((height, width, 3))
    # Colours change slowly, light quickly.
    for step, weight, channels in ((128, 60.0, 3), (128, 60.0, 1), (32, 30.0, 1), (4, 10.0, 1)):
        small = chance.random((height // step + 2, width // step + 2, channels)) * 255
        shades = Image.fromarray(small.repeat(3 // channels, axis=2).astype(np.uint8))
        layer = shades.resize((width, height), Image.Resampling.BICUBIC)
        whole += (pixels(layer) - 127) * weight / 127
    down, across = np.mgrid[0:height, 0:width]
    face = (across - width / 2) ** 2 + (down - height / 2) ** 2 < (height / 3) ** 2
    whole += face[..., None] * np.array([50.0, 20.0, -10.0])
    whole += chance.normal(0, 1.5, (height, width, 1))
    return Image.fromarray((whole + 120).clip(0, 255).astype(np.uint8))


def encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    """The picture as a file's bytes."""
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def pixels(source: Path | bytes | Image.Image) -> Pixels:
    """Every channel as numbers, in the file's own mode."""
    if isinstance(source, Image.Image):
        return np.asarray(source, dtype=np.float64)
    with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as image:
        return np.asarray(image, dtype=np.float64)


def psnr(one: Pixels, other: Pixels) -> float:
    """Likeness in dB."""
    assert one.shape == other.shape
    return float(10 * np.log10(255**2 / max(1e-9, ((one - other) ** 2).mean())))


def refusal(call: Callable[[], object]) -> str:
    """What is told about a picture that is refused."""
    with pytest.raises(PictureError) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message
    assert "; " in message, "says nothing to do"
    return message


def size_of(file: Path) -> tuple[int, int]:
    """Width and height in px."""
    with Image.open(file) as image:
        return image.size


# --- size -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("covers", "size"),
    [
        ([(300, 300)], (450, 300)),
        ([(300, 100)], (300, 200)),
        ([(301, 10)], (301, 201)),
        ([(300, 100), (10, 250)], (375, 250)),
        ([(540, 100)], (540, 360)),
        ([(541, 100)], (600, 400)),
        ([(600, 400)], (600, 400)),
        ([(4000, 4000)], (600, 400)),
        ([], (600, 400)),
    ],
)
@pytest.mark.parametrize(("form", "name"), FORMATS)
def test_as_large_as_needed(
    prepare: Prepare, form: str, name: str, covers: list[tuple[int, int]], size: tuple[int, int]
) -> None:
    file = prepare(name, encoded(scene(600, 400), form), *covers)
    assert size_of(file) == size
    with Image.open(file) as image:
        assert image.format == form


def test_where_no_screen_is_known_the_long_side_is_capped(prepare: Prepare) -> None:
    assert size_of(prepare("a.png", encoded(Image.new("L", (4000, 100)), "PNG"))) == (3840, 96)


@pytest.mark.parametrize(("form", "name"), [("JPEG", "a.jpg"), ("WEBP", "a.webp")])
@pytest.mark.parametrize("cover", [(800, 500), (250, 150), (1200, 300)])
def test_no_visible_loss(prepare: Prepare, form: str, name: str, cover: tuple[int, int]) -> None:
    original = scene(1600, 1000)
    raw = encoded(original, form, quality=97, **({"subsampling": 0} if form == "JPEG" else {}))
    file = prepare(name, raw, cover)
    with Image.open(io.BytesIO(raw)) as image:
        best = image.convert("RGB").resize(size_of(file), Image.Resampling.LANCZOS)
    assert psnr(pixels(file), pixels(best)) >= 38


def test_a_picture_of_noise_is_encoded_too(prepare: Prepare) -> None:
    noise = np.random.default_rng(2).integers(0, 256, (500, 500, 3), dtype=np.uint8)
    raw = encoded(Image.fromarray(noise), "JPEG", quality=100, subsampling=0)
    assert size_of(prepare("a.jpg", raw, (400, 400))) == (400, 400)


# --- nothing to change ------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("subsampling", [0, 2])
def test_a_jpeg_that_is_right_is_not_encoded_again(
    prepare: Prepare, mode: str, subsampling: int
) -> None:
    image = scene(320, 200).convert(mode)
    plain = encoded(image, "JPEG", quality=83, subsampling=subsampling)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    described = encoded(
        image,
        "JPEG",
        quality=83,
        subsampling=subsampling,
        icc_profile=srgb,
        exif=gps(1),
        comment=b"Claire, 12 rue des Lilas",
    )
    assert prepare("a.jpg", plain).read_bytes() == plain
    assert prepare("a.jpg", described + plain).read_bytes() == plain


@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_webp_that_is_right_is_not_encoded_again(
    prepare: Prepare, lossless: bool, mode: str
) -> None:
    image = with_alpha(scene(320, 201)) if mode == "RGBA" else scene(320, 201)
    raw = encoded(image, "WEBP", quality=70, lossless=lossless, exif=gps(1), xmp=b"<x/>")
    file = prepare("a.webp", raw)
    assert (pixels(file) == pixels(raw)).all()
    assert len(file.read_bytes()) < len(raw)
    assert b"EXIF" not in file.read_bytes()


def test_lossless_stays_lossless(prepare: Prepare) -> None:
    image = scene(320, 200)
    best = pixels(image.resize((160, 100), Image.Resampling.LANCZOS, reducing_gap=3.0))
    webp = prepare("a.webp", encoded(image, "WEBP", lossless=True), (160, 100))
    png = prepare("a.png", encoded(image, "PNG"), (160, 100))
    assert (pixels(webp) == best).all()
    assert (pixels(png) == best).all()


def test_a_progressive_jpeg_becomes_a_baseline_one(prepare: Prepare) -> None:
    raw = encoded(scene(320, 200), "JPEG", quality=95, progressive=True)
    file = prepare("a.jpg", raw)
    with Image.open(file) as image:
        assert "progressive" not in image.info
    assert psnr(pixels(file), pixels(raw)) >= 38


# --- upright, private -------------------------------------------------------------------------


def gps(orientation: int) -> Image.Exif:
    """EXIF data of a picture taken at a place, by a named person."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Artist] = "Claire Martin"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = GPS_LATITUDE
    return exif


def with_alpha(image: Image.Image) -> Image.Image:
    """The picture, more transparent from left to right."""
    image = image.copy()
    image.putalpha(Image.linear_gradient("L").rotate(90).resize(image.size))
    return image


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("form", "name"), FORMATS)
def test_turned_upright_and_covering(
    prepare: Prepare, form: str, name: str, orientation: int
) -> None:
    stored = Image.new("RGB", (320, 160), (20, 20, 20))
    stored.paste((250, 20, 20), (0, 0, 80, 40))
    raw = encoded(stored, form, exif=gps(orientation))
    file = prepare(name, raw, (100, 60))
    corner, turned = {
        1: ("top left", False),
        2: ("top right", False),
        3: ("bottom right", False),
        4: ("bottom left", False),
        5: ("top left", True),
        6: ("top right", True),
        7: ("bottom right", True),
        8: ("bottom left", True),
    }[orientation]
    seen = pixels(file)
    height, width = seen.shape[:2]
    assert (width, height) == ((100, 200) if turned else (120, 60))
    vertical, horizontal = corner.split()
    red = seen[..., 0] > 128
    rows = slice(0, height // 4) if vertical == "top" else slice(-(height // 4), None)
    columns = slice(0, width // 4) if horizontal == "left" else slice(-(width // 4), None)
    assert red[rows, columns].mean() > 0.9
    assert red.mean() < 0.08


@pytest.mark.parametrize("cover", [(60, 60), (1000, 1000)], ids=["smaller", "as it is"])
@pytest.mark.parametrize(("form", "name"), FORMATS)
def test_nothing_is_told_about_the_people_shown(
    prepare: Prepare, form: str, name: str, cover: tuple[int, int]
) -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "Claire Martin")
    texts.add_itxt("XML:com.adobe.xmp", "<x>Claire Martin</x>", zip=True)
    options: dict[str, dict[str, Any]] = {
        "JPEG": {"comment": b"Claire Martin", "xmp": b"<x>Claire Martin</x>"},
        "PNG": {"pnginfo": texts, "dpi": (300, 300)},
        "WEBP": {"xmp": b"<x>Claire Martin</x>"},
    }
    profile = matrix_profile(ADOBE_IN_D50, 2.2)
    raw = encoded(scene(320, 200), form, exif=gps(1), icc_profile=profile, **options[form])
    with Image.open(io.BytesIO(raw)) as image:
        assert image.getexif().get_ifd(ExifTags.IFD.GPSInfo)
    file = prepare(name, raw, cover)
    with Image.open(file) as image:
        image.load()
        assert not dict(image.getexif())
        assert image.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"} | (
            {"loop", "background", "timestamp", "duration"} if form == "WEBP" else set()
        )
    assert b"Claire" not in file.read_bytes()


def test_damaged_exif_is_dropped_without_a_word(prepare: Prepare) -> None:
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x09\x01\x12\0\x03"
    raw = encoded(scene(64, 48), "JPEG", exif=exif)
    assert size_of(prepare("a.jpg", raw)) == (64, 48)
    for number, other in enumerate((b"no TIFF at all", b"II*\0\x08\0\0\0" + bytes(6))):
        raw = encoded(scene(64, 48), "JPEG", exif=b"Exif\0\0" + other)
        assert size_of(prepare(f"{number}.jpg", raw)) == (64, 48)


def test_what_phones_append_is_dropped(prepare: Prepare) -> None:
    plain = encoded(scene(64, 48), "JPEG")
    frames = [scene(64, 48, seed) for seed in (1, 2)]
    mpo = encoded(frames[0], "MPO", save_all=True, append_images=frames[1:])
    film = plain + b"\0\0\0\x18ftypmp42" + bytes(1000)
    assert prepare("a.jpg", film).read_bytes() == plain
    assert prepare("b.jpg", mpo).read_bytes() == plain


# --- colours ----------------------------------------------------------------------------------


def icc(space: bytes, pcs: bytes, kind: bytes, tags: dict[bytes, bytes]) -> bytes:
    """An ICC profile, version 2."""
    tags = {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", 5) + b"test\0" + bytes(78),
        b"wtpt": xyz(D50),
        **tags,
    }
    start, table, data = 132 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        table += struct.pack(">4s2I", name, start + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    head = struct.pack(">I4sI4s4s4s", start + len(data), b"test", 0x02400000, kind, space, pcs)
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + xyz(D50)[8:]
    return head.ljust(128, b"\0") + table + data


def xyz(values: tuple[float, ...]) -> bytes:
    """A tag with one colour."""
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in values))


def gamma_curve(gamma: float) -> bytes:
    """A tag with one power curve."""
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)


def matrix_profile(columns: Pixels, gamma: float) -> bytes:
    """The profile of an RGB space: its primaries adapted to D50, and its gamma."""
    tags = {b"rgb"[i : i + 1] + b"XYZ": xyz(tuple(columns[:, i])) for i in range(3)}
    curves = {b"rgb"[i : i + 1] + b"TRC": gamma_curve(gamma) for i in range(3)}
    return icc(b"RGB ", b"XYZ ", b"mntr", tags | curves)


INKS = {
    "": (100, 0, 0),
    "C": (55, -37, -50),
    "M": (48, 74, -3),
    "Y": (89, -5, 93),
    "CM": (24, 22, -46),
    "CY": (50, -68, 33),
    "MY": (47, 68, 48),
    "CMY": (20, 0, 0),
}


def print_profile() -> bytes:
    """The profile of a press whose solid inks look as INKS, in Lab, and whose black is black."""
    grid = b""
    for number in range(16):
        name = "".join(ink for bit, ink in ((8, "C"), (4, "M"), (2, "Y")) if number & bit)
        lab = (0, 0, 0) if number & 1 else INKS[name]
        grid += struct.pack(">3H", lab[0] * 65280 // 100, *((ab + 128) * 256 for ab in lab[1:]))
    straight = struct.pack(">2H", 0, 65535)
    head = b"mft2" + bytes(4) + bytes([4, 3, 2, 0])
    head += struct.pack(">9i", *(65536 * (i % 4 == 0) for i in range(9))) + struct.pack(">2H", 2, 2)
    lut = head + straight * 4 + grid + straight * 3
    return icc(b"CMYK", b"Lab ", b"prtr", {b"A2B0": lut})


def srgb_of(d50: Pixels) -> Pixels:
    """sRGB levels of colours in XYZ under D50, by the standard's formula."""
    linear = (d50 @ np.linalg.inv(SRGB_IN_D50).T).clip(0, 1)
    level = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(level * 255)


def d50_of(lab: tuple[int, int, int]) -> Pixels:
    """XYZ under D50 of a Lab colour."""
    middle = (lab[0] + 16) / 116
    roots = np.array([middle + lab[1] / 500, middle, middle - lab[2] / 200])
    linear = np.where(roots > 6 / 29, roots**3, 3 * (6 / 29) ** 2 * (roots - 4 / 29))
    return np.asarray(linear * D50)


COLOURS = [
    (200, 120, 90),
    (60, 90, 160),
    (128, 128, 128),
    (250, 250, 250),
    (90, 140, 70),
    (0, 0, 0),
]


def patches(colours: Sequence[tuple[int, ...]], mode: str) -> Image.Image:
    """A square of 32 px for each colour, side by side."""
    image = Image.new(mode, (32 * len(colours), 32))
    for number, colour in enumerate(colours):
        image.paste(colour, (32 * number, 0, 32 * number + 32, 32))
    return image


def middles(file: Path) -> Pixels:
    """The colour in the middle of each square."""
    return pixels(file)[16, 16::32].reshape(
        -1, 1 if pixels(file).ndim == 2 else pixels(file).shape[2]
    )


@pytest.mark.parametrize(("form", "name"), FORMATS)
@pytest.mark.parametrize("space", [ADOBE_IN_D50, P3_IN_D50], ids=["Adobe RGB", "Display P3"])
def test_rgb_profiles(prepare: Prepare, form: str, name: str, space: Pixels) -> None:
    finest: dict[str, dict[str, Any]] = {
        "JPEG": {"quality": 98, "subsampling": 0},
        "PNG": {},
        "WEBP": {"lossless": True},
    }
    profile = matrix_profile(space, 2.19921875)
    raw = encoded(patches(COLOURS, "RGB"), form, icc_profile=profile, **finest[form])
    expected = srgb_of((np.array(COLOURS) / 255) ** 2.19921875 @ space.T)
    assert abs(expected - COLOURS).max() > 8, "a profile that changes nothing tests nothing"
    assert abs(middles(prepare(name, raw)) - expected).max() <= 3


def test_transparency_outlives_a_profile(prepare: Prepare) -> None:
    image = with_alpha(patches(COLOURS, "RGB"))
    raw = encoded(image, "PNG", icc_profile=matrix_profile(ADOBE_IN_D50, 2.19921875))
    seen = pixels(prepare("a.png", raw))
    expected = srgb_of((np.array(COLOURS) / 255) ** 2.19921875 @ ADOBE_IN_D50.T)
    assert abs(seen[16, 16::32, :3] - expected).max() <= 2
    assert (seen[..., 3] == pixels(image)[..., 3]).all()


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_grey_profiles(prepare: Prepare, mode: str) -> None:
    profile = icc(b"GRAY", b"XYZ ", b"mntr", {b"kTRC": gamma_curve(1.0)})
    greys = [10, 60, 128, 200, 255]
    image = patches([(grey,) for grey in greys], "L").convert(mode)
    seen = middles(prepare("a.png", encoded(image, "PNG", icc_profile=profile)))[:, 0]
    expected = srgb_of(np.outer(np.array(greys) / 255, D50))[:, 0]
    assert abs(seen - expected).max() <= 2


def test_a_grey_picture_with_an_rgb_profile_stays_grey(prepare: Prepare) -> None:
    raw = encoded(
        patches([(128,)], "L"), "JPEG", quality=98, icc_profile=matrix_profile(SRGB_IN_D50, 1.0)
    )
    file = prepare("a.jpg", raw)
    assert abs(middles(file) - 188).max() <= 2
    with Image.open(file) as image:
        assert image.mode == "L"


def ink_patches() -> Image.Image:
    """Each mix of solid inks, as CMYK."""
    return patches([tuple(255 * (ink in name) for ink in "CMYK") for name in INKS], "CMYK")


def as_ycck(image: Image.Image) -> bytes:
    """A JPEG as Photoshop writes CMYK: inverted, its colours as YCbCr, and marked so."""
    cyan, magenta, yellow, black = image.split()
    planes = Image.merge("RGB", (cyan, magenta, yellow)).convert("YCbCr").split()
    turned = [plane.point(lambda level: 255 - level) for plane in planes]
    raw = encoded(Image.merge("CMYK", (*turned, black)), "JPEG", quality=100)
    at = raw.index(b"Adobe") + 11
    assert raw[at] == 0
    return raw[:at] + b"\x02" + raw[at + 1 :]


def with_profile(jpeg: bytes, profile: bytes) -> bytes:
    """The file with a profile in two pieces, the second one first."""
    half = len(profile) // 2
    pieces = b""
    for number, piece in ((2, profile[half:]), (1, profile[:half])):
        content = b"ICC_PROFILE\0" + bytes([number, 2]) + piece
        pieces += b"\xff\xe2" + struct.pack(">H", len(content) + 2) + content
    return jpeg[:2] + pieces + jpeg[2:]


@pytest.mark.parametrize("ycck", [False, True])
def test_print_pictures_with_a_profile(prepare: Prepare, ycck: bool) -> None:
    image = ink_patches()
    raw = as_ycck(image) if ycck else encoded(image, "JPEG", quality=100)
    expected = srgb_of(np.array([d50_of(lab) for lab in INKS.values()]))
    seen = middles(prepare("a.jpg", with_profile(raw, print_profile())))
    assert abs(seen - expected).max() <= 5


def test_print_pictures_without_a_profile_look_like_ink(prepare: Prepare) -> None:
    inks: list[tuple[int, ...]] = [(255, 0, 0, 0), (0, 255, 255, 0), (0, 0, 0, 0), (0, 0, 0, 255)]
    seen = middles(prepare("a.jpg", encoded(patches(inks, "CMYK"), "JPEG", quality=100)))
    expected = [(0, 159, 227), (227, 6, 19), (255, 255, 255), (29, 29, 29)]
    assert abs(seen - expected).max() <= 4


def test_sixteen_bits_and_palettes(prepare: Prepare) -> None:
    ramp = np.arange(256, dtype=np.uint16).repeat(4).reshape(16, 64)
    deep = encoded(Image.fromarray(ramp * 257), "PNG")
    assert deep[24] == 16
    assert (pixels(prepare("deep.png", deep)) == ramp).all()
    image = scene(64, 48)
    few = image.quantize(16)
    assert (pixels(prepare("few.png", encoded(few, "PNG"))) == pixels(few.convert("RGB"))).all()
    hole = prepare("hole.png", encoded(few, "PNG", transparency=3))
    assert ((pixels(hole)[..., 3] == 0) == (np.asarray(few) == 3)).all()
    bits = image.convert("1")
    assert (pixels(prepare("bits.png", encoded(bits, "PNG"))) == pixels(bits.convert("L"))).all()


def png_of(*chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG file of these chunks."""
    raw = b"\x89PNG\r\n\x1a\n"
    for kind, content in chunks:
        raw += struct.pack(">I", len(content)) + kind + content
        raw += struct.pack(">I", zlib.crc32(kind + content))
    return raw


def test_sixteen_bits_with_a_transparent_colour(prepare: Prepare) -> None:
    grey = png_of(
        (b"IHDR", struct.pack(">2I5B", 2, 1, 16, 0, 0, 0, 0)),
        (b"tRNS", struct.pack(">H", 0x8080)),
        (b"IDAT", zlib.compress(b"\0" + struct.pack(">2H", 0x8080, 0x2020))),
        (b"IEND", b""),
    )
    assert pixels(prepare("grey.png", grey)).tolist() == [[[128, 128, 128, 0], [32, 32, 32, 255]]]
    colour = png_of(
        (b"IHDR", struct.pack(">2I5B", 2, 1, 16, 2, 0, 0, 0)),
        (b"tRNS", struct.pack(">3H", 0x1010, 0x2020, 0x3030)),
        (b"IDAT", zlib.compress(b"\0" + struct.pack(">6H", 0x1010, 0x2020, 0x3030, 0, 0, 0))),
        (b"IEND", b""),
    )
    assert pixels(prepare("colour.png", colour))[0, :, 3].tolist() == [0, 255]


def test_profiles_that_cannot_be_used(prepare: Prepare) -> None:
    image = scene(64, 48)
    damaged = matrix_profile(ADOBE_IN_D50, 2.2)[:200]
    why = "colour profile; export it again as sRGB"
    for name, form in (("a.jpg", "JPEG"), ("a.png", "PNG"), ("a.webp", "WEBP")):
        raw = encoded(image, form, icc_profile=damaged)
        assert refusal(lambda n=name, r=raw: prepare(n, r)).endswith(why)  # type: ignore[misc]
    foreign = encoded(image, "JPEG", icc_profile=print_profile())
    message = refusal(lambda: prepare("a.jpg", foreign))
    assert message == "a.jpg has a colour profile for CMYK; export it again as sRGB"
    whole = with_profile(encoded(image, "JPEG"), print_profile())
    for space in (b"\xf3\xf3\xf3\xf3", b"Luv "):
        strange = matrix_profile(ADOBE_IN_D50, 2.2).replace(b"RGB ", space)
        raw = encoded(image, "PNG", icc_profile=strange)
        assert refusal(lambda r=raw: prepare("a.png", r)).endswith(  # type: ignore[misc]
            "of an unknown kind; export it again as sRGB"
        )
    half = whole.replace(b"ICC_PROFILE\0\x02", b"ICC_PROFILE\0\x03")
    assert refusal(lambda: prepare("a.jpg", half)).endswith(why)
    bomb = zlib.compress(bytes(9 * 2**20))
    iccp = png_of((b"iCCP", b"x\0\0" + bomb))[8:]
    png = encoded(image, "PNG")
    assert refusal(lambda: prepare("a.png", png[:33] + iccp + png[33:])).endswith(why)


# --- kept -------------------------------------------------------------------------------------


def decoders_used(call: Callable[[], object]) -> set[str]:
    """The kinds of Pillow's decoders that ran during the call."""
    used: set[str] = set()

    def watch(_frame: object, event: str, called: object) -> None:
        if event == "c_call" and getattr(called, "__name__", "") in ("decode", "get_next"):
            used.add(type(getattr(called, "__self__", None)).__name__)

    sys.setprofile(watch)
    try:
        call()
    finally:
        sys.setprofile(None)
    return used & {"ImagingDecoder", "WebPAnimDecoder"}


@pytest.mark.parametrize(("form", "name"), FORMATS)
def test_what_was_prepared_is_not_touched_again(
    prepare: Prepare, tmp_path: Path, form: str, name: str
) -> None:
    raw = encoded(scene(320, 200), form)
    assert decoders_used(lambda: prepare(name, raw, (100, 100)))
    (file,) = (tmp_path / "cache").iterdir()
    before = file.stat()
    assert not decoders_used(lambda: prepare(name, raw, (100, 100)))
    assert prepare(name, raw, (90, 100), (1, 2)) == file
    after = file.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    others = {
        prepare(name, raw, (120, 120)),
        prepare(name, encoded(scene(320, 200, seed=2), form), (100, 100)),
    }
    assert len({file, *others}) == 3
    assert sorted((tmp_path / "cache").iterdir()) == sorted({file, *others})
    assert file.suffix == Path(name).suffix


def test_the_same_original_gives_the_same_bytes(tmp_path: Path) -> None:
    original = tmp_path / "Claire.JPG"
    original.write_bytes(encoded(scene(900, 600), "JPEG", exif=gps(6)))

    def once(number: int) -> tuple[str, bytes]:
        cache = tmp_path / "caches" / str(number // 2)
        file = prepared("portraits/Claire.JPG", original, [(300, 300)], cache)
        return file.name, file.read_bytes()

    with ThreadPoolExecutor(4) as threads:
        results = set(threads.map(once, range(8)))
    assert len(results) == 1
    assert results.pop()[0].endswith(".jpg")
    assert len(list((tmp_path / "caches").rglob("*.*"))) == 4, "parts are left"


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX rights")
def test_others_may_read_what_was_prepared(prepare: Prepare) -> None:
    old = os.umask(0o022)
    try:
        assert prepare("a.jpg", encoded(scene(64, 48), "JPEG")).stat().st_mode & 0o777 == 0o644
    finally:
        os.umask(old)


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    original = tmp_path / "a.jpg"
    original.write_bytes(encoded(scene(64, 48), "JPEG"))
    message = refusal(lambda: prepared("a.jpg", original, [], original))
    assert message.startswith(f"a.jpg cannot be kept in {original} (")


# --- refused ----------------------------------------------------------------------------------


def test_files_that_are_none(tmp_path: Path) -> None:
    missing = refusal(lambda: prepared("a.jpg", tmp_path / "a.jpg", [], tmp_path / "cache"))
    assert missing.startswith("a.jpg cannot be read (")
    (tmp_path / "empty.jpg").touch()
    empty = refusal(lambda: prepared("a.jpg", tmp_path / "empty.jpg", [], tmp_path / "cache"))
    assert empty == "a.jpg is empty; export it again"
    with (tmp_path / "large.jpg").open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    large = refusal(lambda: prepared("a.jpg", tmp_path / "large.jpg", [], tmp_path / "cache"))
    assert large == "a.jpg is larger than 64 MB; export it smaller"
    assert not (tmp_path / "cache").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")
@pytest.mark.timeout(20)
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jpg")
    message = refusal(lambda: prepared("a.jpg", tmp_path / "a.jpg", [], tmp_path / "cache"))
    assert message == "a.jpg is not a file; put the picture's file there"


def test_names_must_be_true(prepare: Prepare) -> None:
    image = scene(64, 48)
    assert prepare("a.JPEG", encoded(image, "JPEG")).suffix == ".jpeg"
    assert refusal(lambda: prepare("portraits/a.png", encoded(image, "JPEG"))) == (
        "portraits/a.png holds JPEG, not what its name says; rename it to .jpg"
    )
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    for name, raw in (("a.jpg", svg), ("a.svg", encoded(image, "WEBP")), ("a", svg)):
        assert "not what its name says; rename it to " in refusal(
            lambda n=name, r=raw: prepare(n, r)  # type: ignore[misc]
        )
    for form in ("GIF", "TIFF", "BMP"):
        assert refusal(lambda f=form: prepare("a.jpg", encoded(image, f))) == (  # type: ignore[misc]
            "a.jpg is neither JPEG, PNG, WebP nor SVG; export it as one of them"
        )
    assert "plain .svg file" in refusal(lambda: prepare("a.svg", gzip.compress(svg)))


@pytest.mark.parametrize(("form", "name"), FORMATS)
def test_files_that_stop_early(prepare: Prepare, tmp_path: Path, form: str, name: str) -> None:
    # The whole thumbnail in the EXIF data has an end marker of its own.
    thumbnail = {"exif": b"Exif\0\0" + encoded(scene(64, 48), "JPEG")} if form == "JPEG" else {}
    raw = encoded(scene(320, 200), form, **thumbnail)
    for length in (*range(12, 60), len(raw) // 2, len(raw) - 200, len(raw) - 2, len(raw) - 1):
        message = refusal(lambda n=length: prepare(name, raw[:n]))  # type: ignore[misc]
        assert "is cut short; copy or export it again" in message
    assert not (tmp_path / "cache").exists()


def test_damaged_files(prepare: Prepare) -> None:
    jpeg, png, webp = (encoded(scene(320, 200), form) for form in ("JPEG", "PNG", "WEBP"))
    at = png.index(b"IDAT") + 100
    flipped = png[:at] + bytes([png[at] ^ 1]) + png[at + 1 :]
    assert "check sum" in refusal(lambda: prepare("a.png", flipped))
    broken = [
        ("a.jpg", jpeg.replace(b"\xff\xdb", b"\xff\xed")),
        ("b.jpg", jpeg.replace(b"\xff\xc0", b"\xff\xe5")),
        ("c.jpg", b"\xff\xd8\xff\xc0\0\x04\x08\0\xff\xd9"),
        ("d.jpg", jpeg.replace(b"\xff\xc0\0\x11\x08\0\xc8", b"\xff\xc0\0\x11\x08\0\0")),
        ("e.jpg", jpeg.replace(b"\xff\xc0\0\x11\x08", b"\xff\xc0\0\x11\x0c")),
        ("a.png", png_of((b"IDAT", b""), (b"IEND", b""))),
        ("b.png", png_of((b"IHDR", bytes(3)), (b"IEND", b""))),
        ("c.png", png[:33] + png_of((b"IDAT", zlib.compress(b"few")), (b"IEND", b""))[8:]),
        ("d.png", png[:33] + png_of((b"iCCP", b"x\0\0no zlib"))[8:] + png[33:]),
        ("e.png", png[:33] + png_of((b"iCCP", b"no name"))[8:] + png[33:]),
        ("a.webp", webp[:20] + bytes(len(webp) - 20)),
        ("b.webp", b"RIFF\x04\0\0\0WEBP"),
    ]
    for name, raw in broken:
        message = refusal(lambda n=name, r=raw: prepare(n, r))  # type: ignore[misc]
        assert "damaged" in message, message


@pytest.mark.parametrize(("form", "name"), FORMATS)
def test_any_damage_is_told_or_harmless(prepare: Prepare, form: str, name: str) -> None:
    raw = encoded(scene(48, 32), form, exif=gps(6), icc_profile=matrix_profile(ADOBE_IN_D50, 2.2))
    chance = np.random.default_rng(7)
    told = 0
    for _ in range(150):
        places = chance.integers(0, len(raw), 3)
        damaged = bytearray(raw)
        for at in places:
            damaged[at] = chance.integers(0, 256)
        try:
            assert min(size_of(prepare(name, bytes(damaged), (20, 20)))) > 0
        except PictureError:
            told += 1
    assert told > 10


def test_animations(prepare: Prepare) -> None:
    frames = [scene(64, 48, seed) for seed in (1, 2)]
    for name, form in (("a.png", "PNG"), ("a.webp", "WEBP")):
        raw = encoded(frames[0], form, save_all=True, append_images=frames[1:])
        message = refusal(lambda n=name, r=raw: prepare(n, r))  # type: ignore[misc]
        assert message == f"{name} is animated; export a still picture"


def test_absurd_sizes_are_refused_before_they_are_decoded(prepare: Prepare) -> None:
    jpeg, webp = encoded(scene(64, 48), "JPEG"), encoded(scene(64, 48), "WEBP", exif=gps(1))
    for width, height in ((30_000, 10), (10, 20_001), (15_000, 15_000)):
        header = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
        png = png_of((b"IHDR", header), (b"IDAT", b""), (b"IEND", b""))
        at = jpeg.index(b"\xff\xc0") + 5
        large = jpeg[:at] + struct.pack(">2H", height, width) + jpeg[at + 4 :]
        canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        for name, raw in (
            ("a.png", png),
            ("a.jpg", large),
            ("a.webp", webp[:24] + canvas + webp[30:]),
        ):
            message = refusal(lambda n=name, r=raw: prepare(n, r))  # type: ignore[misc]
            assert message.startswith(f"{name} is {width} x {height} px, more than ")


def test_large_pictures_are_prepared_without_a_warning(prepare: Prepare) -> None:
    raw = encoded(Image.new("L", (10_000, 9_500), 90), "JPEG")
    file = prepare("a.jpg", raw, (400, 300))
    assert size_of(file) == (400, 380)
    assert abs(pixels(file) - 90).max() <= 1


# --- drawings ---------------------------------------------------------------------------------

DRAWING = """<?xml version="1.0" encoding="UTF-8"?>
<!-- a comment on <!DOCTYPE is no DOCTYPE -->
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9">
<style>.a { fill: url( '#sky' ); }</style>
<defs><linearGradient id="sky"/><path id="p" d="M0 0"/></defs>
<rect fill="url(#sky)" style="filter:url('#f')"/><use xlink:href="#p"/><use href="#p"/>
<image href="data:image/png;base64,AAAA"/><image xlink:href="data:image/jpeg;base64,AAAA"/>
HERE
</svg>
"""


def drawing(here: str = "") -> bytes:
    """A harmless drawing with something in line 8."""
    return DRAWING.replace("HERE", here).encode()


def test_drawings_pass_as_they_are(prepare: Prepare) -> None:
    file = prepare("a.svg", drawing(), (4000, 4000))
    assert file.read_bytes() == drawing()
    assert prepare("b.svg", drawing(), (10, 10)) == file
    assert prepare("c.svg", b"\xef\xbb\xbf" + drawing()).read_bytes()[3:] == drawing()
    wide = drawing().decode().replace("UTF-8", "UTF-16").encode("utf-16")
    assert prepare("d.svg", wide).read_bytes() == wide


@pytest.mark.parametrize(
    ("here", "told"),
    [
        ("<script>alert(1)</script>", "a script, <script>"),
        ("<x:SCRIPT xmlns:x='http://www.w3.org/2000/svg'/>", "a script, <SCRIPT>"),
        ("<handler/>", "a script, <handler>"),
        ("<rect onclick='x()'/>", "a script, the attribute onclick"),
        ("<rect onLoad='x()'/>", "a script, the attribute onload"),
        ("<foreignObject/>", "a piece of a web page, <foreignObject>"),
        ("<animate attributeName='href' to='http://e.fr'/>", "an animation, <animate>"),
        ("<set attributeName='onclick' to='x()'/>", "an animation, <set>"),
        ("<a href='https://example.com'/>", "a link to something outside it, href"),
        ("<image xlink:href='file:///etc/passwd'/>", "a link to something outside it, href"),
        ("<use href='other.svg#a'/>", "a link to something outside it, href"),
        ("<use href=''/>", "a link to something outside it, href"),
        ("<image href='data:image/svg+xml,x'/>", "a link to something outside it, href"),
        ("<image href='data:image/pngx,x'/>", "a link to something outside it, href"),
        ("<g xml:base='http://example.com'/>", "a link to something outside it, base"),
        ("<rect fill='url(http://e.fr#a)'/>", "a style that fetches something outside it"),
        ("<rect fill='URL ( \"//e.fr\")'/>", "a style that fetches something outside it"),
        (
            "<rect style='a:url(#b);fill:url(c.svg#d)'/>",
            "a style that fetches something outside it",
        ),
        ("<style>@import 'a.css';</style>", "a style that fetches something outside it"),
        ("<style>a{b:u\\72l(c)}</style>", "a style that fetches something outside it"),
        ("<style>a{b:u<!-- -->rl(c)}</style>", "a style that fetches something outside it"),
        ("<style><![CDATA[a{b:url(c)}]]></style>", "a style that fetches something outside it"),
        ("<?xml-stylesheet href='a.css'?>", "a processing instruction"),
    ],
)
def test_drawings_that_could_run_or_fetch(prepare: Prepare, here: str, told: str) -> None:
    message = refusal(lambda: prepare("a.svg", drawing(here)))
    assert message == f"a.svg contains {told} (line 8); remove it from the drawing"


def test_the_line_inside_a_style_sheet(prepare: Prepare) -> None:
    message = refusal(lambda: prepare("a.svg", drawing("<style>\n\n.a{b:url(c)}\n</style>")))
    assert "(line 10)" in message


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE svg>",
        '<!DOCTYPE svg SYSTEM "http://example.com/a.dtd">',
        '<!DOCTYPE svg [<!ENTITY a "b">]>',
    ],
)
def test_drawings_with_a_doctype(prepare: Prepare, doctype: str) -> None:
    raw = drawing().replace(b"<svg ", f"{doctype}<svg ".encode())
    assert refusal(lambda: prepare("a.svg", raw)) == (
        "a.svg contains a DOCTYPE or entities (line 3); remove it from the drawing"
    )


def test_drawings_that_are_none(prepare: Prepare) -> None:
    message = refusal(lambda: prepare("a.svg", drawing("<g>")))
    assert message == "a.svg is not well-formed XML (line 9); export it again"
    for raw in (b"<?xml version='1.0' encoding='none'?><svg/>", b"<svg>&a;</svg>", b"<svg"):
        assert "not well-formed XML (line 1)" in refusal(
            lambda r=raw: prepare("a.svg", r)  # type: ignore[misc]
        )
    assert refusal(lambda: prepare("a.svg", b"<html/>")) == (
        "a.svg is no SVG drawing but <html>; export it as SVG"
    )
    assert "4 MB" in refusal(lambda: prepare("a.svg", drawing(" " * 4 * 2**20)))
