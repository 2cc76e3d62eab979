"""A soak as one picture: memory, handles and dark seconds over the hours, as plain SVG."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tests.drill.figures import Row

WIDTH: Final = 1000
PANEL: Final = 180
LEFT: Final = 70
COLOURS: Final = ("#005CA9", "#A3202B", "#00663A", "#8A5A00")
PANELS: Final = (
    ("memory, MB (PSS and own)", ("player_mb", "player_own_mb", "supervisor_mb")),
    ("handles and threads", ("player_fds", "supervisor_fds", "player_threads")),
    ("longest time without a picture while lit, s", ("dark_s",)),
    ("log, kB", ("log_kb",)),
)


def svg(rows: Sequence[Row], title: str) -> str:
    """The drawing."""
    height = 40 + PANEL * len(PANELS)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}"'
        f' font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        f'<text x="{LEFT}" y="22" font-size="15">{title}</text>',
    ]
    for number, (name, columns) in enumerate(PANELS):
        parts += _panel(rows, name, columns, 40 + number * PANEL)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(rows: Sequence[Row], name: str, columns: Sequence[str], top: int) -> list[str]:
    values = {column: [float(getattr(row, column)) for row in rows] for column in columns}
    most = max((max(line, default=0.0) for line in values.values()), default=0.0) or 1.0
    last = max((row.minute for row in rows), default=0.0) or 1.0
    bottom, high, wide = top + PANEL - 30, PANEL - 60, WIDTH - LEFT - 30
    parts = [
        f'<text x="{LEFT}" y="{top + 14}">{name}</text>',
        f'<text x="{LEFT - 8}" y="{bottom - high + 4}" text-anchor="end">{most:.4g}</text>',
        f'<text x="{LEFT - 8}" y="{bottom + 4}" text-anchor="end">0</text>',
        f'<text x="{LEFT + wide}" y="{bottom + 16}" text-anchor="end">{last / 60:.2f} h</text>',
        f'<path d="M{LEFT} {bottom - high}V{bottom}H{LEFT + wide}" fill="none" stroke="#888"/>',
    ]
    for number, (column, line) in enumerate(values.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(
            f"{LEFT + wide * row.minute / last:.1f},{bottom - high * value / most:.1f}"
            for row, value in zip(rows, line, strict=True)
        )
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}"/>')
        x = LEFT + 330 + 160 * number
        parts.append(f'<text x="{x}" y="{top + 14}" fill="{colour}">{column}</text>')
    return parts
