"""An iterator of pieces becomes a stream that can be read, looked ahead into, and that remembers its damage.

In: an iterator of bytes that ends, or raises InputError where its bytes end too early. Out: `read(n)`.
Invariant: every byte before the damage is delivered before the error is raised, and it is raised again ever after
(a generator that has raised looks finished, which would pass for a clean end).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from stream_cb.errors import InputError, UsageError

# Upper bound in bytes of one piece anywhere in this package, and the size of one read of a file.
PIECE_BYTES = 256 * 1024
# How far `peek` shows what is ahead, in bytes: the first header of a tar archive.
_AHEAD_BYTES = 512


class PieceStream:
    """A ByteStream over pieces. Holds one piece, and while looking ahead what `peek` asked for.

    ended: nothing more will come from the iterator; what is held may still be read.
    raised: the error that `read` has raised, or None.
    """

    def __init__(self, pieces: Iterator[bytes], source: str) -> None:
        """`source` is the display name for errors. Empty pieces are passed over."""
        self.ended = False
        self.raised: InputError | None = None
        self._pieces = pieces
        self._source = source
        self._held = b""
        self._start = 0
        self._damage: InputError | None = None
        self._closed = False

    def read(self, size: int, /) -> bytes:
        """Return 1 to `size` bytes, from at most one piece, and b"" only at the end (or for a size of 0).

        Raises:
            InputError: the bytes end too early here; all bytes before were delivered.
            UsageError: `size` is negative, or the stream is closed; nothing was read.
        """
        if size < 0:
            raise UsageError("read needs a size of 0 or more bytes")
        if self._closed:
            raise UsageError("this source is closed, as the next one has been asked for")
        if not size:
            return b""
        if self._start == len(self._held):
            self._held, self._start = self._pull(), 0
            if not self._held and self._damage:
                raise self._located(self._damage)
        return self._cut(size)

    def take(self, size: int) -> bytes:
        """Return exactly `size` bytes, fewer only before the end or damage, which the next `read` then tells."""
        taken: list[bytes] = []
        while size:
            if self._start == len(self._held):
                self._held, self._start = self._pull(), 0
            part = self._cut(size)
            if not part:
                break
            taken.append(part)
            size -= len(part)
        return taken[0] if len(taken) == 1 else b"".join(taken)

    def peek(self, wants_more: Callable[[bytes], bool]) -> bytes:
        """Return up to 512 bytes that lie ahead without taking them.

        Pulls pieces for as long as `wants_more(ahead)`, or up to the end or damage.
        """
        ahead = self._held[self._start : self._start + _AHEAD_BYTES]
        while wants_more(ahead) and (piece := self._pull()):
            self._held, self._start = self._held[self._start :] + piece, 0
            ahead = self._held[:_AHEAD_BYTES]
        return ahead

    def unread(self, chunk: bytes) -> None:
        """Put bytes back in front of those to come; costs nothing for bytes that have just been read."""
        back = self._start - len(chunk)
        if back >= 0 and self._held.startswith(chunk, back):
            self._start = back
        else:
            self._held, self._start = chunk + self._held[self._start :], 0

    def skip(self, size: int) -> int:
        """Pass over `size` bytes and return how many there were; like `take`, but holds one piece only."""
        left = size
        while left and (part := self.take(min(left, PIECE_BYTES))):
            left -= len(part)
        return size - left

    def check(self) -> None:
        """Raise the damage if the bytes have come to it; returns if more can be read or the end is clean.

        Raises:
            InputError: as `read` would.
        """
        self.unread(self.read(1))

    def close(self) -> None:
        """Let go of the pieces; a later `read` raises UsageError. Closes no file."""
        self._closed = True
        self._pieces = iter(())
        self._held, self._start = b"", 0

    def _cut(self, size: int) -> bytes:
        """Take up to `size` of the held bytes; a whole piece is handed on without a copy."""
        start, self._start = self._start, min(self._start + size, len(self._held))
        return self._held if self._start - start == len(self._held) else self._held[start : self._start]

    def _pull(self) -> bytes:
        """The next piece that is not empty; b"" at the end and at damage, which is kept."""
        if not self.ended:
            try:
                for piece in self._pieces:
                    if piece:
                        return piece
            except InputError as error:
                self._damage = error
            self.ended = True
        return b""

    def _located(self, damage: InputError) -> InputError:
        """The damage under this stream's own name; `raised` keeps it. A shared stream's error is left as it is."""
        if self.raised is None:
            if damage.source in (None, self._source):
                damage.source = self._source
                self.raised = damage
            else:
                self.raised = InputError(damage.reason, source=self._source)
                self.raised.__cause__ = damage
        return self.raised
