"""Dead letters of earlier runs → what becomes of their bytes now, after a fix or with other limits.

Each letter is a source of its own. What is still bad is a dead letter with the source, the index and the place that it
had before; so is one whose bytes were not kept whole, of which nothing can be read. Holds one letter.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import cast

import msgspec

from stream_cb.errors import InputError
from stream_cb.inputs import Source
from stream_cb.model import Block, ByteStream, DeadLetter, Sink
from stream_cb.pipeline import LetterSink, Loop, Observer, RunOptions, open_loop
from stream_cb.sinks.dead_letters import read_dead_letters
from stream_cb.tally import Tally


def run_letters(
    sources: Iterable[Source | InputError],
    sinks: Sequence[Sink],
    options: RunOptions,
    *,
    letters: LetterSink | None = None,
    observer: Observer | None = None,
) -> Tally:
    """As `pipeline.run`, for sources that hold dead letters as a `DeadLetterSink` writes them."""
    with open_loop(sinks, options, letters=letters, observer=observer) as loop:
        for source in sources:
            _read(source, loop, letters, observer)
            if loop.tally.stopped:
                break
        return loop.tally


def _read(source: Source | InputError, loop: Loop, letters: LetterSink | None, observer: Observer | None) -> None:
    """Every dead letter of a source, until one of them ends the run."""
    if isinstance(source, InputError):
        loop.note(source)
        return
    lines = io.BufferedReader(_Raw(source.stream))
    try:
        for letter in read_dead_letters(lines, source=source.name):
            loop.letters = _Sink(letters, letter) if letters else None
            loop.observer = _Observer(observer, letter) if observer else None
            _retry(loop, letter, source)
            if loop.tally.stopped:
                return
    except InputError as error:
        loop.observer = observer
        loop.note(error)


def _retry(loop: Loop, letter: DeadLetter, source: Source) -> None:
    if letter.raw and letter.length in (None, len(letter.raw)):
        stream = cast("ByteStream", io.BytesIO(letter.raw))
        inner = Source(name=letter.source, stream=stream, size=None, is_pipe=False, position=source.position)
        loop.read_all([inner])
        return
    loop.tally.sources += 1
    loop.take(Block(results=[], dead=[letter], places=[0], records=1, record_bytes=0, dead_bytes=0, begin=0, end=0))


def _placed(letter: DeadLetter, before: DeadLetter) -> DeadLetter:
    """The letter where the bytes lay at first."""
    if letter is before:
        return letter
    known = before.offset is not None and letter.offset is not None
    offset = (before.offset or 0) + (letter.offset or 0) if known else before.offset
    return msgspec.structs.replace(letter, index=before.index, offset=offset)


class _Sink:
    def __init__(self, sink: LetterSink, before: DeadLetter) -> None:
        self._sink = sink
        self._before = before

    def write(self, letters: Sequence[DeadLetter], /) -> None:
        self._sink.write([_placed(letter, self._before) for letter in letters])


class _Observer:
    def __init__(self, observer: Observer, before: DeadLetter) -> None:
        self._observer = observer
        self._before = before

    def dead_letter(self, letter: DeadLetter, /) -> None:
        self._observer.dead_letter(_placed(letter, self._before))

    def input_error(self, error: InputError, /) -> None:
        self._observer.input_error(error)

    def progress(self, source: Source, tally: Tally, /) -> None:
        self._observer.progress(source, tally)


class _Raw(io.RawIOBase):
    """A source's stream as Python's buffered reader wants it."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        chunk = self._stream.read(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)
