"""Streams that misbehave in a chosen way."""

from __future__ import annotations

import errno
import io
from collections.abc import Callable

import pytest


class FailingStream(io.RawIOBase):
    """Gives its bytes, then raises at every read."""

    def __init__(self, content: bytes, error: Exception) -> None:
        self._content = io.BytesIO(content)
        self._error = error

    def read(self, size: int = -1, /) -> bytes:
        if chunk := self._content.read(size):
            return chunk
        raise self._error


@pytest.fixture
def failing_stream() -> Callable[..., FailingStream]:
    def make(content: bytes, error: Exception | None = None) -> FailingStream:
        return FailingStream(content, error or OSError(errno.EIO, "Input/output error"))

    return make
