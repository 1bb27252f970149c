"""Events → a folder of column files: numbered ones, or such in a folder for each value that rows are partitioned by.

A commit ends all files that are open, so the folder can be cut back to it. At most `MAX_OPEN` files are open, and rows
of at most `MAX_WAITING_BYTES` wait for their groups, however many partitions there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import pyarrow as pa

from stream_cb.model import SinkOptions
from stream_cb.sinks.column_files import GROUP_BYTES, ColumnFile, ColumnSink, row_encoder
from stream_cb.sinks.output_folders import OutputFolder
from stream_cb.sinks.outputs import FileOutput
from stream_cb.sinks.partitions import Partitions

# Of the 1,024 descriptors that a process usually has; more partitions at a time make more, smaller files.
MAX_OPEN = 100
# Of all files together, as wide as their schema: four groups.
MAX_WAITING_BYTES = 4 * GROUP_BYTES


class ColumnFolderSink(ColumnSink):
    """Writes the rows of each partition in the order of their events.

    Raises UsageError for columns that do not exist, or that rows cannot be partitioned by.
    """

    def __init__(self, folder: OutputFolder, options: SinkOptions, format: str) -> None:
        self._partitions = Partitions(options.partition_by)
        super().__init__(folder.name, row_encoder(options, self._partitions.columns))
        self._folder = folder
        self._format = format
        schema = self.encode.schema
        self._partitions.check(schema)
        wanted = [field for field in schema if field.name not in self._partitions.dropped]
        self._schema = pa.schema(wanted, metadata=schema.metadata)
        # By partition; the one that was written to last stands last.
        self._files: dict[str, ColumnFile] = {}
        if folder.is_empty and not self._partitions.columns:
            self._file_of("")  # without any rows, it shows the schema

    def _add(self, batches: Iterable[pa.RecordBatch]) -> None:
        for batch in batches:
            for partition, rows in self._partitions.split(batch, self.name):
                self._file_of(partition).add(rows)
                self._write_the_largest()

    def _file_of(self, partition: str) -> ColumnFile:
        file = self._files.pop(partition, None)
        if file is None:
            if len(self._files) >= MAX_OPEN:
                self._end(next(iter(self._files)))
            file = ColumnFile(self._folder.open_part(partition), self._schema, self._format)
        self._files[partition] = file
        return file

    def _write_the_largest(self) -> None:
        """Keep what waits within its bound."""
        while sum(file.waiting_bytes for file in self._files.values()) > MAX_WAITING_BYTES:
            max(self._files.values(), key=lambda file: file.waiting_bytes).write_group()

    def _end(self, partition: str) -> None:
        file = self._files[partition]
        file.end()
        self._folder.close_part(cast("FileOutput", file.output))
        del self._files[partition]

    def commit(self) -> int:
        """End all files and make them durable. Answers how many bytes the files have together."""
        self._add(self._batcher.flush())
        for partition in list(self._files):
            self._end(partition)
        return self._folder.commit()

    def close(self) -> None:
        """Commit, and let the folder appear under its name. A second call does nothing."""
        self.commit()
        self._folder.close()

    def abort(self) -> None:
        """Leave nothing of unfinished files behind, and of the folder what was committed under its own name."""
        for file in self._files.values():
            file.abandon()
        self._files.clear()
        self._folder.abort()
