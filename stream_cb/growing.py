"""Files that grow while they are read, and that are replaced by new ones under the same name.

In: a path. Out: a Source for the file, and one more each time that another file has taken its name and the old one is
read to its end. A read waits for more bytes; `Stop` ends the waiting. Holds nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

from stream_cb.errors import InputError
from stream_cb.inputs import RawFile, Source, display_name, open_raw

# How often the end of a file is looked at; a person does not notice it, and a disk does not either.
_WAIT_SECONDS = 0.2


class Stopped(Exception):
    """Reading was asked to stop; all bytes before were delivered."""


class Follower:
    """Opens the sources of one path. on_idle: called when there is nothing to read, before the waiting."""

    def __init__(self, path: str, stop: Event, on_idle: Callable[[], None]) -> None:
        self._path = path
        self._stop = stop
        self._on_idle = on_idle

    def sources(self) -> Iterator[Source]:
        """A source for each file of that name, without end."""
        while True:
            raw = self._opened()
            with raw.file:
                name = display_name(self._path)
                yield Source(name=name, stream=_Stream(raw, self), size=None, is_pipe=True, position=raw.position)

    def wait(self) -> None:
        """Wait a moment. Raises Stopped if that was asked for."""
        self._on_idle()
        if self._stop.wait(_WAIT_SECONDS):
            raise Stopped

    def is_replaced(self, raw: RawFile) -> bool:
        """Whether another file has taken the name, or the same one was cut off and begun anew."""
        try:
            now = Path(self._path).stat()
        except OSError:
            return False  # between the old and the new
        own = os.fstat(raw.file.fileno())
        return (now.st_dev, now.st_ino) != (own.st_dev, own.st_ino) or own.st_size < raw.position()

    def _opened(self) -> RawFile:
        while True:
            try:
                return open_raw(self._path)
            except InputError:
                self.wait()


class _Stream:
    def __init__(self, raw: RawFile, follower: Follower) -> None:
        self._raw = raw
        self._follower = follower

    def read(self, size: int, /) -> bytes:
        while True:
            is_replaced = self._follower.is_replaced(self._raw)
            chunk = self._raw.read(size)
            if chunk or is_replaced:
                return chunk
            self._follower.wait()
