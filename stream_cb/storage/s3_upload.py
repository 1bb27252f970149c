"""An object of S3 that is written in parts, and appears whole when they are put together.

Holds one part, twice while it is sent. Invariant: until `finish` the key stands for what it stood for before.
"""

from __future__ import annotations

import errno
from typing import Any

from stream_cb.storage.s3_client import translated

# S3 takes parts from 5 MiB on, and 10,000 of them.
_PART_BYTES = 8 << 20
_MAX_PARTS = 10_000
# Parts of one size; then they are twice as large, up to 32 MiB: so an object may have 214 GiB, and memory is bounded.
_PARTS_OF_A_SIZE = 2_500


class S3Upload:
    """See `Upload`. place: the bucket and the key. force: replace an object that is there.

    The upload is begun at once, so that a bucket that is not ours to write is told before anything is read.
    """

    def __init__(self, client: Any, place: dict[str, str], *, force: bool) -> None:
        self._client = client
        self._place = place
        self._condition = {} if force else {"IfNoneMatch": "*"}
        self._waiting = bytearray()
        self._parts: list[dict[str, Any]] = []
        self._id: str | None = None
        with translated():
            self._id = client.create_multipart_upload(**place)["UploadId"]

    def write(self, chunk: bytes, /) -> None:
        """Take bytes; sends a part when there are enough for one."""
        self._waiting += chunk
        while len(self._waiting) >= (size := _part_bytes(len(self._parts))):
            self._send(size)

    def send(self) -> None:
        """Send what waits, as the last part."""
        if self._waiting:
            self._send(len(self._waiting))

    def finish(self) -> None:
        """Let the object appear."""
        if not self._parts:
            with translated():
                self._client.put_object(Body=bytes(self._waiting), **self._place, **self._condition)
            self.abort()
            return
        self.send()
        with translated():
            self._client.complete_multipart_upload(
                UploadId=self._id, MultipartUpload={"Parts": self._parts}, **self._place, **self._condition
            )
        self._id = None

    def abort(self) -> None:
        """Have the storage forget the parts."""
        upload, self._id = self._id, None
        self._waiting.clear()
        if upload:
            with translated():
                self._client.abort_multipart_upload(UploadId=upload, **self._place)

    def _send(self, size: int) -> None:
        number = len(self._parts) + 1
        if number > _MAX_PARTS:
            raise OSError(errno.EFBIG, "the object is larger than an upload in 10,000 parts can make it")
        with memoryview(self._waiting) as view:
            part = bytes(view[:size])
        del self._waiting[:size]
        with translated():
            answer = self._client.upload_part(Body=part, PartNumber=number, UploadId=self._id, **self._place)
        self._parts.append({"PartNumber": number, "ETag": answer["ETag"]})


def _part_bytes(parts: int) -> int:
    return _PART_BYTES << min(parts // _PARTS_OF_A_SIZE, 2)
