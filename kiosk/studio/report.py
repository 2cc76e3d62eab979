"""What a person at a prompt sees of the studio's work: progress while it runs, then a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from kiosk.studio.scan import DECODERS
from kiosk.studio.tour import Row


@contextmanager
def following(total: int) -> Iterator[Callable[[Row], None]]:
    """A progress bar on standard error over `total` pictures; call the result after each."""
    columns = (
        TextColumn("[progress.description]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("drawing and reading back", total=total)
        yield lambda row: progress.update(
            task, advance=1, description=f"{row.agency} {row.scene} {row.size}"
        )


@contextmanager
def counting(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error while it lasts; call the result with what is done, and of how many.

    `what` is written beside it.
    """
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def print_table(rows: Sequence[Row], out: Path) -> None:
    """Print one line a picture, then every problem, then where the pictures are."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=160)
    table = Table("agency", "scene", "size", "URL", "version", "px/module", "mm", "mm/m", "decoded")
    for row in rows:
        code = (
            row.url,
            f"{row.version}-{row.level}",
            str(row.module_px),
            f"{row.module_mm:.2f}",
            f"{row.module_mm / row.distance_m:.2f}",
            f"{len(row.decoded_by)}/{len(DECODERS)} {' '.join(row.decoded_by)}",
        )
        table.add_row(row.agency, row.scene, row.size, *(code if row.url else ["-"] * 6))
    console.print(table)
    troubled = [row for row in rows if row.problems]
    for row in troubled:
        console.print(f"{row.agency} {row.scene} {row.size}: {'; '.join(row.problems)}")
    codes = sum(1 for row in rows if row.url)
    console.print(
        f"{len(rows)} pictures and contact-sheet.png in {out}; {codes} codes, "
        f"{codes - sum(1 for r in troubled if r.url)} read by {', '.join(DECODERS)}"
    )
