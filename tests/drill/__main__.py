"""The drills that show that a screen stays alive: `python -m tests.drill soak --hours 24`."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from tempfile import gettempdir


def main(arguments: list[str]) -> int:
    """Run one drill; 1 where a promise broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.drill", description=__doc__)
    drills = parser.add_subparsers(dest="drill", required=True, metavar="DRILL")
    kills = drills.add_parser("kills", help="player, sync and supervisor are killed at random")
    kills.add_argument("--count", type=int, default=500, metavar="N", help="how often (500)")
    kills.add_argument("--seed", type=int, default=1, help="which moments (1)")
    kills.add_argument("--nice", type=int, default=0, metavar="N", help="the kiosk's priority (0)")
    stall = drills.add_parser("stall", help="the player hangs")
    stall.add_argument("--count", type=int, default=10, metavar="N", help="how often (10)")
    stall.add_argument("--seed", type=int, default=1, help="which moments (1)")
    drills.add_parser("ladder", help="the player crashes again and again, then no more")
    cut = drills.add_parser("power-cut", help="the power of the data's disk is cut")
    cut.add_argument("--count", type=int, default=20, metavar="N", help="how often (20)")
    cut.add_argument("--seed", type=int, default=1, help="which moments (1)")
    clip = drills.add_parser("clip", help="one clip is played again and again")
    clip.add_argument("--count", type=int, default=500, metavar="N", help="how often (500)")
    soak = drills.add_parser("soak", help="hours with everything on")
    soak.add_argument("--hours", type=float, default=2.0, metavar="H", help="how long (2)")
    for name, drill in drills.choices.items():
        drill.add_argument(
            "--log",
            type=Path,
            metavar="DIR",
            default=Path(gettempdir(), f"o2-{name}"),
            help="where figures are left (%(default)s)",
        )
    wish = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    return carry_out(wish, wish.log.absolute())


def carry_out(wish: argparse.Namespace, folder: Path) -> int:
    """The drill that is wished for."""
    match wish.drill:
        case "kills":
            from tests.drill import kills

            return kills.run(wish.count, wish.seed, wish.nice, folder)
        case "clip":
            from tests.drill import clip

            return clip.run(wish.count, folder)
        case "stall":
            from tests.drill import stall

            return stall.run(wish.count, wish.seed, folder)
        case "ladder":
            from tests.drill import ladder

            return ladder.run(folder)
        case "power-cut":
            from tests.drill import power_cut

            return power_cut.run(wish.count, wish.seed, folder)
    from tests.drill import soak

    return soak.run(wish.hours, folder)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
