"""The ijson reader: JSON of any size, value by value; the records are the values, or the elements of one array.

In: a stream of JSON values, each one a record, or an array or object around records. Out: a block for each record.
Holds one record and one chunk. Knows no byte positions, keeps no raw bytes, and cannot go on after a syntax error:
the rest becomes one dead letter. Numbers with a fraction are Decimal, as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ijson

from stream_cb.errors import LimitError, ParseError, RecordError
from stream_cb.framing import wrapping_key
from stream_cb.model import Block, ByteStream, DeadLetter, ReadOptions, Record


def read_ijson(stream: ByteStream, source: str, options: ReadOptions) -> Iterator[Block]:
    """Records of a stream of JSON, as they complete; then a dead letter if the stream breaks."""
    counted = _Counted(stream, options)
    index = 0
    try:
        for payload in _payloads(counted, options.record_path):
            if _depth(payload) > options.limits.max_depth:
                raise LimitError("values are nested deeper than max_depth")
            yield Block([Record(payload=payload, format="json", source=source, index=index)], counted.position)
            counted.record_began_at = counted.position
            index += 1
    except (ijson.JSONError, RecordError, UnicodeDecodeError) as error:
        known = error if isinstance(error, RecordError) else ParseError(f"not well-formed JSON: {_first_line(error)}")
        counted.drain()
        letter = DeadLetter(source=source, index=index, reason=type(known).__name__, detail=str(known))
        yield Block([letter], counted.position)
    yield Block([], counted.position)


class _Counted:
    """The stream as ijson reads it: counts bytes, shows its head, stops a record grown past the limit."""

    def __init__(self, stream: ByteStream, options: ReadOptions) -> None:
        self._stream = stream
        self._max = options.limits.max_record_bytes
        self._chunk_bytes = options.chunk_bytes
        self.position = 0
        self.record_began_at = 0
        self.head = stream.read(options.chunk_bytes)
        self._unread = self.head

    def read(self, size: int = -1) -> bytes:
        if size == 0:
            return b""
        if self.position - self.record_began_at > self._max + self._chunk_bytes:
            raise LimitError(f"record is longer than max_record_bytes ({self._max})")
        chunk = self._unread or self._stream.read(self._chunk_bytes if size < 0 else size)
        if 0 < size < len(chunk):
            chunk, self._unread = chunk[:size], chunk[size:]
        else:
            self._unread = b""
        self.position += len(chunk)
        return chunk

    def drain(self) -> None:
        """Count what a broken stream leaves unread."""
        self.position += len(self._unread)
        while chunk := self._stream.read(self._chunk_bytes):
            self.position += len(chunk)


def _payloads(stream: _Counted, path: tuple[str, ...]) -> Iterator[Any]:
    """The records' payloads. Raises ijson's errors."""
    if path:
        return _at_path(stream, ".".join(path))
    head = stream.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    prefix = ""
    if head.startswith(b"["):
        prefix = "item"
    elif head.startswith(b"{") and (key := wrapping_key(head, 0)):
        prefix = key.decode() + ".item"
    if not head and not stream.read(1):
        return iter(())
    payloads: Iterator[Any] = ijson.items(stream, prefix, multiple_values=True)
    return payloads


def _at_path(stream: _Counted, path: str) -> Iterator[Any]:
    """The value at a path, or the elements of the array that stands there."""
    builder: Any = None
    opened = ""
    inside = (path, path + ".item", "item." + path, "item." + path + ".item")
    for prefix, event, value in ijson.parse(stream, multiple_values=True):
        if builder is None:
            if prefix not in inside or event in ("map_key", "end_map", "end_array"):
                continue
            if event == "start_array" and not prefix.endswith(".item"):
                continue
            if event not in ("start_map", "start_array"):
                yield value
                continue
            builder, opened = ijson.ObjectBuilder(), prefix
        builder.event(event, value)
        if prefix == opened and event in ("end_map", "end_array"):
            yield builder.value
            builder = None


def _depth(payload: Any) -> int:
    """Nesting of dicts and lists, level by level so that no depth can exhaust the stack."""
    depth, level = 0, [payload]
    while level:
        level = [
            child
            for parent in level
            if isinstance(parent, (dict, list))
            for child in (parent.values() if isinstance(parent, dict) else parent)
        ]
        depth += bool(level)
    return depth


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
