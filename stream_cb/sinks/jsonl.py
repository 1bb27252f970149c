"""Events → JSON Lines: one JSON document per event, UTF-8, each line ended by a line feed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stream_cb.events.encode import to_lines
from stream_cb.model import EVERYTHING, Output, SinkOptions


class JsonlSink:
    """Writes whole events; the options, which shape tables, change nothing."""

    selection = EVERYTHING
    encode = staticmethod(to_lines)

    def __init__(self, output: Output, _options: SinkOptions, /) -> None:
        self.name = output.name
        self._output = output

    def write_batch(self, events: Sequence[Any], /) -> None:
        """Take these events, in this order."""
        self._output.write(to_lines(events))

    def write_encoded(self, encoded: bytes, /) -> None:
        """Take what `encode` has made of some events."""
        self._output.write(encoded)

    def flush(self) -> None:
        """Hand on what was taken; no durability."""
        self._output.flush()

    def commit(self) -> int:
        """Make all taken events durable. Answers the output's position in bytes."""
        return self._output.commit()

    def close(self) -> None:
        """Commit, and let the output appear under its own name. A second call does nothing."""
        self._output.close()

    def abort(self) -> None:
        """Leave nothing of an unfinished file behind."""
        self._output.abort()
