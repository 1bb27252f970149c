"""Promises of checkpoints: what has changed is noticed, in files, folders and objects alike."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stream_cb.checkpoint import Checkpoint, FileState, load, save, state_of
from stream_cb.errors import CheckpointError
from tests.object_storage import Storage

LONG = b"x" * 200_000


def test_a_file_is_known_by_its_length_its_beginning_and_its_end(tmp_path: Path) -> None:
    file = tmp_path / "a"
    states = set()
    for raw in (b"", b"a", LONG, LONG + b"x", b"y" + LONG[1:], LONG[1:] + b"y"):
        file.write_bytes(raw)
        found = state_of(str(file))
        assert found.length == len(raw)
        states.add((found.length, found.sample))
    assert len(states) == 6


def test_the_state_of_a_part_is_that_of_a_file_that_ends_there(tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(LONG + b"more")
    (tmp_path / "short").write_bytes(LONG)
    assert state_of(str(tmp_path / "long"), len(LONG)) == state_of(str(tmp_path / "short"))
    with pytest.raises(CheckpointError, match="short has 200000 bytes, and 200001 had been reached"):
        state_of(str(tmp_path / "short"), len(LONG) + 1)


def test_an_object_is_known_by_its_size_and_its_content(storage: Storage) -> None:
    first, longer = state_of(storage.put("a", b"one")), state_of(storage.put("a", b"three"))
    assert (first.length, longer.length) == (3, 5)
    assert state_of(storage.put("a", b"two")) != first
    assert state_of(storage.put("a", b"one")) == first


def folder_of(path: Path) -> str:
    path.mkdir()
    for number in range(3):
        (path / f"part-0000{number}.parquet").write_bytes(b"%d" % number * 10)
    return f"{path}/"


def test_a_folder_is_known_by_its_first_files(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "a")
    assert state_of(folder, 20).length == 20
    assert state_of(folder, 20) != state_of(folder, 30)
    assert state_of(folder, 0).length == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda part: part.write_bytes(b"y" * 10),
        lambda part: part.rename(part.with_name("part-00009.parquet")),
    ],
    ids=["content", "name"],
)
def test_a_folder_of_which_a_file_was_changed_has_another_state(
    change: Callable[[Path], object], tmp_path: Path
) -> None:
    folder = folder_of(tmp_path / "a")
    before = state_of(folder, 30)
    change(tmp_path / "a" / "part-00002.parquet")
    assert state_of(folder, 30) != before


def test_a_folder_of_which_files_are_missing_or_too_long_is_told(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "a")
    with pytest.raises(CheckpointError, match="has files of 30 bytes, and 31 had been reached"):
        state_of(folder, 31)
    with pytest.raises(CheckpointError, match="has files of 20 bytes, and 15 had been reached"):
        state_of(folder, 15)


def test_what_was_saved_is_loaded_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = str(tmp_path / "progress.json")
    assert load(path, "command") is None
    saved = Checkpoint(command="command", outputs={"gone": FileState(length=0, sample="")})
    save(path, saved)
    assert load(path, "command") == saved
    assert [file.name for file in tmp_path.iterdir()] == ["progress.json"]
