"""The framed reader: frames first, then one parser call for each; any layout, exact positions.

In: a stream. Out: a block for each chunk read. Holds one chunk and one record. Goes on after damage wherever the
framing finds the next record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, cast

from msgspec.structs import replace

from stream_cb.errors import EventError, RecordError
from stream_cb.framing import Frame, Parsers, Stretch, Transcoder, XmlContext, open_framer, wide_encoding
from stream_cb.limits import Limits
from stream_cb.model import Block, ByteStream, DeadLetter, Decoder, Format, ReadOptions, Record
from stream_cb.places import Place
from stream_cb.readers.json_payload import parse_json
from stream_cb.runs import DECLARED, JSON, XML, Runner, Span


def read_framed(
    stream: ByteStream, source: str, options: ReadOptions, decoder: Decoder | None = None, /, place: Place | None = None
) -> Iterator[Block]:
    """A block for each chunk of the stream; offsets and lengths are exact.

    place: where a reading of the same stream had come to, which passes over all before it; the chunks are the same.
    """
    if place:
        chunk, before = _skip_to(stream, place.offset, options.chunk_bytes)
        reading = FramedReading(source, options, decoder, place=place, before=before)
    else:
        chunk = _first_chunk(stream, options.chunk_bytes)
        reading = FramedReading(source, options, decoder, wide=wide_encoding(chunk))
    while chunk:
        yield reading.feed(chunk)
        chunk = stream.read(options.chunk_bytes)
    yield reading.close()


def _skip_to(stream: ByteStream, offset: int, size: int) -> tuple[bytes, bytes]:
    """What is left of the chunk that holds the byte at `offset`, and the byte before it."""
    position, before = 0, b""
    while chunk := stream.read(size):
        position += len(chunk)
        if position > offset:
            cut = len(chunk) - (position - offset)
            return chunk[cut:], chunk[cut - 1 : cut] if cut else before
        before = chunk[-1:]
    return b"", before


def _first_chunk(stream: ByteStream, size: int) -> bytes:
    """At least two bytes, if the stream has them: what its encoding is told by."""
    chunk = stream.read(size)
    while len(chunk) == 1:
        more = stream.read(size)
        if not more:
            break
        chunk += more
    return chunk


def _parse_xml(raw: bytes, context: XmlContext, *, limits: Limits) -> tuple[str, Any]:
    """As `parse_xml`, which is imported where there is XML: JSON alone needs no lxml."""
    from stream_cb.readers.xml_payload import parse_xml

    return parse_xml(raw, context, limits=limits)


def _parsers(options: ReadOptions, decoder: Decoder | None, *, is_wide: bool) -> Parsers:
    """What verifies a frame: a parser, or a parser and the decoder of its payload.

    is_wide: the stream is transcoded, and the place of each record has to be mapped back.
    """
    limits = options.limits
    if decoder is None:
        return Parsers(
            xml=partial(_parse_xml, limits=limits),
            json=partial(parse_json, limits=limits),
            error=RecordError,
            refusal=EventError,
        )
    from_json, decode, run = decoder.from_json, decoder.decode, decoder.run
    plain = XmlContext()

    def xml(raw: bytes, context: XmlContext) -> tuple[str, list[Any]]:
        is_plain = context == plain
        events = _whole(run, raw, XML | DECLARED) if is_wide and is_plain and run else []
        if not events:
            name, payload = _parse_xml(raw, context, limits=limits)
            events = decode(name, payload, raw if is_plain else b"")
        return "", events

    def json(raw: bytes) -> tuple[str, list[Any]]:
        events = _whole(run, raw, JSON) if is_wide and run else []
        return "", events or from_json(raw) or decode(*parse_json(raw, limits=limits), raw)

    return Parsers(
        xml=xml,
        json=json,
        error=RecordError,
        refusal=EventError,
        gives_lists=not is_wide,
        with_spans=options.with_spans,
        run=None if is_wide else run,
    )


def _whole(run: Runner, raw: bytes, ways: int) -> list[Any]:
    """What a run makes of bytes, if it takes them all as one record."""
    found = run(raw, 0, len(raw), ways)
    return found.results if found.records == 1 and found.end == len(raw) else []


class FramedReading:
    """One stream being read: counts its records and maps positions back where it is transcoded.

    place, before: where it begins, and the byte before that. wide: what `wide_encoding` said of its first bytes.
    """

    def __init__(  # noqa: PLR0913  (all that is known of one stream)
        self,
        source: str,
        options: ReadOptions,
        decoder: Decoder | None,
        *,
        place: Place | None = None,
        before: bytes = b"",
        wide: tuple[str, int] | None = None,
    ) -> None:
        self._source = source
        self._transcoder = Transcoder(*wide) if wide else None
        self._is_decoded = decoder is not None
        self._with_spans = options.with_spans
        self._framer = open_framer(
            _parsers(options, decoder, is_wide=wide is not None),
            format=options.format,
            path=options.record_path,
            max_record_bytes=options.limits.max_record_bytes,
            encoding="utf-8" if wide else "",
            place=place,
            before=before,
        )
        self._max_letter_bytes = options.limits.max_dead_letter_bytes
        self._index = place.index if place else 0
        self._fed = self._covered = place.offset if place else 0

    def feed(self, chunk: bytes) -> Block:
        """The block that this chunk completes."""
        self._fed += len(chunk)
        if self._transcoder:
            chunk = self._transcoder.feed(chunk)
        return self._block(self._framer.feed(chunk))

    def ask_spans(self, *, wanted: bool) -> None:
        """Whether the blocks to come have spans: each, or only those for which somebody asks."""
        self._with_spans = self._framer.with_spans = wanted

    def close(self) -> Block:
        """The stream has ended; the rest."""
        frames = self._framer.feed(self._transcoder.feed(b"", final=True)) if self._transcoder else []
        return self._block(frames + self._framer.close(), self._fed)

    def _block(self, frames: Sequence[Frame | Stretch], end: int | None = None) -> Block:
        if self._transcoder:
            frames = [_restored(frame, self._transcoder) for frame in frames if isinstance(frame, Frame)]
        results: list[Any] = []
        dead: list[DeadLetter] = []
        places: list[int] = []
        spans: list[Span] = []
        record_bytes = dead_bytes = 0
        first = self._index
        for frame in frames:
            if isinstance(frame, Stretch):
                record_bytes += frame.length
                results += frame.payloads
                spans += frame.spans
                self._index += frame.records
                continue
            if frame.reason:
                dead_bytes += frame.length
                places.append(len(results))
                dead.append(_letter(frame, self._source, self._index, self._max_letter_bytes))
            else:
                record_bytes += frame.length
                if self._is_decoded:
                    results += frame.payload
                else:
                    results.append(_record(frame, self._source, self._index))
                if self._with_spans:
                    spans += [(frame.offset, frame.length)] * (len(results) - len(spans))
            self._index += 1
        if end is None:
            covered = self._framer.covered
            end = self._transcoder.original(covered) if self._transcoder else covered
        begin, self._covered = self._covered, end
        return Block(
            results=results,
            dead=dead,
            places=places,
            records=self._index - first,
            record_bytes=record_bytes,
            dead_bytes=dead_bytes,
            begin=begin,
            end=end,
            place=self._place(end),
            spans=spans if self._with_spans else None,
        )

    def _place(self, end: int) -> Place | None:
        levels = None if self._transcoder else self._framer.states()
        return None if levels is None else Place(offset=end, index=self._index, levels=levels)


def _restored(frame: Frame, transcoder: Transcoder) -> Frame:
    """The frame as it is in the original encoding."""
    start = transcoder.original(frame.offset)
    end = transcoder.original(frame.offset + frame.length)
    return replace(frame, raw=transcoder.restore(frame.raw), offset=start, length=end - start)


def _letter(frame: Frame, source: str, index: int, max_bytes: int) -> DeadLetter:
    return DeadLetter(
        source=source,
        index=index,
        reason=frame.reason,
        detail=frame.detail,
        offset=frame.offset,
        length=frame.length,
        raw=frame.raw[:max_bytes],
    )


def _record(frame: Frame, source: str, index: int) -> Record:
    return Record(
        payload=frame.payload,
        format=cast(Format, frame.format),
        source=source,
        index=index,
        name=frame.name,
        offset=frame.offset,
        length=frame.length,
        raw=frame.raw,
    )
