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
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from mmap import mmap
from multiprocessing.connection import Connection, wait
from typing import Any, NamedTuple, cast

from stream_cb.errors import StreamCbError, WorkerError
from stream_cb.events import Notes
from stream_cb.guesses import GUESS_BYTES
from stream_cb.parts import Done, Part, Piece, Setup, read_part
from stream_cb.pipeline import make_decoder
from stream_cb.process import set_up_process

# Parts for each worker that may be under way, or wait until they are asked for.
WINDOW = 2
# Twice what a guess is; an output that is larger goes by the pipe, which takes several times as long.
_REGION_BYTES = 2 * GUESS_BYTES


class _Worker(NamedTuple):
    process: Any
    connection: Connection


class Workers:
    """Processes that each read one part at a time. Use as a context manager, which ends them, whatever they do.

    At most `WINDOW` parts for each may be under way, added and not taken. Of forked workers each part has a region of
    memory that is shared with them, for the bytes that become of it; of others these come by the pipe.
    """

    def __init__(self, setup: Setup, count: int) -> None:
        self.count = count
        self._setup = setup
        self._regions: list[mmap] = []
        self._free = list(range(WINDOW * count))
        self._region_of: dict[Part, int] = {}
        self._taken: Callable[[], None] = _nothing
        self._idle: list[_Worker] = []
        self._busy: dict[Any, tuple[_Worker, Part]] = {}
        self._todo: deque[Part] = deque()
        self._results: dict[Part, Done] = {}

    def __enter__(self) -> Workers:
        # Forked workers are there at once, but beside other threads a fork is not safe.
        can_fork = sys.platform == "linux" and threading.active_count() == 1
        context: Any = multiprocessing.get_context("fork" if can_fork else "spawn")
        self._regions = [mmap(-1, _REGION_BYTES) for _ in self._free] if can_fork else []
        for _ in range(self.count):
            ours, theirs = context.Pipe()
            # A forked worker has our ends of the pipes as well, and would never see that we are gone.
            not_its_own = [ours, *(worker.connection for worker in self._idle)] if can_fork else []
            process = context.Process(target=_work, args=(theirs, self._setup, self._regions, not_its_own), daemon=True)
            process.start()
            theirs.close()
            self._idle.append(_Worker(process, ours))
        return self

    def __exit__(self, *_: object) -> None:
        workers = [*self._idle, *(worker for worker, _ in self._busy.values())]
        for worker in workers:
            worker.process.kill()
        for worker in workers:
            worker.process.join()
            worker.connection.close()
        for region in self._regions:
            region.close()

    def add(self, part: Part, *, at_once: bool = False) -> None:
        """Have a part read, in its turn or before all others."""
        if at_once:
            self._todo.appendleft(part)
        else:
            self._todo.append(part)
        self._hand_out()

    def result(self, part: Part) -> Done:
        """What became of a part, or of the next piece of it; waits for it. What was answered before counts as taken.

        Raises what the worker raised, or WorkerError if it was killed.
        """
        self._taken()
        self._taken = _nothing
        while part not in self._results:
            for connection in wait(list(self._busy)):
                self._receive(cast("Connection", connection))
        done = self._results.pop(part)
        if done.is_last:
            self._taken = partial(self._free_region, part)
        else:
            worker = next(worker for worker, its_own in self._busy.values() if its_own is part)
            self._taken = partial(worker.connection.send, None)
        return done

    def _free_region(self, part: Part) -> None:
        self._free.append(self._region_of.pop(part))
        self._hand_out()

    def _hand_out(self) -> None:
        while self._idle and self._todo and self._free:
            worker, part = self._idle.pop(), self._todo.popleft()
            self._busy[worker.connection] = (worker, part)
            # The one that was used last: fewer pages are ever touched.
            self._region_of[part] = self._free.pop()
            worker.connection.send((part, self._region_of[part]))

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
        if self._regions:
            region = self._regions[self._region_of[part]]
            done = done._replace(encoded=[_bytes_of(pieces, region) for pieces in done.encoded])
        self._results[part] = done
        if done.is_last:
            del self._busy[connection]
            self._idle.append(worker)
            self._hand_out()


def _nothing() -> None: ...


def _bytes_of(pieces: Iterable[Piece], region: mmap) -> Iterator[bytes]:
    return (region[piece] if isinstance(piece, slice) else piece for piece in pieces)


class _Hand:
    """Hands results over, their bytes by a region if they fit; see `parts.Hand`."""

    def __init__(self, connection: Connection, region: mmap | None) -> None:
        self._connection = connection
        self._region = region
        self._end = 0

    def lay(self, encoded: bytes, /) -> Piece:
        begin, end = self._end, self._end + len(encoded)
        if self._region is None or end > len(self._region):
            return encoded
        self._region[begin:end] = encoded
        self._end = end
        return slice(begin, end)

    def over(self, done: Done, /) -> None:
        self._connection.send(done)
        self._connection.recv()
        self._end = 0


def _work(connection: Connection, setup: Setup, regions: list[mmap], not_its_own: list[Connection]) -> None:
    """The life of a worker: parts in, what became of them out, until the parent is gone."""
    for other in not_its_own:
        other.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    set_up_process()
    notes = Notes(strict=setup.options.strict)
    decoder = make_decoder(setup.options, notes, setup.selection, setup.row)
    while True:
        try:
            part, number = connection.recv()
            hand = _Hand(connection, regions[number] if regions else None)
            connection.send(read_part(part, setup, decoder, notes, hand))
        except EOFError:
            return
        except StreamCbError as error:
            connection.send(error)
            return
        notes.clear()
