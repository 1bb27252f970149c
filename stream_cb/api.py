"""What the package is used through: `read_events`, `read_records`, `convert`. The command calls the same functions."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, BinaryIO, TypeVar, cast, overload

import msgspec

from stream_cb.errors import (
    EventError,
    FramingError,
    LimitError,
    ParseError,
    RecordError,
    UsageError,
)
from stream_cb.events import Event, EventDecoder, Notes, SchemaDecoder
from stream_cb.events.shape import slots_of
from stream_cb.inputs import open_sources
from stream_cb.model import DeadLetter, Decoder, Output, ReadOptions, Record, Report, Sink, SinkOptions
from stream_cb.pipeline import Observer, RunOptions, Tally, read_results, run
from stream_cb.sinks import choose_sink, open_output, open_sink
from stream_cb.sinks.dead_letters import DeadLetterSink

Input = str | os.PathLike[str] | IO[bytes]
StructT = TypeVar("StructT", bound=msgspec.Struct)
OnDeadLetter = Callable[[DeadLetter], None]

_ERRORS: dict[str, type[RecordError]] = {
    kind.__name__: kind for kind in (FramingError, ParseError, EventError, LimitError)
}


class WriteOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Where the events of a run go.

    outputs: paths, whose suffix chooses the format and the compression, or "-" for stdout.
    to: the format of stdout, and of files whose names tell none. force: overwrite files that exist.
    dead_letters, report: paths of the dead letters (JSON Lines) and of the report (JSON).
    """

    outputs: tuple[str, ...] = ("-",)
    to: str | None = None
    sink: SinkOptions = SinkOptions()
    force: bool = False
    dead_letters: str | None = None
    report: str | None = None


_READ = ReadOptions()
_RUN = RunOptions()
_WRITE = WriteOptions()


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
    decoder: Decoder = EventDecoder(notes, max_depth=options.limits.max_depth)
    if schema:
        decoder = SchemaDecoder(schema, notes)
    return _sound(inputs, options, decoder, on_dead_letter)


def _sound(
    inputs: Input | Sequence[Input], options: ReadOptions, decoder: Decoder | None, on_dead_letter: OnDeadLetter | None
) -> Iterator[Any]:
    """The results; each dead letter goes to its handler, or is raised. Impossible options are refused at once."""
    results = read_results(open_sources(_listed(inputs)), options, decoder)
    return _judged(results, on_dead_letter)


def _judged(results: Iterator[Any], on_dead_letter: OnDeadLetter | None) -> Iterator[Any]:
    for result in results:
        if not isinstance(result, DeadLetter):
            yield result
        elif on_dead_letter:
            on_dead_letter(result)
        else:
            kind = _ERRORS.get(result.reason, RecordError)
            raise kind(result.detail, source=result.source, index=result.index, offset=result.offset)


def convert(
    inputs: Input | Sequence[Input],
    options: RunOptions = _RUN,
    write: WriteOptions = _WRITE,
    *,
    observer: Observer | None = None,
    stdout: BinaryIO | None = None,
) -> Report:
    """Read the inputs into the outputs in one pass, and tell what happened to every record.

    Files appear under their names when the run is over, whole; a run that raises leaves none of them. An input that
    cannot be read to its end does not end the run: it is in the report.

    Args:
        inputs: as in `read_records`. options: how they are read. write: where the events go.
        observer: told of dead letters, input errors and progress as they come.
        stdout: stands for "-" in the outputs; stays open.

    Raises:
        UsageError: impossible options, or a file that exists without `force`; nothing was read.
        SinkError: an output refused.
    """
    formats = [_format_of(target, write.to) for target in write.outputs]
    _check(write, formats, options)
    shape = write.sink
    if options.schema and not shape.columns:
        shape = msgspec.structs.replace(shape, columns=tuple(slots_of(options.schema)))
    with ExitStack() as stack:
        sinks: list[Sink] = []
        for target, to in zip(write.outputs, formats, strict=True):
            sink = open_sink(target, to=to, options=shape, force=write.force, stdout=stdout)
            stack.callback(sink.abort)
            sinks.append(sink)
        letters, report = (
            _open(stack, target, force=write.force) if target else None for target in (write.dead_letters, write.report)
        )
        letter_sink = DeadLetterSink(letters) if letters else None
        tally = _run(_listed(inputs), sinks, options, letters=letter_sink, observer=observer)
        if options.read.record_path and tally.bytes_read and not (tally.records or tally.input_errors):
            raise UsageError(f"nothing was found at the path {'/'.join(options.read.record_path)}")
        written: list[Sink | Output] = [*sinks, letters] if letters else [*sinks]
        outputs = {output.name: output.commit() for output in written}
        done = tally.report(outputs)
        if report:
            report.write(msgspec.json.format(msgspec.json.encode(done)) + b"\n")
            written.append(report)
        for output in written:
            output.close()
        return done


def _run(
    inputs: Sequence[Input],
    sinks: Sequence[Sink],
    options: RunOptions,
    *,
    letters: DeadLetterSink | None,
    observer: Observer | None,
) -> Tally:
    """The run in this process alone, or with others where that was asked for and is possible."""
    if options.jobs > 1:
        from stream_cb.parallel import can_share, run_shared

        if can_share(inputs, sinks, options):
            paths = cast("Sequence[str | os.PathLike[str]]", inputs)
            return run_shared(paths, sinks, options, letters=letters, observer=observer)
    return run(open_sources(inputs), sinks, options, letters=letters, observer=observer)


def _open(stack: ExitStack, target: str, *, force: bool) -> Output:
    output = open_output(target, force=force)
    stack.callback(output.abort)
    return output


def _format_of(target: str, to: str | None) -> str:
    """The format of an output: by its name, else by `to`."""
    if target == "-":
        return to or "jsonl"
    try:
        return choose_sink(target)[0]
    except UsageError:
        if to is None:
            raise
        return to


def _check(write: WriteOptions, formats: list[str], options: RunOptions) -> None:
    """Refuse what cannot be meant, before anything is opened."""
    targets = [target for target in (*write.outputs, write.dead_letters, write.report) if target is not None]
    places = [target if target == "-" else os.path.realpath(target) for target in targets]
    twice = [place for place in places if places.count(place) > 1]
    if any(place == "-" or Path(place).is_file() or not Path(place).exists() for place in twice):
        raise UsageError(f"two outputs would go to {twice[0]}")
    if (write.sink.columns or write.sink.explode) and set(formats) <= {"jsonl"}:
        raise UsageError("columns and explode shape a table, and no output is one; JSON Lines hold whole events")
    if options.untyped and options.schema:
        raise UsageError("untyped records have no schema")
    if options.untyped and "csv" in formats and not write.sink.columns:
        raise UsageError("a table of untyped records needs columns")


def _listed(inputs: Input | Sequence[Input]) -> Sequence[Input]:
    """The inputs as a sequence; one path or stream is a sequence of one."""
    return inputs if isinstance(inputs, (list, tuple)) else [cast("Input", inputs)]
