"""The folder read off the GUI thread, whenever its files change."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final, Generic, TypeVar

from PySide6.QtCore import QFileSystemWatcher, QObject, Qt, QTimer, Signal

from kiosk.campaign.parse import CAMPAIGN_FILE
from kiosk.release.folder import CampaignErrors, FolderError, read_folder
from kiosk.studio.check_places import Places
from kiosk.studio.preview_view import Book, ContentOf, Trouble

SETTLE_MS: Final = 60
"""Editors write a file in several strokes; only the last one is read."""
LOOK_MS: Final = 1000
"""Network folders tell of nothing: their files' times are compared."""
MOST_WATCHED: Final = 500
MOST_LOOKED_AT: Final = 5_000

Found = TypeVar("Found")
Prints = frozenset[tuple[str, int, int]]


def read(path: Path, content_of: ContentOf) -> Book | Trouble:
    """The folder, or all that is wrong with it."""
    try:
        folder = read_folder(path)
    except CampaignErrors as errors:
        return Trouble(tuple(errors.problems))
    except FolderError as error:
        return Trouble((), str(error))
    except OSError as error:  # files that go away while they are read
        return Trouble((), f"{path} cannot be read ({error.strerror or error})")
    places = Places(folder.files)
    places.root(CAMPAIGN_FILE)
    return Book(folder, places, content_of)


class _Bell(QObject):
    """Rung on a thread, heard on the GUI's: all of Qt that the thread keeps alive."""

    done = Signal(object)


class Errand(QObject, Generic[Found]):
    """One task at a time on a thread; asked again while it runs, it is done once more."""

    def __init__(self, parent: QObject, answer: Callable[[Found], None]) -> None:
        super().__init__(parent)
        self._bell = _Bell()
        self._bell.done.connect(self._finish, Qt.ConnectionType.QueuedConnection)
        self._answer: Callable[[Found], None] | None = answer
        self._running: threading.Thread | None = None
        self._next: Callable[[], Found] | None = None

    def run(self, task: Callable[[], Found]) -> None:
        """Do this; what runs already is told to nobody when this is asked meanwhile."""
        if self._running is not None:
            self._next = task
            return
        bell = self._bell
        self._running = threading.Thread(target=lambda: bell.done.emit(task()), daemon=True)
        self._running.start()

    def close(self, patience_s: float = 2.0) -> None:
        """Answer no more, and give what runs a moment to end."""
        self._answer = self._next = None
        if self._running is not None:
            self._running.join(patience_s)

    def _finish(self, found: Found) -> None:
        self._running = None
        if self._next is not None:
            task, self._next = self._next, None
            self.run(task)
        elif self._answer is not None:
            self._answer(found)


def prints(root: Path) -> Prints:
    """Name, time and length of all that is in a folder; of one that is not there nothing."""
    return frozenset(islice(_prints(root), MOST_LOOKED_AT))


def _prints(root: Path) -> Iterator[tuple[str, int, int]]:
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield folder, 0, -1
        for name in files:
            path = os.path.join(folder, name)  # noqa: PTH118 - thousands, each second
            try:
                facts = os.stat(path)  # noqa: PTH116
            except OSError:
                continue
            yield path, facts.st_mtime_ns, facts.st_size


class Watch(QObject):
    """Says `changed` soon after something in a folder did; the folder may go and come back."""

    changed = Signal()

    def __init__(self, parent: QObject, root: Path) -> None:
        super().__init__(parent)
        self._root = root
        self._known: Prints | None = None
        self._eyes = QFileSystemWatcher(self)
        self._eyes.directoryChanged.connect(self._stirred)
        self._eyes.fileChanged.connect(self._stirred)
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.timeout.connect(self.changed)
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.timeout.connect(self.look)
        self._errand: Errand[Prints] = Errand(self, self._seen)

    def look(self) -> None:
        """Compare the files' times now."""
        root = self._root
        self._errand.run(lambda: prints(root))

    def close(self) -> None:
        """Look no more."""
        self._look.stop()
        self._settled.stop()
        self._errand.close()

    def _stirred(self) -> None:
        self._settled.start(SETTLE_MS)

    def _seen(self, now: Prints) -> None:
        if self._known is not None and now != self._known:
            self._stirred()
        self._known = now
        watched = {*self._eyes.files(), *self._eyes.directories()}
        there = [self._root.as_posix(), str(self._root), *sorted(name for name, *_ in now)]
        fresh = [name for name in there[:MOST_WATCHED] if name not in watched]
        if now and fresh:
            self._eyes.addPaths(list(dict.fromkeys(fresh)))
        self._look.start(LOOK_MS)
