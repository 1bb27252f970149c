"""Blocks of one record, for the readers whose parser hands over one after the other and tells no positions."""

from __future__ import annotations

from typing import Any

from stream_cb.errors import LimitError, RecordError
from stream_cb.model import Block, ByteStream, DeadLetter, Decoder, Format, ReadOptions, Record

# White space, and the bytes of a byte order mark.
_BLANKS = b" \t\r\n\xef\xbb\xbf"


class CountedStream:
    """A stream as a foreign parser reads it: counts bytes, and stops a record that has grown past the limit.

    position: bytes read. is_blank: they were nothing but white space. prolog: all of them, until it is set to None.
    """

    def __init__(self, stream: ByteStream, options: ReadOptions) -> None:
        self._stream = stream
        self._max = options.limits.max_record_bytes
        self._chunk_bytes = options.chunk_bytes
        self._record_began_at = 0
        self._unread = b""
        self.position = 0
        self.is_blank = True
        self.prolog: bytes | None = b""

    def peek(self) -> bytes:
        """The first chunk, which will be read again."""
        self._unread = self._unread or self._stream.read(self._chunk_bytes)
        return self._unread

    def read(self, size: int = -1) -> bytes:
        """As a file's read. Raises LimitError once a record has taken more than it may."""
        if size == 0:
            return b""
        if self.position - self._record_began_at > self._max + self._chunk_bytes:
            raise LimitError(f"record is longer than max_record_bytes ({self._max})")
        return self._next(min(size, self._chunk_bytes) if size > 0 else self._chunk_bytes)

    def _next(self, size: int) -> bytes:
        chunk = self._unread or self._stream.read(size)
        self._unread = chunk[size:]
        chunk = chunk[:size]
        self.position += len(chunk)
        if self.prolog is not None:
            self.prolog += chunk
        self.is_blank = self.is_blank and not chunk.strip(_BLANKS)
        return chunk

    def record_ended(self) -> None:
        """What is read from here on belongs to the next record."""
        self._record_began_at = self.position

    def drain(self) -> None:
        """Count what a broken document leaves unread."""
        while self._next(self._chunk_bytes):
            pass


class Blocks:
    """Makes the blocks of one stream; counts its records."""

    def __init__(self, source: str, format: Format, stream: CountedStream, decoder: Decoder | None) -> None:
        self._source = source
        self._format = format
        self._stream = stream
        self._decoder = decoder
        self._index = 0
        self._covered = 0

    def of_record(self, name: str, payload: Any) -> Block:
        """The block of a sound record, or of one that its decoder refuses."""
        self._stream.record_ended()
        if self._decoder:
            try:
                return self._block(self._decoder.decode(name, payload))
            except RecordError as error:
                return self.of_error(error)
        record = Record(payload=payload, format=self._format, source=self._source, index=self._index, name=name)
        return self._block([record])

    def of_error(self, error: RecordError) -> Block:
        """The block of a bad record."""
        letter = DeadLetter(source=self._source, index=self._index, reason=type(error).__name__, detail=str(error))
        return self._block([], letter)

    def of_end(self) -> Block:
        """The last block: nothing but the bytes behind the last record."""
        return self._made([], [], 0)

    def _block(self, results: list[Any], *letters: DeadLetter) -> Block:
        self._index += 1
        return self._made(results, list(letters), 1)

    def _made(self, results: list[Any], dead: list[DeadLetter], records: int) -> Block:
        begin, self._covered = self._covered, self._stream.position
        return Block(
            results=results,
            dead=dead,
            places=[0] * len(dead),
            records=records,
            record_bytes=None,
            dead_bytes=0,
            begin=begin,
            end=self._stream.position,
        )
