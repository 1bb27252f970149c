"""Reading from Python: `read_events`, `read_batches` and `read_records`; `conversion` has `convert`."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from itertools import compress
from typing import IO, TYPE_CHECKING, Any, TypeVar, cast, overload

import msgspec

from stream_cb.errors import (
    EventError,
    FramingError,
    InputError,
    LimitError,
    ParseError,
    RecordError,
    UsageError,
)
from stream_cb.events import Event, EventDecoder, Notes, SchemaDecoder
from stream_cb.inputs import Sources, open_sources
from stream_cb.model import Block, DeadLetter, Decoder, Reader, ReadOptions, Record
from stream_cb.readers import get_reader
from stream_cb.storage import as_path
from stream_cb.tap import read_sources

if TYPE_CHECKING:
    import pyarrow as pa

    from stream_cb.arrow import Batcher
    from stream_cb.splits import Split

Input = str | os.PathLike[str] | IO[bytes]
StructT = TypeVar("StructT", bound=msgspec.Struct)
OnDeadLetter = Callable[[DeadLetter], None]
_Blocks = Generator[tuple[str, Block, list[DeadLetter]], None, None]

_ERRORS: dict[str, type[RecordError]] = {
    kind.__name__: kind for kind in (FramingError, ParseError, EventError, LimitError)
}


_READ = ReadOptions()


def read_records(
    inputs: Input | Sequence[Input], *, options: ReadOptions = _READ, on_dead_letter: OnDeadLetter | None = None
) -> Iterator[Record]:
    """The records of the inputs, untyped, one at a time, in input order. Holds one chunk and one record.

    Args:
        inputs: paths, folders, globs, the same in object storage (`s3://…`), "-" for stdin, or open binary streams,
            which stay open.
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


def arrow_schema(kind: str = "jobs", *, columns: Sequence[str] = (), with_places: bool = False) -> pa.Schema:
    """The Arrow schema of a table of events. Needs pyarrow, the extra `arrow`.

    The columns are the members of an event's JSON line, nested as there; what is absent or empty is null. "_extra" is a
    map, path → JSON, of all that has no column or does not fit it.

    Args:
        kind: "jobs", one table for all events, with columns for jobs of every Tag and for workflows; or a narrow one
            for one kind of event ("ReviewImage") or for the jobs of one Tag ("TaskFinish/StreamExtract").
        columns: paths of documented names ("JobId", "Operation.Output.Bucket"), of any kind of event: only these, and
            inside structs and lists only what they name. "_extra" may be named, too. Empty: all columns.
        with_places: "_source", "_offset" and "_length" come first, which tell where the record of a row lies.

    Raises UsageError for a kind or a column that does not exist, or if pyarrow is missing.
    """
    from stream_cb.arrow import schema_of

    return schema_of(kind, columns, with_places=with_places)


def read_batches(  # noqa: PLR0913  (what a table can be)
    inputs: Input | Sequence[Input],
    *,
    kind: str = "jobs",
    columns: Sequence[str] | pa.Schema = (),
    options: ReadOptions = _READ,
    max_rows: int = 10_000,
    max_bytes: int = 16 << 20,
    strict: bool = False,
    on_dead_letter: OnDeadLetter | None = None,
) -> Iterator[pa.RecordBatch]:
    """The events of the inputs as Arrow record batches, in input order, one row for each event.

    Holds one chunk, one record and one batch. Needs pyarrow, the extra `arrow`.

    Args:
        inputs, options, strict, on_dead_letter: as in `read_events`.
        kind: the table, see `arrow_schema`. Of a narrow one, only its own events; "jobs" has a row for each event.
        columns: paths of documented names, as in `arrow_schema`, beside which "_source", "_offset" and "_length" tell
            where the record of each row lies (null from a reader that knows no positions); or a pyarrow Schema of some
            columns of the table, these among them or not, and only these are in the batches.
        max_rows, max_bytes: of a batch; an event that is larger in Arrow has a batch of its own.

    Raises:
        UsageError: impossible options, or pyarrow is missing; at once.
        RecordError, InputError: as in `read_events`; all rows before that were given.
    """
    from stream_cb.arrow import belongs_to

    batcher = _batcher(kind, columns, max_rows, max_bytes)
    options, decoder = _as_needed(batcher, options, strict=strict)
    blocks = _blocks(open_sources(listed(inputs), limits=options.limits), get_reader(options.reader), options, decoder)
    return _batches(blocks, batcher, belongs_to(kind), on_dead_letter)


def read_split(  # noqa: PLR0913  (what a table can be)
    split: Split,
    *,
    kind: str = "jobs",
    columns: Sequence[str] | pa.Schema = (),
    options: ReadOptions = _READ,
    max_rows: int = 10_000,
    max_bytes: int = 16 << 20,
    strict: bool = False,
    on_dead_letter: OnDeadLetter | None = None,
) -> Iterator[pa.RecordBatch]:
    """The events of one split as Arrow record batches, in file order. All splits of a file have each record once.

    Needs nothing but the file and the split: it can be called on any machine, in any order, and again. Arguments and
    errors are those of `read_batches`; the index of a bad record counts from where the split begins to read, which may
    be a few records before its own.
    """
    from stream_cb.arrow import belongs_to
    from stream_cb.splits import read_blocks

    batcher = _batcher(kind, columns, max_rows, max_bytes)
    options, decoder = _as_needed(batcher, options, strict=strict)
    blocks = ((source, block, block.dead) for source, block in read_blocks(split, options, decoder))
    return _batches(blocks, batcher, belongs_to(kind), on_dead_letter)


def _as_needed(batcher: Batcher, options: ReadOptions, *, strict: bool) -> tuple[ReadOptions, EventDecoder]:
    """The options, asking for places if a column tells them, and a decoder of what the columns look at."""
    from stream_cb.arrow import selection_of

    decoder = EventDecoder(Notes(strict=strict), limits=options.limits, selection=selection_of(batcher.schema))
    has_spans = not {"_offset", "_length"}.isdisjoint(batcher.schema.names)
    return msgspec.structs.replace(options, with_spans=has_spans), decoder


def _batcher(kind: str, columns: Sequence[str] | pa.Schema, max_rows: int, max_bytes: int) -> Batcher:
    from stream_cb.arrow import Batcher, schema_of, subset, table_of

    if min(max_rows, max_bytes) < 1:
        raise UsageError("a batch has at least one row and one byte")
    table = table_of(kind)
    is_schema = not isinstance(columns, (list, tuple))
    schema = subset(table, columns) if is_schema else schema_of(kind, columns, with_places=True)
    return Batcher(schema, table, max_rows=max_rows, max_bytes=max_bytes)


def _batches(
    blocks: _Blocks,
    batcher: Batcher,
    is_wanted: Callable[[Any], bool] | None,
    on_dead_letter: OnDeadLetter | None,
) -> Iterator[pa.RecordBatch]:
    with closing(blocks):
        try:
            for source, block, letters in blocks:
                count = block.places[0] if letters and not on_dead_letter else len(block.results)
                events, spans = block.results[:count], block.spans and block.spans[:count]
                if is_wanted:
                    chosen = [is_wanted(event) for event in events]
                    events, spans = list(compress(events, chosen)), spans and list(compress(spans, chosen))
                yield from batcher.add(events, source, spans)
                for letter in letters:
                    _judge(letter, on_dead_letter)
        except (RecordError, InputError):
            yield from batcher.flush()
            raise
        yield from batcher.flush()


def _sound(
    inputs: Input | Sequence[Input], options: ReadOptions, decoder: Decoder | None, on_dead_letter: OnDeadLetter | None
) -> Iterator[Any]:
    """The results; each dead letter goes to its handler, or is raised. Impossible options are refused at once."""
    sources = open_sources(listed(inputs), limits=options.limits)
    results = _results(sources, get_reader(options.reader), options, decoder)
    return _judged(results, on_dead_letter)


def _results(
    sources: Sources, reader: Reader, options: ReadOptions, decoder: Decoder | None
) -> Generator[Any, None, None]:
    """The results and the dead letters of every source, in input order. Raises an InputError where it is met."""
    for _, block, letters in _blocks(sources, reader, options, decoder):
        done = 0
        for place, letter in zip(block.places, letters, strict=False):
            yield from block.results[done:place]
            yield letter
            done = place
        yield from block.results[done:] if done else block.results


def _blocks(sources: Sources, reader: Reader, options: ReadOptions, decoder: Decoder | None) -> _Blocks:
    """The name of the source, what it has given, and the dead letters in that; raises an InputError where it is met.

    What a source that breaks off leaves unfinished is told by its InputError, not by a dead letter.
    """
    for source, block, is_broken in read_sources(sources, reader, options, decoder):
        yield source, block, block.dead[:-1] if is_broken else block.dead


def _judged(results: Generator[Any, None, None], on_dead_letter: OnDeadLetter | None) -> Iterator[Any]:
    with closing(results):
        for result in results:
            if not isinstance(result, DeadLetter):
                yield result
            else:
                _judge(result, on_dead_letter)


def _judge(letter: DeadLetter, on_dead_letter: OnDeadLetter | None) -> None:
    """Hand a dead letter over, or raise it."""
    if on_dead_letter:
        on_dead_letter(letter)
    else:
        kind = _ERRORS.get(letter.reason, RecordError)
        raise kind(letter.detail, source=letter.source, index=letter.index, offset=letter.offset)


def listed(inputs: Input | Sequence[Input]) -> Sequence[Input]:
    """The inputs as a sequence; one path or stream is a sequence of one. file:// addresses are paths in it."""
    given: Sequence[Input] = inputs if isinstance(inputs, (list, tuple)) else [cast("Input", inputs)]
    return [as_path(one) if isinstance(one, str) else one for one in given]
