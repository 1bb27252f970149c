"""Files are made durable beside the writing of them, and nothing that the disk says of it is lost."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from stream_cb.errors import SinkError
from stream_cb.sinks import syncing
from stream_cb.sinks.outputs import FileOutput
from stream_cb.sinks.syncing import SYNC_BYTES, EarlySync

CHUNK = bytes(1 << 20)
CHUNKS = SYNC_BYTES // len(CHUNK)


class Disk:
    """Stands for the call that makes a file durable: counts, and refuses where it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, refuses: bool = False) -> None:
        self.synced: list[int] = []
        self._refuses = refuses
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        monkeypatch.setattr(syncing, "sync", self._sync)

    def _sync(self, descriptor: int) -> None:
        self.may_go_on.wait()
        self.synced.append(descriptor)
        if self._refuses:
            raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_a_file_is_synced_whenever_so_much_was_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    disk = Disk(monkeypatch)
    with (tmp_path / "events.jsonl").open("wb") as file:
        early = EarlySync(file.fileno())
        early.written(SYNC_BYTES - 1)
        early.wait()
        assert disk.synced == []
        early.written(1)
        early.wait()
        early.written(SYNC_BYTES)
        early.wait()
        assert disk.synced == [file.fileno()] * 2


def test_the_writing_goes_on_while_a_sync_takes_its_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    disk = Disk(monkeypatch)
    disk.may_go_on.clear()
    output = FileOutput(tmp_path / "events.jsonl")
    for _ in range(3 * CHUNKS):
        output.write(CHUNK)
    assert disk.synced == []
    disk.may_go_on.set()
    output.close()
    assert len(disk.synced) == 1
    assert (tmp_path / "events.jsonl").stat().st_size == 3 * SYNC_BYTES


def test_what_the_disk_refused_meanwhile_is_an_error_of_the_next_write(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Disk(monkeypatch, refuses=True)
    output = FileOutput(tmp_path / "events.jsonl")

    def write_on() -> None:
        for _ in range(3 * CHUNKS):
            output.write(CHUNK)
        output.commit()

    with pytest.raises(SinkError, match="Input/output error"):
        write_on()
    output.abort()
    assert list(tmp_path.iterdir()) == []


def test_what_the_disk_refused_meanwhile_is_an_error_of_the_commit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Disk(monkeypatch, refuses=True)
    output = FileOutput(tmp_path / "events.jsonl")
    for _ in range(CHUNKS):
        output.write(CHUNK)
    with pytest.raises(SinkError, match="Input/output error"):
        output.commit()
    output.abort()
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_open_until_a_sync_is_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    was_open: list[bool] = []

    def sync(descriptor: int) -> None:
        was_open.append(os.fstat(descriptor).st_size > 0)

    monkeypatch.setattr(syncing, "sync", sync)
    output = FileOutput(tmp_path / "events.jsonl")
    for _ in range(CHUNKS):
        output.write(CHUNK)
    output.abort()
    assert was_open == [True]


def test_without_another_thread_everything_is_left_to_the_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    output = FileOutput(tmp_path / "events.jsonl")
    for _ in range(2 * CHUNKS):
        output.write(CHUNK)
    output.close()
    assert (tmp_path / "events.jsonl").stat().st_size == 2 * SYNC_BYTES
