"""Events → bytes that another process takes as batches: what a worker does of the way into columns.

Two steps: each block of events becomes lines made to fit, which is cheap and keeps no event alive; and all blocks of a
part together become lean batches in Arrow's stream format, since one of a few rows costs as much as one of thousands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
import pyarrow as pa

from stream_cb.arrow.batches import LeanBatcher
from stream_cb.arrow.blocks import BlockParser
from stream_cb.arrow.schema import Kind, schema_of, table_of

# Of one lean batch. Arrow's parser takes a few times the size of the lines.
_MAX_ROWS = 10_000
_MAX_BYTES = 8 << 20

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[tuple[str, str]]).decode


class RowEncoder:
    """events → lines, and `pack`: lines → batches as bytes, which `unpack` reads. Can be pickled.

    kind, columns: as for `schema.schema_of`. Raises UsageError as that does.
    """

    def __init__(self, kind: Kind, columns: tuple[str, ...] = ()) -> None:
        self._arguments = (kind, columns)
        self.schema = schema_of(kind, columns)
        self._table = table_of(kind)
        self._parser = BlockParser(self.schema, self._table)
        # One for all that is packed: its parser learns.
        self._packer = self.batcher()

    def __reduce__(self) -> tuple[Any, ...]:
        return (RowEncoder, self._arguments)

    def __call__(self, events: Sequence[Any]) -> bytes:
        parts = []
        for event in events:
            line, rest = self._parser.line(event)
            if rest:
                # An event is an object, so an array can only be this.
                parts.append(_encode(list(rest.items())) + b"\n")
            parts.append(line)
        return b"".join(parts)

    def batcher(self) -> LeanBatcher:
        """What makes batches of such lines, or of events."""
        return LeanBatcher(self.schema, self._table, max_rows=_MAX_ROWS, max_bytes=_MAX_BYTES)

    def pack(self, parts: Iterable[bytes]) -> bytes:
        """The lines of all parts as batches."""
        batcher = self._packer
        batches = []
        rest: dict[str, str] = {}
        for part in parts:
            for line in part.splitlines(keepends=True):
                if line.startswith(b"["):
                    rest = dict(_decode(line))
                else:
                    batches += batcher.add_line(line, rest)
                    rest = {}
        return b"".join(map(packed, batches + batcher.flush()))


def packed(batch: pa.RecordBatch, compression: str | None = None) -> bytes:
    """One batch as a stream of its own, since batches differ in their schemas; its length comes first."""
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=compression, use_threads=False)
    with pa.ipc.new_stream(sink, batch.schema, options=options) as writer:
        writer.write_batch(batch)
    stream: bytes = sink.getvalue().to_pybytes()
    return len(stream).to_bytes(8, "big") + stream


def unpack(parts: bytes) -> Iterator[pa.RecordBatch]:
    """The batches that were packed, one at a time; their memory is that of `parts`, if those are not compressed."""
    position, whole = 0, pa.py_buffer(parts)
    while position < len(parts):
        length = int.from_bytes(parts[position : position + 8], "big")
        position += 8
        with pa.ipc.open_stream(
            whole.slice(position, length), options=pa.ipc.IpcReadOptions(use_threads=False)
        ) as reader:
            yield from reader
        position += length
