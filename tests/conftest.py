"""Qt runs offscreen in every test that does not start a display of its own."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
