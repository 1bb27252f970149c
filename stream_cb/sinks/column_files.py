"""Events → files of columns: Parquet, and Arrow's file format.

Both are compressed by zstd inside, carry the schema's name and the version of stream_cb as metadata, and end with a
footer without which nothing can be read: so a file is whole or it is nothing, and cannot be continued.
Rows are written in groups, of which one is held in memory; before, it is lean (see `LeanBatcher`). Of the table of jobs
each group adds a megabyte to what a writer holds for the footer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pyarrow as pa
from pyarrow.parquet import ParquetWriter

from stream_cb.arrow import JOBS, RowEncoder, empty_row_bytes, joined, leaned, selection_of, unpack, widened
from stream_cb.errors import SinkError, UsageError
from stream_cb.model import Output, SinkOptions

# Of a group, as it lies in Arrow with all its columns: what a reader has to hold, too. Groups of the table of jobs
# have some 15,000 rows then, and their column chunks are large enough for their own headers not to matter.
GROUP_BYTES = 64 << 20
GROUP_ROWS = 100_000

OpenWriter = Callable[[Any, pa.Schema], Any]


def _open_parquet(file: Any, schema: pa.Schema) -> Any:
    return ParquetWriter(file, schema, compression="zstd")


def _open_arrow(file: Any, schema: pa.Schema) -> Any:
    options = pa.ipc.IpcWriteOptions(compression="zstd", use_threads=False)
    return pa.ipc.new_file(file, schema, options=options)


WRITERS: Mapping[str, OpenWriter] = MappingProxyType({"parquet": _open_parquet, "arrow": _open_arrow})


class _Stream:
    """An output as pyarrow writes to it. What an abandoned writer still writes when it is collected goes nowhere."""

    closed = False

    def __init__(self, output: Output) -> None:
        self._output: Output | None = output
        self._position = 0

    def write(self, chunk: Any) -> int:
        written = bytes(chunk)
        if self._output:
            self._output.write(written)
        self._position += len(written)
        return len(written)

    def tell(self) -> int:
        return self._position

    def flush(self) -> None: ...
    def close(self) -> None: ...
    def abandon(self) -> None:
        self._output = None


class ColumnFile:
    """One file that is being written. Raises SinkError when the output refuses."""

    def __init__(self, output: Output, schema: pa.Schema, format: str) -> None:
        self.output = output
        self._schema = schema
        self._empty_bytes = empty_row_bytes(schema)
        self._stream = _Stream(output)
        self._writer = WRITERS[format](pa.PythonFile(self._stream, "w"), schema)
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_rows = 0
        self._waiting_bytes = 0  # as wide as the schema

    def add(self, batch: pa.RecordBatch) -> None:
        """Take a lean batch; a group is written before it would become too large."""
        size = batch.nbytes + batch.num_rows * self._empty_bytes
        if self._waiting_bytes + size > GROUP_BYTES or self._waiting_rows + batch.num_rows > GROUP_ROWS:
            self.write_group()
        self._waiting.append(batch)
        self._waiting_rows += batch.num_rows
        self._waiting_bytes += size

    def write_group(self) -> None:
        """Write what waits as one group."""
        if self._waiting:
            # What parsing has left behind, free but kept, is given back: it may be as much as a group takes.
            pa.default_memory_pool().release_unused()
            self._writer.write(self._taken())

    def _taken(self) -> pa.Table:
        """What waits, as wide as the schema; nothing waits any more."""
        waiting, self._waiting, self._waiting_rows, self._waiting_bytes = self._waiting, [], 0, 0
        parts = [batch.to_struct_array() for batch in waiting]
        # How large the buffers of nulls are depends on who made them, which a run that goes on has no memory of. To
        # join makes all anew, if there is more than one part; and columns of nulls are made by `widened` alone.
        rows = pa.RecordBatch.from_struct_array(joined([*parts, parts[0].slice(0, 0)]))
        return pa.Table.from_batches([widened(leaned(rows), self._schema)])

    def end(self) -> None:
        """Write the rest and the footer. The output is still to be committed or closed."""
        self.write_group()
        self._writer.close()

    def abandon(self) -> None:
        """Write nothing more, and abort the output."""
        self._waiting = []
        self._stream.abandon()
        self._writer.close()
        self.output.abort()


def row_encoder(options: SinkOptions, partition_columns: Sequence[str] = ()) -> RowEncoder:
    """The encoder of the columns that the options ask for; all, and "_extra", if they name none.

    partition_columns: paths that are needed besides. Raises UsageError for what shapes no columns.
    """
    if options.explode is not None:
        raise UsageError("explode makes rows of a CSV table; Parquet and Arrow hold lists as they are")
    columns = (*options.columns, *partition_columns) if options.columns else ()
    return RowEncoder(options.schema or JOBS, columns)


class ColumnSink:
    """What the sinks of columns share: events, or what `encode.pack` has made of them, become lean batches."""

    def __init__(self, name: str, encode: RowEncoder) -> None:
        self.name = name
        self.encode = encode
        self.selection = selection_of(encode.schema)
        self._batcher = encode.batcher()

    def write_batch(self, events: Sequence[Any], /) -> None:
        """Take these events, in this order."""
        self._add(self._batcher.add(events))

    def write_encoded(self, encoded: bytes, /) -> None:
        """Take what `encode.pack` has made of what `encode` has made of some events."""
        self._add(unpack(encoded))

    def _add(self, batches: Iterable[pa.RecordBatch]) -> None:
        raise NotImplementedError

    def flush(self) -> None:
        """Nothing: whoever reads a file needs its footer."""


class _FileSink(ColumnSink):
    """One file. A commit ends it: there can be nothing behind its footer."""

    format = ""

    def __init__(self, output: Output, options: SinkOptions, /) -> None:
        super().__init__(output.name, row_encoder(options))
        self._output = output
        self._file = ColumnFile(output, self.encode.schema, self.format)
        self._is_ended = False

    def write_batch(self, events: Sequence[Any], /) -> None:
        """Take these events, in this order. Raises SinkError after a commit."""
        if self._is_ended:
            raise SinkError("its footer is written, and it cannot be continued", source=self.name)
        super().write_batch(events)

    def _add(self, batches: Iterable[pa.RecordBatch]) -> None:
        for batch in batches:
            self._file.add(batch)

    def commit(self) -> int:
        """Write the footer and make the file durable. Answers its length in bytes."""
        if not self._is_ended:
            self._add(self._batcher.flush())
            self._file.end()
            self._is_ended = True
        return self._output.commit()

    def close(self) -> None:
        """Commit, and let the output appear under its own name. A second call does nothing."""
        if not self._is_ended:
            self.commit()
        self._output.close()

    def abort(self) -> None:
        """Leave nothing of an unfinished file behind."""
        self._file.abandon()


class ParquetSink(_FileSink):
    """A Parquet file."""

    format = "parquet"


class ArrowSink(_FileSink):
    """A file in Arrow's IPC file format, which Arrow also calls Feather."""

    format = "arrow"
