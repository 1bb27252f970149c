"""Any other storage, by fsspec: memory://, gs://, abfs://, sftp://, https:// and whatever it has a package for.

Listings hold the entries of one folder at a time. An object is written under a hidden name beside its own, and moved.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

from stream_cb.errors import UsageError
from stream_cb.storage.store import Entry, StoredFile

# Of one request that reads ahead.
_READ_BYTES = 1 << 20
_PART_BYTES = 8 << 20


class FsspecStore:
    """See `Store`. root: the scheme, with "://"."""

    def __init__(self, root: str, key: str) -> None:
        self._root = root
        self._files = _file_system(root, key)

    def size_of(self, key: str, /) -> int | None:
        """Bytes of an object, 0 if that cannot be told; None if there is none."""
        try:
            with _translated():
                info = self._files.info(self._path(key))
        except FileNotFoundError:
            return None
        return None if info.get("type") == "directory" else info.get("size") or 0

    def level(self, folder: str, start: str = "", /) -> Iterator[Entry]:
        """What lies directly in a folder."""
        path = self._path(folder).rstrip("/")
        try:
            with _translated():
                self._files.invalidate_cache()
                infos = self._files.ls(path, detail=True)
        except (FileNotFoundError, NotADirectoryError):
            return
        for info in sorted(infos, key=_order):
            name = info["name"].rstrip("/").removeprefix(path).lstrip("/")
            is_folder = info.get("type") == "directory"
            if name and name.startswith(start):
                yield Entry(folder + name + "/" * is_folder, info.get("size") or 0, is_folder)

    def walk(self, folder: str, /) -> Iterator[Entry]:
        """All objects below a folder."""
        for entry in self.level(folder):
            if entry.is_folder:
                yield from self.walk(entry.key)
            else:
                yield entry

    def open(self, key: str, /, *, whole: bool) -> StoredFile:  # noqa: ARG002  (fsspec finds it out)
        """An object to be read."""
        with _translated():
            file = self._files.open(self._path(key), "rb", block_size=_READ_BYTES)
            identity = str(self._files.ukey(self._path(key)))
        return cast("StoredFile", _File(file, identity))

    def create(self, key: str, /, *, force: bool) -> _Upload:
        """An object to be written. Raises FileExistsError."""
        if not force and self.size_of(key) is not None:
            raise FileExistsError(errno.EEXIST, "it exists")
        folder, slash, name = self._path(key).rpartition("/")
        return _Upload(self._files, f"{folder}{slash}.{name[:60]}.{os.urandom(4).hex()}.part", self._path(key), force)

    def remove(self, key: str, /) -> None:
        """Remove an object, if there is one."""
        with suppress(FileNotFoundError), _translated():
            self._files.rm_file(self._path(key))

    def _path(self, key: str) -> str:
        return str(self._files._strip_protocol(self._root + key))  # its own way from an address to a path


def _order(info: dict[str, Any]) -> bytes:
    """A folder sorts as if the slash ended its name, as keys do."""
    name: str = info["name"].rstrip("/") + "/" * (info.get("type") == "directory")
    return name.encode("utf-8", "surrogatepass")


def _file_system(root: str, key: str) -> Any:
    try:
        from fsspec.core import url_to_fs
        from fsspec.registry import known_implementations
    except ImportError as error:
        raise UsageError(f"{root} needs fsspec, which is not installed: pip install 'stream-cb[storage]'") from error
    try:
        return url_to_fs(root + key)[0]
    except ImportError as error:
        missing = known_implementations.get(root.partition(":")[0], {}).get("err", "its package is not installed")
        raise UsageError(f"{root} cannot be opened: {missing}") from error
    except OSError as error:  # some connect at once
        raise OSError(errno.EIO, f"the storage cannot be reached ({type(error).__name__})") from None
    except Exception as error:  # noqa: BLE001  (a storage's package may raise anything)
        # Not `from error`: a library's words may repeat what it was set up with.
        known = root.partition(":")[0] in known_implementations
        reason = f"cannot be set up ({type(error).__name__})" if known else "is no storage that fsspec knows"
        raise UsageError(f"{root} {reason}") from None


class _File:
    """A file of fsspec's as a StoredFile."""

    def __init__(self, file: Any, identity: str) -> None:
        self._file = file
        self.identity = identity
        size = getattr(file, "size", None)
        self.size = size if isinstance(size, int) and file.seekable() else None

    def read1(self, size: int = -1, /) -> bytes:
        with _translated():
            return bytes(self._file.read(size))

    read = read1

    def seek(self, offset: int, whence: int = 0, /) -> int:
        with _translated():
            place: int = self._file.seek(offset, whence)
        return place

    def tell(self) -> int:
        return int(self._file.tell())

    def seekable(self) -> bool:
        return bool(self._file.seekable())

    def close(self) -> None:
        with _translated():
            self._file.close()

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Upload:
    def __init__(self, files: Any, beside: str, target: str, force: bool) -> None:
        self._files = files
        self._beside = beside
        self._target = target
        self._force = force
        with _translated():
            self._file = self._begin()

    def _begin(self) -> Any:
        try:
            return self._files.open(self._beside, "wb", block_size=_PART_BYTES)
        except FileNotFoundError:  # a storage whose folders have to be made
            self._files.makedirs(self._beside.rpartition("/")[0], exist_ok=True)
            return self._files.open(self._beside, "wb", block_size=_PART_BYTES)

    def write(self, chunk: bytes, /) -> None:
        with _translated():
            self._file.write(chunk)

    def send(self) -> None:
        with _translated():
            self._file.close()

    def finish(self) -> None:
        self.send()
        with _translated():
            if not self._force and self._files.exists(self._target):
                raise FileExistsError(errno.EEXIST, "it exists")
            self._files.mv(self._beside, self._target)

    def abort(self) -> None:
        with suppress(Exception):
            self._file.close()
        with _translated():
            if self._files.exists(self._beside):
                self._files.rm(self._beside)


@contextmanager
def _translated() -> Iterator[None]:
    """Around every call of fsspec: errors become OSErrors with a sentence of ours."""
    try:
        yield
    except FileNotFoundError:
        raise FileNotFoundError(errno.ENOENT, "there is no such object") from None
    except PermissionError:
        raise PermissionError(errno.EACCES, "access denied") from None
    except NotImplementedError:
        raise OSError(errno.ENOTSUP, "the storage cannot do that") from None
    except OSError as error:
        known = error.errno is not None and not isinstance(error, BrokenPipeError)
        reason = os.strerror(error.errno or errno.EIO) if known else f"the storage failed ({type(error).__name__})"
        raise OSError(error.errno if known else errno.EIO, reason) from None
    except Exception as error:  # noqa: BLE001  (a storage's package may raise anything)
        raise OSError(errno.EIO, f"the storage failed ({type(error).__name__})") from None
