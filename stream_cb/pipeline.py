"""The one loop: read, decode, batch, write, commit; and the report that balances.

In: sources. Out: batches in the sinks, dead letters in theirs, a Report. Holds one block of a source at a time.
A bad record becomes a dead letter and the loop goes on; an input that cannot be read to its end is reported and the
loop goes on with the next; a sink that fails ends the run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from time import monotonic
from typing import Any, Protocol

import msgspec

from stream_cb.distinct import SeenBefore
from stream_cb.errors import InputError
from stream_cb.events import Event, EventDecoder, Notes, SchemaDecoder, identity_of, kind_of
from stream_cb.inputs import Source
from stream_cb.model import Block, ByteStream, DeadLetter, Decoder, Reader, ReadOptions, Report, Sink
from stream_cb.readers import get_reader


class RunOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a run treats its records.

    untyped: records pass as they are, undecoded. schema: the user's own type for them, in the place of our events.
    strict: a value that does not fit its type is a dead letter.
    distinct: an event whose identity has come before is counted as a duplicate and not written.
    max_dead_letters: the run stops once there are more than this; None: never.
    """

    read: ReadOptions = ReadOptions()
    untyped: bool = False
    schema: type[msgspec.Struct] | None = None
    distinct: bool = False
    strict: bool = False
    max_dead_letters: int | None = None


class LetterSink(Protocol):
    """Where dead letters go."""

    def write(self, letters: Sequence[DeadLetter], /) -> None: ...


class Observer(Protocol):
    """Who is told while the run goes on. Called from the loop: must be quick, must not raise."""

    def dead_letter(self, letter: DeadLetter, /) -> None: ...
    def input_error(self, error: InputError, /) -> None: ...
    def progress(self, source: Source, tally: Tally, /) -> None: ...


class Tally:
    """The counts of a run that is going on; `report` freezes them."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.sources = 0
        self.records = 0
        self.events = 0
        self.dead_letters = 0
        self.duplicates = 0
        self.bytes_read = 0
        self.record_bytes = 0
        self.dead_bytes = 0
        self.between_bytes = 0
        self.kinds: Counter[str] = Counter()
        self.input_errors: list[str] = []
        self.stopped = ""
        self._began = monotonic()

    def count_block(self, block: Block, begin: int) -> None:
        """Account for a block that begins at byte `begin` of its source."""
        size = block.end - begin
        record_bytes = size if block.record_bytes is None else block.record_bytes
        self.records += block.records
        self.dead_letters += len(block.dead)
        self.record_bytes += record_bytes
        self.dead_bytes += block.dead_bytes
        self.between_bytes += size - record_bytes - block.dead_bytes
        self.events += len(block.results)

    def count_kinds(self, events: list[Event | bytes]) -> None:
        """Count the events by kind; lines have been counted when they were made."""
        self.kinds.update(map(kind_of, [event for event in events if type(event) is not bytes]))

    def _all_kinds(self) -> Counter[str]:
        return self.kinds + Counter({f"TaskFinish/{tag}": count for tag, count in self.notes.lines.items()})

    def report(self, outputs: dict[str, int]) -> Report:
        """The frozen counts. `outputs`: name → bytes written."""
        return Report(
            sources=self.sources,
            records=self.records,
            events=self.events,
            event_records=self.records - self.dead_letters,
            dead_letters=self.dead_letters,
            duplicates=self.duplicates,
            written=self.events - self.duplicates,
            bytes_read=self.bytes_read,
            record_bytes=self.record_bytes,
            dead_bytes=self.dead_bytes,
            between_bytes=self.between_bytes,
            elapsed_seconds=round(monotonic() - self._began, 6),
            kinds=dict(self._all_kinds().most_common()),
            unknown_fields=dict(self.notes.unknown_fields.most_common()),
            misfits=dict(self.notes.misfits.most_common()),
            input_errors=self.input_errors,
            outputs=outputs,
            stopped=self.stopped,
        )


class Tap:
    """A source's stream as a reader sees it: counts bytes, and turns an error into an early end that is kept."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self.position = 0
        self.error: InputError | None = None

    def read(self, size: int, /) -> bytes:
        if self.error:
            return b""
        try:
            chunk = self._stream.read(size)
        except InputError as error:
            self.error = error
            return b""
        self.position += len(chunk)
        return chunk


def run(
    sources: Iterable[Source | InputError],
    sinks: Sequence[Sink],
    options: RunOptions,
    *,
    letters: LetterSink | None = None,
    observer: Observer | None = None,
) -> Tally:
    """Read every source into every sink; the sinks are neither closed nor aborted here.

    Raises SinkError when a sink refuses a batch, and UsageError for a reader that does not exist; the counts up to
    then are lost, what the sinks committed stands.
    """
    with SeenBefore(identity_of) as seen:
        loop = _Loop(sinks, options, letters, observer, seen)
        loop.read_all(sources)
    return loop.tally


class _Loop:
    """The loop of one run, and what it works with."""

    def __init__(
        self,
        sinks: Sequence[Sink],
        options: RunOptions,
        letters: LetterSink | None,
        observer: Observer | None,
        seen: SeenBefore,
    ) -> None:
        self._sinks = sinks
        self._options = options
        self._letters = letters
        self._observer = observer
        self._seen = seen
        self.tally = Tally(Notes(strict=options.strict))
        makes_lines = not options.distinct and all(getattr(sink, "takes_lines", False) for sink in sinks)
        self._decoder = _decoder(options, self.tally.notes, makes_lines=makes_lines)
        self._reader = get_reader(options.read.reader)

    def read_all(self, sources: Iterable[Source | InputError]) -> None:
        """Every source, one after the other, until one asks to stop."""
        for source in sources:
            if isinstance(source, InputError):
                self._note(source)
                continue
            self.tally.sources += 1
            tap = Tap(source.stream)
            self._read(source, tap)
            self.tally.bytes_read += tap.position
            if self.tally.stopped:
                return
            if tap.error:
                self._note(tap.error)

    def _read(self, source: Source, tap: Tap) -> None:
        """Every block of one source, until the run is stopped."""
        begin = 0
        for block in self._reader(tap, source.name, self._options.read, self._decoder):
            self.tally.count_block(block, begin)
            begin = block.end
            self._write(block)
            if self._observer:
                for letter in block.dead:
                    self._observer.dead_letter(letter)
                self._observer.progress(source, self.tally)
            if source.is_pipe:
                for sink in self._sinks:
                    sink.flush()
            limit = self._options.max_dead_letters
            if limit is not None and self.tally.dead_letters > limit:
                self.tally.stopped = f"more than {limit} dead letters"
                return

    def _write(self, block: Block) -> None:
        results = block.results
        if self._decoder:
            self.tally.count_kinds(results)
        if self._options.distinct:
            results = self._seen.new_ones(results)
            self.tally.duplicates += len(block.results) - len(results)
        if results:
            for sink in self._sinks:
                sink.write_batch(results)
        if block.dead and self._letters is not None:
            self._letters.write(block.dead)

    def _note(self, error: InputError) -> None:
        self.tally.input_errors.append(str(error))
        if self._observer:
            self._observer.input_error(error)


def _decoder(options: RunOptions, notes: Notes, *, makes_lines: bool) -> Decoder | None:
    if options.untyped:
        return None
    if options.schema:
        return SchemaDecoder(options.schema, notes)
    return EventDecoder(notes, max_depth=options.read.limits.max_depth, makes_lines=makes_lines)


def read_results(
    sources: Iterable[Source | InputError], options: ReadOptions, decoder: Decoder | None
) -> Iterator[Any]:
    """The results and the dead letters of every source, in input order. Raises an InputError where it is met.

    What a source that breaks off leaves unfinished is told by its InputError, not by a dead letter.
    """
    return _results(sources, get_reader(options.reader), options, decoder)


def _results(
    sources: Iterable[Source | InputError], reader: Reader, options: ReadOptions, decoder: Decoder | None
) -> Iterator[Any]:
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
