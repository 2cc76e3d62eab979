"""The video part of a probe: bundled clips of one second, decoded without a sound device."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QEventLoop, QObject, QTimer, QUrl
from PySide6.QtMultimedia import QMediaMetaData, QMediaPlayer, QVideoFrame, QVideoSink

from kiosk.player.finding import Finding

CLIPS: Final = ("clip-h264.mp4", "clip-vp9.webm", "clip-vp8.webm")
ENOUGH: Final = 2
"""Different pictures that prove a decoder; a busy PC may drop the others."""
_CLIP_S: Final = 3.0
_FASTER: Final = 2.0


@dataclass(frozen=True, slots=True)
class Clip:
    """What came of one clip; `why` says what went wrong, and is empty where nothing did."""

    codec: str
    frames: int
    different: int
    why: str

    @property
    def plays(self) -> bool:
        """Whether enough moving pictures came out."""
        return self.different >= ENOUGH and not self.why

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "codec": self.codec,
            "frames": self.frames,
            "different": self.different,
            "why": self.why,
        }


def video() -> Finding:
    """Decode every clip; each has three seconds."""
    clips = {name: _decoded(name) for name in CLIPS}
    facts = {"clips": {name: clip.plain() for name, clip in clips.items()}}
    bad = [
        f"{name}: {c.why or f'{c.different} pictures'}" for name, c in clips.items() if not c.plays
    ]
    if bad:
        return Finding("fail", "; ".join(bad), facts)
    return Finding("pass", ", ".join(f"{c.codec} {c.frames} frames" for c in clips.values()), facts)


def _decoded(name: str) -> Clip:
    with as_file(files("kiosk.assets") / "probe" / name) as path:
        return _Showing(path).clip()


class _Showing(QObject):
    """One clip played into a sink that nobody sees."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._loop = QEventLoop(self)
        self._sink = QVideoSink(self)
        self._player = QMediaPlayer(self)
        self._frames, self._pictures, self._why = 0, set[int](), ""
        self._sink.videoFrameChanged.connect(self._frame)
        self._player.setVideoSink(self._sink)
        self._player.mediaStatusChanged.connect(self._status)
        self._player.errorOccurred.connect(self._failed)
        self._player.setSource(QUrl.fromLocalFile(str(path)))
        self._player.setPlaybackRate(_FASTER)

    def clip(self) -> Clip:
        """Play it to its end, or as long as it may take."""
        QTimer.singleShot(round(_CLIP_S * 1000), self._loop.quit)
        self._player.play()
        if not self._why:
            self._loop.exec()
        codec = self._player.metaData().stringValue(QMediaMetaData.Key.VideoCodec)
        self._player.stop()
        return Clip(codec, self._frames, len(self._pictures), self._why)

    def _frame(self, frame: QVideoFrame) -> None:
        picture = frame.toImage()
        if not picture.isNull():
            self._frames += 1
            self._pictures.add(hash(bytes(picture.constBits())))

    def _status(self, status: QMediaPlayer.MediaStatus) -> None:
        if status in (
            QMediaPlayer.MediaStatus.EndOfMedia,
            QMediaPlayer.MediaStatus.InvalidMedia,
        ):
            self._loop.quit()

    def _failed(self, error: QMediaPlayer.Error, message: str) -> None:
        self._why = message or error.name
        self._loop.quit()
