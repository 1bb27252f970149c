"""A stream that was given stays open, takes everything, and a closed pipe passes through as it is."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from stream_cb.errors import SinkError
from stream_cb.sinks import buffering
from stream_cb.sinks.outputs import StdoutOutput


class Refusing(io.BytesIO):
    """Refuses every write with the given error."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self.error = error

    def write(self, _chunk: Any, /) -> int:
        raise self.error


class Slow(io.RawIOBase):
    """Takes three bytes at a time, as a pipe may."""

    def __init__(self) -> None:
        self.taken = b""

    def writable(self) -> bool:
        return True

    def write(self, chunk: Any, /) -> int:
        self.taken += bytes(chunk[:3])
        return min(3, len(chunk))


class Blocking(Slow):
    """Would block, and says so in the way of unbuffered streams."""

    def write(self, _chunk: Any, /) -> int | None:  # type: ignore[override]
        return None


def test_bytes_pass_on_at_flush_commit_and_close_and_the_stream_stays_open() -> None:
    stream = io.BytesIO()
    output = StdoutOutput(stream)
    output.write(b"one")
    assert stream.getvalue() == b""
    output.flush()
    assert stream.getvalue() == b"one"
    output.write(b"two")
    assert output.commit() == 6
    output.write(b"three")
    output.close()
    output.close()
    assert stream.getvalue() == b"onetwothree"
    assert not stream.closed
    assert output.bytes_written == 11
    assert output.name == "stdout"


def test_full_buffer_passes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffering, "BUFFER_BYTES", 4)
    stream = io.BytesIO()
    output = StdoutOutput(stream)
    output.write(b"123")
    output.write(b"456")
    assert stream.getvalue() == b"123456"


def test_abort_drops_what_waits_and_keeps_the_stream_open() -> None:
    stream = io.BytesIO()
    output = StdoutOutput(stream)
    output.write(b"x")
    output.abort()
    output.close()
    assert stream.getvalue() == b""
    assert not stream.closed


def test_broken_pipe_passes_through_unchanged() -> None:
    error = BrokenPipeError(errno.EPIPE, "Broken pipe")
    output = StdoutOutput(Refusing(error))
    output.write(b"x")
    with pytest.raises(BrokenPipeError) as caught:
        output.flush()
    assert caught.value is error


def test_other_refusals_are_sink_errors() -> None:
    output = StdoutOutput(Refusing(OSError(errno.ENOSPC, "No space left on device")), name="results")
    output.write(b"x")
    with pytest.raises(SinkError, match=r"^results: No space left on device$"):
        output.close()


def test_unbuffered_stream_gets_everything() -> None:
    stream = Slow()
    output = StdoutOutput(stream)  # type: ignore[arg-type]
    output.write(b"0123456789")
    output.flush()
    assert stream.taken == b"0123456789"


def test_stream_that_would_block_is_told() -> None:
    output = StdoutOutput(Blocking())  # type: ignore[arg-type]
    output.write(b"x")
    with pytest.raises(SinkError, match="Resource temporarily unavailable"):
        output.flush()


def commit_counting_syncs(stream: BinaryIO, monkeypatch: pytest.MonkeyPatch) -> int:
    synced = []
    real_sync = os.fsync

    def counted(descriptor: int) -> None:
        synced.append(descriptor)
        real_sync(descriptor)

    monkeypatch.setattr(os, "fsync", counted)
    output = StdoutOutput(stream)
    output.write(b"x")
    assert output.commit() == 1
    return len(synced)


def test_redirected_stdout_is_durable_after_a_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "redirected").open("wb") as stream:
        assert commit_counting_syncs(stream, monkeypatch) == 1


def test_pipe_cannot_be_synced_and_that_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as stream:
        commit_counting_syncs(stream, monkeypatch)
    assert os.read(reading, 10) == b"x"
    os.close(reading)
