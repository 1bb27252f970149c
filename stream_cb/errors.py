"""The error tree: every exception that stream_cb raises on purpose.

    StreamCbError
    ├── UsageError(ValueError)     the caller asked for something impossible          exit 2
    ├── RecordError(ValueError)    this record is bad, the next may be fine           dead letter, exit 1
    │   ├── FramingError           its bytes could not be delimited
    │   ├── ParseError             delimited, but not well-formed
    │   ├── EventError             well-formed, but breaks what its schema promises
    │   └── LimitError             over a named limit
    ├── InputError                 nothing after this point of this input can be read exit 3
    ├── SinkError                  the output refused a batch                         exit 4
    ├── WorkerError                a process that shared the work ended before it     exit 4
    └── CheckpointError            saved progress does not fit this input or output   exit 2

A library's exception is translated into one of these once, where the library is called, ``from`` the original.
Located errors print as ``callbacks.xml: record 17 at byte 40213: reason``; all of them pickle.
"""

from __future__ import annotations

from typing import Any, ClassVar


class StreamCbError(Exception):
    """Root of the tree. `exit_code` is what the command ends with when this error ends it."""

    exit_code: ClassVar[int] = 1


class UsageError(StreamCbError, ValueError):
    """The caller asked for something impossible; nothing has been read or written."""

    exit_code = 2


class CheckpointError(StreamCbError):
    """Saved progress does not fit this input or output; nothing has been written."""

    exit_code = 2


class _Located(StreamCbError):
    """An error with a place: `source` (display name), `index` (record ordinal from 0), `offset` (byte from 0)."""

    def __init__(
        self, reason: str, *, source: str | None = None, index: int | None = None, offset: int | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.source = source
        self.index = index
        self.offset = offset

    def __str__(self) -> str:
        place = [] if self.index is None else [f"record {self.index}"]
        if self.offset is not None:
            place.append(f"at byte {self.offset}")
        parts = [self.source, " ".join(place), self.reason]
        return ": ".join(part for part in parts if part)

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.reason, self.source, self.index, self.offset))


def _rebuild(kind: type[_Located], reason: str, source: str | None, index: int | None, offset: int | None) -> _Located:
    """Unpickle a located error (keyword-only arguments do not survive the default protocol)."""
    return kind(reason, source=source, index=index, offset=offset)


class RecordError(_Located, ValueError):
    """One record is bad; the records before it were delivered, the ones after it can still be read."""


class FramingError(RecordError):
    """The record's bytes could not be delimited."""


class ParseError(RecordError):
    """The record was delimited, but is not well-formed XML or JSON."""


class EventError(RecordError):
    """The record is well-formed, but breaks what its schema promises (raised in strict mode only)."""


class LimitError(RecordError):
    """The record is over a named limit."""


class InputError(_Located):
    """Nothing after this point of this input can be read; everything before it was delivered."""

    exit_code = 3


class WorkerError(_Located):
    """A process that shared the work was killed. `source` is what it was reading; no output has appeared."""

    exit_code = 4


class SinkError(_Located):
    """The output refused a batch; commits before it stand. `source` is the output's name."""

    exit_code = 4
