"""A bucket: listings, reading, and what its refusals are told as."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from itertools import islice

import pytest

from stream_cb.errors import UsageError
from stream_cb.storage import Entry, open_store
from stream_cb.storage.s3 import S3Store
from tests.object_storage import SECRETS, Fault, Storage


@pytest.fixture
def store(storage: Storage) -> S3Store:
    return S3Store("s3", storage.bucket)


def keys(entries: Iterator[Entry]) -> list[str]:
    return [entry.key for entry in entries]


def test_all_objects_come_in_the_order_of_their_bytes(store: S3Store, storage: Storage) -> None:
    names = ["a/z", "a b", "a/é", "a/\U0001f600", "a/￿", "a.xml", "b", "a/+%20&<", "a/b/c"]
    for name in names:
        storage.put(name, b"12")
    storage.put("a/")  # as a console marks a folder
    assert list(store.walk("")) == [Entry(name, 2) for name in sorted(names, key=str.encode)]
    assert keys(store.walk("a/b/")) == ["a/b/c"]


def test_a_level_holds_objects_and_folders(store: S3Store, storage: Storage) -> None:
    for name in ("a/1", "a/2/x", "a/2/y", "a/20", "a/3", "b"):
        storage.put(name, b"1")
    assert list(store.level("")) == [Entry("a/", 0, is_folder=True), Entry("b", 1)]
    assert keys(store.level("a/")) == ["a/1", "a/2/", "a/20", "a/3"]
    assert keys(store.level("a/", "2")) == ["a/2/", "a/20"]


def test_a_listing_is_asked_for_page_by_page(store: S3Store, storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"{number % 7}/{number:02}" for number in range(30)] + ["4.xml", "9"]
    for name in names:
        storage.put(name, b"1")
    ask = store._client.list_objects
    monkeypatch.setattr(store._client, "list_objects", lambda **asked: ask(MaxKeys=4, **asked))
    storage.requests()
    assert keys(islice(store.walk(""), 3)) == sorted(names)[:3]
    assert len(storage.requests()) == 1
    assert keys(store.walk("")) == sorted(names)
    assert len(storage.requests()) == 8
    assert keys(store.level("")) == ["0/", "1/", "2/", "3/", "4.xml", "4/", "5/", "6/", "9"]


def test_an_object_has_a_size_an_identity_and_its_bytes(store: S3Store, storage: Storage) -> None:
    storage.put("a", b"0123456789")
    assert store.size_of("a") == 10
    assert store.size_of("b") is None
    for whole in (True, False):
        with store.open("a", whole=whole) as file:
            assert (file.size, file.read(4), file.seek(8), file.read()) == (10, b"0123", 8, b"89")
            before = file.identity
    storage.put("a", b"9876543210")
    with store.open("a", whole=False) as file:
        assert file.identity != before


def test_an_empty_object_has_no_bytes(store: S3Store, storage: Storage) -> None:
    storage.put("a")
    for whole in (True, False):
        with store.open("a", whole=whole) as file:
            assert (file.size, file.read()) == (0, b"")


def test_a_change_while_it_is_read_is_an_error_and_no_mixture(store: S3Store, storage: Storage) -> None:
    storage.put("a", b"a" * 500_000)
    with store.open("a", whole=False) as file:
        assert file.read(10) == b"a" * 10
        storage.put("a", b"b" * 500_000)
        with pytest.raises(OSError, match="it was changed while it was being read"):
            file.read()


def test_an_object_that_goes_while_it_is_read_is_an_error(store: S3Store, storage: Storage) -> None:
    storage.put("a", b"a" * 500_000)
    with store.open("a", whole=False) as file:
        storage.client.delete_object(Bucket=storage.bucket, Key="a")
        with pytest.raises(FileNotFoundError, match="there is no such object"):
            file.read()


def test_a_storage_without_ranges_is_found_out(
    store: S3Store, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.put("a", b"0123456789")
    ask = store._client.get_object
    monkeypatch.setattr(
        store._client, "get_object", lambda **asked: ask(**{name: asked[name] for name in asked if name != "Range"})
    )
    with store.open("a", whole=False) as file:
        file.seek(5)
        with pytest.raises(OSError, match="the storage gives no ranges of it"):
            file.read(3)


@pytest.mark.parametrize(
    ("status", "code", "kind", "told"),
    [
        (403, "AccessDenied", PermissionError, "access denied (AccessDenied)"),
        (403, "SignatureDoesNotMatch", PermissionError, "access denied (SignatureDoesNotMatch)"),
        (403, "", PermissionError, "access denied"),
        (403, "InvalidObjectState", PermissionError, "it is archived, and has to be restored before it can be read"),
        (404, "NoSuchKey", FileNotFoundError, "there is no such object"),
        (404, "NoSuchBucket", FileNotFoundError, "there is no such bucket"),
        (400, "AuthorizationHeaderMalformed", OSError, "the bucket is in another region: set AWS_REGION"),
        (500, "InternalError", OSError, "the storage answered 500 (InternalError)"),
        (503, "no &lt;code>", OSError, "the storage answered 503"),
        (502, "<odd/>", OSError, "the storage failed (TypeError)"),
    ],
)
def test_a_refusal_is_a_sentence_without_the_storage_s_own_words(
    store: S3Store, storage: Storage, *, status: int, code: str, kind: type[OSError], told: str
) -> None:
    storage.put("a", b"a")
    with storage.failing(Fault("GET", "/a", status=status, code=code)), pytest.raises(kind) as caught:
        store.open("a", whole=True)
    assert caught.value.strerror is not None
    assert caught.value.strerror.startswith(told)
    shown = "".join(traceback.format_exception(caught.value))
    assert not any(secret in shown for secret in SECRETS)


def test_a_bucket_that_is_not_there_is_told(storage: Storage) -> None:
    with pytest.raises(FileNotFoundError, match="there is no such bucket"):
        list(S3Store("s3", "nowhere").walk(""))


def test_a_storage_that_cannot_be_reached_is_told(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://user:secretinurl@127.0.0.1:9")
    with pytest.raises(OSError, match=r"the storage cannot be reached \(EndpointConnectionError\)") as caught:
        S3Store("s3", "bucket").size_of("a")
    assert "secretinurl" not in "".join(traceback.format_exception(caught.value))


def test_credentials_that_are_not_there_are_told(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    with pytest.raises(OSError, match=r"there are no credentials \(NoCredentialsError\): the environment, a profile"):
        S3Store("s3", "bucket").size_of("a")


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [("AWS_PROFILE", "nobody", "ProfileNotFound"), ("AWS_ENDPOINT_URL_S3", "no:secretinurl", "ValueError")],
)
def test_settings_that_cannot_be_are_told(
    storage: Storage, monkeypatch: pytest.MonkeyPatch, name: str, text: str, kind: str
) -> None:
    monkeypatch.setenv(name, text)
    with pytest.raises(UsageError, match=rf"^s3:// cannot be set up \({kind}\): see AWS_PROFILE") as caught:
        S3Store("s3", "bucket")
    assert "secretinurl" not in "".join(traceback.format_exception(caught.value))


def test_one_client_serves_a_process_until_its_environment_changes(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = S3Store("s3", "bucket")
    assert S3Store("s3", "other")._client is first._client
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert S3Store("s3", "bucket")._client is not first._client


# ── COS ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_cos_is_asked_by_the_name_of_the_bucket_in_its_region(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COS_REGION", "ap-shanghai")
    client = S3Store("cos", "logs-1302468013")._client
    signed = client.generate_presigned_url("get_object", {"Bucket": "logs-1302468013", "Key": "a"})
    assert signed.startswith("https://logs-1302468013.cos.ap-shanghai.myqcloud.com/a?")
    assert client.meta.config.request_checksum_calculation == "when_required"


def test_cos_takes_the_credentials_of_tencent_cloud_first(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENCENTCLOUD_REGION", "ap-beijing")
    assert S3Store("cos", "b-1")._client._request_signer._credentials.access_key == SECRETS[0]
    monkeypatch.setenv("TENCENTCLOUD_SECRET_ID", "of tencent")
    monkeypatch.setenv("TENCENTCLOUD_SECRET_KEY", "too")
    assert S3Store("cos", "b-1")._client._request_signer._credentials.access_key == "of tencent"
    assert S3Store("s3", "b-1")._client._request_signer._credentials.access_key == SECRETS[0]


def test_cos_without_a_region_is_refused(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"^cos:// needs a region: set COS_REGION, to ap-shanghai for example$"):
        open_store("cos://b-1/a")
    monkeypatch.setenv("COS_REGION", "evil.example/")
    with pytest.raises(UsageError, match=r"^COS_REGION is no region such as ap-shanghai$"):
        open_store("cos://b-1/a")


def test_cos_is_told_not_to_overwrite_in_its_own_words(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COS_REGION", "ap-shanghai")
    monkeypatch.setenv("COS_ENDPOINT_URL", f"http://127.0.0.1:{storage.port}")
    store = S3Store("cos", storage.bucket)
    for force in (False, True):
        upload = store.create("a", force=force)
        upload.write(b"0123")
        upload.finish()
    puts = [request for request in storage.requests() if request.startswith("PUT")]
    assert puts == [f"PUT /{storage.bucket}/a true", f"PUT /{storage.bucket}/a"]
    assert storage.get("a") == b"0123"
