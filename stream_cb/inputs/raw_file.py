"""A path or a stream handed in → its raw bytes, and how far it has been read.

In: what listing found, standard input, or a caller's stream. Out: reads that give what is there, and a position.
Invariant: b"" means the end, and whatever goes wrong in a read is an InputError without a source (the reader knows it).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from io import BufferedRandom, BufferedReader, FileIO
from typing import IO, cast

from stream_cb.errors import InputError
from stream_cb.inputs.piece_stream import PIECE_BYTES
from stream_cb.storage import is_address, open_store


class RawFile:
    """An open binary file. Holds nothing: one read of it is one read of the system, as far as the stream allows.

    file: the stream itself; whoever opened it closes it.
    is_pipe: its bytes may be slow to come, and it can neither be sized nor sought.
    size: bytes of a regular file or an object when it was opened; None for all else.
    """

    def __init__(self, file: IO[bytes], *, is_pipe: bool | None = None, size: int | None = None) -> None:
        """Look at the stream; `is_pipe` None asks its descriptor, or else whether it can seek. size: of an object."""
        mode, own_size = _mode_and_size(file)
        if is_pipe is None:
            is_pipe = not stat.S_ISREG(mode) if mode else not _is_seekable(file)
        self.file = file
        self.is_pipe = is_pipe
        self.size = own_size if stat.S_ISREG(mode) and not is_pipe else size
        self._position = 0

    def position(self) -> int:
        """Raw bytes consumed so far; of a zip archive, the place of the last read. Works after closing, too."""
        return self._position

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes to the end, at most PIECE_BYTES at a time.

        Raises:
            InputError: a read failed; all bytes before were yielded.
        """
        while chunk := self.read(PIECE_BYTES):
            yield chunk

    def read(self, size: int) -> bytes:
        """Return 1 to `size` bytes as soon as some are there, b"" at the end.

        Raises:
            InputError: whatever the stream raised, as a sentence.
        """
        try:
            chunk = _read_available(self.file, size)
        except OSError as error:
            raise InputError(reason_of(error)) from error
        except Exception as error:
            # A caller's stream may be anything: a gzip file raises EOFError, a download whatever its library has.
            raise InputError(f"{type(error).__name__}: {error}") from error
        self._position += len(chunk)
        return chunk

    def read_at(self, offset: int, size: int) -> bytes:
        """Like `read`, from this byte of the file on.

        Raises:
            InputError: as `read`, and where the stream cannot seek.
        """
        try:
            self._position = self.file.seek(offset)
        except (OSError, ValueError) as error:
            raise InputError(reason_of(error)) from error
        return self.read(size)


def open_raw(path: str) -> RawFile:
    """Open a file, FIFO, device or object for reading, unbuffered; the caller closes `file`.

    A FIFO waits here for its writer.

    Raises:
        InputError: it cannot be opened; without a source.
        UsageError: a package or a setting is missing for an object.
    """
    if is_address(path):
        try:
            store, _, key = open_store(path)
            stored = store.open(key, whole=True)
        except OSError as error:
            raise InputError(reason_of(error)) from error
        return RawFile(cast("IO[bytes]", stored), size=stored.size)
    try:
        return RawFile(FileIO(path))
    except (OSError, ValueError) as error:
        raise InputError(reason_of(error)) from error


def reason_of(error: Exception) -> str:
    """What the system says, without the number and the path ("No such file or directory")."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


def _mode_and_size(file: IO[bytes]) -> tuple[int, int]:
    """What fstat says, or zeros for a stream without a descriptor."""
    try:
        status = os.fstat(file.fileno())
    except (OSError, AttributeError, ValueError, TypeError):
        return 0, 0
    # A gzip.GzipFile lends out the descriptor of the file below it, whose size is not its own; `file` is where tempfile
    # keeps the real one.
    is_own = isinstance(getattr(file, "file", file), (FileIO, BufferedReader, BufferedRandom))
    return (status.st_mode, status.st_size) if is_own else (0, 0)


def _is_seekable(file: IO[bytes]) -> bool:
    try:
        return file.seekable()
    except (AttributeError, ValueError):
        return False


def _read_available(file: IO[bytes], size: int) -> bytes:
    """One read that does not wait for `size` bytes; waits for the first, also on a non-blocking descriptor."""
    read = getattr(file, "read1", file.read)
    chunk = read(size)
    if not chunk and _is_non_blocking(file):
        # BufferedReader.read1 answers b"" both for "nothing yet" and for the end; only the raw file tells them apart.
        raw = getattr(file, "raw", file)
        while (chunk := raw.read(size)) is None:
            _wait_for_bytes(raw.fileno())
    if not isinstance(chunk, (bytes, bytearray, memoryview)):
        raise TypeError(f"the stream gives {type(chunk).__name__}, not bytes")
    return bytes(chunk)


def _is_non_blocking(file: IO[bytes]) -> bool:
    try:
        return not os.get_blocking(file.fileno())
    except (OSError, AttributeError, ValueError):
        return False


def _wait_for_bytes(descriptor: int) -> None:
    import select

    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    poll.poll()
