"""Any scheme of fsspec: in memory, and what there is to say of those that cannot be opened."""

from __future__ import annotations

import re
import sys
from typing import Any

import fsspec
import pytest

from stream_cb.errors import SinkError, UsageError
from stream_cb.inputs import list_files
from stream_cb.sinks import open_output
from stream_cb.storage import Entry, open_store
from stream_cb.storage.fsspec_store import FsspecStore


@pytest.fixture
def store(memory_files: Any) -> FsspecStore:
    for name in ("a/z", "a/b/c", "a.xml", "a/é", "b"):
        memory_files.pipe(f"/{name}", b"012")
    return FsspecStore("memory://", "a")


def test_an_address_leads_to_it(memory_files: Any) -> None:
    store, root, key = open_store("memory://a/b.xml")
    assert isinstance(store, FsspecStore)
    assert (root, key) == ("memory://", "a/b.xml")


def test_objects_come_in_the_order_of_their_keys(store: FsspecStore) -> None:
    assert [entry.key for entry in store.walk("")] == ["a.xml", "a/b/c", "a/z", "a/é", "b"]
    assert list(store.level("a/")) == [Entry("a/b/", 0, is_folder=True), Entry("a/z", 3), Entry("a/é", 3)]
    assert [entry.key for entry in store.level("a/", "z")] == ["a/z"]
    assert list(store.walk("nowhere/")) == []


def test_an_object_has_a_size_an_identity_and_its_bytes(store: FsspecStore, memory_files: Any) -> None:
    assert (store.size_of("a/z"), store.size_of("a"), store.size_of("nothing")) == (3, None, None)
    file = store.open("a/z", whole=True)
    assert (file.size, file.seekable(), file.read1(2), file.tell(), file.seek(0), file.read()) == (
        3, True, b"01", 2, 0, b"012",
    )  # fmt: skip
    memory_files.pipe("/a/z", b"210")
    assert store.open("a/z", whole=False).identity != file.identity
    with pytest.raises(FileNotFoundError, match="there is no such object"):
        store.open("nothing", whole=True)


def test_an_object_appears_when_it_is_finished(store: FsspecStore, memory_files: Any) -> None:
    upload = store.create("a/new", force=False)
    upload.write(b"0123")
    upload.write(b"4567")
    assert not memory_files.exists("/a/new")
    upload.finish()
    upload.abort()
    assert memory_files.cat("/a/new") == b"01234567"
    assert not [name for name in memory_files.find("/") if name.endswith(".part")]


def test_what_is_aborted_leaves_nothing(store: FsspecStore, memory_files: Any) -> None:
    before = memory_files.find("/")
    upload = store.create("a/new", force=False)
    upload.write(b"0123")
    upload.abort()
    upload.abort()
    assert memory_files.find("/") == before


def test_an_object_that_exists_is_replaced_with_force_only(store: FsspecStore, memory_files: Any) -> None:
    with pytest.raises(FileExistsError, match="it exists"):
        store.create("b", force=False)
    upload = store.create("b", force=True)
    upload.write(b"new")
    upload.finish()
    assert memory_files.cat("/b") == b"new"


def test_an_object_that_appears_meanwhile_is_left_as_it_is(store: FsspecStore, memory_files: Any) -> None:
    upload = store.create("c", force=False)
    memory_files.pipe("/c", b"somebody else's")
    with pytest.raises(FileExistsError):
        upload.finish()
    upload.abort()
    assert memory_files.cat("/c") == b"somebody else's"


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (ValueError("it holds a secret"), "the storage failed (ValueError)"),
        (OSError("it holds a secret"), "the storage failed (OSError)"),
        (OSError(28, "it holds a secret"), "No space left on device"),
        (PermissionError("it holds a secret"), "access denied"),
        (NotImplementedError("it holds a secret"), "the storage cannot do that"),
        (BrokenPipeError(32, "it holds a secret"), "the storage failed (BrokenPipeError)"),
    ],
)
def test_what_goes_wrong_is_told_in_our_words(
    store: FsspecStore, memory_files: Any, monkeypatch: pytest.MonkeyPatch, raised: Exception, told: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr(type(memory_files), "info", fail)
    with pytest.raises(OSError, match=re.escape(told)) as caught:
        store.size_of("a/z")
    assert caught.value.strerror == told
    assert caught.value.__suppress_context__
    assert not isinstance(caught.value, BrokenPipeError)


def test_a_scheme_that_nobody_knows_is_refused(memory_files: Any) -> None:
    with pytest.raises(UsageError, match=r"^nowhere:// is no storage that fsspec knows$"):
        open_store("nowhere://a/b")


def test_a_scheme_whose_package_is_missing_says_which(memory_files: Any) -> None:
    with pytest.raises(UsageError, match=r"^gs:// cannot be opened: Please install gcsfs"):
        open_store("gs://a/b")


def test_a_storage_that_cannot_be_set_up_is_told_without_its_words(
    memory_files: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("it holds a secret")

    monkeypatch.setattr(fsspec.implementations.memory.MemoryFileSystem, "_strip_protocol", fail)
    with pytest.raises(UsageError, match=r"^memory:// cannot be set up \(RuntimeError\)$") as caught:
        open_store("memory://a/b")
    assert caught.value.__suppress_context__


def test_a_storage_that_cannot_be_reached_is_told_where_it_is_used(
    memory_files: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ConnectionRefusedError(111, "it holds a secret")

    monkeypatch.setattr(fsspec.implementations.memory.MemoryFileSystem, "_strip_protocol", fail)
    told = r"the storage cannot be reached \(ConnectionRefusedError\)$"
    with pytest.raises(OSError, match=told):
        open_store("memory://a/b")
    (error,) = list_files("memory://a/b")
    assert str(error) == "memory://a/b: the storage cannot be reached (ConnectionRefusedError)"
    with pytest.raises(SinkError, match=f"^memory://a/b: {told}"):
        open_output("memory://a/b")


@pytest.mark.parametrize(("name", "address"), [("fsspec", "gs://a/b"), ("botocore", "s3://bucket/b")])
def test_a_missing_extra_names_the_command(monkeypatch: pytest.MonkeyPatch, name: str, address: str) -> None:
    for module in [module for module in sys.modules if module.partition(".")[0] == name]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setenv("AWS_REGION", "nowhere-yet")  # so that no client is there already
    scheme = address.partition("b")[0].partition("a/")[0]
    with pytest.raises(UsageError) as caught:
        open_store(address)
    assert str(caught.value) == f"{scheme} needs {name}, which is not installed: pip install 'stream-cb[storage]'"
