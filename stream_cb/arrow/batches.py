"""Events, or their JSON lines → record batches of one schema, bounded by rows and by bytes.

Holds the lines of one batch, and the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from stream_cb.arrow.blocks import BlockParser, filled
from stream_cb.arrow.fitting import Rest
from stream_cb.arrow.schema import EXTRA_COLUMN, JOBS, PLACE_COLUMNS
from stream_cb.events.decode import kind_of
from stream_cb.runs import Span

_PLACE = {field.name: at for at, field in enumerate(PLACE_COLUMNS)}
# In a line, no text can hold this, and no member before the Tag of a job has one.
_TAG = b'"Tag":"'


class Batcher:
    """Collects events, and makes record batches of them in their order.

    schema: of the batches, see `schema.subset`. table: the columns that events may have; what none of them takes goes
        to "_extra", if the schema has that, and is left out if not.
    max_rows, max_bytes: of one batch, the bytes as they lie in Arrow; an event that is larger has one of its own.
    """

    def __init__(self, schema: pa.Schema, table: pa.StructType, *, max_rows: int, max_bytes: int) -> None:
        self.schema = schema
        self._max_rows = max_rows
        self._max_bytes = max_bytes
        self._parser = BlockParser(schema, table)
        self._empty_bytes = empty_row_bytes(schema)
        self._lines: list[bytes] = []
        self._rests: list[Rest] = []
        self._places: list[tuple[str, int | None, int | None]] = []
        self._has_places = not _PLACE.keys().isdisjoint(schema.names)
        self._bytes = 0

    def add(self, events: Sequence[Any], source: str = "", spans: Sequence[Span] | None = None) -> list[pa.RecordBatch]:
        """Take events, or lines of such; the batches that are full now. spans: where the record of each one lies."""
        if self._takes(events):
            self._lines += events
            self._rests += [{} for _ in events]
            if self._has_places:
                self._places += [(source, *span) for span in spans] if spans else [(source, None, None)] * len(events)
            return []
        full = []
        for number, event in enumerate(events):
            line, rest = self._parser.line(event)
            full += self.add_line(line, rest, (source, *spans[number]) if spans else (source, None, None))
        return full

    def _takes(self, events: Sequence[Any]) -> bool:
        """Whether all are lines, and one batch holds them beside what waits; their bytes then count."""
        if set(map(type, events)) != {bytes} or len(self._lines) + len(events) > self._max_rows:
            return False
        size = self._bytes + len(events) * self._empty_bytes + sum(map(len, events))
        if size > self._max_bytes:
            return False
        self._bytes = size
        return True

    def add_line(
        self, line: bytes, rest: Rest, place: tuple[str, int | None, int | None] = ("", None, None)
    ) -> list[pa.RecordBatch]:
        """As `add`, for what `BlockParser.line` has answered for one event."""
        size = self._empty_bytes + len(line)
        if rest:
            size += sum(map(len, rest)) + sum(map(len, rest.values()))
        is_full = self._bytes + size > self._max_bytes or len(self._lines) >= self._max_rows
        full = self.flush() if self._lines and is_full else []
        self._lines.append(line)
        self._rests.append(rest)
        if self._has_places:
            self._places.append(place)
        self._bytes += size
        return full

    def flush(self) -> list[pa.RecordBatch]:
        """The batches of what was taken since the last ones."""
        taken = self._lines, self._rests, self._places
        self._lines, self._rests, self._places, self._bytes = [], [], [], 0
        return self._batches(*taken) if taken[0] else []

    def _batches(self, lines: list[bytes], rests: list[Rest], places: list[Any]) -> list[pa.RecordBatch]:
        batch = self._batch(lines, rests, places)
        half = len(lines) // 2
        if batch.nbytes > self._max_bytes and half:
            # Lists of objects in which little is said take more in Arrow than as text.
            before = self._batches(lines[:half], rests[:half], places[:half])
            return before + self._batches(lines[half:], rests[half:], places[half:])
        return [batch]

    def _batch(self, lines: list[bytes], rests: list[Rest], places: list[Any]) -> pa.RecordBatch:
        """The batch of some lines, as wide as the schema."""
        return widened(self._lean(lines, rests, places), self.schema)

    def _lean(self, lines: list[bytes], rests: list[Rest], places: list[Any]) -> pa.RecordBatch:
        columns = self._parser.parse(lines, rests)
        arrays: dict[str, pa.Array] = {}
        for field in self.schema:
            if field.name == EXTRA_COLUMN.name:
                arrays[field.name] = pa.array([list(rest.items()) for rest in rests], field.type)
            elif field.name in _PLACE:
                at = _PLACE[field.name]
                arrays[field.name] = pa.array([place[at] for place in places], field.type)
            elif columns.type.get_field_index(field.name) >= 0:
                arrays[field.name] = columns.field(field.name)
        return pa.RecordBatch.from_pydict(arrays)


class LeanBatcher(Batcher):
    """A batcher whose batches have only the columns, and inside of structs only the fields, that say anything.

    Of a table with some 900 columns at the end of all paths, that is a tenth, or less. `widened` adds the others.
    """

    def __init__(self, schema: pa.Schema, table: pa.StructType, *, max_rows: int, max_bytes: int) -> None:
        super().__init__(schema, table, max_rows=max_rows, max_bytes=max_bytes)
        self._empty_bytes = 0

    def _batch(self, lines: list[bytes], rests: list[Rest], places: list[Any]) -> pa.RecordBatch:
        return self._lean(lines, rests, places)


def empty_row_bytes(schema: pa.Schema) -> int:
    """What a row takes in which nothing is said: offsets of texts and lists, and bits."""
    return -(-int(pa.nulls(1024, pa.struct(list(schema))).nbytes) // 1024)


def leaned(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with only the columns, and inside of structs the fields, that say anything."""
    rows = batch.to_struct_array()
    return pa.RecordBatch.from_struct_array(rows.cast(filled(rows)))


def widened(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The batch with all columns of the schema, in its order; those that it did not have are null."""
    arrays = []
    for field in schema:
        index = batch.schema.get_field_index(field.name)
        arrays.append(batch.column(index).cast(field.type) if index >= 0 else pa.nulls(batch.num_rows, field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def belongs_to(kind: str) -> Callable[[Any], bool] | None:
    """Whether an event, or a line of a job, is one of those that a table is for; None: all are."""
    if kind == JOBS:
        return None
    name, _, tag = kind.partition("/")
    start = tag.encode() + b'"'

    def is_wanted(event: Any) -> bool:
        if type(event) is bytes:  # only jobs become lines without being events first
            return name == "TaskFinish" and (not tag or event.startswith(start, event.find(_TAG) + len(_TAG)))
        return kind_of(event) == kind if tag else kind_of(event).partition("/")[0] == kind

    return is_wanted
