"""Requests for ranges of an object → a file that can be read and sought.

In: a way to ask for bytes from here to there. Out: reads. Read in sequence, it is one request, or one for each 8 MiB
behind a place that was sought. A connection that breaks is taken up again at the byte where it broke.
Invariant: all bytes before a failure are delivered before it is raised. Holds what one read asks for, and the last two
looks at new places (256 KiB each).
"""

from __future__ import annotations

import errno
import os
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

# Of one read of a connection.
_READ_BYTES = 256 * 1024
# What the first request at a new place asks for at least, and what is rather read over than asked for anew: it takes
# about as long as a request that is answered at once.
_NEAR_BYTES = 256 * 1024
# What a request asks for that goes on behind the one before it: a split, about.
_AHEAD_BYTES = 8 << 20
# Connections in a row that give not one byte; each has been tried several times by the library below.
_MAX_FAILURES = 3


class Body(Protocol):
    """The answer to one request. Both methods may raise OSError."""

    def read(self, size: int, /) -> bytes: ...
    def close(self) -> None: ...


class ObjectFile:
    """See the module, and `StoredFile`.

    ask: for the bytes from one offset up to another; raises OSError, which is final.
    body: the answer to a request for all of it, that is open already.
    """

    def __init__(self, ask: Callable[[int, int], Body], size: int, identity: str, body: Body | None = None) -> None:
        self.size = size
        self.identity = identity
        self._ask = ask
        self._at = 0
        self._body = body
        # Where the body stands, and where what was asked for ends.
        self._body_at = 0
        self._body_end = size if body else -1
        self._read_bytes = _READ_BYTES
        self._failures = 0
        # What was read at new places, and where: whoever reads a split looks at its beginning and its end first.
        self._looks: deque[tuple[int, bytes]] = deque(maxlen=2)
        self._is_look = False

    def read1(self, size: int = -1, /) -> bytes:
        """Return 1 to `size` bytes, b"" only at the end. Raises OSError when trying again has not helped."""
        left = self.size - self._at
        wanted = left if size < 0 else min(size, left)
        if wanted > 0 and (known := self._looked_at(wanted)):
            return known
        while wanted > 0:
            body = self._standing_here(wanted)
            try:
                chunk = body.read(min(wanted, self._read_bytes, self._body_end - self._at))
                if not chunk:
                    raise ConnectionResetError(errno.ECONNRESET, "the connection was closed before the end")
            except OSError as error:
                self._failed(error)
                continue
            self._failures = 0
            self._read_bytes = min(4 * self._read_bytes, _READ_BYTES)
            if self._is_look:
                self._looks.append((self._at, chunk))
                self._is_look = False
            self._at += len(chunk)
            self._body_at = self._at
            return chunk
        return b""

    def read(self, size: int = -1, /) -> bytes:
        """Return `size` bytes, fewer only before the end. Raises OSError as `read1`; the position is then undefined."""
        end = self.size if size < 0 else min(self.size, self._at + size)
        chunks: list[bytes] = []
        while self._at < end:
            chunks.append(self.read1(end - self._at))
        return b"".join(chunks)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a byte; asks for nothing. Raises OSError for one before the beginning."""
        place = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence] + offset
        if place < 0:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self._at = place
        return place

    def tell(self) -> int:
        """The byte that the next read begins at."""
        return self._at

    def seekable(self) -> bool:
        """True."""
        return True

    def close(self) -> None:
        """Let go of the connection; back to the library, if it is nearly read to its end."""
        if self._body and 0 < self._body_end - self._body_at <= _NEAR_BYTES:
            with suppress(OSError):  # nobody wants the rest
                self._body.read(self._body_end - self._body_at)
        self._drop()

    def __enter__(self) -> ObjectFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _looked_at(self, size: int) -> bytes:
        """What is known from a look at this place."""
        for begin, chunk in self._looks:
            if begin <= self._at < begin + len(chunk):
                known = chunk[self._at - begin :][:size]
                self._at += len(known)
                return known
        return b""

    def _standing_here(self, wanted: int) -> Body:
        """A body whose next byte is the one that is to be read."""
        if self._body and self._body_at < self._at <= min(self._body_at + _NEAR_BYTES, self._body_end - 1):
            self._read_over(self._body)
        if self._body and self._body_at == self._at < self._body_end:
            return self._body
        self.close()
        goes_on = self._at == self._body_end or any(self._at == begin + len(chunk) for begin, chunk in self._looks)
        self._is_look = not (goes_on or self._failures)
        if goes_on:
            end = self._at + _AHEAD_BYTES
        elif self._failures:
            end = self._body_end
        else:
            end = self._at + max(wanted, _NEAR_BYTES)
        self._body_at, self._body_end = self._at, min(end, self.size)
        self._body = self._ask(self._body_at, self._body_end)
        return self._body

    def _drop(self) -> None:
        body, self._body = self._body, None
        if body:
            body.close()

    def _read_over(self, body: Body) -> None:
        try:
            while self._body_at < self._at and (passed := body.read(self._at - self._body_at)):
                self._body_at += len(passed)
        except OSError:
            self._drop()

    def _failed(self, error: OSError) -> None:
        """Count a connection that broke, and raise its error if there were too many in a row."""
        self._drop()
        self._failures += 1
        # What lies right before the place where it breaks is had by small reads only: a failed one gives nothing.
        self._read_bytes = 1
        if self._failures > _MAX_FAILURES:
            self._failures = 0
            raise error
