"""A file or an object → its bytes from any place on: what splits are read with.

In: a path or an address. Out: its size, what tells its content from another one, and reads. Holds nothing.
"""

from __future__ import annotations

import errno
import os
from typing import Protocol

from stream_cb.storage import StoredFile, is_address, open_store


class Ranges(Protocol):
    """An open file, read here and there. Use as a context manager, which closes it.

    size: in bytes. identity: of an object, its ETag or what stands for it: another one if the content is another;
    "" of a file on disk, and where the storage tells none.
    """

    @property
    def size(self) -> int: ...
    @property
    def identity(self) -> str: ...
    def read_at(self, offset: int, size: int, /) -> bytes:
        """Return 1 to `size` bytes from this byte on, b"" only behind the end. Raises OSError."""
        ...

    def close(self) -> None: ...
    def __enter__(self) -> Ranges: ...
    def __exit__(self, *_: object) -> None: ...


def open_ranges(path: str) -> Ranges:
    """Open a file or an object, to be read here and there; only asks how large it is.

    Raises:
        OSError: it cannot be opened, or cannot be read from any place on.
        UsageError: a package or a setting is missing for an object.
    """
    if not is_address(path):
        return _LocalRanges(path)
    store, _, key = open_store(path)
    return _StoredRanges(store.open(key, whole=False))


def read_whole(file: Ranges, offset: int, size: int) -> bytes:
    """The `size` bytes from that byte on, fewer only where the file ends. Raises OSError."""
    parts, end = [], offset + size
    while offset < end and (part := file.read_at(offset, end - offset)):
        parts.append(part)
        offset += len(part)
    return b"".join(parts)


class _LocalRanges:
    identity = ""

    def __init__(self, path: str) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.size = os.fstat(self._descriptor).st_size

    def read_at(self, offset: int, size: int, /) -> bytes:
        return os.pread(self._descriptor, size, offset)

    def close(self) -> None:
        os.close(self._descriptor)

    def __enter__(self) -> _LocalRanges:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _StoredRanges:
    def __init__(self, file: StoredFile) -> None:
        if file.size is None:
            file.close()
            raise OSError(errno.ESPIPE, "it cannot be read from any place on")
        self._file = file
        self.size = file.size
        self.identity = file.identity

    def read_at(self, offset: int, size: int, /) -> bytes:
        self._file.seek(offset)
        return self._file.read1(size)

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> _StoredRanges:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
