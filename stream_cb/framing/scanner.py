"""What the scanners of elements and of values share: they go on as the buffer grows, and stop at too much nesting."""

from __future__ import annotations

from stream_cb.framing.damaged import MAX_OPEN, PATIENCE_BYTES, Damaged, TooDeep


class Scanner:
    """Finds the exact end of one element or value, in as many steps as the buffer grows.

    A subclass reads on in `_scan`: `_done` is how far it has come, relative to the start, and `_deeper` counts what is
    open beyond MAX_OPEN.
    """

    what = ""

    def __init__(self) -> None:
        self._deeper = 0
        self._done = 0

    def scan(self, buffer: bytes, start: int, *, final: bool) -> int | None:
        """End of what starts at `start`, or None when the buffer ends first.

        Raises Damaged where `_scan` does, and when the final buffer ends inside; TooDeep instead where more than
        MAX_OPEN are open, or have been for PATIENCE_BYTES.
        """
        try:
            end = self._scan(buffer, start, final=final)
        except Damaged as damaged:
            if self._deeper:
                raise self._too_deep(damaged.at) from damaged
            raise
        if end is None and self._deeper and self._done > PATIENCE_BYTES:
            raise self._too_deep(start + self._done)
        return end

    def _too_deep(self, at: int) -> TooDeep:
        return TooDeep(f"more than {MAX_OPEN:,} {self.what} are open", at)

    def _scan(self, buffer: bytes, start: int, *, final: bool) -> int | None:
        raise NotImplementedError
