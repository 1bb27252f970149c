"""Promises of progress: the object that is being read is compared as it was when its reading began."""

from __future__ import annotations

from pathlib import Path

import pytest

from stream_cb.checkpoint import load
from stream_cb.errors import CheckpointError, InputError
from stream_cb.places import Place, Position
from stream_cb.resume import SavedProgress
from tests.object_storage import Storage


def progress_of(files: list[str | InputError], folder: Path, *, follow: bool = False) -> SavedProgress:
    return SavedProgress(str(folder / "progress.json"), "command", files, every_bytes=1, strict=False, follow=follow)


def test_an_object_is_asked_about_once_and_compared_by_the_next_run(storage: Storage, tmp_path: Path) -> None:
    address = storage.put("a.xml", b"<Response/>")
    progress = progress_of([address], tmp_path)
    storage.requests()
    for offset in range(3):
        progress.commit(Position(place=Place(offset=offset)))
    assert len(storage.requests()) == 1
    assert progress_of([address], tmp_path).start.place == Place(offset=2)
    storage.put("a.xml", b"<Request/>")
    with pytest.raises(CheckpointError, match="has changed since the checkpoint"):
        progress_of([address], tmp_path)


def test_what_could_not_be_read_is_not_compared(tmp_path: Path) -> None:
    for files in ([], [InputError("gone", source="a")], [str(tmp_path / "missing")]):
        progress_of(list(files), tmp_path).commit(Position())
        saved = load(str(tmp_path / "progress.json"), "command")
        assert saved is not None
        assert saved.inputs == {}
        (tmp_path / "progress.json").unlink()


def test_of_a_file_that_is_followed_what_was_read_is_compared(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"<Response/>")
    progress = progress_of([str(log)], tmp_path, follow=True)
    progress.commit(Position())
    progress.commit(Position(place=Place(offset=11)))
    with log.open("ab") as file:
        file.write(b"<Response/>")
    assert progress_of([str(log)], tmp_path, follow=True).start.place == Place(offset=11)
    log.write_bytes(b"<Request/>")
    with pytest.raises(CheckpointError, match="log has 10 bytes, and 11 had been reached"):
        progress_of([str(log)], tmp_path, follow=True)
