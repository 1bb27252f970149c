"""The ijson reader: JSON of any size, value by value; the records are the values, or the elements of one array.

In: a stream of JSON values, each one a record, or an array or object around records. Out: a block for each record.
Holds one record and one chunk. Knows no byte positions, keeps no raw bytes, and cannot go on after a syntax error:
the rest becomes one dead letter. Numbers with a fraction are Decimal, as everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import ijson

from stream_cb.errors import LimitError, ParseError, RecordError
from stream_cb.framing import wrapping_key
from stream_cb.model import Block, ByteStream, Decoder, ReadOptions
from stream_cb.patterns import lazy_pattern
from stream_cb.readers.one_by_one import Blocks, CountedStream

# More digits than Python reads into an int; ijson's C code crashes on the refusal.
_MAX_DIGITS = 4_300
_MANY_DIGITS = lazy_pattern(rb"[0-9]{4301}")
# ijson turns these into "?": a high half that no low half follows, a low half that follows no high one.
_HIGH, _LOW = rb"\\u[dD][89abAB][0-9a-fA-F]{2}", rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_LONE_SURROGATE = lazy_pattern(
    rb"(?<!\\)(?>\\\\)*+" + _HIGH + rb"(?:[^\\]|\\[^u]|\\u(?![dD][c-fC-F])....)"
    rb"|(?<!\\)(?<!\\u[dD][89abAB]..)(?>\\\\)*+" + _LOW,
    re.DOTALL,
)
_REFUSED: tuple[tuple[re.Pattern[bytes], RecordError], ...] = (
    (_MANY_DIGITS, LimitError("a number has more than 4,300 digits")),
    (_LONE_SURROGATE, ParseError("not well-formed JSON: a lone surrogate")),
)


def read_ijson(
    stream: ByteStream, source: str, options: ReadOptions, decoder: Decoder | None = None, /
) -> Iterator[Block]:
    """Records of a stream of JSON, as they complete; then a dead letter if the stream breaks."""
    counted = _Guarded(stream, options)
    blocks = Blocks(source, "json", counted, decoder)
    try:
        for payload in _payloads(counted, options.record_path):
            if _depth(payload) > options.limits.max_depth:
                raise LimitError("values are nested deeper than max_depth")
            yield blocks.of_record("", payload)
    except (ijson.JSONError, UnicodeDecodeError, ArithmeticError, RecordError) as error:
        counted.drain()
        if counted.is_blank:
            yield blocks.of_end()
            return
        known = error if isinstance(error, RecordError) else ParseError(f"not well-formed JSON: {_first_line(error)}")
        yield blocks.of_error(known)
    yield blocks.of_end()


def _payloads(stream: CountedStream, path: tuple[str, ...]) -> Iterator[Any]:
    """The records' payloads. Raises ijson's errors."""
    if path:
        return _at_path(stream, ".".join(path))
    head = stream.peek().removeprefix(b"\xef\xbb\xbf").lstrip()
    prefix = ""
    if head.startswith(b"["):
        prefix = "item"
    elif head.startswith(b"{") and (key := wrapping_key(head, 0)):
        prefix = key.decode() + ".item"
    if not head and not stream.read(1):
        return iter(())
    payloads: Iterator[Any] = ijson.items(stream, prefix, multiple_values=True)
    return payloads


def _at_path(stream: CountedStream, path: str) -> Iterator[Any]:
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


class _Guarded(CountedStream):
    """Keeps from ijson what its C code does not survive or does not refuse; what stands before that is read."""

    def __init__(self, stream: ByteStream, options: ReadOptions) -> None:
        super().__init__(stream, options)
        self._tail = b""
        self._refusal: RecordError | None = None

    def read(self, size: int = -1) -> bytes:
        if self._refusal:
            raise self._refusal
        chunk = super().read(size)
        seen = self._tail + chunk
        for pattern, refusal in _REFUSED:
            found = pattern.search(seen)
            if found:
                self._refusal = refusal
                chunk = chunk[: max(0, found.start() - len(self._tail))]
                return chunk or self.read(size)
        self._tail = seen[-_MAX_DIGITS:]
        return chunk


def _depth(payload: Any) -> int:
    """Nesting of dicts and lists, level by level so that no depth can exhaust the stack."""
    depth, level = 0, [payload]
    while level := [one for one in level if isinstance(one, (dict, list))]:
        depth += 1
        level = [child for one in level for child in (one.values() if isinstance(one, dict) else one)]
    return depth


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
