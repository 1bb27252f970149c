"""Writes are collected, and what the operating system refuses is told as a SinkError.

At most `BUFFER_BYTES` and one write wait in memory.
Invariant: once a write was refused or interrupted, nothing more is written, so nothing with a gap is ever completed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from stream_cb.errors import SinkError

# What a chunk of input becomes is about as much, and is then passed on as it is; to join it with more would cost more
# than the writes that it saves.
BUFFER_BYTES = 128 * 1024


@contextlib.contextmanager
def translated(name: str) -> Iterator[None]:
    """Around what the system or a storage may refuse: its OSError becomes a SinkError of the output called `name`."""
    try:
        yield
    except OSError as error:
        raise SinkError(error.strerror or str(error), source=name) from error


class BufferedOutput:
    """Collects writes; a subclass passes them on in `pass_on`. After a refusal only `abort` does anything.

    name: the output in messages. is_continued: it holds what an earlier run has written.
    bytes_written: accepted by `write` so far, before any compression.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_continued = False
        self.bytes_written = 0
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._refused = False
        self._closed = False

    def write(self, chunk: bytes, /) -> None:
        """Take bytes. Raises SinkError when the output refuses; how many bytes it has taken by then is unknown."""
        with self.translated():
            self._waiting.append(chunk)
            self._waiting_bytes += len(chunk)
            self.bytes_written += len(chunk)
            if self._waiting_bytes >= BUFFER_BYTES:
                self.drain()

    def drain(self) -> None:
        """Pass everything on that waits; for subclasses, inside `translated`."""
        if self._waiting_bytes:
            chunk = self._waiting[0] if len(self._waiting) == 1 else b"".join(self._waiting)
            self._waiting.clear()
            self._waiting_bytes = 0
            self.pass_on(chunk)

    def pass_on(self, chunk: bytes, /) -> None:
        """Write all of `chunk` to wherever it goes; OSErrors may leave it."""
        raise NotImplementedError

    @contextlib.contextmanager
    def translated(self) -> Iterator[None]:
        """Around everything that may be refused. Raises SinkError at once after a refusal, or when closed."""
        if self._closed or self._refused:
            raise SinkError("it is closed" if self._closed else "an earlier write failed", source=self.name)
        try:
            yield
        except BaseException as error:
            # An interrupt, too, may have left half a chunk behind.
            self._refused = True
            if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
                raise SinkError(error.strerror or str(error), source=self.name) from error
            raise
