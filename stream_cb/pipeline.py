"""The one loop: read, decode, batch, write, commit; and the report that balances.

In: sources. Out: batches in the sinks, dead letters in theirs, a Report. Holds one block of a source at a time.
A bad record becomes a dead letter and the loop goes on; an input that cannot be read to its end is reported and the
loop goes on with the next; a sink that fails ends the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import chain
from typing import TYPE_CHECKING, Protocol

import msgspec

from stream_cb.errors import InputError
from stream_cb.events import EventDecoder, Notes, SchemaDecoder, identity_of
from stream_cb.inputs import Source, open_sources
from stream_cb.model import Block, DeadLetter, Decoder, ReadOptions, Row, Selection, Sink
from stream_cb.places import Place, Position
from stream_cb.readers import get_reader
from stream_cb.readers.framed import read_framed
from stream_cb.tally import Tally
from stream_cb.tap import Tap

if TYPE_CHECKING:
    from stream_cb.distinct import SeenBefore


class RunOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a run treats its records.

    untyped: records pass as they are, undecoded. schema: the user's own type for them, in the place of our events.
    strict: a value that does not fit its type is a dead letter.
    distinct: an event whose identity has come before is counted as a duplicate and not written.
    max_dead_letters: the run stops once there are more than this; None: never.
    jobs: processes that share the work, where that is possible: the inputs are files by name, each sink can encode
        elsewhere, and neither `distinct` nor `max_dead_letters` needs everything in one place.
    from_dead_letters: the inputs are dead letters of earlier runs, and their bytes are what is read.
    follow: the one input, a plain file, grows, and may be replaced by another of its name; it is read until asked to
        stop.
    """

    read: ReadOptions = ReadOptions()
    untyped: bool = False
    schema: type[msgspec.Struct] | None = None
    distinct: bool = False
    strict: bool = False
    max_dead_letters: int | None = None
    jobs: int = 1
    from_dead_letters: bool = False
    follow: bool = False


class LetterSink(Protocol):
    """Where dead letters go."""

    def write(self, letters: Sequence[DeadLetter], /) -> None: ...


class Observer(Protocol):
    """Who is told while the run goes on. Called from the loop: must be quick, must not raise."""

    def dead_letter(self, letter: DeadLetter, /) -> None: ...
    def input_error(self, error: InputError, /) -> None: ...
    def progress(self, source: Source, tally: Tally, /) -> None: ...


class Progress(Protocol):
    """Where a run begins, what had been counted by then, and who is told how far it has come."""

    start: Position
    tally: Tally

    def reached(self, position: Position, /) -> None: ...


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
    with open_loop(sinks, options, letters=letters, observer=observer) as loop:
        loop.read_all(sources)
        return loop.tally


def run_files(  # noqa: PLR0913  (what `run` takes, and where it begins)
    files: Iterable[str | InputError],
    sinks: Sequence[Sink],
    options: RunOptions,
    progress: Progress,
    *,
    letters: LetterSink | None = None,
    observer: Observer | None = None,
) -> Tally:
    """As `run`, for files by their paths; goes on where `progress` says, and tells it how far it has come."""
    with open_loop(sinks, options, letters=letters, observer=observer, tally=progress.tally) as loop:
        loop.read_files(files, progress.start, progress.reached)
        return loop.tally


@contextmanager
def open_loop(
    sinks: Sequence[Sink],
    options: RunOptions,
    *,
    letters: LetterSink | None,
    observer: Observer | None,
    tally: Tally | None = None,
) -> Iterator[Loop]:
    """The loop of a run into these sinks. tally: what had been counted before; None: nothing."""
    tally = tally or Tally(Notes(strict=options.strict))
    selection = None if options.distinct else selection_of(sinks)
    loop = Loop(sinks, options, make_decoder(options, tally.notes, selection, row_of(sinks)), tally)
    loop.letters, loop.observer = letters, observer
    with _seen_before(options) as loop.seen:
        yield loop


def _seen_before(options: RunOptions) -> AbstractContextManager[SeenBefore | None]:
    if not options.distinct:
        return nullcontext()
    from stream_cb.distinct import SeenBefore

    return SeenBefore(identity_of)


def selection_of(sinks: Sequence[Sink]) -> Selection | None:
    """What lines have to have that all of these sinks may be given; None if one of them takes events only."""
    selections: list[Selection | None] = [getattr(sink, "selection", None) for sink in sinks]
    return None if None in selections else tuple(chain.from_iterable(filter(None, selections)))


def row_of(sinks: Sequence[Sink]) -> Row | None:
    """The row that a line may be; None if there is a sink that takes none, or takes another one."""
    rows: set[Row | None] = {getattr(sink, "row", None) for sink in sinks}
    return rows.pop() if len(rows) == 1 else None


class Loop:
    """The loop over sources or blocks, and what it works with.

    letters, observer, seen: where dead letters go, who is told, and what has come before if only new events count.
    """

    letters: LetterSink | None = None
    observer: Observer | None = None
    seen: SeenBefore | None = None

    def __init__(self, sinks: Sequence[Sink], options: RunOptions, decoder: Decoder | None, tally: Tally) -> None:
        self._sinks = sinks
        self.options = options
        self.decoder = decoder
        self._reader = get_reader(options.read.reader)
        self.tally = tally

    def read_all(self, sources: Iterable[Source | InputError]) -> None:
        """Every source, one after the other, until one asks to stop."""
        for source in sources:
            self._read_one(source)
            if self.tally.stopped:
                return

    def read_files(
        self, files: Iterable[str | InputError], start: Position, reached: Callable[[Position], None]
    ) -> None:
        """Every source of every file, from `start` on; `reached` is told of each place that reading could begin at."""
        for number, file in enumerate(files):
            if number < start.files:
                continue
            skip, place = (start.sources, start.place) if number == start.files else (0, None)
            for ordinal, source in enumerate([file] if isinstance(file, InputError) else self._opened(file)):
                if ordinal >= skip:
                    here = Position(files=number, sources=ordinal)
                    self.read_at(source, here, place if ordinal == skip else None, reached)
                if self.tally.stopped:
                    return
            reached(Position(files=number + 1))

    def read_at(
        self, source: Source | InputError, here: Position, place: Place | None, reached: Callable[[Position], None]
    ) -> None:
        """The source at a position, from `place` on; `reached` is told of each place in it."""
        self._read_one(source, place, lambda found: reached(msgspec.structs.replace(here, place=found)))

    def _opened(self, file: str) -> Iterator[Source | InputError]:
        return open_sources([file], limits=self.options.read.limits)

    def _read_one(
        self,
        source: Source | InputError,
        place: Place | None = None,
        reached: Callable[[Place], None] = lambda _place: None,
    ) -> None:
        if isinstance(source, InputError):
            self.note(source)
            return
        self.tally.sources += place is None
        tap = Tap(source.stream)
        self._read(source, tap, place, reached)
        self.tally.bytes_read += tap.position
        if tap.error and not self.tally.stopped:
            self.note(tap.error)

    def _read(self, source: Source, tap: Tap, place: Place | None, reached: Callable[[Place], None]) -> None:
        """Every block of one source, until the run is stopped."""
        options, decoder = self.options.read, self.decoder
        blocks = (
            read_framed(tap, source.name, options, decoder, place=place)
            if place
            else self._reader(tap, source.name, options, decoder)
        )
        for block in blocks:
            self.take(block)
            if block.place:
                reached(block.place)
            if self.observer:
                self.observer.progress(source, self.tally)
            if source.is_pipe:
                for sink in self._sinks:
                    sink.flush()
            if self.tally.stopped:
                return

    def take(self, block: Block) -> None:
        """Write a block, count it, and tell of its dead letters; if they are too many, the run is to stop."""
        self.tally.count_block(block)
        self._write(block)
        if self.observer:
            for letter in block.dead:
                self.observer.dead_letter(letter)
        limit = self.options.max_dead_letters
        if limit is not None and self.tally.dead_letters > limit:
            self.tally.stopped = f"more than {limit} dead letters"

    def _write(self, block: Block) -> None:
        results = block.results
        if self.decoder:
            self.tally.count_kinds(results)
        else:
            self.tally.count_repeated_keys(results)
        if self.seen:
            results = self.seen.new_ones(results)
            self.tally.duplicates += len(block.results) - len(results)
        if results:
            for sink in self._sinks:
                sink.write_batch(results)
        if block.dead and self.letters is not None:
            self.letters.write(block.dead)

    def note(self, error: InputError) -> None:
        """Count and tell an input that cannot be read on."""
        self.tally.input_errors.append(str(error))
        if self.observer:
            self.observer.input_error(error)


def make_decoder(
    options: RunOptions, notes: Notes, selection: Selection | None, row: Row | None = None
) -> Decoder | None:
    """The decoder that the options ask for. selection, row: see `EventDecoder`."""
    if options.untyped:
        return None
    if options.schema:
        return SchemaDecoder(options.schema, notes)
    return EventDecoder(notes, limits=options.read.limits, selection=selection, row=row)
