"""Where a sink's bytes go: a file that appears whole, or a stream that was given.

Bytes of any size come in, are collected (`BufferedOutput`), go through the compressor, if there is one, and on to the
operating system.
Invariant: the target's name stands for what it stood for before, until `close` has made everything durable.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
from pathlib import Path
from typing import BinaryIO

from stream_cb.errors import SinkError, UsageError
from stream_cb.sinks.buffering import BufferedOutput
from stream_cb.sinks.compressing import CompressedOutput
from stream_cb.sinks.compressors import Compression
from stream_cb.sinks.placing import create_beside, is_stream, mode_of, place, sync, sync_folder
from stream_cb.sinks.syncing import EarlySync


class FileOutput(CompressedOutput):
    """A file that appears under its name when it is whole.

    Until `close` the bytes lie in a hidden file in the target's folder, `.NAME.RANDOM.part`. A symbolic link is
    followed. A target that is no regular file (/dev/null, a fifo, /dev/stdout) is written straight.

    Args:
        path: the target; its text is the output's name in messages.
        compression: None, "gz" or "zst"; every commit ends a gzip member or zstd frame, so what was committed can be
            decompressed, and the file can be cut at any position that `commit` answered.
        force: replace a target that exists, with its permissions; else a new file gets those of a plain open.
        keep: write under the target's own name, cut to so many bytes that are kept; 0 begins anew. Nothing is hidden
            or removed then: a checkpoint says how much of the file counts.

    Raises:
        UsageError: the target is a folder, or exists and `force` is not given; nothing was created.
        SinkError: the folder is missing, or does not let us write; nothing was created.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        compression: Compression | None = None,
        force: bool = False,
        keep: int | None = None,
    ) -> None:
        super().__init__(os.fspath(path), compression)
        self.is_continued = bool(keep)
        self._committed = keep
        self._force = force
        self._temporary: Path | None = None
        self._early: EarlySync | None = None
        target = Path(path)
        with self.translated():
            mode = mode_of(target)
            if keep is not None:
                self._target = target
                self._descriptor = os.open(target, os.O_WRONLY | os.O_CREAT, 0o666)
                os.ftruncate(self._descriptor, keep)
                self.position = os.lseek(self._descriptor, keep, os.SEEK_SET)
                self.bytes_written = keep
            elif mode is not None and is_stream(target, mode):
                # Appending, because /dev/stdout may be a file that others write to as well.
                self._descriptor = os.open(target, os.O_WRONLY | os.O_APPEND)
            elif mode is not None and not force:
                raise UsageError(f"{self.name} exists; --force overwrites it")
            else:
                self._target = target.resolve()
                self._temporary, self._descriptor = self._create_beside(mode)
            if self._temporary or keep is not None:
                self._early = EarlySync(self._descriptor)

    def _create_beside(self, mode: int | None) -> tuple[Path, int]:
        try:
            return create_beside(self._target, mode)
        except FileNotFoundError as error:
            raise SinkError(f"there is no folder {self._target.parent}", source=self.name) from error

    def flush(self) -> None:
        """Hand everything to the operating system, in a form that can be decompressed; no durability."""
        with self.translated():
            self.drain()
            self.make_readable()

    def commit(self) -> int:
        """Make everything durable and end the compressed member. Answers the file's length in bytes.

        Raises SinkError; what is durable then is unknown, except for earlier commits.
        """
        with self.translated():
            self.drain()
            self.end_member()
            self._sync()
        if self._committed is not None:
            self._committed = self.position
        return self.position

    def close(self) -> None:
        """Commit, let the file appear under its name, and make that durable. A second call does nothing.

        Raises:
            SinkError: the target is untouched and `abort` still removes the temporary file, unless it was the
                folder that refused its part of durability: then the whole file stands under its name.
        """
        if self._closed:
            return
        with self.translated():
            self.end()
            self._sync()
            self._release()
            if self._temporary:
                self._place(self._temporary)
                self._temporary = None
                sync_folder(self._target.parent)
        self._closed = True

    def abort(self) -> None:
        """Remove the temporary file; the target is untouched, or with `keep` cut to what the last commit had.

        Does nothing after `close` or a first `abort`.
        """
        if self._closed:
            return
        self._closed = True
        self._waiting.clear()
        try:
            with contextlib.suppress(OSError):
                if self._committed is not None:
                    os.ftruncate(self._descriptor, self._committed)
                self._release()
            if self._temporary:
                self._temporary.unlink(missing_ok=True)
        except OSError as error:
            reason = f"{self._temporary} could not be removed: {error.strerror}"
            raise SinkError(reason, source=self.name) from error

    def write_out(self, chunk: bytes, /) -> None:
        view = memoryview(chunk)
        while view:
            count = os.write(self._descriptor, view)
            self.position += count
            view = view[count:]
            if self._early:
                self._early.written(count)

    def _sync(self) -> None:
        if self._early:
            self._early.wait()
        sync(self._descriptor)

    def _place(self, temporary: Path) -> None:
        try:
            place(temporary, self._target, force=self._force)
        except FileExistsError as error:
            raise SinkError("it appeared while it was being written; it is left as it is", source=self.name) from error

    def _release(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1  # close() frees it even when it fails
        if descriptor >= 0:
            try:
                if self._early:
                    self._early.wait()
            finally:
                os.close(descriptor)


class StdoutOutput(BufferedOutput):
    """A binary stream that was given, usually `sys.stdout.buffer`; it is never closed. Positions count from its start.

    BrokenPipeError passes unchanged out of every method: the stream's reader has left, and nobody wants the rest.
    """

    def __init__(self, stream: BinaryIO, *, name: str = "stdout") -> None:
        super().__init__(name)
        self._stream = stream

    def flush(self) -> None:
        """Hand everything on to whoever reads the stream."""
        with self.translated():
            self.drain()
            self._stream.flush()

    def commit(self) -> int:
        """Hand everything on, durable where the stream can do that (a file). Answers the bytes passed on so far."""
        self.flush()
        with self.translated(), contextlib.suppress(io.UnsupportedOperation):
            sync(self._stream.fileno())
        return self.bytes_written

    def close(self) -> None:
        """Commit; the stream stays open. A second call does nothing."""
        if not self._closed:
            self.commit()
            self._closed = True

    def abort(self) -> None:
        """Drop what waits here; what was passed on cannot be taken back."""
        self._closed = True
        self._waiting.clear()

    def pass_on(self, chunk: bytes, /) -> None:
        view = memoryview(chunk)
        while view:
            count = self._stream.write(view)
            if count is None:  # the answer of an unbuffered stream that would block
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
            view = view[count:]
