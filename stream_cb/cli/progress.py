"""The progress bar: the source being read, bytes, records, speed. Imports rich, so it is imported when it is shown."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn


def progress_bar() -> Progress:
    """A bar on stderr that leaves no trace when it stops; NO_COLOR is honoured by rich."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        DownloadColumn(),
        TransferSpeedColumn(),
        TextColumn("{task.fields[records]:,} records"),
        console=Console(stderr=True),
        transient=True,
        # Without a thread of its own, beside which no worker could be forked; `Console` refreshes it.
        auto_refresh=False,
    )
