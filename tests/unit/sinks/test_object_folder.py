"""A folder of objects: all of its files appear together, and `_SUCCESS` after them; or nothing does."""

from __future__ import annotations

from typing import Any

import pytest

from stream_cb.errors import SinkError, UsageError
from stream_cb.sinks.object_folders import ObjectFolder, is_taken
from tests.object_storage import Fault, Storage

NAMES = ["a.parquet/Tag=x/part-00000.parquet", "a.parquet/Tag=x/part-00002.parquet", "a.parquet/part-00001.parquet"]
WHOLE = sorted([*NAMES, "a.parquet/_SUCCESS"])


def filled(address: str, raw: bytes = b"012", **options: Any) -> ObjectFolder:
    """A folder with three files in it, not yet closed."""
    folder = ObjectFolder(address, "parquet", **options)
    for place in ("Tag=x", "", "Tag=x"):
        folder.open_part(place).write(raw)
        folder.close_part()
    return folder


@pytest.mark.parametrize("name", ["a.parquet", "a.parquet/"])
def test_all_files_appear_when_it_is_closed(storage: Storage, name: str) -> None:
    folder = filled(storage.url(name))
    assert (folder.commit(), folder.position, folder.is_empty) == (9, 9, False)
    assert storage.keys == []
    folder.close()
    folder.close()
    folder.abort()
    assert storage.keys == WHOLE
    assert [storage.get(key) for key in WHOLE] == [b"012", b"012", b"", b"012"]
    assert storage.uploads == []


def test_of_a_file_that_was_closed_nothing_is_held_and_one_request_is_left(storage: Storage) -> None:
    folder = filled(storage.url("a.parquet"), bytes(9 << 20))
    assert sum("partNumber=2" in request for request in storage.requests()) == len(NAMES)
    folder.close()
    places = sorted(NAMES, key=lambda key: key.rpartition("/")[2])
    requests = [request.partition("?")[0] for request in storage.requests()]
    assert requests[:3] == [f"POST /{storage.bucket}/{key}" for key in places]
    assert requests[3] == f"PUT /{storage.bucket}/a.parquet/_SUCCESS *"  # if none is there


def test_what_is_aborted_leaves_nothing(storage: Storage) -> None:
    folder = filled(storage.url("a.parquet"))
    folder.open_part("Tag=y").write(b"0")
    folder.abort()
    folder.abort()
    assert storage.keys == storage.uploads == []


@pytest.mark.parametrize(
    ("refused", "told"),
    [
        *(
            (Fault("POST", "uploadId", status=403, code="AccessDenied", skip=skip), "access denied")
            for skip in range(3)
        ),
        (Fault("PUT", "_SUCCESS", status=500), "500"),
    ],
)
def test_a_close_that_is_refused_is_taken_back(storage: Storage, refused: Fault, told: str) -> None:
    folder = filled(storage.url("a.parquet"))
    with storage.failing(refused), pytest.raises(SinkError, match=told):
        folder.close()
    folder.abort()
    assert storage.keys == storage.uploads == []


def test_where_nothing_can_be_taken_back_all_is_tried_and_it_is_told(storage: Storage) -> None:
    folder = filled(storage.url("a.parquet"))
    storage.put(NAMES[1], b"somebody else's")
    with pytest.raises(SinkError, match="it appeared while it was being written; it is left as it is"):
        folder.close()
    refused = Fault("DELETE", NAMES[2], status=403, code="AccessDenied")
    with storage.failing(refused), pytest.raises(SinkError, match=f"^{storage.url('a.parquet')}: access denied"):
        folder.abort()
    assert storage.keys == sorted([NAMES[1], NAMES[2]])
    assert storage.get(NAMES[1]) == b"somebody else's"
    assert storage.uploads == []


def test_what_exists_is_replaced_with_force_only(storage: Storage) -> None:
    old = "a.parquet/Tag=old/part-00007.parquet"
    for key in (old, NAMES[0], "a.parquet/_SUCCESS"):
        storage.put(key, b"old")
    address = storage.url("a.parquet")
    assert is_taken(address)
    with pytest.raises(UsageError, match=f"^{address} exists; --force overwrites it$"):
        ObjectFolder(address, "parquet")
    folder = filled(address, force=True)
    assert storage.get(NAMES[0]) == storage.get(old) == storage.get("a.parquet/_SUCCESS") == b"old"
    storage.requests()
    folder.close()
    requests = [request.partition("?")[0] for request in storage.requests()]
    assert storage.keys == WHOLE
    assert storage.get(NAMES[0]) == b"012"
    assert requests[0] == f"DELETE /{storage.bucket}/a.parquet/_SUCCESS"
    assert f"PUT /{storage.bucket}/a.parquet/_SUCCESS" in requests[-2:]  # its upload is ended behind it


def test_a_run_that_is_aborted_leaves_what_it_would_have_replaced(storage: Storage) -> None:
    storage.put(NAMES[0], b"old")
    filled(storage.url("a.parquet"), force=True).abort()
    assert storage.keys == NAMES[:1]
    assert storage.get(NAMES[0]) == b"old"
    assert storage.uploads == []


def test_a_folder_with_anything_else_in_it_is_never_replaced(storage: Storage) -> None:
    storage.put(NAMES[0])
    storage.put("a.parquet/deep/letters.txt")
    told = "is not overwritten, since a.parquet/deep/letters.txt is no part of an output"
    for options in ({"force": True}, {"keep": 0}):
        with pytest.raises(UsageError, match=told):
            ObjectFolder(storage.url("a.parquet"), "parquet", **options)
    storage.put("b.parquet")
    with pytest.raises(UsageError, match=f"^{storage.url('b.parquet/')} is no folder$"):
        ObjectFolder(storage.url("b.parquet/"), "parquet", force=True)
    assert storage.uploads == []


def test_a_bucket_that_is_not_ours_is_told_before_anything_is_written(storage: Storage) -> None:
    told = f"^{storage.url('a.parquet/_SUCCESS')}: access denied"
    refused = Fault("POST", "uploads", status=403, code="AccessDenied")
    with storage.failing(refused), pytest.raises(SinkError, match=told):
        ObjectFolder(storage.url("a.parquet"), "parquet")
    refused = Fault("GET", storage.bucket, status=403, code="AccessDenied")
    with storage.failing(refused), pytest.raises(SinkError, match=f"^{storage.url('a.parquet')}: access denied"):
        is_taken(storage.url("a.parquet"))


def test_files_appear_at_commits_and_the_folder_can_be_cut_back_to_each(storage: Storage) -> None:
    address = storage.url("a.parquet")
    folder = filled(address, keep=0)
    assert storage.keys == []
    assert folder.commit() == 9
    assert storage.keys == NAMES
    folder.open_part("Tag=y").write(b"3")
    folder.close_part()
    assert folder.commit() == 10
    folder.close()
    assert "a.parquet/_SUCCESS" in storage.keys
    folder = ObjectFolder(address, "parquet", keep=9)  # the commit at 10 was never saved
    assert storage.keys == NAMES
    assert (folder.position, folder.is_empty) == (9, False)
    folder.open_part("Tag=z").write(b"34")
    folder.close_part()
    folder.close()
    assert storage.keys == sorted([*NAMES, "a.parquet/Tag=z/part-00003.parquet", "a.parquet/_SUCCESS"])
    assert filled(address, keep=0).commit() == 9
    assert storage.keys == NAMES


def test_a_commit_that_is_refused_is_cut_back_to_the_one_before(storage: Storage) -> None:
    folder = filled(storage.url("a.parquet"), keep=0)
    folder.commit()
    for place in ("Tag=y", "Tag=z"):
        folder.open_part(place).write(b"3")
        folder.close_part()
    refused = Fault("POST", "uploadId", status=500, skip=1)
    with storage.failing(refused), pytest.raises(SinkError, match="500"):
        folder.commit()
    folder.abort()
    assert storage.keys == NAMES
    assert storage.uploads == []


def test_another_kind_of_storage_does_the_same(memory_files: Any) -> None:
    folder = filled("memory://logs/a.parquet")
    assert not [path for path in memory_files.find("/logs") if not path.endswith(".part")]
    folder.close()
    assert memory_files.find("/logs") == [f"/logs/{key}" for key in WHOLE]
    memory_files.pipe("/logs/a.parquet/.part-00009.parquet.0123abcd.part", b"left by a run that was killed")
    folder = ObjectFolder("memory://logs/a.parquet", "parquet", force=True)
    folder.open_part().write(b"3")
    folder.close_part()
    folder.close()
    assert memory_files.find("/logs") == ["/logs/a.parquet/_SUCCESS", "/logs/a.parquet/part-00000.parquet"]
    filled("memory://logs/b.parquet").abort()
    assert memory_files.find("/logs/b.parquet") == []
