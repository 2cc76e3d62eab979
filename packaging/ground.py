"""Where the bundle is tried: this machine, or a root folder without Python; nothing in its
environment either way."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

USER: Final = "o2-kiosk"
# Each command has its own mounts: nothing is left mounted, whatever happens.
ENTER: Final = (
    'mount --bind /proc "$0/proc" && mount --bind /dev "$0/dev"'
    ' && exec chroot $USERSPEC "$0" env -i "$@"'
)


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Ground:
    """A program, and the root folder it sees (/ for this machine). `work` is its folder for
    settings, data and pictures, as this machine sees it."""

    program: str
    root: Path
    work: Path

    def inside(self, path: Path) -> str:
        """A path as the program sees it."""
        return "/" + str(path.relative_to(self.root))

    def command(self, *words: str, variables: Mapping[str, str] | None = None) -> list[str]:
        """The program's whole command line: no variable but a home and `variables`."""
        return self.started(self.program, *words, variables=variables)

    def started(self, *words: str, variables: Mapping[str, str] | None = None) -> list[str]:
        """The same for another program there."""
        said = {"HOME": self.inside(self.work)} | dict(variables or {})
        whole = [*(f"{name}={value}" for name, value in said.items()), *words]
        if self.root == Path("/"):
            return ["env", "-i", *whole]
        enter = ENTER.replace("$USERSPEC", f"--userspec={USER}" if self._has_user() else "")
        unshare = ["unshare", "-m", "--propagation", "private", "sh", "-c", enter]
        return [*unshare, str(self.root), *whole]

    def run(self, *words: str, seconds: float = 120.0) -> Ran:
        """Run a command to its end, with nothing on its standard input."""
        ran = subprocess.run(
            self.command(*words),
            cwd=self.work,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
        return Ran(ran.returncode, ran.stdout.decode(), ran.stderr.decode())

    def give(self, folder: Path) -> None:
        """Let the program's user write in a folder."""
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o777 if path.is_dir() else 0o666)

    def pythons(self) -> list[str]:
        """Python interpreters that a bare root folder should not have."""
        if self.root == Path("/"):
            return []
        places = ("usr/bin", "usr/local/bin", "bin")
        return [str(p) for place in places for p in (self.root / place).glob("python*")]

    def _has_user(self) -> bool:
        passwd = self.root / "etc" / "passwd"
        return os.geteuid() == 0 and f"\n{USER}:" in passwd.read_text("utf-8")
