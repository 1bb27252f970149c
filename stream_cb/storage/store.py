"""What every kind of object storage can do, as the layers above see it.

Keys are what follows the address's root; folders are keys that end in a slash. Invariant: whatever goes wrong is an
OSError whose `strerror` is a sentence of ours, since a library's own message may hold what nobody should see.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol


class Entry(NamedTuple):
    """An object, or a folder, whose key ends in a slash. size: bytes of an object."""

    key: str
    size: int
    is_folder: bool = False


class StoredFile(Protocol):
    """An object that is being read; see `io.BufferedReader` for the methods.

    size: in bytes; None if that cannot be told. identity: another one if the content is another; "" if unknown.
    read1: 1 to `size` bytes, b"" only at the end. read: exactly `size`, fewer only before the end.
    """

    @property
    def size(self) -> int | None: ...
    @property
    def identity(self) -> str: ...
    def read1(self, size: int = -1, /) -> bytes: ...
    def read(self, size: int = -1, /) -> bytes: ...
    def seek(self, offset: int, whence: int = 0, /) -> int: ...
    def tell(self) -> int: ...
    def seekable(self) -> bool: ...
    def close(self) -> None: ...


class Upload(Protocol):
    """An object that is being written; nobody sees anything of it before `finish`.

    send: all of it is at the storage, and next to nothing held here; only `finish` or `abort` follow.
    finish: it appears, whole. Raises FileExistsError if it must not replace what has appeared meanwhile.
    abort: leave nothing behind.
    """

    def write(self, chunk: bytes, /) -> None: ...
    def send(self) -> None: ...
    def finish(self) -> None: ...
    def abort(self) -> None: ...


class Store(Protocol):
    """Object storage behind one root.

    size_of: of an object in bytes; None if there is none of that key.
    level: what lies directly in a folder and begins with `start`, in order. walk: all objects below a folder, in
        the order of their keys; both hold a page of a listing, or the entries of a folder, at a time.
    open: an object to be read. whole: from its beginning on; else in pieces here and there.
    create: an object to be written. Raises FileExistsError if there is one, and `force` is not given.
    remove: an object, if there is one.
    """

    def size_of(self, key: str, /) -> int | None: ...
    def level(self, folder: str, start: str = "", /) -> Iterator[Entry]: ...
    def walk(self, folder: str, /) -> Iterator[Entry]: ...
    def open(self, key: str, /, *, whole: bool) -> StoredFile: ...
    def create(self, key: str, /, *, force: bool) -> Upload: ...
    def remove(self, key: str, /) -> None: ...
