"""The framed reader: frames first, then one parser call for each; any layout, exact positions.

In: a stream. Out: a block for each chunk read. Holds one chunk and one record. Goes on after damage wherever the
framing finds the next record.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import cast

from stream_cb.errors import RecordError
from stream_cb.framing import Frame, Framer, Parsers, Transcoder, open_framer, wide_encoding
from stream_cb.model import Block, ByteStream, DeadLetter, Format, ReadOptions, Record
from stream_cb.readers.json_payload import parse_json
from stream_cb.readers.xml_payload import parse_xml


def read_framed(stream: ByteStream, source: str, options: ReadOptions) -> Iterator[Block]:
    """Records and dead letters of one stream, a block for each chunk; offsets and lengths are exact."""
    chunk = _first_chunk(stream, options.chunk_bytes)
    wide = wide_encoding(chunk)
    transcoder = Transcoder(*wide) if wide else None
    reading = _Reading(source, _open(options, "utf-8" if wide else ""), transcoder)
    while chunk:
        yield reading.feed(chunk)
        chunk = stream.read(options.chunk_bytes)
    yield reading.close()


def _first_chunk(stream: ByteStream, size: int) -> bytes:
    """At least two bytes, if the stream has them: what its encoding is told by."""
    chunk = stream.read(size)
    while len(chunk) == 1:
        more = stream.read(size)
        if not more:
            break
        chunk += more
    return chunk


def _open(options: ReadOptions, encoding: str) -> Framer:
    limits = options.limits
    parsers = Parsers(
        xml=partial(parse_xml, max_depth=limits.max_depth),
        json=partial(parse_json, max_depth=limits.max_depth),
        error=RecordError,
    )
    return open_framer(
        parsers,
        format=options.format,
        path=options.record_path,
        max_record_bytes=limits.max_record_bytes,
        encoding=encoding,
    )


class _Reading:
    """One stream being read: counts its records and maps positions back where it is transcoded."""

    def __init__(self, source: str, framer: Framer, transcoder: Transcoder | None) -> None:
        self._source = source
        self._framer = framer
        self._transcoder = transcoder
        self._index = 0
        self._fed = 0

    def feed(self, chunk: bytes) -> Block:
        self._fed += len(chunk)
        if self._transcoder:
            chunk = self._transcoder.feed(chunk)
        return self._block(self._framer.feed(chunk))

    def close(self) -> Block:
        frames = []
        if self._transcoder:
            frames = self._framer.feed(self._transcoder.feed(b"", final=True))
        block = self._block(frames + self._framer.close())
        return Block(block.results, self._fed)

    def _block(self, frames: list[Frame]) -> Block:
        if self._transcoder:
            frames = [self._restored(frame, self._transcoder) for frame in frames]
        results = []
        index = self._index
        for frame in frames:
            results.append(_result(frame, self._source, index))
            index += 1
        self._index = index
        covered = self._framer.covered
        return Block(results, self._transcoder.original(covered) if self._transcoder else covered)

    @staticmethod
    def _restored(frame: Frame, transcoder: Transcoder) -> Frame:
        start = transcoder.original(frame.offset)
        end = transcoder.original(frame.offset + frame.length)
        return frame._replace(raw=transcoder.restore(frame.raw), offset=start, length=end - start)


def _result(frame: Frame, source: str, index: int) -> Record | DeadLetter:
    raw, offset, length, format, name, payload, reason, detail = frame
    if reason:
        return DeadLetter(
            source=source, index=index, reason=reason, detail=detail, offset=offset, length=length, raw=raw
        )
    return Record(
        payload=payload,
        format=cast(Format, format),
        source=source,
        index=index,
        name=name,
        offset=offset,
        length=length,
        raw=raw,
    )
