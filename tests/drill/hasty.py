"""`kiosk run` with a supervisor that is in a hurry: `python -m tests.drill.hasty --config FILE`.

The same commands, processes and rules; only the seconds of the ladder are fewer.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from typing import Final

from kiosk.agent.ladder import Patience
from kiosk.agent.players import Timing
from kiosk.agent.supervisor import Supervisor
from kiosk.door import run

# A return that is due before the next player is on the air would end the climb.
PATIENCE: Final = Patience(
    delays_s=(0, 0, 0, 0.2, 0.5, 1), steady_s=2, within_s=120, return_s=15, longest_return_s=15
)


def main(arguments: list[str]) -> int:
    """Keep the screen until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m tests.drill.hasty", description=__doc__)
    run.add(parser)
    logging.basicConfig(level=logging.INFO)
    commands = run.commands(parser.parse_args(arguments))
    timing = Timing(patience=PATIENCE)
    supervisor = Supervisor(commands, lambda _state: None, "drill", "drill", timing)
    signal.signal(signal.SIGTERM, lambda *_: supervisor.stop("SIGTERM"))
    return supervisor.run()


if __name__ == "__main__":
    os.environ.pop("NOTIFY_SOCKET", None)
    sys.exit(main(sys.argv[1:]))
