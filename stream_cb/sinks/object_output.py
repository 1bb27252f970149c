"""An object in storage as an output: it appears whole when it is closed, and not at all before.

Bytes of any size come in, are collected and compressed, and go on in parts of an upload.
"""

from __future__ import annotations

from stream_cb.errors import SinkError, UsageError
from stream_cb.sinks.compressing import CompressedOutput
from stream_cb.sinks.compressors import Compression
from stream_cb.storage import open_store


class ObjectOutput(CompressedOutput):
    """See the module. Holds one part (8 MiB; 32 MiB in an object of more than 60 GiB), twice while it is sent.

    Args:
        address: of the object; its text is the output's name in messages.
        compression: None, "gz" or "zst".
        force: replace an object that exists.

    Raises:
        UsageError: the address names no object, or one that exists and `force` is not given; or a package or a
            setting is missing. Nothing was created.
        SinkError: the storage does not let us write; nothing was created.
    """

    def __init__(self, address: str, *, compression: Compression | None = None, force: bool = False) -> None:
        super().__init__(address, compression)
        with self.translated():
            store, _, key = open_store(address)
            if not key or key.endswith("/"):
                raise UsageError(f"{address} is a folder")
            try:
                self._upload = store.create(key, force=force)
            except FileExistsError as error:
                raise UsageError(f"{address} exists; --force overwrites it") from error

    def flush(self) -> None:
        """Hand on what was collected; nobody sees anything of it before `close`."""
        with self.translated():
            self.drain()

    def commit(self) -> int:
        """End the compressed member. Answers how many bytes there are; they are durable when `close` has made them so.

        Raises SinkError.
        """
        with self.translated():
            self.drain()
            self.end_member()
        return self.position

    def send(self) -> None:
        """All of it is at the storage, and next to nothing held here; only `close` or `abort` follow.

        Raises SinkError.
        """
        with self.translated():
            self.end()
            self._upload.send()

    def close(self) -> None:
        """Let the object appear. A second call does nothing.

        Raises:
            SinkError: the key stands for what it stood for before, and `abort` still takes the upload back.
        """
        if self._closed:
            return
        with self.translated():
            self.end()
            try:
                self._upload.finish()
            except FileExistsError as error:
                reason = "it appeared while it was being written; it is left as it is"
                raise SinkError(reason, source=self.name) from error
        self._closed = True

    def abort(self) -> None:
        """Leave nothing of an unfinished object behind. Does nothing after `close` or a first `abort`.

        Raises SinkError if that was refused, but not after another refusal, which is the one to be told of.
        """
        if self._closed:
            return
        self._closed = True
        self._waiting.clear()
        try:
            self._upload.abort()
        except OSError as error:
            if not self._refused:
                reason = f"the unfinished upload could not be taken back: {error.strerror}"
                raise SinkError(reason, source=self.name) from error

    def write_out(self, chunk: bytes, /) -> None:
        self._upload.write(chunk)
        self.position += len(chunk)
