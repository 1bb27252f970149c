"""Tables for a terminal. Imports rich, so it is imported when one is shown."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table


def print_table(head: tuple[str, ...], rows: list[tuple[str, ...]], *, texts: int) -> None:
    """Print rows on stdout as wide as the terminal; the columns behind the first `texts` hold numbers."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column, title in enumerate(head):
        table.add_column(
            title,
            justify="left" if column < texts else "right",
            no_wrap=column != 1 or texts < 2,
            style="bold" if column == 0 else None,
        )
    for row in rows:
        table.add_row(*row)
    Console(markup=False, highlight=False).print(table)
