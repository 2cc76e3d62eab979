"""`python -m kiosk`: the same door as the console command."""

import sys

from kiosk.cli import main

if __name__ == "__main__":
    sys.exit(main())
