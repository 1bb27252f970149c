"""How much a compressed file or an archive may hold: one count for all that is inflated of one file.

Invariant: what was inflated within the limit is yielded before the InputError is raised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from stream_cb.errors import InputError
from stream_cb.limits import Limits


class Expansion:
    """Counts what is inflated of a file, of all its members and layers. consumed: its bytes, or those read so far."""

    def __init__(self, limits: Limits, consumed: Callable[[], int]) -> None:
        self._limits = limits
        self._consumed = consumed
        self._inflated = 0

    def bounded(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The pieces, as long as they stay within the limit. Raises InputError past it."""
        ratio, floor = self._limits.max_expansion, self._limits.expansion_floor_bytes
        for piece in pieces:
            self._inflated += len(piece)
            if self._inflated > floor and self._inflated > ratio * self._consumed():
                raise InputError(f"it holds more than max_expansion ({ratio}) times its size")
            yield piece
