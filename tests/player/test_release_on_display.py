"""A real player on a real display takes a release that a real sync brings, without a dark frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import zxingcpp

from kiosk.release.origin import open_origin
from kiosk.release.sync import Updated
from tests.player.display import needs_xvfb, xvfb
from tests.player.playing import playing
from tests.player.x11 import Desktop
from tests.release.head_office import HeadOffice, Shop

SIZE = (960, 540)
DARK = 60
"""Mean level of 255 below which a frame of this campaign would be dark: its paper has 246."""


@needs_xvfb
def test_what_is_withdrawn_leaves_the_glass_and_what_is_new_comes(tmp_path: Path) -> None:
    office = HeadOffice(tmp_path / "office")
    office.publish()
    shop = Shop(tmp_path / "shop", office.anchor)
    origin = open_origin(office.tree.as_uri())
    shop.poll(origin)
    with (
        xvfb(*SIZE) as environ,
        Desktop(environ) as display,
        playing(environ, "--data", str(shop.root), folder="store") as player,
    ):
        darkest = 255.0

        def code() -> str:
            nonlocal darkest
            picture = np.ascontiguousarray(display.picture())
            found = zxingcpp.read_barcodes(picture)
            if found or darkest < 255:
                darkest = min(darkest, float(picture.mean()))
            return found[0].text if len(found) == 1 else ""

        player.until(lambda: code().startswith("https://o2.example/r/lmam"))
        office.write(
            {"am1": "Bonjour.", "am2": "Bonsoir.", "zz1": "Me voici."},
            {"zz1": "[le-mans]"},
            withdrawn=frozenset({"am1", "am2"}),
        )
        office.publish()
        assert isinstance(shop.poll(origin), Updated)
        player.until(lambda: code() == "https://o2.example/r/lmzz1", through_s=1.0)
        assert darkest > DARK
        assert player.complaints() == []
