"""Reading from Python: `read_events` and `read_records`; `conversion` has `convert`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, Any, TypeVar, cast, overload

import msgspec

from stream_cb.errors import (
    EventError,
    FramingError,
    InputError,
    LimitError,
    ParseError,
    RecordError,
)
from stream_cb.events import Event, EventDecoder, Notes, SchemaDecoder
from stream_cb.inputs import Source, open_sources
from stream_cb.model import DeadLetter, Decoder, Reader, ReadOptions, Record
from stream_cb.pipeline import Tap
from stream_cb.readers import get_reader

Input = str | os.PathLike[str] | IO[bytes]
StructT = TypeVar("StructT", bound=msgspec.Struct)
OnDeadLetter = Callable[[DeadLetter], None]

_ERRORS: dict[str, type[RecordError]] = {
    kind.__name__: kind for kind in (FramingError, ParseError, EventError, LimitError)
}


_READ = ReadOptions()


def read_records(
    inputs: Input | Sequence[Input], *, options: ReadOptions = _READ, on_dead_letter: OnDeadLetter | None = None
) -> Iterator[Record]:
    """The records of the inputs, untyped, one at a time, in input order. Holds one chunk and one record.

    Args:
        inputs: paths, folders, globs, "-" for stdin, or open binary streams, which stay open.
        options: how they are read.
        on_dead_letter: called with each bad record, in its place; None raises instead.

    Raises:
        UsageError: impossible options; at once.
        RecordError: the first bad record, if there is no on_dead_letter; the records before it were given.
        InputError: an input cannot be opened or read on; the records before that were given.
    """
    return _sound(inputs, options, None, on_dead_letter)


@overload
def read_events(
    inputs: Input | Sequence[Input],
    *,
    options: ReadOptions = ...,
    strict: bool = ...,
    schema: None = ...,
    on_dead_letter: OnDeadLetter | None = ...,
) -> Iterator[Event]: ...
@overload
def read_events(
    inputs: Input | Sequence[Input],
    *,
    options: ReadOptions = ...,
    strict: bool = ...,
    schema: type[StructT],
    on_dead_letter: OnDeadLetter | None = ...,
) -> Iterator[StructT]: ...
def read_events(
    inputs: Input | Sequence[Input],
    *,
    options: ReadOptions = _READ,
    strict: bool = False,
    schema: type[Any] | None = None,
    on_dead_letter: OnDeadLetter | None = None,
) -> Iterator[Any]:
    """The typed events of the inputs, one at a time, in input order. Holds one chunk and one record.

    Arguments and errors are those of `read_records`. strict: a value that does not fit its documented type makes
    its record a dead letter, instead of staying in the event's `extra`. schema: a msgspec Struct of your own, which
    each record is read into, whatever it is; derived from `stream_cb.Node`, it keeps unknown fields, else it refuses
    them.
    """
    notes = Notes(strict=strict)
    decoder: Decoder = EventDecoder(notes, limits=options.limits)
    if schema:
        decoder = SchemaDecoder(schema, notes)
    return _sound(inputs, options, decoder, on_dead_letter)


def _sound(
    inputs: Input | Sequence[Input], options: ReadOptions, decoder: Decoder | None, on_dead_letter: OnDeadLetter | None
) -> Iterator[Any]:
    """The results; each dead letter goes to its handler, or is raised. Impossible options are refused at once."""
    sources = open_sources(listed(inputs), limits=options.limits)
    results = _results(sources, get_reader(options.reader), options, decoder)
    return _judged(results, on_dead_letter)


def _results(
    sources: Iterable[Source | InputError], reader: Reader, options: ReadOptions, decoder: Decoder | None
) -> Iterator[Any]:
    """The results and the dead letters of every source, in input order. Raises an InputError where it is met.

    What a source that breaks off leaves unfinished is told by its InputError, not by a dead letter.
    """
    for source in sources:
        if isinstance(source, InputError):
            raise source
        tap = Tap(source.stream)
        for block in reader(tap, source.name, options, decoder):
            done = 0
            for place, letter in zip(block.places, block.dead, strict=True):
                yield from block.results[done:place]
                if tap.error is None or letter is not block.dead[-1]:
                    yield letter
                done = place
            yield from block.results[done:] if done else block.results
        if tap.error:
            raise tap.error


def _judged(results: Iterator[Any], on_dead_letter: OnDeadLetter | None) -> Iterator[Any]:
    for result in results:
        if not isinstance(result, DeadLetter):
            yield result
        elif on_dead_letter:
            on_dead_letter(result)
        else:
            kind = _ERRORS.get(result.reason, RecordError)
            raise kind(result.detail, source=result.source, index=result.index, offset=result.offset)


def listed(inputs: Input | Sequence[Input]) -> Sequence[Input]:
    """The inputs as a sequence; one path or stream is a sequence of one."""
    return inputs if isinstance(inputs, (list, tuple)) else [cast("Input", inputs)]
