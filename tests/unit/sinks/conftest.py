"""An output in memory."""

from __future__ import annotations

import pytest


class MemoryOutput:
    """Keeps what is written, and the calls in order."""

    name = "memory"
    is_continued = False

    def __init__(self) -> None:
        self.written = b""
        self.calls: list[str] = []

    def write(self, chunk: bytes, /) -> None:
        self.written += chunk

    def flush(self) -> None:
        self.calls.append("flush")

    def commit(self) -> int:
        self.calls.append("commit")
        return len(self.written)

    def close(self) -> None:
        self.calls.append("close")

    def abort(self) -> None:
        self.calls.append("abort")


@pytest.fixture
def memory() -> MemoryOutput:
    return MemoryOutput()
