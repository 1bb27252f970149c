"""A part of the inputs → what becomes of it: as much as one process reads at a go.

Pure but for the reading: what would be written, told and counted is handed on, in its order. Holds what became of one
guess, or of as much of other files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from stream_cb.errors import InputError
from stream_cb.events import Notes
from stream_cb.guesses import GUESS_BYTES, Guess, Reached, read_guess
from stream_cb.inputs import Source, display_name, open_sources
from stream_cb.model import DeadLetter, Decoder, Row, Selection
from stream_cb.pipeline import Loop, RunOptions
from stream_cb.tally import Tally

Encode = Callable[[Sequence[Any]], bytes]
# Bytes for a sink, or where they lie in memory that the reader and the writer of a part share.
Piece = bytes | slice


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

    encoded: in pieces, for each sink; where the parent has it, all are bytes, to be read once and before the next
        result is asked for.
    is_last: there is no more of the part; else the worker waits until this was taken.
    """

    encoded: Sequence[Iterable[Piece]]
    told: list[DeadLetter | InputError]
    tally: Tally
    reached: Reached | None
    is_last: bool = True


class Hand(Protocol):
    """What takes the results of a part while it is being read."""

    def lay(self, encoded: bytes, /) -> Piece:
        """Keep bytes for the next result, or answer them as they are."""

    def over(self, done: Done, /) -> None:
        """A result that is not the last; returns when it was taken."""


class Setup(NamedTuple):
    """What a worker is told once."""

    encoders: list[Encode]
    options: RunOptions
    selection: Selection | None
    row: Row | None = None


def read_part(part: Part, setup: Setup, decoder: Decoder | None, notes: Notes, hand: Hand) -> Done:
    """What becomes of a part. notes: of the decoder; their counts are in the answer's tally.

    hand: takes what became of files so far whenever GUESS_BYTES of them have been read, so that no more is held of what
        is inflated; the answer is the rest.
    """
    collected = [_Collected(encode, hand.lay) for encode in setup.encoders]
    loop = Loop(collected, setup.options, decoder, Tally(notes))
    told = _Told()

    def so_far(*, is_last: bool, reached: Reached | None = None) -> Done:
        encoded = [sink.taken() for sink in collected]
        return Done(encoded, told.take(), loop.tally, reached, is_last=is_last)

    def progress() -> None:
        if part.guess is None and loop.tally.covered_bytes >= GUESS_BYTES:
            hand.over(so_far(is_last=False))
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
    """A sink that keeps what a real one's `encode` makes of the events, and what is packed until it is."""

    name = ""

    def __init__(self, encode: Encode, lay: Callable[[bytes], Piece]) -> None:
        self._encode = encode
        self._lay = lay
        self._pack: Callable[[list[bytes]], bytes] | None = getattr(encode, "pack", None)
        self._unpacked: list[bytes] = []
        self._pieces: list[Piece] = []

    def write_batch(self, events: Sequence[Any], /) -> None:
        if encoded := self._encode(events):
            if self._pack:
                self._unpacked.append(encoded)
            else:
                self._pieces.append(self._lay(encoded))

    def taken(self) -> list[Piece]:
        """All of it, in pieces that the sink takes; nothing is kept."""
        pieces, self._pieces = self._pieces, []
        if self._pack:
            pieces.append(self._lay(self._pack(self._unpacked)))
            self._unpacked = []
        return pieces

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
