"""Processes that each read one part of the inputs at a time: parts in, what became of them out.

Holds the results that were not asked for yet. A worker that is killed is an error that names its part, never a wait
without end.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from mmap import mmap
from multiprocessing.connection import Connection, wait
from typing import Any, NamedTuple, cast

from stream_cb.errors import InputError, StreamCbError, WorkerError
from stream_cb.events import Notes
from stream_cb.guesses import GUESS_BYTES, Guess, Reached, read_guess
from stream_cb.inputs import Source, display_name, open_sources
from stream_cb.model import DeadLetter, Decoder
from stream_cb.pipeline import Loop, RunOptions, make_decoder, set_up_process
from stream_cb.tally import Tally

# Twice what a guess is; an output that is larger goes by the pipe, which takes several times as long.
_REGION_BYTES = 2 * GUESS_BYTES

Encode = Callable[[Sequence[Any]], bytes]


class Part(NamedTuple):
    """What a worker reads at one go: whole files, or one guess of a file."""

    paths: tuple[str, ...] = ()
    guess: Guess | None = None

    def __str__(self) -> str:
        if self.guess is None:
            return self.paths[0] if len(self.paths) == 1 else f"{self.paths[0]} and {len(self.paths) - 1} more files"
        end = "the end" if self.guess.end is None else f"byte {self.guess.end}"
        return f"{self.guess.path}, from byte {self.guess.begin} to {end}"


class Done(NamedTuple):
    """What became of a part: the bytes for each sink, what there is to tell, the counts, and where a guess ended.

    sizes: how long the bytes are that lie in the worker's region instead. is_last: there is no more of the part; else
        the worker waits until this was taken.
    """

    encoded: list[bytes]
    told: list[DeadLetter | InputError]
    tally: Tally
    reached: Reached | None
    sizes: list[int] | None = None
    is_last: bool = True


class Setup(NamedTuple):
    """What a worker is told once."""

    encoders: list[Encode]
    options: RunOptions
    makes_lines: bool


class _Worker(NamedTuple):
    """region: memory that a forked worker shares with us, for the bytes it has made; None: they come by the pipe."""

    process: Any
    connection: Connection
    region: mmap | None


class Workers:
    """Processes that each read one part at a time. Use as a context manager, which ends them, whatever they do."""

    def __init__(self, setup: Setup, count: int) -> None:
        self.count = count
        self._setup = setup
        self._idle: list[_Worker] = []
        self._busy: dict[Any, tuple[_Worker, Part]] = {}
        self._todo: deque[Part] = deque()
        self._results: dict[Part, Done] = {}

    def __enter__(self) -> Workers:
        # Forked workers are there at once, but beside other threads a fork is not safe.
        can_fork = sys.platform == "linux" and threading.active_count() == 1
        context: Any = multiprocessing.get_context("fork" if can_fork else "spawn")
        for _ in range(self.count):
            ours, theirs = context.Pipe()
            region = mmap(-1, _REGION_BYTES) if can_fork else None
            # A forked worker has our ends of the pipes as well, and would never see that we are gone.
            not_its_own = [ours, *(worker.connection for worker in self._idle)] if can_fork else []
            process = context.Process(target=_work, args=(theirs, self._setup, region, not_its_own), daemon=True)
            process.start()
            theirs.close()
            self._idle.append(_Worker(process, ours, region))
        return self

    def __exit__(self, *_: object) -> None:
        for worker in [*self._idle, *(worker for worker, _ in self._busy.values())]:
            worker.process.kill()
            worker.process.join()
            worker.connection.close()
            if worker.region:
                worker.region.close()

    def add(self, part: Part, *, at_once: bool = False) -> None:
        """Have a part read, in its turn or before all others."""
        if at_once:
            self._todo.appendleft(part)
        else:
            self._todo.append(part)
        self._hand_out()

    def result(self, part: Part) -> Done:
        """What became of a part, or of the next piece of it; waits for it.

        Raises what the worker raised, or WorkerError if it was killed.
        """
        while part not in self._results:
            for connection in wait(list(self._busy)):
                self._receive(cast("Connection", connection))
        done = self._results.pop(part)
        if not done.is_last:
            worker = next(worker for worker, its_own in self._busy.values() if its_own is part)
            worker.connection.send(None)
        return done

    def _hand_out(self) -> None:
        while self._idle and self._todo:
            worker, part = self._idle.pop(), self._todo.popleft()
            self._busy[worker.connection] = (worker, part)
            worker.connection.send(part)

    def _receive(self, connection: Connection) -> None:
        worker, part = self._busy[connection]
        try:
            answer = connection.recv()
        except (EOFError, OSError) as error:
            worker.process.join()
            raise WorkerError(f"the worker was ended ({worker.process.exitcode})", source=str(part)) from error
        if isinstance(answer, BaseException):
            raise answer
        done: Done = answer
        if done.sizes is not None and worker.region:
            worker.region.seek(0)
            done = done._replace(encoded=[worker.region.read(size) for size in done.sizes])
        self._results[part] = done
        if done.is_last:
            del self._busy[connection]
            self._idle.append(worker)
            self._hand_out()


def _work(connection: Connection, setup: Setup, region: mmap | None, not_its_own: list[Connection]) -> None:
    """The life of a worker: parts in, what became of them out, until the parent is gone."""
    for other in not_its_own:
        other.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    set_up_process()
    notes = Notes(strict=setup.options.strict)
    decoder = make_decoder(setup.options, notes, makes_lines=setup.makes_lines)
    while True:
        try:
            part = connection.recv()
            send = partial(_send, connection, region)
            _send(connection, region, read_part(part, setup.encoders, setup.options, decoder, notes, between=send))
        except EOFError:
            return
        except StreamCbError as error:
            connection.send(error)
            return
        notes.clear()


def _send(connection: Connection, region: mmap | None, done: Done) -> None:
    """Hand a result over, its bytes by the region if they fit; if there is more of it, wait until it was taken."""
    if region and sum(map(len, done.encoded)) <= len(region):
        region.seek(0)
        for encoded in done.encoded:
            region.write(encoded)
        done = done._replace(encoded=[], sizes=[len(encoded) for encoded in done.encoded])
    connection.send(done)
    if not done.is_last:
        connection.recv()


def read_part(  # noqa: PLR0913  (all that a worker has)
    part: Part,
    encoders: list[Encode],
    options: RunOptions,
    decoder: Decoder | None,
    notes: Notes,
    *,
    between: Callable[[Done], None] | None = None,
) -> Done:
    """What becomes of a part. notes: of the decoder; their counts are in the answer's tally.

    between: takes what became of files so far whenever GUESS_BYTES of them have been read, so that no more is held of
        what is inflated; the answer is the rest.
    """
    collected = [_Collected(encode) for encode in encoders]
    loop = Loop(collected, options, decoder, Tally(notes))
    told = _Told()

    def so_far(*, is_last: bool, reached: Reached | None = None) -> Done:
        encoded = [sink.packed() for sink in collected]
        return Done(encoded, told.take(), loop.tally, reached, is_last=is_last)

    def progress() -> None:
        if between and part.guess is None and loop.tally.covered_bytes >= GUESS_BYTES:
            between(so_far(is_last=False))
            notes.clear()
            loop.tally = Tally(notes)

    told.on_progress = progress
    loop.observer = told
    reached = _read(part, loop)
    return so_far(is_last=True, reached=reached)


def _read(part: Part, loop: Loop) -> Reached | None:
    if part.guess is None:
        loop.read_all(open_sources(part.paths, limits=loop.options.read.limits))
        return None
    try:
        for found in read_guess(part.guess, display_name(part.guess.path), loop.options.read, loop.decoder):
            if isinstance(found, Reached):
                return found
            loop.tally.bytes_read += found.end - found.begin
            loop.take(found)
    except InputError as error:
        loop.note(error)
    return None


class _Collected:
    """A sink that keeps what a real one's `encode` makes of the events."""

    name = ""

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self.parts: list[bytes] = []

    def write_batch(self, events: Sequence[Any], /) -> None:
        self.parts.append(self._encode(events))

    def packed(self) -> bytes:
        """All of it, as the sink takes it."""
        packed: bytes = getattr(self._encode, "pack", b"".join)(self.parts)
        self.parts = []
        return packed

    def flush(self) -> None: ...
    def commit(self) -> int:
        return 0

    def close(self) -> None: ...
    def abort(self) -> None: ...


class _Told:
    """Keeps what an observer is told, in its order. on_progress: called behind each block of a file."""

    on_progress: Callable[[], None]

    def __init__(self) -> None:
        self.all: list[DeadLetter | InputError] = []

    def take(self) -> list[DeadLetter | InputError]:
        """What was told since the last time."""
        taken, self.all = self.all, []
        return taken

    def dead_letter(self, letter: DeadLetter, /) -> None:
        self.all.append(letter)

    def input_error(self, error: InputError, /) -> None:
        self.all.append(error)

    def progress(self, _source: Source, _tally: Tally, /) -> None:
        self.on_progress()
