"""A bucket of S3, or of what speaks S3, such as COS.

Listings come a page of 1,000 keys at a time, in the order of their bytes; nothing else is held.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from typing import Any

from stream_cb.storage.object_file import Body, ObjectFile
from stream_cb.storage.s3_client import client_for, translated
from stream_cb.storage.s3_upload import S3Upload
from stream_cb.storage.store import Entry


class S3Store:
    """See `Store`. scheme: s3 or cos."""

    def __init__(self, scheme: str, bucket: str) -> None:
        self._client = client_for(scheme)
        self._bucket = bucket

    def size_of(self, key: str, /) -> int | None:
        """Bytes of an object; None if there is none. One request."""
        try:
            with translated():
                size: int = self._client.head_object(Bucket=self._bucket, Key=key)["ContentLength"]
        except FileNotFoundError:
            return None
        return size

    def level(self, folder: str, start: str = "", /) -> Iterator[Entry]:
        """What lies directly in a folder."""
        return self._entries(folder + start, Delimiter="/")

    def walk(self, folder: str, /) -> Iterator[Entry]:
        """All objects below a folder, in one listing."""
        return self._entries(folder)

    def _entries(self, prefix: str, **asked: str) -> Iterator[Entry]:
        # The first version of the call: every storage that speaks S3 has it.
        while True:
            with translated():
                page = self._client.list_objects(Bucket=self._bucket, Prefix=prefix, **asked)
            found = [Entry(each["Prefix"], 0, is_folder=True) for each in page.get("CommonPrefixes", ())]
            found += [Entry(each["Key"], each["Size"]) for each in page.get("Contents", ()) if not _is_marker(each)]
            yield from sorted(found)
            last = [each["Key"] for each in page.get("Contents", ())[-1:]]
            last += [each["Prefix"] for each in page.get("CommonPrefixes", ())[-1:]]
            if not (page.get("IsTruncated") and last):
                return
            asked["Marker"] = page.get("NextMarker") or max(last)

    def open(self, key: str, /, *, whole: bool) -> ObjectFile:
        """An object to be read; as it is now, or not at all: a change while it is read is an error."""
        asked: dict[str, str] = {"Bucket": self._bucket, "Key": key}
        with translated():
            answer = self._client.get_object(**asked) if whole else self._client.head_object(**asked)
        identity: str = answer.get("ETag", "")
        if identity:
            asked["IfMatch"] = identity

        def ask(begin: int, end: int) -> Body:
            with translated():
                part = self._client.get_object(Range=f"bytes={begin}-{end - 1}", **asked)
            if part["ContentLength"] != end - begin:
                part["Body"].close()
                raise OSError(errno.EIO, "the storage gives no ranges of it")
            return _Body(part["Body"])

        return ObjectFile(ask, answer["ContentLength"], identity, _Body(answer["Body"]) if whole else None)

    def create(self, key: str, /, *, force: bool) -> S3Upload:
        """An object to be written. Raises FileExistsError."""
        if not force and self.size_of(key) is not None:
            raise FileExistsError(errno.EEXIST, "it exists")
        return S3Upload(self._client, {"Bucket": self._bucket, "Key": key}, force=force)

    def remove(self, key: str, /) -> None:
        """Remove an object, if there is one. One request."""
        with translated():
            self._client.delete_object(Bucket=self._bucket, Key=key)


class _Body:
    """What a request answers, with errors of ours."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        with translated():
            chunk: bytes = self._stream.read(size)
        return chunk

    def close(self) -> None:
        self._stream.close()


def _is_marker(found: dict[str, Any]) -> bool:
    """Whether it is the empty object that consoles make to show a folder."""
    return bool(found["Key"].endswith("/")) and not found["Size"]
