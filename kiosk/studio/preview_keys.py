"""Where the keys of a preview lead: to another scene, agency, screen, size or moment."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt

from kiosk.studio.preview_view import Book, View

Key = Qt.Key
Step = Callable[[Book, View], View]


def step_of(key: int, *, shift: bool) -> Step | None:
    """Where a key leads; None: nowhere."""
    back = -1 if shift else 1
    steps: dict[int, Step] = {
        Key.Key_Right: lambda book, view: book.next_scene(view, 1),
        Key.Key_Left: lambda book, view: book.next_scene(view, -1),
        Key.Key_Down: lambda book, view: book.next_agency(view, 1),
        Key.Key_Up: lambda book, view: book.next_agency(view, -1),
        Key.Key_Tab: lambda book, view: book.next_screen(view, 1),
        Key.Key_Backtab: lambda book, view: book.next_screen(view, -1),
        Key.Key_S: lambda book, view: book.next_size(view, back),
        Key.Key_Plus: lambda book, view: book.hours_on(view, 1),
        Key.Key_Equal: lambda book, view: book.hours_on(view, 1),
        Key.Key_Minus: lambda book, view: book.hours_on(view, -1),
        Key.Key_T: lambda book, view: book.days_on(view, back),
    }
    return steps.get(key)
