"""What is on an X display, read without asking the X server: Xvfb's own memory, mapped."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""Rows or points of blue, green, red."""

_WORDS: Final = 25
_COLOUR_BYTES: Final = 12


class Header(NamedTuple):
    """Where the pixels of an XWD dump are: sizes in pixels, the rest in bytes."""

    width: int
    height: int
    bytes_per_line: int
    offset: int


def parse_header(raw: bytes) -> Header:
    """Read the head of an XWD file (XWDFile.h: 25 big-endian words, a name, a colour table)."""
    words = struct.unpack_from(f">{_WORDS}I", raw)
    header_size, version, _, _, width, height = words[:6]
    bits_per_pixel, bytes_per_line = words[11:13]
    colours = words[19]
    if version != 7 or bits_per_pixel != 32:
        raise ValueError(f"not a 32-bit XWD version 7 file: {version=} {bits_per_pixel=}")
    return Header(width, height, bytes_per_line, header_size + colours * _COLOUR_BYTES)


class Framebuffer:
    """The live pixels of a display started with `-fbdir`."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            header = parse_header(file.read(_WORDS * 4))
        self.width, self.height = header.width, header.height
        shape = (header.height, header.bytes_per_line // 4, 4)
        live = np.memmap(path, np.uint8, "r", header.offset, shape)
        # A plain view: np.memmap's own bookkeeping would cost more than the look itself.
        self.pixels: Pixels = np.asarray(live)[:, : header.width]

    def at(self, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Pixels:
        """A copy of the pixels at these points."""
        return self.pixels[rows, columns, :3]


def grid(width: int, height: int, count: int = 24) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """`count` x `count` points spread over the whole display, as rows and columns."""
    rows = np.linspace(height * 0.02, height * 0.98, count).astype(np.intp)
    columns = np.linspace(width * 0.02, width * 0.98, count).astype(np.intp)
    return np.repeat(rows, count), np.tile(columns, count)


def telling_row(pictures: list[Pixels], columns: NDArray[np.intp]) -> int:
    """The row whose points differ the most between the two pictures that differ the least there.

    One row is copied to the display within microseconds, so a look at it never sees half a frame.
    """
    rows = np.arange(0, pictures[0].shape[0], 4)
    lines = [picture[rows][:, columns, :3].astype(np.int16) for picture in pictures]
    least = np.full(len(rows), np.inf)
    for number, one in enumerate(lines):
        for other in lines[number + 1 :]:
            least = np.minimum(least, np.abs(one - other).mean(axis=(1, 2)))
    return int(rows[least.argmax()])
