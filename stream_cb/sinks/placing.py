"""A file's way to its name: what the name stands for now, a hidden file beside it, and the step that puts it there.

Only system calls; their OSError passes through. Invariant of `place`: without `force` no file is ever replaced.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from stream_cb.errors import UsageError

# What fsync answers for pipes, terminals and some network folders: they cannot do it, nothing has failed.
_CANNOT_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EROFS})
# What link answers on file systems without hard links (FAT, some network and FUSE mounts).
_CANNOT_LINK = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV})

_STREAM_NAMES = frozenset({"/dev/stdout", "/dev/stderr"})
_STREAM_FOLDERS = frozenset({"/dev/fd", "/proc/self/fd"})


def mode_of(path: Path) -> int | None:
    """The mode of what `path` stands for, links followed, or None when there is nothing. UsageError for a folder."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise UsageError(f"{path} is a folder")
    return mode


def is_stream(path: Path, mode: int) -> bool:
    """Whether `path` is to be written straight: a device, a fifo, or one of our own open files.

    /dev/stdout may well be a regular file, but one that whoever started us has opened and goes on using.
    """
    named = str(path) in _STREAM_NAMES or str(path.parent) in _STREAM_FOLDERS
    return named or not stat.S_ISREG(mode)


def create_beside(target: Path, mode: int | None) -> tuple[Path, int]:
    """Create `.NAME.RANDOM.part` in the target's folder; answers its path and a descriptor that writes to it.

    mode: the permissions it gets, or None for those of a plain open.
    """
    # 60 characters are at most 240 bytes, and file systems allow 255.
    temporary = target.with_name(f".{target.name[:60]}.{os.urandom(4).hex()}.part")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    if mode is not None:
        try:
            os.fchmod(descriptor, stat.S_IMODE(mode) & 0o777)
        except OSError:
            os.close(descriptor)
            temporary.unlink()
            raise
    return temporary, descriptor


def place(temporary: Path, target: Path, *, force: bool) -> None:
    """Give the file the target's name, in one step; nobody ever sees a part of it there.

    Raises:
        FileExistsError: without `force` there is a file of that name; both files are as they were.
    """
    if force:
        temporary.replace(target)
        return
    try:
        # Unlike a rename, a link never replaces a file that has appeared meanwhile.
        target.hardlink_to(temporary)
    except OSError as error:
        if error.errno not in _CANNOT_LINK:
            raise
        _reserve_and_rename(temporary, target)
    else:
        temporary.unlink()


def _reserve_and_rename(temporary: Path, target: Path) -> None:
    # An empty file of ours takes the name first; between a mere look and the rename, somebody else's could appear.
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    try:
        temporary.rename(target)
    except OSError:
        target.unlink()
        raise


def sync(descriptor: int) -> None:
    """Make an open file durable, if it is of a kind that can be."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, if it can be opened: one may be allowed to write it, but not to read it."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)
