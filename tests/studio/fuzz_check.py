"""Whatever is written in the files: `check` answers, soon, and in bounded memory.

Run it as `python -m tests.studio.fuzz_check --count 50000`.
"""

from __future__ import annotations

import argparse
import faulthandler
import gc
import re
import resource
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from kiosk.campaign.model import Source
from kiosk.studio.check import check_texts
from kiosk.studio.findings import RULES, Finding
from tests.campaign.test_parse_fuzz import SAMPLE, SMALL, changed_bytes, changed_lines
from tests.studio.broken.sample import NOW

LONGEST_S: Final = 30.0
BATCH: Final = 1_000
UNREAD: Final = frozenset({"yaml", "link", "folder"})
HOURS: Final = (
    "24/7", "off", "Mo-Fr 09:00-12:30,14:00-18:30; PH off", "22:00-06:00", "00:00-24:00",
    "Dec 24-26 10:00-12:00", "2020 Mo 10:00-12:00", "2027 10:00-12:00",
    "week 1-53/2 Mo 08:00-09:00",
    "Mo[5] 10:00-12:00", "sunrise-sunset", "(sunset-01:00)-26:00", "easter 10:00-12:00", "PH",
    "Feb 29", "Mo-Su 10:00-10:01; Tu off", "10:00-12:00/00:05", "unknown", "02:30-02:45",
    "01:00-06:00",
)  # fmt: skip
DAYS: Final = (
    "0001-01-01", "1999-12-31", "2026-03-29", "2026-10-25", "2026-11-22", "2026-11-23",
    "2026-11-30",
    "2027-07-31", "9999-12-31",
)  # fmt: skip
TEXTS: Final = (
    "coeur", "« seul", "'\"'", "'\"a\" \"'", '"\\u202f«"', "Un " * 40, "Ŕ" * 60, "😀" * 20, "'«'",
)  # fmt: skip


@st.composite
def changed_meaning(draw: st.DrawFn) -> dict[str, bytes]:
    """The sample with other hours, dates, texts and agencies, all of them well written."""
    files = dict(SAMPLE)
    for name in sorted(files):
        text = files[name].decode()
        text = re.sub(r'(show|opening_hours): "[^"]*"',
                      lambda f: f'{f[1]}: "{draw(st.sampled_from(HOURS))}"', text)  # fmt: skip
        text = re.sub(r"(?<=from: |ntil: )[0-9-]{10}",
                      lambda f: draw(st.sampled_from((f[0], *DAYS))), text)  # fmt: skip
        if draw(st.booleans()):
            key = draw(st.sampled_from(("quote", "says", "sentence", "about", "label", "title")))
            text = re.sub(rf"({key}): [^,\n}}]+",
                          lambda f: f"{f[1]}: {draw(st.sampled_from(TEXTS))}", text)  # fmt: skip
        files[name] = text.encode()
    return files


MUTATED: Final = changed_lines() | changed_bytes() | changed_meaning()
FILES: Final = MUTATED | st.builds(
    lambda text, name: SAMPLE | {name: text.encode()}, SMALL, st.sampled_from(sorted(SAMPLE))
)


def everything(source: Source) -> frozenset[str]:
    """As if every picture were there."""
    shapes = ("landscape", "portrait", "square")
    scenes = source.campaign.scenes
    return frozenset(n for scene in scenes for shape in shapes for n in scene.pictures_for(shape))  # type: ignore[arg-type]


def asked(contents: dict[str, bytes]) -> tuple[Finding, ...]:
    """Check them; every finding is a line about a place that exists in a file."""
    found = check_texts(contents, NOW, everything, timedelta(days=1))
    assert list(found) == sorted(set(found))
    for finding in found:
        assert finding.rule in RULES
        assert "\n" not in str(finding), finding
        assert finding.line >= 1
        assert finding.column >= 1
    return found


@dataclass(slots=True)
class Tally:
    """What a long run saw."""

    examples: int = 0
    parsed: int = 0
    slowest_s: float = 0.0


def run(count: int, tally: Tally | None = None, start: int = 0) -> Tally:
    """Check so many mutated folders; an exception, or LONGEST_S without an answer, ends it."""
    tally = tally or Tally()

    @seed(start)
    @settings(max_examples=count, deadline=None, database=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(FILES)
    def one(contents: dict[str, bytes]) -> None:
        faulthandler.dump_traceback_later(LONGEST_S, exit=True)
        began = time.monotonic()
        found = asked(contents)
        tally.slowest_s = max(tally.slowest_s, time.monotonic() - began)
        tally.examples += 1
        tally.parsed += not any(each.rule in UNREAD for each in found)

    try:
        one()
    finally:
        faulthandler.cancel_dump_traceback_later()
    return tally


def main() -> None:
    """Say how it goes after every batch; hypothesis keeps what it made until a batch's end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=50_000)
    parser.add_argument("--start", type=int, default=1, help="the first batch's seed")
    given_ = parser.parse_args()
    tally, began, number = Tally(), time.monotonic(), given_.start
    while tally.examples < given_.count:
        run(min(BATCH, given_.count - tally.examples), tally, number)
        number += 1
        gc.collect()
        # Linux: pages; what is held now, which a leak would let grow from batch to batch.
        held = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
        print(
            f"{tally.examples} folders, {tally.parsed} of them readable, slowest"
            f" {tally.slowest_s:.2f} s, {held // 2**20} MB, {time.monotonic() - began:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
