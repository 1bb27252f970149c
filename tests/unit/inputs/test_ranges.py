"""Bytes from any place on, of a file and of an object alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from stream_cb.inputs import open_ranges
from tests.object_storage import Storage


def test_a_file_and_an_object_are_read_alike(tmp_path: Path, storage: Storage) -> None:
    raw = bytes(range(256)) * 1000
    (tmp_path / "a").write_bytes(raw)
    for path in (str(tmp_path / "a"), storage.put("a", raw)):
        with open_ranges(path) as file:
            assert file.size == len(raw)
            for offset, size in ((0, 10), (200_000, 300), (100, 5), (len(raw) - 3, 10), (len(raw), 10)):
                assert file.read_at(offset, size) == raw[offset : offset + size]
            assert bool(file.identity) == path.startswith("s3://")


def test_what_is_not_there_cannot_be_opened(tmp_path: Path, storage: Storage) -> None:
    for path in (str(tmp_path / "a"), storage.url("a")):
        with pytest.raises(FileNotFoundError):
            open_ranges(path)


def test_what_has_no_size_cannot_be_read_here_and_there(monkeypatch: pytest.MonkeyPatch) -> None:
    import fsspec

    fsspec.filesystem("memory").pipe("/unsized", b"012")
    monkeypatch.setattr("stream_cb.storage.fsspec_store._File.seekable", lambda _: False)
    monkeypatch.setattr("fsspec.implementations.memory.MemoryFile.seekable", lambda _: False)
    with pytest.raises(OSError, match="it cannot be read from any place on"):
        open_ranges("memory://unsized")
    fsspec.filesystem("memory").rm("/unsized")
