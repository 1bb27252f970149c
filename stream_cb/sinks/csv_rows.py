"""Events → CSV: a header, then one row per event, or one per element of a list inside each event.

RFC 4180 quoting, UTF-8 without BOM, rows ended by a line feed. A column is a path of documented names joined by dots
("Operation.Output.Bucket"), compiled once. A cell is text as it is, a number with all its digits, true or false,
compact JSON for a list or a dict, and empty where there is nothing.
Invariant: every row has as many cells as the header; a batch is written whole or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

import msgspec

from stream_cb.events.encode import to_lines
from stream_cb.events.shape import slots_of
from stream_cb.model import Output, Selection, SinkOptions
from stream_cb.patterns import lazy_pattern
from stream_cb.sinks.column_types import Decode, ValuesOf, compile_typed_row
from stream_cb.sinks.columns import Steps, cell_of, cells_of, compile_row, decode_line, elements_at, find, steps_of
from stream_cb.sinks.job_outputs import (
    NEEDED,
    NEEDED_RARELY,
    OUTPUT,
    OUTPUT_COLUMNS,
    RowLines,
    count_outputs,
    outputs_of,
)

DEFAULT_COLUMNS: tuple[str, ...] = (
    *("EventName", "JobId", "Tag", "State", "Code", "Message", "CreationTime", "StartTime", "EndTime", "QueueId"),
    *("Input.BucketId", "Input.Region", "Input.Object"),
    *("Workflow.RunId", "Workflow.WorkflowId", "Workflow.WorkflowName", "Workflow.Name"),
    *("OutputCount", "FirstOutput"),
)
QUOTE = '"'
_ARRAY = ord("[")

# OWASP's list of how formulas begin, but for what is a number.
_FORMULA = lazy_pattern(r"[=+\-@\t\r](?!(?<=[+-])[0-9.]+(?:[eE][+-]?[0-9]+)?\Z)")
_needs_quotes = re.compile(r'[",\r\n]').search


class CsvRows:
    """events → rows, by the columns and the explode of the options; can be pickled. `header` is the first row.

    selection, row: what it looks at in a line, and what a line may be in the place of that.

    Raises:
        UsageError: a path is empty, or has an empty step.
    """

    def __init__(self, options: SinkOptions) -> None:
        columns = options.columns or (tuple(slots_of(options.schema)) if options.schema else DEFAULT_COLUMNS)
        if options.explode is not None and not options.columns:
            columns = (*columns, options.explode)
        paths = [steps_of(column) for column in columns]
        self._options = options
        self._with_outputs = not OUTPUT_COLUMNS.isdisjoint(columns)
        self._row_of = compile_row(paths)
        exploded = [] if options.explode is None else [steps_of(options.explode)]
        needed = [*NEEDED, *NEEDED_RARELY] if self._with_outputs else []
        self.selection: Selection = (*paths, *needed, *exploded)
        self._typed = None if exploded else _typed(paths, with_outputs=self._with_outputs)
        self._row_lines = None if exploded else RowLines(columns, paths, with_outputs=self._with_outputs)
        self.row = self._row_lines.row if self._row_lines else None
        self._explode = None if options.explode is None else _exploded(paths, steps_of(options.explode))
        self.header = _encoded([columns])

    def __reduce__(self) -> tuple[Any, ...]:
        return (CsvRows, (self._options,))

    def __call__(self, events: Sequence[Any]) -> bytes:
        # A path finds exactly what stands in the event's line of JSON. And the way over JSON runs in C: for a fully
        # typed event it takes a seventh of what walking its Structs in Python takes.
        kinds = set(map(type, events))
        lines = events if kinds == {bytes} else to_lines(events).splitlines()
        if self._row_lines and bytes in kinds:
            # A line that is an array is then a row; else it would be a document that is one.
            parts = (
                self._row_lines.rows(list(same)) if opening == _ARRAY else self._rows_of(list(same))
                for opening, same in groupby(lines, itemgetter(0))
            )
            rows: Iterable[Sequence[str]] = chain.from_iterable(parts)
        else:
            rows = self._rows_of(lines)
        return _encoded(map(_harmless, map(cells_of, rows)) if self._options.spreadsheet_safe else rows)

    def _rows_of(self, lines: Sequence[bytes]) -> Iterable[Sequence[str]]:
        return self._typed_rows(lines, *self._typed) if self._typed else chain.from_iterable(map(self._rows, lines))

    def _typed_rows(self, lines: Sequence[bytes], decode: Decode, values_of: ValuesOf) -> Iterable[Sequence[str]]:
        """The rows of lines, of which only what the columns need is decoded; of one where that cannot be, all of it."""
        try:
            documents = decode(b"[%b]" % b",".join(lines))
            if self._with_outputs:
                count_outputs(documents)
            return list(map(values_of, documents))
        except (msgspec.ValidationError, AttributeError):
            if len(lines) == 1:
                return self._rows(lines[0])
            return chain.from_iterable(self._typed_rows([line], decode, values_of) for line in lines)

    def _rows(self, line: bytes) -> Iterator[list[str]]:
        document = decode_line(line)
        if self._with_outputs and type(document) is dict:
            outputs = outputs_of(document)
            document["OutputCount"] = len(outputs)
            document["FirstOutput"] = outputs[0] if outputs else None
        return self._explode(document) if self._explode else iter([self._row_of(document)])


def _typed(paths: Sequence[Steps], *, with_outputs: bool) -> tuple[Decode, ValuesOf] | None:
    """As `compile_typed_row`; what a job was to write stays as it is, unless a column is of that."""
    if not with_outputs:
        return compile_typed_row(paths, paths)
    needed = (*paths, *NEEDED)
    if any(path[: len(OUTPUT)] == OUTPUT for path in paths):
        return compile_typed_row(paths, (*needed, *NEEDED_RARELY))
    return compile_typed_row(paths, needed, raw=(OUTPUT,))


class CsvSink:
    """Writes one row per event; see `SinkOptions` for columns and explode.

    The header is written at once, so that it is there without any event. With `explode` and no columns, the default
    columns are followed by one named like the path: its element as JSON.

    Raises:
        UsageError: a path is empty, or has an empty step.
    """

    def __init__(self, output: Output, options: SinkOptions, /) -> None:
        self.name = output.name
        self.encode = CsvRows(options)
        self.selection = self.encode.selection
        self.row = self.encode.row
        self._output = output
        if not output.is_continued:
            self._output.write(self.encode.header)

    def write_batch(self, events: Sequence[Any], /) -> None:
        """Take these events, in this order."""
        self.write_encoded(self.encode(events))

    def write_encoded(self, encoded: bytes, /) -> None:
        """Take what `encode` has made of some events."""
        if encoded:
            self._output.write(encoded)

    def flush(self) -> None:
        """Hand on what was taken; no durability."""
        self._output.flush()

    def commit(self) -> int:
        """Make all taken events durable. Answers the output's position in bytes."""
        return self._output.commit()

    def close(self) -> None:
        """Commit, and let the output appear under its own name. A second call does nothing."""
        self._output.close()

    def abort(self) -> None:
        """Leave nothing of an unfinished file behind."""
        self._output.abort()


def _harmless(cells: Sequence[str]) -> list[str]:
    """The cells, with an apostrophe before each that a spreadsheet would calculate; numbers stay numbers."""
    return [f"'{cell}" if _FORMULA.match(cell) else cell for cell in cells]


def _encoded(rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows of one width as bytes. Most need no quotes, which is told of a whole row, or of all rows, at once."""
    rows = list(rows)
    try:
        lines = list(map(",".join, rows))
    except TypeError:  # a cell that is no text yet
        rows = list(map(cells_of, rows))
        lines = list(map(",".join, rows))
    commas = len(rows[0]) - 1 if rows else 0
    lines = [
        line if commas and line.count(",") == commas and QUOTE not in line else line_of(row)
        for line, row in zip(lines, rows, strict=True)
    ]
    # Each on its own: a few characters beyond ASCII would make all of them slow to encode.
    text = b"\n".join([*map(str.encode, lines), b""])
    if text.count(b"\n") > len(rows) or b"\r" in text:
        return "\n".join([*map(line_of, rows), ""]).encode()
    return text


def line_of(cells: Sequence[str]) -> str:
    """One row without its line feed: byte for byte what `csv.writer` makes of it, which the tests prove.

    That module looks at each character on its own, which takes longer than all the rest here.
    """
    # One empty cell alone would be an empty line, which is no row.
    return ",".join([f'"{cell.replace(QUOTE, QUOTE * 2)}"' if _needs_quotes(cell) else cell for cell in cells]) or '""'


def _exploded(columns: Sequence[Steps], path: Steps) -> Callable[[Any], Iterator[list[str]]]:
    """A function from a document to one row per element at `path`; columns at or below it look into the element."""
    inner = [(place, steps[len(path) :]) for place, steps in enumerate(columns) if steps[: len(path)] == path]
    # The others are the same in all rows of a document; the cells of inner ones are replaced.
    outer_row = compile_row(columns)

    def rows_of(document: Any) -> Iterator[list[str]]:
        row = outer_row(document)
        for element in elements_at(document, path) or [None]:
            for place, steps in inner:
                row[place] = cell_of(find(element, steps))
            yield row.copy()

    return rows_of
