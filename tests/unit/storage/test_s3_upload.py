"""An upload: it appears whole at its end, and leaves nothing if it has none."""

from __future__ import annotations

import pytest

from stream_cb.storage.s3 import S3Store
from stream_cb.storage.s3_upload import S3Upload, _part_bytes
from tests.object_storage import Fault, Storage

MIB = 1024 * 1024
RAW = bytes(range(256)) * 4096 * 20  # 20 MiB


@pytest.fixture
def store(storage: Storage) -> S3Store:
    return S3Store("s3", storage.bucket)


def write(upload: S3Upload, raw: bytes = RAW) -> None:
    for begin in range(0, len(raw), 700_000):
        upload.write(raw[begin : begin + 700_000])


def test_a_large_object_goes_in_parts_and_appears_at_the_end(store: S3Store, storage: Storage) -> None:
    upload = store.create("a", force=False)
    write(upload)
    assert storage.keys == []
    assert storage.uploads == ["a"]
    upload.finish()
    assert storage.get("a") == RAW
    assert storage.uploads == []
    parts = [request for request in storage.requests() if "partNumber" in request]
    assert len(parts) == 3


def write_all(upload: S3Upload) -> None:
    write(upload)
    upload.finish()


@pytest.mark.parametrize("raw", [b"", b"0123", RAW[: 8 * MIB - 1]], ids=["empty", "small", "nearly a part"])
def test_a_small_object_is_written_in_one_step(store: S3Store, storage: Storage, raw: bytes) -> None:
    upload = store.create("a", force=False)
    write(upload, raw)
    assert storage.keys == []
    upload.finish()
    upload.abort()
    assert storage.get("a") == raw
    assert storage.uploads == []


@pytest.mark.parametrize("raw", [b"0123", RAW], ids=["small", "large"])
def test_what_is_aborted_leaves_nothing(store: S3Store, storage: Storage, raw: bytes) -> None:
    upload = store.create("a", force=False)
    write(upload, raw)
    upload.abort()
    upload.abort()
    assert storage.keys == storage.uploads == []


def test_an_object_that_exists_is_replaced_with_force_only(store: S3Store, storage: Storage) -> None:
    storage.put("a", b"old")
    with pytest.raises(FileExistsError, match="it exists"):
        store.create("a", force=False)
    upload = store.create("a", force=True)
    write(upload, b"new")
    assert storage.get("a") == b"old"
    upload.finish()
    assert storage.get("a") == b"new"


@pytest.mark.parametrize("raw", [b"0123", RAW], ids=["small", "large"])
def test_an_object_that_appears_meanwhile_is_left_as_it_is(store: S3Store, storage: Storage, raw: bytes) -> None:
    upload = store.create("a", force=False)
    write(upload, raw)
    storage.put("a", b"somebody else's")
    with pytest.raises(FileExistsError, match="it exists"):
        upload.finish()
    upload.abort()
    assert storage.get("a") == b"somebody else's"
    assert storage.uploads == []


@pytest.mark.parametrize(
    "fault",
    [Fault("PUT", "partNumber=2", status=500), Fault("POST", "uploadId=", status=503)],
    ids=["part", "putting together"],
)
def test_an_upload_that_fails_can_be_taken_back(store: S3Store, storage: Storage, fault: Fault) -> None:
    upload = store.create("a", force=False)
    with storage.failing(fault), pytest.raises(OSError, match=r"the storage answered 50[03] \(InternalError\)"):
        write_all(upload)
    upload.abort()
    assert storage.keys == storage.uploads == []


def test_a_part_that_fails_once_is_sent_again(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
    upload = S3Store("s3", storage.bucket).create("a", force=False)
    with storage.failing(Fault("PUT", "partNumber=2", status=500, times=1)):
        write(upload)
    upload.finish()
    assert storage.get("a") == RAW


def test_a_bucket_that_is_not_ours_is_told_before_anything_is_written(store: S3Store, storage: Storage) -> None:
    with storage.failing(Fault("POST", "uploads", status=403, code="AccessDenied")), pytest.raises(PermissionError):
        store.create("a", force=True)
    with pytest.raises(FileNotFoundError, match="there is no such bucket"):
        S3Store("s3", "nowhere").create("a", force=False)


def test_an_upload_that_somebody_else_has_ended_is_told(store: S3Store, storage: Storage) -> None:
    upload = store.create("a", force=False)
    write(upload)
    ended = Fault("POST", "uploadId=", status=404, code="NoSuchUpload")
    with storage.failing(ended), pytest.raises(OSError, match="the upload was ended by somebody else"):
        upload.finish()


def test_an_object_may_have_214_gib_in_parts_of_32_mib_at_most() -> None:
    assert max(map(_part_bytes, range(10_000))) == 32 * MIB
    assert sum(map(_part_bytes, range(10_000))) // 1024**3 == 214


def test_a_part_too_many_is_told(store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stream_cb.storage.s3_upload._MAX_PARTS", 1)
    upload = store.create("a", force=False)
    with pytest.raises(OSError, match="the object is larger than an upload in 10,000 parts can make it"):
        write(upload)
    upload.abort()
