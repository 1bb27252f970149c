"""Sources as readers see them: how far a stream was read, and an error kept until all before it was taken.

In: sources. Out: their blocks. Holds one block.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from stream_cb.errors import InputError
from stream_cb.inputs import Sources
from stream_cb.model import Block, ByteStream, Decoder, Reader, ReadOptions


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


def read_sources(
    sources: Sources, reader: Reader, options: ReadOptions, decoder: Decoder | None
) -> Iterator[tuple[str, Block, bool]]:
    """The name of each source, a block of it, and whether the source broke off in it.

    Raises an InputError where it is met: behind the last block of the source. The sources are closed by then: whoever
    keeps the error must not keep a file open with it.
    """
    with closing(sources):
        for source in sources:
            if isinstance(source, InputError):
                raise source
            tap = Tap(source.stream)
            for block in reader(tap, source.name, options, decoder):
                yield source.name, block, tap.error is not None
            if tap.error:
                raise tap.error
