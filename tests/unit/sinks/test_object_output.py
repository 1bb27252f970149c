"""An object as an output: whole at its close, and nothing before or instead."""

from __future__ import annotations

import gzip

import pytest
import zstandard

from stream_cb.errors import SinkError, UsageError
from stream_cb.sinks import open_output
from tests.object_storage import Fault, Storage

LARGE = bytes(range(256)) * 4096 * 9  # more than a part


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst"])
def test_it_appears_whole_when_it_is_closed(storage: Storage, name: str) -> None:
    output = open_output(storage.url(name))
    for text in (b"one\n", b"two\n"):
        output.write(text)
        output.flush()
        assert output.commit() > 0
    assert storage.keys == []
    output.close()
    output.close()
    output.abort()
    raw = storage.get(name)
    if name.endswith(".gz"):
        raw = gzip.decompress(raw)
    if name.endswith(".zst"):
        raw = zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True).read()
    assert raw == b"one\ntwo\n"


def test_without_a_byte_it_is_still_a_gzip_file(storage: Storage) -> None:
    open_output(storage.url("a.csv.gz")).close()
    assert gzip.decompress(storage.get("a.csv.gz")) == b""


def test_what_is_aborted_leaves_nothing(storage: Storage) -> None:
    output = open_output(storage.url("a.jsonl"))
    output.write(LARGE)
    output.abort()
    output.abort()
    assert storage.keys == storage.uploads == []
    with pytest.raises(SinkError, match=f"^{storage.url('a.jsonl')}: it is closed$"):
        output.write(b"more")


def test_an_object_that_exists_is_replaced_with_force_only(storage: Storage) -> None:
    address = storage.put("a.jsonl", b"old")
    with pytest.raises(UsageError, match=f"^{address} exists; --force overwrites it$"):
        open_output(address)
    output = open_output(address, force=True)
    output.write(b"new")
    output.close()
    assert storage.get("a.jsonl") == b"new"


def test_an_object_that_appears_meanwhile_is_left_as_it_is(storage: Storage) -> None:
    output = open_output(storage.url("a.jsonl"))
    address = storage.put("a.jsonl", b"somebody else's")
    with pytest.raises(SinkError, match=f"^{address}: it appeared while it was being written; it is left as it is$"):
        output.close()
    output.abort()
    assert storage.get("a.jsonl") == b"somebody else's"
    assert storage.uploads == []


def test_a_part_that_is_refused_names_the_address_and_nothing_stays(storage: Storage) -> None:
    output = open_output(storage.url("a.jsonl"))
    told = rf"^{storage.url('a.jsonl')}: the storage answered 500 \(InternalError\)$"
    with storage.failing(Fault("PUT", "partNumber", status=500)), pytest.raises(SinkError, match=told):
        output.write(LARGE)
    with pytest.raises(SinkError, match="an earlier write failed"):
        output.close()
    output.abort()
    assert storage.keys == storage.uploads == []


def test_an_upload_that_cannot_be_taken_back_is_told_unless_that_is_no_news(storage: Storage) -> None:
    refused = Fault("DELETE", "uploadId", status=403, code="AccessDenied")
    output = open_output(storage.url("a.jsonl"))
    told = "the unfinished upload could not be taken back: access denied"
    with storage.failing(refused), pytest.raises(SinkError, match=told):
        output.abort()
    output = open_output(storage.url("b.jsonl"))
    with storage.failing(refused, Fault("PUT", "partNumber", status=500)):
        with pytest.raises(SinkError, match="500"):
            output.write(LARGE)
        output.abort()


@pytest.mark.parametrize("key", ["", "logs/"])
def test_a_folder_is_no_output(storage: Storage, key: str) -> None:
    with pytest.raises(UsageError, match=f"^{storage.url(key)} is a folder$"):
        open_output(storage.url(key))


def test_a_file_address_is_a_file(tmp_path: object) -> None:
    output = open_output(f"file://{tmp_path}/a.jsonl")
    output.write(b"one")
    output.close()
    assert output.name == f"{tmp_path}/a.jsonl"
