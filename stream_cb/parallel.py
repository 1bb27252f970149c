"""The same loop over parts of the inputs, in processes beside this one; the outputs are byte for byte the same.

Workers frame, parse, decode and encode; the parent only writes, in input order. A large file is cut into guesses that
begin where a record seems to begin; a part whose beginning is not where the one before has ended is read again from
there, so a wrong guess costs time and changes nothing. At most `WINDOW` parts for each worker are under way or wait
for their turn.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any, cast

import msgspec

from stream_cb.errors import InputError
from stream_cb.events import Notes
from stream_cb.guesses import GUESS_BYTES, Guess, plan_guesses
from stream_cb.inputs import Listed, Source, display_name, is_path, is_special, list_sized, size_of
from stream_cb.model import DeadLetter, EncodingSink, Sink
from stream_cb.parts import Done, Part, Setup
from stream_cb.pipeline import LetterSink, Observer, Progress, RunOptions, row_of, selection_of
from stream_cb.places import Place, Position
from stream_cb.tally import Tally
from stream_cb.workers import WINDOW, Workers

# Small files that go to a worker together, at most.
_MAX_FILES = 256


def can_share(inputs: Sequence[Any], sinks: Sequence[Sink], options: RunOptions) -> bool:
    """Whether the work can be done by several processes; see `RunOptions.jobs`."""
    are_files = all(is_path(given) and not is_special(given) for given in inputs)
    can_encode = all(hasattr(sink, "encode") and hasattr(sink, "write_encoded") for sink in sinks)
    return are_files and can_encode and not options.distinct and options.max_dead_letters is None


def run_shared(  # noqa: PLR0913  (what `run` takes, and where it begins)
    inputs: Sequence[str | os.PathLike[str]],
    sinks: Sequence[Sink],
    options: RunOptions,
    *,
    letters: LetterSink | None = None,
    observer: Observer | None = None,
    progress: Progress | None = None,
) -> Tally:
    """As `pipeline.run`, with `options.jobs` workers, for inputs and sinks that `can_share`.

    progress: as for `pipeline.run_files`.

    Raises WorkerError if a worker is killed, beside what `run` raises.
    """
    encoding = [cast("EncodingSink", sink) for sink in sinks]
    setup = Setup([sink.encode for sink in encoding], options, selection_of(sinks), row_of(sinks))
    parent = _Parent(encoding, letters, observer, progress or _NoProgress(options))
    with Workers(setup, options.jobs) as workers:
        parent.run(_parts(inputs, options, parent.start), workers)
    return parent.tally


class _NoProgress:
    def __init__(self, options: RunOptions) -> None:
        self.start = Position()
        self.tally = Tally(Notes(strict=options.strict))

    def reached(self, position: Position, /) -> None: ...


class _Parent:
    """Hands out the parts, and takes what became of them in their order."""

    def __init__(
        self,
        sinks: Sequence[EncodingSink],
        letters: LetterSink | None,
        observer: Observer | None,
        progress: Progress,
    ) -> None:
        self._sinks = sinks
        self._letters = letters
        self._observer = observer
        self._progress = progress
        self.start = progress.start
        self.tally = progress.tally
        # Of the file that is being put together from guesses: where it has come to, None if it cannot be read on.
        self._reached: Place | None = progress.start.place

    def run(self, parts: Iterator[Part | InputError], workers: Workers) -> None:
        """Everything, to the end."""
        under_way: deque[Part | InputError] = deque()
        files = self.start.files
        while True:
            while len(under_way) < WINDOW * workers.count and (part := next(parts, None)) is not None:
                under_way.append(part)
                if isinstance(part, Part):
                    workers.add(part)
            if not under_way:
                return
            first = under_way[0]
            if isinstance(first, InputError):
                self._tell(first)
                self.tally.input_errors.append(str(first))
                files += 1
            else:
                done = workers.result(first)
                again = self._again(first, done)
                if again:
                    under_way[0] = again
                    workers.add(again, at_once=True)
                    continue
                self._take(first, done)
                if not done.is_last:
                    continue
                files += len(first.paths) or (first.guess is not None and first.guess.end is None)
            under_way.popleft()
            is_inside = isinstance(first, Part) and first.guess is not None and first.guess.end is not None
            self._progress.reached(Position(files=files, place=self._reached if is_inside else None))

    def _again(self, part: Part, done: Done) -> Part | None:
        """The part as it has to be read once more, if it was begun in the wrong place."""
        guess, reached = part.guess, self._reached
        if guess is None or guess.begin == 0 or reached is None or guess.place is not None:
            return None
        if _is_behind(guess, reached):
            return None
        if done.reached and (done.reached.begin.offset, guess.levels) == (reached.offset, reached.levels):
            return None
        place = msgspec.structs.replace(reached, index=0)
        return Part(guess=msgspec.structs.replace(guess, place=place, levels=reached.levels))

    def _take(self, part: Part, done: Done) -> None:
        guess = part.guess
        index = 0
        if guess:
            if guess.begin == 0:
                self.tally.sources += 1
                self._reached = Place()
            if self._reached is None or _is_behind(guess, self._reached):
                return
            index = self._reached.index
            end = done.reached.end if done.reached else None
            self._reached = end and Place(offset=end.offset, index=index + done.tally.records, levels=end.levels)
        for sink, pieces in zip(self._sinks, done.encoded, strict=True):
            for piece in pieces:
                sink.write_encoded(cast("bytes", piece))
        self.tally.merge(done.tally)
        told = [_moved(one, index) if isinstance(one, DeadLetter) else one for one in done.told]
        dead = [one for one in told if isinstance(one, DeadLetter)]
        if dead and self._letters:
            self._letters.write(dead)
        for one in told:
            self._tell(one)
        if self._observer:
            self._observer.progress(_shown(part, done), self.tally)

    def _tell(self, one: DeadLetter | InputError) -> None:
        if self._observer is None:
            return
        if isinstance(one, DeadLetter):
            self._observer.dead_letter(one)
        else:
            self._observer.input_error(one)


def _is_behind(guess: Guess, reached: Place) -> bool:
    """Whether all that the guess holds has been read with an earlier one."""
    return guess.end is not None and guess.begin > 0 and reached.offset >= guess.end


def _moved(letter: DeadLetter, index: int) -> DeadLetter:
    return msgspec.structs.replace(letter, index=letter.index + index) if index else letter


def _shown(part: Part, done: Done) -> Source:
    """The file that a part is of, for those who watch the progress."""
    path = part.guess.path if part.guess else part.paths[-1]
    size = size_of(path)
    position = done.reached.end.offset if done.reached else size
    return Source(name=display_name(path), stream=_NOTHING, size=size, is_pipe=False, position=lambda: position)


class _Nothing:
    def read(self, _size: int, /) -> bytes:
        return b""


_NOTHING = _Nothing()


# ── What there is to do ─────────────────────────────────────────────────────────────────────────────────────────────


def _parts(
    inputs: Sequence[str | os.PathLike[str]], options: RunOptions, start: Position
) -> Iterator[Part | InputError]:
    """The parts of the inputs from `start` on, in their order; small files go together."""
    group: list[str] = []
    size = 0
    files = chain.from_iterable(list_sized(os.fsdecode(given)) for given in inputs)
    for number, file in enumerate(islice(files, start.files, None)):
        file_bytes = size_of(file) if isinstance(file, Listed) else 0
        guesses = _guesses_of(file.path, file_bytes, options) if isinstance(file, Listed) else []
        if group and (len(guesses) > 1 or not guesses or size >= GUESS_BYTES or len(group) == _MAX_FILES):
            yield Part(paths=tuple(group))
            group, size = [], 0
        if isinstance(file, InputError):
            yield file
        elif len(guesses) > 1:
            yield from [Part(guess=guess) for guess in _left(guesses, start.place if number == 0 else None)]
        else:
            group.append(file.path)
            size += file_bytes
    if group:
        yield Part(paths=tuple(group))


def _left(guesses: list[Guess], place: Place | None) -> list[Guess]:
    """What is left of the guesses behind a place that was reached."""
    if place is None:
        return guesses
    first, *rest = [guess for guess in guesses if guess.end is None or guess.end > place.offset]
    exact = msgspec.structs.replace(place, index=0)
    return [msgspec.structs.replace(first, begin=place.offset, place=exact, levels=place.levels), *rest]


def _guesses_of(path: str, size: int, options: RunOptions) -> list[Guess]:
    """The guesses of a file. size: in bytes; 0: unknown."""
    try:
        if not 0 < size < 2 * GUESS_BYTES:  # else there is no need to look at its head
            return plan_guesses(path, options.read, guess_bytes=GUESS_BYTES)
    except OSError:
        pass  # whoever reads it tells why it cannot be
    return [Guess(path=path, begin=0, end=None)]
