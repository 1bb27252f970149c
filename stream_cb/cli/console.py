"""What a person sees on stderr while a run goes on, and when it ends."""

from __future__ import annotations

import sys
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Any

import click

from stream_cb.cli.sizes import shown

if TYPE_CHECKING:
    from stream_cb.errors import InputError
    from stream_cb.inputs import Source
    from stream_cb.model import DeadLetter, Report
    from stream_cb.tally import Tally

# Dead letters told one by one; the others are only counted.
_TOLD = 10
_REFRESH_SECONDS = 0.1


class Console:
    """Observes a run. The progress bar is there only on a terminal, and not with `quiet`."""

    def __init__(self, *, quiet: bool, verbose: bool) -> None:
        self._quiet = quiet
        self._verbose = verbose
        self._letters = 0
        self._bar: Any = None
        self._task: Any = None
        self._next_refresh = 0.0

    def __enter__(self) -> Console:
        if not self._quiet and sys.stderr is not None and sys.stderr.isatty():
            from stream_cb.cli.progress import progress_bar

            self._bar = progress_bar()
            self._task = self._bar.add_task("", total=None, records=0)
            self._bar.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._stop()

    def dead_letter(self, letter: DeadLetter, /) -> None:
        self._letters += 1
        if self._letters <= _TOLD:
            self._tell(f"dead letter: {letter}")
        elif self._letters == _TOLD + 1:
            self._tell("dead letter: further ones are counted only (--dead-letters FILE keeps them all)")

    def input_error(self, error: InputError, /) -> None:
        self._tell(f"stream-cb: {error}")

    def progress(self, source: Source, tally: Tally, /) -> None:
        if self._bar is None or monotonic() < self._next_refresh:
            return
        self._next_refresh = monotonic() + _REFRESH_SECONDS
        self._bar.update(
            self._task,
            description=source.name[-40:],
            total=source.size,
            completed=source.position(),
            records=tally.records,
            refresh=True,
        )

    def close(self, report: Report) -> None:
        """The closing line; with `verbose` the counts behind it."""
        self._stop()
        for problem in report.problems:
            self._tell(f"stream-cb: the balance does not hold: {problem}")
        if self._quiet:
            return
        if self._verbose:
            for title, counts in (
                ("events", report.kinds),
                ("fields that no type describes", report.unknown_fields),
                ("values that do not fit their type", report.misfits),
                ("keys that stood in one object once more", report.repeated_keys),
            ):
                for name, count in counts.items():
                    self._tell(f"{title}: {name}: {count:,}")
            for name, size in report.outputs.items():
                self._tell(f"written: {name}: {shown(size)}")
        self._tell(closing_line(report))

    def _tell(self, message: str) -> None:
        if self._bar is not None:
            self._bar.console.print(message, markup=False, highlight=False, soft_wrap=True)
        else:
            click.echo(message, err=True)

    def _stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def closing_line(report: Report) -> str:
    """The balance in one line."""
    seconds = max(report.elapsed_seconds, 1e-6)
    speed = f" in {seconds:,.2f} s ({shown(report.bytes_read / seconds)}/s)"
    if not report.elapsed_seconds:
        speed = "; it was done already"
    events = f"{_count(report.events, 'event')}, {_count(report.dead_letters, 'dead letter')}"
    if report.duplicates:
        events += f", {_count(report.duplicates, 'duplicate')} left out"
    parts = [
        f"{_count(report.records, 'record')}: {events}",
        f"{shown(report.bytes_read)} of {_count(report.sources, 'source')}{speed}",
    ]
    if report.input_errors:
        parts.append(f"{_count(len(report.input_errors), 'input')} could not be read to the end")
    if report.misfits:
        parts.append(f"{_count(sum(report.misfits.values()), 'value')} of another type than documented, kept")
    if report.repeated_keys:
        parts.append(f"{_count(sum(report.repeated_keys.values()), 'repeated key')}, of which the last was kept")
    if report.stopped:
        parts.append(f"stopped: {report.stopped}")
    return "; ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
