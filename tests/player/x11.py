"""What a passer-by, a keyboard and a cable do to an X display: a client of a few dozen requests.

It speaks the protocol itself (X11R7.7 with XTEST, XFIXES, RANDR), so the tests need Xvfb and no
library of X.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.uint8]
"""Rows x columns x (blue, green, red)."""

KEYS: Final = {
    "Ctrl": 0xFFE3,
    "Shift": 0xFFE1,
    "Alt": 0xFFE9,
    "Esc": 0xFF1B,
    "Tab": 0xFF09,
    "F4": 0xFFC1,
    "F11": 0xFFC8,
    "Space": 0x20,
}
"""Keysyms by the names of keys; a letter is its own."""


class Area(NamedTuple):
    """A part of the display, in pixels."""

    x: int
    y: int
    width: int
    height: int

    def of(self, frame: Frame) -> Frame:
        """These pixels of a frame."""
        return frame[self.y : self.y + self.height, self.x : self.x + self.width]


class Desktop:
    """One connection to the display of `environ`."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(20)
        self._socket.connect(f"/tmp/.X11-unix/X{environ['DISPLAY'].removeprefix(':')}")
        self._socket.sendall(struct.pack("<BxHHHHxx", ord("l"), 11, 0, 0, 0))
        status, length = struct.unpack("<B5xH", self._read(8))
        setup = self._read(length * 4)
        assert status == 1, setup
        first, vendor, formats = struct.unpack_from("<4xI8xH3xB", setup)
        self._first_key, self._last_key = setup[26], setup[27]
        (self.root,) = struct.unpack_from("<I", setup, 32 + _padded(vendor) + 8 * formats)
        self._ids: Iterator[int] = count(first)
        self._atoms: dict[str, int] = {}
        self._majors: dict[str, int] = {}
        self._extended("XFIXES", 0, struct.pack("<II", 5, 0))
        self._extended("RANDR", 0, struct.pack("<II", 1, 5))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._socket.close()

    # -- what can be seen -------------------------------------------------------------------

    def size(self) -> tuple[int, int]:
        """Width and height of the display."""
        return self.area(self.root)[2:]

    def picture(self) -> Frame:
        """What the display shows now."""
        width, height = self.size()
        whole = struct.pack("<IhhHHI", self.root, 0, 0, width, height, 0xFFFFFFFF)
        pixels = np.frombuffer(self._ask(73, 2, whole)[32:], np.uint8)
        return pixels.reshape(height, width, 4)[:, :, :3]

    def cursor(self) -> NDArray[np.uint32]:
        """The pixels of the cursor, as ARGB."""
        return np.frombuffer(self._extended("XFIXES", 4)[32:], np.uint32)

    def windows(self) -> list[int]:
        """The windows that can be seen, the lowest first."""
        reply = self._ask(15, 0, struct.pack("<I", self.root))
        (number,) = struct.unpack_from("<H", reply, 16)
        return [w for w in struct.unpack_from(f"<{number}I", reply, 32) if self._mapped(w)]

    def area(self, window: int) -> Area:
        """Where a window is."""
        return Area(*struct.unpack_from("<hhHH", self._ask(14, 0, struct.pack("<I", window)), 12))

    def numbers(self, window: int, name: str) -> tuple[int, ...]:
        """A property of a window that is a list of 32-bit numbers."""
        asked = struct.pack("<IIIII", window, self.atom(name), 0, 0, 1000)
        reply = self._ask(20, 0, asked)
        (length,) = struct.unpack_from("<I", reply, 16)
        return struct.unpack_from(f"<{length}I", reply, 32)

    def atom(self, name: str) -> int:
        """The number of a name."""
        if name not in self._atoms:
            asked = struct.pack("<Hxx", len(name)) + _filled(name.encode())
            (self._atoms[name],) = struct.unpack_from("<I", self._ask(16, 0, asked), 8)
        return self._atoms[name]

    def blanks_after(self) -> int:
        """Seconds until the X server itself blanks the display; 0 for never."""
        return int.from_bytes(self._ask(108)[8:10], "little")

    # -- what can be done to it -------------------------------------------------------------

    def press(self, chord: str) -> None:
        """Press the keys of a chord such as Ctrl+Shift+Q in this order, and let go of them."""
        codes = [self._key(name) for name in chord.split("+")]
        for code in codes:
            self._fake(2, code)
        for code in reversed(codes):
            self._fake(3, code)

    def ask_to_close(self, window: int) -> None:
        """What a window manager does when Alt+F4 is pressed."""
        message = (self.atom("WM_PROTOCOLS"), self.atom("WM_DELETE_WINDOW"), 0, 0, 0, 0)
        event = struct.pack("<BBxxI6I", 33, 32, window, *message)
        self._tell(25, 0, struct.pack("<II", window, 0) + event)

    def cover(self, area: Area) -> int:
        """Open another program's window, black."""
        window = next(self._ids)
        where = struct.pack("<IIhhHHHHI", window, self.root, *area, 0, 1, 0)
        self._tell(1, 0, where + struct.pack("<II", 2, 0))
        self._tell(8, 0, struct.pack("<I", window))
        return window

    def blank_after(self, seconds: int) -> None:
        """Let the X server itself blank the display."""
        self._tell(107, 0, struct.pack("<hhBBxx", seconds, 0, 1, 1))

    def set_mode(self, width: int, height: int) -> None:
        """Change the resolution, as a person does in the system's settings."""
        crtcs, outputs, modes = self._resources()
        mode = modes.get((width, height)) or self._created(outputs[0], width, height)
        before = self.size()
        self._resize(max(width, before[0]), max(height, before[1]))
        self._configure(crtcs[0], mode, outputs[0])
        self._resize(width, height)

    def switch_off(self) -> None:
        """Switch off what drives the display, as when its only screen loses power."""
        self._configure(self._resources()[0][0], 0)

    def plug(self, name: str, area: Area, *, only: bool = False) -> None:
        """Let this part of the display be a display of its own.

        `only`: it takes the place of the display that Xvfb has from the start.
        """
        outputs = self._resources()[1] if only else ()
        where = (*area, 10 * area.width, 10 * area.height)
        info = struct.pack("<IBBHhhHHII", self.atom(name), 0, 0, len(outputs), *where)
        listed = struct.pack(f"<{len(outputs)}I", *outputs)
        self._extend("RANDR", 43, struct.pack("<I", self.root) + info + listed)

    def make_primary(self) -> None:
        """Make the display that took the place of Xvfb's own the primary one."""
        self._extend("RANDR", 30, struct.pack("<II", self.root, self._resources()[1][0]))

    def unplug(self, name: str) -> None:
        """Take the display of this name away."""
        self._extend("RANDR", 44, struct.pack("<II", self.root, self.atom(name)))

    # -- the protocol -----------------------------------------------------------------------

    def _resources(self) -> tuple[tuple[int, ...], tuple[int, ...], dict[tuple[int, int], int]]:
        """What drives the display, its sockets, and its modes by size."""
        reply = self._extended("RANDR", 25, struct.pack("<I", self.root))
        crtcs, outputs, modes = struct.unpack_from("<HHH", reply, 16)
        ids = struct.unpack_from(f"<{crtcs + outputs}I", reply, 32)
        first = 32 + 4 * len(ids)
        known = [struct.unpack_from("<IHH", reply, first + 32 * n) for n in range(modes)]
        return ids[:crtcs], ids[crtcs:], {(width, height): mode for mode, width, height in known}

    def _created(self, output: int, width: int, height: int) -> int:
        name = f"{width}x{height}".encode()
        timing = (width, width, width, 0, height, height, height, len(name), 0)
        info = struct.pack("<IHHI8HI", 0, width, height, width * height * 60, *timing)
        reply = self._extended("RANDR", 16, struct.pack("<I", self.root) + info + _filled(name))
        mode = int.from_bytes(reply[8:12], "little")
        self._extend("RANDR", 18, struct.pack("<II", output, mode))
        return mode

    def _resize(self, width: int, height: int) -> None:
        size = struct.pack("<IHHII", self.root, width, height, 10 * width, 10 * height)
        self._extend("RANDR", 7, size)

    def _configure(self, crtc: int, mode: int, *outputs: int) -> None:
        drive = struct.pack("<IIIhhIHxx", crtc, 0, 0, 0, 0, mode, 1)
        reply = self._extended("RANDR", 21, drive + struct.pack(f"<{len(outputs)}I", *outputs))
        assert reply[1] == 0, "the display refuses this mode"

    def _mapped(self, window: int) -> bool:
        return self._ask(3, 0, struct.pack("<I", window))[26] == 2

    def _key(self, name: str) -> int:
        wanted = KEYS.get(name) or ord(name.lower())
        number = self._last_key - self._first_key + 1
        reply = self._ask(101, 0, struct.pack("<BBxx", self._first_key, number))
        each = reply[1]
        symbols = struct.unpack_from(f"<{number * each}I", reply, 32)
        return self._first_key + symbols.index(wanted) // each

    def _fake(self, kind: int, key: int) -> None:
        self._extend("XTEST", 2, struct.pack("<BBxxII8xhh8x", kind, key, 0, 0, 0, 0))

    def _extend(self, name: str, minor: int, body: bytes) -> None:
        self._tell(self._major(name), minor, body)

    def _extended(self, name: str, minor: int, body: bytes = b"") -> bytes:
        return self._ask(self._major(name), minor, body)

    def _major(self, name: str) -> int:
        if name not in self._majors:
            asked = struct.pack("<Hxx", len(name)) + _filled(name.encode())
            present, self._majors[name] = self._ask(98, 0, asked)[8:10]
            assert present, f"the X server has no {name}"
        return self._majors[name]

    def _tell(self, opcode: int, data: int, body: bytes) -> None:
        """A request without a reply, and one with, so that an error of the first is heard here."""
        self._send(opcode, data, body)
        self._ask(43)

    def _ask(self, opcode: int, data: int = 0, body: bytes = b"") -> bytes:
        self._send(opcode, data, body)
        while True:
            head = self._read(32)
            assert head[0] != 0, f"X error {head[1]} on request {head[10]}.{head[8]}"
            if head[0] == 1:
                return head + self._read(struct.unpack_from("<I", head, 4)[0] * 4)

    def _send(self, opcode: int, data: int, body: bytes) -> None:
        length = 1 + len(body) // 4
        self._socket.sendall(struct.pack("<BBH", opcode, data, length) + body)

    def _read(self, length: int) -> bytes:
        parts: list[Any] = []
        while length:
            parts.append(self._socket.recv(min(length, 1 << 20)))
            assert parts[-1], "the X server has gone"
            length -= len(parts[-1])
        return b"".join(parts)


def _padded(length: int) -> int:
    return -length % 4 + length


def _filled(text: bytes) -> bytes:
    return text.ljust(_padded(len(text)), b"\0")
