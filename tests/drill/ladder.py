"""A player that crashes again and again: the ladder is climbed, and left again when that ends."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from kiosk.agent.ladder import BLAMES, FOOTINGS
from tests.drill.hasty import PATIENCE
from tests.drill.office import EDITIONS
from tests.drill.shop import Shop, furnished
from tests.places import ROOT

GIVE_UP_S: Final = 60.0
ON_AIR: Final = re.compile(r"on air after ([\d.]+) s: (\S+) of release \S+ \((\w+) footing\)")
EVERGREEN: Final = next(iter(EDITIONS))
"""The edition that is fetched for both before anything else happens."""
PROGRAM: Final = (sys.executable, "-m", "tests.drill.hasty")
SLACK_S: Final = 15.0
"""For the start of a player on a machine that has much else to do."""


@dataclass
class Climb:
    """What is done to the players, and what they do."""

    shop: Shop
    listed: Path
    """Names of pictures on which a player crashes."""
    harms: list[str] = field(default_factory=list)

    def run(self, crashes: int) -> list[str]:
        """Up, with so many crashes, and down; every harm."""
        self._new_release()
        self._bad_picture()
        self._new_release()
        self._crash_loop(crashes)
        self._back_up()
        return self.harms

    # -- what is done -----------------------------------------------------------------------

    def _new_release(self) -> None:
        """Another edition than the evergreen one is published and fetched."""
        while self.shop.presses.publish() == EVERGREEN:
            pass
        assert self.shop.sync().wait() == 0

    def _bad_picture(self) -> None:
        """The picture of the scene that opens the loop crashes whoever decodes it."""
        scene = self._restarted()
        bad = self._picture(scene)
        self.listed.write_text(bad, "utf-8")
        before, crashes = len(self._on_air()), self.shop.said.count("signal SIGSEGV")
        os.kill(self._player(), signal.SIGKILL)
        self._expect("on air without the bad picture", lambda: len(self._on_air()) > before)
        self._hold(f"{bad} is left out" in self.shop.said, "the bad picture is named in the log")
        crashes = self.shop.said.count("signal SIGSEGV") - crashes
        # One more where the player ended before it could say that no graphics card draws.
        self._hold(
            BLAMES <= crashes <= BLAMES + 1, f"it took {crashes} crashes to leave the picture out"
        )
        self._hold(self._on_air()[-1][2] == "current", "the other pictures play on")
        self.listed.write_text("", "utf-8")
        print(f"{scene} left out after {crashes} crashes", flush=True)

    def _crash_loop(self, most: int) -> None:
        """Every player crashes right after its first frame, until there is no further step."""
        footings = []
        for crash in range(most):
            before, began = len(self._on_air()), time.monotonic()
            os.kill(self._player(), signal.SIGSEGV)
            self._expect(f"on air after crash {crash}", lambda n=before: len(self._on_air()) > n)  # type: ignore[misc]
            took, scene, footing = self._on_air()[-1]
            passed = time.monotonic() - began
            footings.append(footing)
            print(f"crash {crash}: {footing}, {scene}, {passed:.1f} s ({took} s)", flush=True)
            self._hold(passed < PATIENCE.delays_s[-1] + SLACK_S, f"{passed:.1f} s until on air")
        # Those of the bad picture count too: all of them came within a minute.
        crashes = range(BLAMES + 1, BLAMES + 1 + len(footings))
        steps = [FOOTINGS[min(number // PATIENCE.crashes, 2)] for number in crashes]
        self._hold(footings == steps, f"footings were {footings}")
        words = psutil.Process(self._player()).cmdline()
        self._hold("--software" in words, "the last step draws without the graphics card")
        seen = self.shop.watcher
        self._hold(seen.until(EVERGREEN, GIVE_UP_S), f"evergreen is on the glass, not {seen.scene}")

    def _back_up(self) -> None:
        """Nothing crashes any more: the better footings come back, with no dark moment."""
        self.shop.watcher.until_true(time.monotonic() + 0.3, GIVE_UP_S)
        gaps, began = len(self.shop.watcher.gaps), time.monotonic()
        for footing in ("previous", "current"):
            self._expect(footing, lambda f=footing: self._on_air()[-1][2] == f)  # type: ignore[misc]
            print(f"{footing} again after {time.monotonic() - began:.1f} s", flush=True)
        self._hold(
            self.shop.watcher.until(self.shop.presses.edition, GIVE_UP_S),
            "the newest release is back",
        )
        dark = self.shop.watcher.gaps[gaps:]
        self._hold(not dark, f"dark on the way up: {dark}")

    def _restarted(self) -> str:
        """Kill a steady player; the scene that the next one opens with."""
        before = len(self._on_air())
        os.kill(self._player(), signal.SIGKILL)
        self._expect("on air again", lambda: len(self._on_air()) > before)
        return self._on_air()[-1][1]

    # -- what is seen -----------------------------------------------------------------------

    def _picture(self, scene: str) -> str:
        """The name that a scene's picture has in the store."""
        folder = self.shop.presses.office.read()
        name = next(
            one.pictures_for("landscape")[0]
            for one in folder.source.campaign.scenes
            if one.id == scene
        )
        path = folder.media(name)
        assert path is not None
        return hashlib.sha256(path.read_bytes()).hexdigest()

    def _on_air(self) -> list[tuple[str, str, str]]:
        """Seconds, first scene and footing of every player that was on the glass."""
        return ON_AIR.findall(self.shop.said)

    def _player(self) -> int:
        player = self.shop.keeper.player()
        assert player is not None, self.shop.said
        return player

    def _expect(self, what: str, seen: Callable[[], bool]) -> None:
        until = time.monotonic() + GIVE_UP_S
        while not seen():
            assert time.monotonic() < until, f"not seen: {what}\n{self.shop.said}"
            time.sleep(0.05)

    def _hold(self, true: bool, what: str) -> None:
        if not true:
            self.harms.append(f"not so: {what}")


def environ(listed: Path) -> dict[str, str]:
    """What makes players crash on the pictures that the file `listed` names."""
    path = os.pathsep.join([str(Path(__file__).parent / "bad_decoder"), str(ROOT)])
    listed.touch()
    return {"DRILL_CRASHES_ON": str(listed), "PYTHONPATH": path}


def run(folder: Path) -> int:
    """Climb and come back; 1 where a promise broke."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    listed = folder / "crashes-on"
    with furnished(folder, folder / "data") as make, make(PROGRAM, environ(listed)) as opened:
        climb = Climb(opened, listed)
        harms = climb.run(len(FOOTINGS) * PATIENCE.crashes)
        harms += [f"a false frame, {lie.name}: {lie.file}" for lie in opened.watcher.lies]
        with suppress(ProcessLookupError):
            opened.keeper.leave()
    print("\n".join(harms) or "no harm")
    return 1 if harms else 0
