"""What tests that read share: a stream cut anywhere, and everything that a reader or framer finds in it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from stream_cb.errors import EventError, RecordError
from stream_cb.framing import Frame, Framer, Parsers, Stretch, open_framer
from stream_cb.generate import Part
from stream_cb.limits import Limits
from stream_cb.model import Block, DeadLetter, ReadOptions, Record
from stream_cb.readers import get_reader
from stream_cb.readers.json_payload import parse_json
from stream_cb.readers.xml_payload import parse_xml

MIB = 1 << 20


class CutStream:
    """Gives at most `step` bytes a read; `step` 0 gives all that is asked for. Counts what it gave."""

    def __init__(self, raw: bytes, step: int = 0) -> None:
        self._raw = raw
        self._step = step
        self.given = 0
        self.is_closed = False

    def read(self, size: int, /) -> bytes:
        chunk = self._raw[self.given : self.given + min(size, self._step or size)]
        self.given += len(chunk)
        return chunk

    def close(self) -> None:
        self.is_closed = True


def blocks_of(raw: bytes, *, step: int = 0, **options: Any) -> list[Block]:
    """What the reader yields; after each block its `end` must not have run ahead of the stream, nor gone back."""
    choices = ReadOptions(**options)
    stream = CutStream(raw, step)
    blocks = []
    end = 0
    for block in get_reader(choices.reader)(stream, "test", choices):
        assert end <= block.end <= stream.given
        end = block.end
        blocks.append(block)
    assert end == len(raw)
    assert not stream.is_closed
    return blocks


def merged(block: Block) -> Iterator[Any]:
    """The results and the dead letters of a block, in input order."""
    done = 0
    for place, letter in zip(block.places, block.dead, strict=True):
        yield from block.results[done:place]
        yield letter
        done = place
    yield from block.results[done:]


def results_of(raw: bytes, *, step: int = 0, **options: Any) -> list[Record | DeadLetter]:
    """Records and dead letters of `raw`, after a check that they are in order and cover the bytes they say."""
    blocks = blocks_of(raw, step=step, **options)
    results = [result for block in blocks for result in merged(block)]
    assert [result.index for result in results] == list(range(len(results)))
    assert sum(block.records for block in blocks) == len(results)
    if all(block.record_bytes is not None for block in blocks):
        assert sum(block.record_bytes or 0 for block in blocks) == sum(one.length or 0 for one in records_in(results))
        assert sum(block.dead_bytes for block in blocks) == sum(one.length or 0 for one in letters_in(results))
    covered = 0
    for result in results:
        if result.offset is None or result.length is None:
            continue
        assert covered <= result.offset
        covered = result.offset + result.length
        assert covered <= len(raw)
        assert raw[result.offset : covered].startswith(result.raw)
        if isinstance(result, Record):
            assert len(result.raw) == result.length
    return results


def payloads_of(raw: bytes, *, step: int = 0, **options: Any) -> list[Any]:
    """The payloads of `raw`, in which everything must be sound."""
    results = results_of(raw, step=step, **options)
    assert not letters_in(results)
    return [record.payload for record in records_in(results)]


def records_in(results: list[Record | DeadLetter]) -> list[Record]:
    return [result for result in results if isinstance(result, Record)]


def letters_in(results: list[Record | DeadLetter]) -> list[DeadLetter]:
    return [result for result in results if isinstance(result, DeadLetter)]


def steps_of(raw: bytes) -> Iterator[int]:
    """Every chunk size that cuts `raw`, and 0 for one that does not."""
    yield from range(len(raw))


def make_framer(*, max_record_bytes: int = 16 * MIB, max_depth: int = 128, **options: Any) -> Framer:
    """A framer with the parsers that the framed reader gives it."""
    parsers = Parsers(
        xml=partial(parse_xml, limits=Limits(max_depth=max_depth)),
        json=partial(parse_json, limits=Limits(max_depth=max_depth)),
        error=RecordError,
        refusal=EventError,
    )
    return open_framer(parsers, max_record_bytes=max_record_bytes, **options)


def frames_of(raw: bytes, *, step: int = 0, **options: Any) -> list[Frame]:
    """The frames of `raw`, fed `step` bytes at a time."""
    framer = make_framer(**options)
    frames: list[Frame | Stretch] = []
    for start in range(0, len(raw), step or max(1, len(raw))):
        frames += framer.feed(raw[start : start + (step or len(raw))])
    frames += framer.close()
    assert framer.covered == len(raw)
    return only_frames(frames)


def only_frames(found: list[Frame | Stretch]) -> list[Frame]:
    """What a framer answers whose parsers offer no runs."""
    frames = [frame for frame in found if isinstance(frame, Frame)]
    assert len(frames) == len(found)
    return frames


def placed(parts: list[Part]) -> Iterator[tuple[int, Part]]:
    """Each piece of a log, with its byte position."""
    offset = 0
    for part in parts:
        yield offset, part
        offset += len(part.raw)
