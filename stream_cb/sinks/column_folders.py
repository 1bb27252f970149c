"""Events → a folder of column files: numbered ones, or such in a folder for each value that rows are partitioned by.

Rows wait, packed, until they are written as one file: all of them at a commit, so that the folder can be cut back to
it, and before that those of the largest partition as soon as more than `MAX_WAITING_BYTES` wait. So no more than one
file is open, and memory is bounded, however many partitions and rows there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import pyarrow as pa

from stream_cb.arrow import packed, unpack
from stream_cb.model import Output, SinkOptions
from stream_cb.sinks.column_files import ColumnFile, ColumnSink, row_encoder
from stream_cb.sinks.partitions import Partitions

# Of all partitions together, packed: of the table of jobs, some 60,000 rows.
MAX_WAITING_BYTES = 20 << 20


class Folder(Protocol):
    """Where numbered files are put, one after the other; their errors are SinkErrors.

    name: in messages. is_empty: no file was begun yet, by this run or the one that it goes on with.
    open_part: the next file, in a folder below this one. close_part: it is whole, and counts at the next commit.
    commit: what was closed is durable; answers how many bytes all files have together. close: commit, and let the
    folder appear. abort: leave what was committed where it can be seen already, and else nothing.
    """

    name: str

    @property
    def is_empty(self) -> bool: ...
    def open_part(self, folder: str = "", /) -> Output: ...
    def close_part(self) -> None: ...
    def commit(self) -> int: ...
    def close(self) -> None: ...
    def abort(self) -> None: ...


class ColumnFolderSink(ColumnSink):
    """Writes the rows of each partition in the order of their events.

    Raises UsageError for columns that do not exist, or that rows cannot be partitioned by.
    """

    def __init__(self, folder: Folder, options: SinkOptions, format: str) -> None:
        self._partitions = Partitions(options.partition_by)
        super().__init__(folder.name, row_encoder(options, self._partitions.columns))
        self._folder = folder
        self._format = format
        schema = self.encode.schema
        self._partitions.check(schema)
        wanted = [field for field in schema if field.name not in self._partitions.dropped]
        self._schema = pa.schema(wanted, metadata=schema.metadata)
        # By partition, each batch packed: as arrays, a hundred columns of a few rows take many times what is in them.
        self._waiting: dict[str, list[bytes]] = {}
        self._file: ColumnFile | None = None

    def _add(self, batches: Iterable[pa.RecordBatch]) -> None:
        for batch in batches:
            for partition, rows in self._partitions.split(batch, self.name):
                self._waiting.setdefault(partition, []).append(packed(rows, "zstd"))
            self._keep_bound()

    def _keep_bound(self) -> None:
        """Write the largest partitions until what waits is within its bound."""
        sizes = {partition: sum(map(len, waiting)) for partition, waiting in self._waiting.items()}
        while sum(sizes.values()) > MAX_WAITING_BYTES:
            largest = max(sizes, key=sizes.__getitem__)
            self._write(largest)
            del sizes[largest]

    def _write(self, partition: str) -> None:
        """Write one file of all that waits for it, and let it appear."""
        output = self._folder.open_part(partition)
        self._file = ColumnFile(output, self._schema, self._format)
        for part in self._waiting.pop(partition):
            for rows in unpack(part):
                self._file.add(rows)
        self._file.end()
        self._folder.close_part()
        self._file = None

    def commit(self) -> int:
        """Write all that waits, and make it durable. Answers how many bytes the files have together."""
        self._add(self._batcher.flush())
        if self._folder.is_empty and not self._partitions.columns:
            self._waiting.setdefault("", [])  # without any rows, a file shows the schema
        for partition in list(self._waiting):
            self._write(partition)
        return self._folder.commit()

    def close(self) -> None:
        """Commit, and let the folder appear under its name. A second call does nothing."""
        self.commit()
        self._folder.close()

    def abort(self) -> None:
        """Leave nothing of unfinished files behind, and of the folder what was committed under its own name."""
        self._waiting.clear()
        if self._file:
            self._file.abandon()
            self._file = None
        self._folder.abort()
