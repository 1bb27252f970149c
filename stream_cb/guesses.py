"""A file of many records → guesses: ranges that are read side by side, and put together again by one who hears of all.

A range begins where a record seems to begin, with the wrappers around it that the head of the file shows. `Reached`
tells where the reading of the range before has really come to, and only if both agree is the range what a reading from
the beginning would have found there. (`splits` are the ranges that need nobody who hears of all.) Holds one chunk and
one record of a range.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import msgspec

from stream_cb.errors import InputError
from stream_cb.framing import OVERLAP, record_starts
from stream_cb.heads import read_head
from stream_cb.inputs import Ranges, open_ranges
from stream_cb.model import Block, Decoder, ReadOptions
from stream_cb.patterns import lazy_pattern
from stream_cb.places import LevelState, Place
from stream_cb.readers.framed import FramedReading

# Enough for a worker to be busy with, and for its output to be held a few times over.
GUESS_BYTES = 8 << 20
# Of one look for the next record.
_LOOK_BYTES = 256 * 1024
# Belongs to the document behind it.
_DECLARED = lazy_pattern(rb"<\?xml\s[^<>]{0,200}\?>\s{0,64}\Z")


class Guess(msgspec.Struct, frozen=True, kw_only=True):
    """The records of a file that begin from byte `begin` on and before `end` (None: to the file's end).

    place: where the first of them is known to begin, and in which wrappers; None: it has to be looked for, in `levels`,
    behind an element called `name`. identity: of the object that was planned, which must still be the one that is read.
    """

    path: str
    begin: int
    end: int | None
    place: Place | None = None
    levels: tuple[LevelState, ...] = ()
    name: str = ""
    identity: str = ""


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """Where the reading of a guess began, and the place that it came to: all records before it are read."""

    begin: Place
    end: Place


def plan_guesses(path: str, options: ReadOptions, *, guess_bytes: int = GUESS_BYTES) -> list[Guess]:
    """The guesses of a file; one if it is small, compressed, or of wide characters.

    guess_bytes: of each, or less towards the file's end. Reads the file's head. Raises OSError.
    """
    with open_ranges(path) as file:
        size, identity = file.size, file.identity
        head = read_head(file, size, options) if size >= 2 * guess_bytes else None
    whole = [Guess(path=path, begin=0, end=None, place=Place(), identity=identity)]
    if head is None or head.place is None or head.name is None:
        return whole
    levels, name = tuple(_between(level) for level in head.place.levels), head.name
    if record_starts(levels[-1] if levels else None, name.encode()) is None:
        return whole
    begins = _begins(size, guess_bytes)
    ends: list[int | None] = [*begins[1:], None]
    first = Guess(path=path, begin=0, end=ends[0], place=Place(), levels=levels, name=name, identity=identity)
    return [
        msgspec.structs.replace(first, begin=begin, end=end, place=None if begin else first.place)
        for begin, end in zip(begins, ends, strict=True)
    ]


def _begins(size: int, guess_bytes: int) -> list[int]:
    """Where the guesses begin: smaller ones towards the end, so that no worker is at work alone for long."""
    begins, least = [0], max(1, guess_bytes // 4)
    while True:
        left = size - begins[-1]
        step = min(guess_bytes, max(least, left // 4))
        if left - step < least:
            return begins
        begins.append(begins[-1] + step)


def _between(level: LevelState) -> LevelState:
    """A level as it is where an element of it is about to begin."""
    if level.kind != "array" or level.good is None:
        return level
    return msgspec.structs.replace(level, gap=level.good[1], expects="value")


def read_guess(guess: Guess, source: str, options: ReadOptions, decoder: Decoder | None) -> Iterator[Block | Reached]:
    """The blocks of a guess, and at last what it has reached.

    Raises InputError where the file cannot be read on; everything before that was yielded, what it broke off is dead.

    The index of its first record is that of its place, else 0. A guess that ends inside damaged bytes goes on to the
    end of these, which may lie in the next one.
    """
    with _opened(guess, source) as file:
        size = file.size
        begin = guess.place or Place(offset=_start_at(file, guess.begin, guess) or guess.begin, levels=guess.levels)
        reading = FramedReading(source, options, decoder, place=begin, before=_before(file, begin.offset))
        position, stop = begin.offset, guess.end
        place: Place | None = begin
        try:
            while stop is not None:
                stop = _start_at(file, stop, guess)
                if stop is None:
                    break
                while position < stop and (chunk := file.read_at(position, min(options.chunk_bytes, stop - position))):
                    position += len(chunk)
                    block = reading.feed(chunk)
                    place = block.place
                    yield block
                if place:
                    yield Reached(begin=begin, end=place)
                    return
                stop = stop + options.chunk_bytes if stop + options.chunk_bytes < size else None
            while chunk := file.read_at(position, options.chunk_bytes):
                position += len(chunk)
                yield reading.feed(chunk)
        except OSError as error:
            yield reading.close()
            raise InputError(error.strerror or str(error), source=source) from error
        block = reading.close()
        yield block
        yield Reached(begin=begin, end=block.place or Place(offset=block.end))


def _opened(guess: Guess, source: str) -> Ranges:
    try:
        file = open_ranges(guess.path)
    except OSError as error:
        raise InputError(error.strerror or str(error), source=source) from error
    if guess.identity != file.identity:
        file.close()
        raise InputError("it was changed while it was being read", source=source)
    return file


def _start_at(file: Ranges, position: int, guess: Guess) -> int | None:
    """Where a record seems to begin at or behind a position; the end of the file, if there is none.

    None if there is no telling, as in an array that has had no sound record yet; and if the file cannot be read there,
    which whoever reads up to that place will tell.
    """
    resync = record_starts(guess.levels[-1] if guess.levels else None, guess.name.encode())
    if resync is None:
        return None
    base = max(0, position - OVERLAP)
    buffer, at = b"", position - base
    while True:
        try:
            more = file.read_at(base + len(buffer), _LOOK_BYTES)
        except OSError:
            return None
        buffer += more
        found, at = resync.find(buffer, at, final=not more)
        if found is not None:
            if guess.levels or not _DECLARED.search(buffer, max(0, found - OVERLAP), found):
                return base + found
            at = found + 1
        elif not more:
            return base + len(buffer)
        else:
            cut = max(0, at - OVERLAP)
            buffer, base, at = buffer[cut:], base + cut, at - cut


def _before(file: Ranges, position: int) -> bytes:
    with suppress(OSError):  # which the read of the first chunk will tell
        return file.read_at(position - 1, 1) if position else b""
    return b""
