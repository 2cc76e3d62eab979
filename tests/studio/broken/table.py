"""Fifty folders with one thing wrong; expected.txt has the one line that each must give."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.studio.broken.sample import CAMPAIGN, FILES, LE_MANS, PORTRAIT, photograph

Spoil = Callable[[Path], None]


def edit(file: str, old: str, new: str) -> Spoil:
    """Replace one text of one file."""

    def spoil(root: Path) -> None:
        text = (root / file).read_text("utf-8")
        assert text.count(old) == 1, old
        (root / file).write_text(text.replace(old, new), "utf-8")

    return spoil


def both(*spoils: Spoil) -> Spoil:
    """Several edits that make one mistake."""

    def spoil(root: Path) -> None:
        for each in spoils:
            each(root)

    return spoil


def _size(width: int, height: int) -> Spoil:
    return lambda root: photograph(root / PORTRAIT, (width, height))


def _gone(root: Path) -> None:
    (root / PORTRAIT).unlink()


def _cut_short(root: Path) -> None:
    raw = (root / PORTRAIT).read_bytes()
    (root / PORTRAIT).write_bytes(raw[: len(raw) // 2])


def _no_picture(root: Path) -> None:
    (root / PORTRAIT).write_bytes(b"MZ" * 600)


def _second_file(root: Path) -> None:
    (root / "agencies" / "tours.yml").write_text(FILES[LE_MANS], "utf-8")


def _poster(more: str) -> str:
    return (
        "  - {id: po1, kind: poster, picture: portraits/claire.jpg, says: Chez vous,"
        f" link: booking{more}}}\n  - id: ch1"
    )


C, A = CAMPAIGN, LE_MANS
FOCUS = "    focus: [0.5, 0.4]\n"
UNTIL = "until: 2027-07-31"
QUOTE = "quote: La confiance se construit."
LONG = "Anticonstitutionnellement" * 5
EDITS: Final[tuple[tuple[str, Spoil], ...]] = (
    ("tab", edit(C, "    kind: portrait", "\tkind: portrait")),
    ("unclosed quote", edit(C, '"2025"', '"2025')),
    ("unknown key", edit(C, "first_name:", "fist_name:")),
    ("missing key", edit(C, "    role: intervenant\n", "")),
    ("duplicate key", edit(C, "    kind: portrait\n", "    kind: portrait\n    kind: portrait\n")),
    ("wrong choice", edit(C, "service: menage", "service: menages")),
    ("bare number", edit(C, 'dated: "2025"', "dated: 2025")),
    ("impossible day", edit(C, "until: 2027-08-31", "until: 2027-02-30")),
    ("swapped days", edit(C, "from: 2026-08-01", "from: 2027-08-01")),
    ("family name", edit(C, "first_name: Claire", "first_name: Claire Le Gall Martin")),
    ("path outside", edit(C, "picture: portraits", "picture: ../portraits")),
    ("unknown link", edit(C, "link: booking", "link: bookings")),
    ("foreign host", edit(C, "https://o2.example", "https://o2.exemple")),
    ("not https", edit(C, "https://o2.example", "http://o2.example")),
    ("tracking", edit(C, "{agency}{scene}", "{agency}{scene}?utm_source=vitrine")),
    ("endless link", edit(C, "/r/{agency}", "/reservation-en-ligne/{agency}")),
    ("other agency's name", edit(A, "agency: le-mans", "agency: lemans")),
    ("no such agency", edit(C, "    role: inter", "    agencies: [le-man]\n    role: inter")),
    ("bad hours", edit(A, "Mo-Fr 09:00-12:30", "Lu-Ve 9h-12h30")),
    ("bad zone", edit(A, "code: lm", "code: lm\ntimezone: Europe/Le_Mans")),
    ("misnamed file", _second_file),
    ("campaign over", edit(C, "until: 2027-08-31", "until: 2026-10-31")),
    ("campaign soon over", edit(C, "until: 2027-08-31", "until: 2026-12-05")),
    ("consent over", edit(C, UNTIL, "until: 2026-11-22")),
    ("consent soon over", edit(C, UNTIL, "until: 2026-12-06")),
    ("consent for print", edit(C, "[vitrine]", "[presse]")),
    ("consent withdrawn", edit(C, UNTIL, f"{UNTIL}, withdrawn: true")),
    ("no day in common", edit(C, "    role:", "    valid: {from: 2027-08-01}\n    role:")),
    ("scene over", edit(C, '"2025"', '"2025"\n    valid: {until: 2026-10-01}')),
    ("hours at night", edit(C, "    role:", '    show: "02:00-05:00"\n    role:')),
    ("hours never", edit(C, "    role:", '    show: "2020 Mo 10:00-12:00"\n    role:')),
    (
        "empty afternoons",
        both(
            edit(C, "    role:", '    show: "00:00-13:30"\n    role:'),
            edit(C, "    number:", '    show: "00:00-13:30"\n    number:'),
        ),
    ),
    ("picture gone", _gone),
    ("picture cut short", _cut_short),
    ("no picture", _no_picture),
    ("picture small", _size(216, 270)),
    ("picture soft", _size(432, 540)),
    ("face at the edge", edit(C, "focus: [0.5, 0.4]", "focus: [0.05, 0.4]")),
    ("wide picture, no focus", both(edit(C, FOCUS, ""), _size(1600, 900))),
    (
        "face under the code",
        both(
            edit(
                C,
                "  - id: ch1",
                _poster(
                    ", focus: [0.8, 0.7], rights: {ref: D, media: [vitrine],"
                    " from: 2026-08-01, until: 2027-07-31}"
                ),
            ),
            _size(1280, 720),
        ),
    ),
    ("long word", edit(C, QUOTE, f"quote: {LONG}")),
    ("pale ink", edit(C, 'ink: "#1D1D1B"', 'ink: "#B8B8B0"')),
    ("pale accent", edit(C, 'accent: "#005CA9"', 'accent: "#7FB2D9"')),
    ("far away", edit(A, "scan_distance_m: 1.0", "scan_distance_m: 2.9")),
    ("long address", edit(C, "/r/{agency}", "/rendez/{agency}")),
    (
        "long quote",
        edit(
            C,
            QUOTE,
            f"quote: {'Un mot ' * 9}encore.",
        ),
    ),
    ("long call", edit(C, "label: Réserver un service", "label: Réserver un service chez vous")),
    ("lone quote", edit(C, QUOTE, "quote: 'La \"confiance se construit.'")),
    ("ligature", edit(C, QUOTE, "quote: Du coeur à l'ouvrage.")),
    (
        "photograph of whom",
        edit(C, '    dated: "2025"', '    dated: "2025"\n    picture: portraits/claire.jpg'),
    ),
)


def expected() -> dict[str, str]:
    """The line of each folder, by its name."""
    rows = Path(__file__).with_name("expected.txt").read_text("utf-8").splitlines()
    return dict(row.split(" | ", 1) for row in rows)
