"""One clip, played once without sound; what goes wrong with it is said in one short phrase."""

from __future__ import annotations

import math
import stat
import time
from enum import Enum, auto
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtMultimedia import QMediaMetaData, QMediaPlayer, QVideoFrame, QVideoSink

from kiosk.player.hush import hush_ffmpeg, hushed

START_S: Final = 5.0
"""A first picture that takes longer will not come."""
SHORT_S: Final = 1.0
SHORT_SHARE: Final = 0.1
"""By how much, the larger of both, a clip may end before it should."""
STILL_S: Final = 3.0
"""A clip whose picture stands for so long has stopped."""
FEWEST: Final = 1 / 3
"""The share of the promised pictures below which a second is a slow one."""
FEWEST_UNPROMISED: Final = 8.0
"""Pictures a second, where the file promises none."""
SLOW_SECONDS: Final = 2
_LOOK_S: Final = 1.0
_LATE_S: Final = 1.5
"""A look that comes so late says that this program was held up, and nothing of the clip."""
_MICROSECONDS: Final = 1_000_000
_QUEUED: Final = Qt.ConnectionType.QueuedConnection
_Status = QMediaPlayer.MediaStatus


class _Act(Enum):
    NEW = auto()
    CUED = auto()
    READY = auto()
    PLAYING = auto()
    OVER = auto()


class Film(QObject):
    """One clip: `cue()`, then `ready`; `play()`, then `moved`..., then `ended`; at last `stop()`.

    `failed` comes at most once, at any moment, and nothing comes after it; the picture that was
    there stays in `frame` until `stop()`. Every call is for the GUI thread.
    """

    ready = Signal()
    frame_changed = Signal()
    moved = Signal(float)
    ended = Signal()
    failed = Signal(str)

    def __init__(
        self,
        path: Path,
        parent: QObject | None = None,
        *,
        duration_s: float | None = None,
        start_s: float = START_S,
        still_s: float = STILL_S,
        rate: float = 1.0,
    ) -> None:
        """`duration_s` is how long it should be, if known; `rate` is for tests in a hurry."""
        super().__init__(parent)
        self._path, self._duration_s, self._start_s, self._rate = path, duration_s, start_s, rate
        self._act, self._refusal = _Act.NEW, ""
        self._frame = QVideoFrame()
        self._was_converted = False
        self._player: QMediaPlayer | None = None
        self._sink: QVideoSink | None = None
        self._pace = _Pace(self, still_s)
        self._pace.lost.connect(self._fail)
        self._deadline = QTimer(self)
        self._deadline.setSingleShot(True)
        self._deadline.timeout.connect(self._not_started)

    @property
    def frame(self) -> QVideoFrame:
        """The picture to show; not valid before `ready` and after `stop()`."""
        return self._frame

    def picture(self) -> QImage:
        """The picture to show, converted; null where there is none. On the thread that draws it."""
        if self._was_converted:
            return self._frame.toImage()
        self._was_converted = True
        with hushed():
            return self._frame.toImage()

    def cue(self) -> None:
        """Load the clip and stand at its first picture; `ready` or `failed` follows."""
        if self._act is not _Act.NEW:
            return
        self._act = _Act.CUED
        self._refusal = _refused(self._path)
        self._deadline.start(0 if self._refusal else math.ceil(self._start_s * 1000))
        if not self._refusal:
            self._load()

    def play(self) -> None:
        """Run from the first picture to the last, which stays."""
        if self._act is _Act.READY and self._player is not None:
            self._act = _Act.PLAYING
            promised = self._player.metaData().value(QMediaMetaData.Key.VideoFrameRate)
            self._pace.begin(float(promised or 0.0))
            self._player.play()

    def pause(self) -> None:
        """Stand still at the picture that is shown."""
        if self._act is _Act.PLAYING and self._player is not None:
            self._pace.end()
            self._player.pause()

    def stop(self) -> None:
        """Let go of the file, the decoder and the picture. Nothing is said from now on."""
        self._act = _Act.OVER
        self._release()
        self._frame = QVideoFrame()

    def _load(self) -> None:
        # Else Qt converts pictures with OpenGL wherever there is one, on a thread's own context:
        # without a GPU that is Mesa's, 100 MB more and slower than its converter for the CPU.
        QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ForceRasterWidgets)
        player, sink = QMediaPlayer(self), QVideoSink(self)
        hush_ffmpeg()
        self._player, self._sink = player, sink
        player.setVideoSink(sink)  # and no audio output: muted, and its sound is not decoded
        # A decoder's thread tells of pictures. The slots take no picture along, or those that a
        # busy GUI thread has not yet asked for would pile up, megabytes each.
        sink.videoFrameChanged.connect(self._frame_there, _QUEUED)
        player.mediaStatusChanged.connect(self._status_changed, _QUEUED)
        player.errorOccurred.connect(self._error_told, _QUEUED)
        player.setPlaybackRate(self._rate)
        player.setSource(QUrl.fromLocalFile(str(self._path.absolute())))
        player.pause()

    def _release(self) -> None:
        self._deadline.stop()
        self._pace.end()
        player, sink = self._player, self._sink
        self._player = self._sink = None
        if player is None or sink is None:
            return
        player.stop()
        player.setSource(QUrl())
        player.setVideoSink(None)  # type: ignore[arg-type]
        player.deleteLater()
        sink.deleteLater()

    @Slot()
    def _frame_there(self) -> None:
        frame = self._sink.videoFrame() if self._sink is not None else QVideoFrame()
        # At its end the decoder takes the picture away: ours stays. A late slot sees one twice.
        if not frame.isValid() or frame == self._frame:
            return
        self._frame = frame
        self._pace.saw()
        first = self._act is _Act.CUED
        if first:
            self._deadline.stop()
            self._act = _Act.READY
        self.frame_changed.emit()
        if self._act is not _Act.OVER:
            self.moved.emit(max(frame.startTime(), 0) / _MICROSECONDS)
        if first and self._act is not _Act.OVER:
            self.ready.emit()

    @Slot(_Status)
    def _status_changed(self, status: QMediaPlayer.MediaStatus) -> None:
        if self._player is None:
            return
        if status == _Status.InvalidMedia:
            self._fail(f"not a video ({self._player.errorString()})")
        elif status == _Status.LoadedMedia and not self._player.hasVideo():
            self._fail("not a video (no pictures in it)")
        elif status == _Status.EndOfMedia:
            self._at_end()

    def _at_end(self) -> None:
        reached, wanted = max(self._frame.endTime(), 0) / _MICROSECONDS, self._duration_s or 0.0
        if self._act is _Act.CUED:
            self._fail(f"no picture of it can be decoded ({self._codec()})")
        elif reached < wanted - max(SHORT_S * self._rate, SHORT_SHARE * wanted):
            self._fail(f"ended after {reached:.1f} of {wanted:g} s")
        else:
            self._act = _Act.OVER
            self._release()
            self.ended.emit()

    @Slot()
    def _error_told(self) -> None:
        if self._player is not None:
            what = "not a video" if self._act is _Act.CUED else "damaged"
            self._fail(f"{what} ({self._player.errorString()})")

    @Slot()
    def _not_started(self) -> None:
        self._fail(self._refusal or f"no first picture within {self._start_s:g} s")

    @Slot(str)
    def _fail(self, why: str) -> None:
        if self._act is not _Act.OVER:
            self._act = _Act.OVER
            self._release()
            self.failed.emit(why)

    def _codec(self) -> str:
        assert self._player is not None
        return self._player.metaData().stringValue(QMediaMetaData.Key.VideoCodec) or "codec unknown"


class _Pace(QObject):
    """Counts pictures; `lost(why)` when they stand still or come too slowly."""

    lost = Signal(str)

    def __init__(self, parent: QObject, still_s: float = STILL_S) -> None:
        super().__init__(parent)
        self._still_s = still_s
        self._fewest = FEWEST_UNPROMISED
        self._seen = self._slow = 0
        self._looked = self._last = 0.0
        self._look = QTimer(self)
        self._look.setInterval(round(_LOOK_S * 1000))
        self._look.timeout.connect(self._judge)

    def begin(self, promised: float) -> None:
        """Start counting; `promised` is the pictures a second by the file, 0 if it says nothing."""
        self._fewest = promised * FEWEST if promised > 0 else FEWEST_UNPROMISED
        self._seen = self._slow = 0
        self._looked = self._last = time.monotonic()
        self._look.start()

    def saw(self) -> None:
        """A new picture is there."""
        self._seen += 1
        self._last = time.monotonic()

    def end(self) -> None:
        """Count no more."""
        self._look.stop()

    @Slot()
    def _judge(self) -> None:
        now = time.monotonic()
        passed, seen = now - self._looked, self._seen
        self._looked, self._seen = now, 0
        if passed > _LATE_S:
            self._last, self._slow = now, 0
        elif now - self._last >= self._still_s:
            self.lost.emit(f"no new picture for {self._still_s:g} s")
        elif seen:  # a second without any is the other rule's
            self._slow = self._slow + 1 if seen / passed < self._fewest else 0
            if self._slow >= SLOW_SECONDS:
                self.lost.emit(f"too slow: {seen} pictures a second")


def _refused(path: Path) -> str:
    """Why a file is not even opened: a pipe would hold Qt's loader for ever."""
    try:
        facts = path.stat()
    except OSError as error:
        return f"cannot be opened ({error.strerror})"
    if not stat.S_ISREG(facts.st_mode):
        return "not a regular file"
    return "" if facts.st_size else "empty"
