"""What the user named → paths: a file itself, a folder's files, the matches of a pattern; on disk or in storage.

In: one name. Out: paths in bytewise order, and an InputError in the place of what cannot be listed. Opens no file.
Invariant: every real folder is read once, so links that lead in circles end, and nothing is found twice through them.
"""

from __future__ import annotations

import fnmatch
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

from stream_cb.errors import InputError
from stream_cb.inputs.object_listing import Listed, list_objects
from stream_cb.inputs.raw_file import reason_of
from stream_cb.patterns import lazy_pattern
from stream_cb.storage import as_path, is_address

_PATTERN = lazy_pattern(r"[*?[]")
_ANY_DEPTH = "**"


def list_files(name: str) -> Iterator[str | InputError]:
    """Yield the paths that a name stands for.

    Args:
        name: a file, FIFO or device (given back as it is written); a folder: its regular files at any depth, hidden
            ones (a dot in front) left out, links followed; or a pattern of `*`, `?`, `[…]`, and `**` for any number of
            folders, if nothing has that very name. A folder that matches is listed, unless the pattern has a `**`.

    A folder's entries are held while they are walked, and so are all the matches of a pattern. Addresses: see
    `list_objects`.
    """
    for listed in list_sized(name):
        yield listed if isinstance(listed, InputError) else listed.path


def list_sized(name: str) -> Iterator[Listed | InputError]:
    """As `list_files`, with the sizes that the listing tells; a folder on disk tells none."""
    name = as_path(name)
    if is_address(name):
        yield from list_objects(name)
    else:
        for path in _list_paths(name):
            yield path if isinstance(path, InputError) else Listed(path)


def _list_paths(name: str) -> Iterator[str | InputError]:
    try:
        if not name:
            raise FileNotFoundError(2, os.strerror(2))
        if "\0" in name:
            raise ValueError("embedded null byte")  # as Python 3.11 says; later ones say it in other words
        is_folder = stat.S_ISDIR(Path(name).stat().st_mode)
    except (OSError, ValueError) as error:
        if isinstance(error, (FileNotFoundError, NotADirectoryError)) and _is_pattern(name):
            yield from _list_matches(name)
        else:
            yield _refusal(reason_of(error), name, error)
        return
    if is_folder:
        yield from _list_folder(name)
    else:
        yield name


def is_path(given: object) -> TypeGuard[str | os.PathLike[str]]:
    """Whether an input is given by a path, and not as "-" or a stream."""
    return isinstance(given, (str, os.PathLike)) and given != "-"


def is_special(path: str | os.PathLike[str]) -> bool:
    """Whether it is a pipe, a device or a socket: neither a file, nor a folder, nor a pattern, nor nothing.

    So is what lies in the memory of this process alone (memory://).
    """
    if isinstance(path, str) and path.startswith("memory://"):
        return True
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def size_of(file: str | Listed) -> int:
    """Bytes of a file, as its listing has told; 0 if that cannot be told, or only by asking over the network."""
    path, size = (file, None) if isinstance(file, str) else file
    if size is not None:
        return size
    try:
        return os.stat(path).st_size  # noqa: PTH116  (to make a Path takes several times as long)
    except (OSError, ValueError):
        return 0


def display_name(path: str) -> str:
    r"""The path as text that can be encoded: bytes that are not UTF-8 are shown as \xff."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _is_pattern(name: str) -> bool:
    return bool(_PATTERN.search(name)) and not Path(name).is_symlink()


def _list_folder(name: str) -> Iterator[str | InputError]:
    """Yield the folder's files, or an InputError if it has none."""
    is_empty = True
    for path in _walk(Path(name)):
        is_empty = False
        yield path
    if is_empty:
        yield _refusal("folder holds no files", name)


def _walk(root: Path) -> Iterator[str | InputError]:
    """Yield regular files in the bytewise order of their whole paths. Holds two numbers for each folder visited."""
    visited: set[tuple[int, int]] = set()
    pending = [(str(root), stat.S_IFDIR)]
    while pending:
        path, mode = pending.pop()
        if stat.S_ISDIR(mode):
            try:
                pending.extend(_entries_last_first(path, visited))
            except OSError as error:
                yield _refusal(reason_of(error), path, error)
        elif stat.S_ISREG(mode) or not mode:
            yield path


def _entries_last_first(folder: str, visited: set[tuple[int, int]]) -> list[tuple[str, int]]:
    """The folder's entries that are not hidden, with their modes; none if the folder has been visited.

    Text, and no `Path`s: a folder may hold a callback in each of a million files.
    """
    status = Path(folder).stat()
    if (status.st_dev, status.st_ino) in visited:
        return []
    visited.add((status.st_dev, status.st_ino))
    with os.scandir(folder) as listed:
        names = [(entry.name, _listed_mode(entry)) for entry in listed if not entry.name.startswith(".")]
    # "a.xml" comes before "a/b.xml": a folder sorts as if the separator ended its name.
    names.sort(key=lambda entry: os.fsencode(entry[0]) + b"/" * stat.S_ISDIR(entry[1]), reverse=True)
    before = "" if folder == os.curdir else os.path.join(folder, "")  # noqa: PTH118
    return [(before + name, mode) for name, mode in names]


def _listed_mode(entry: os.DirEntry[str]) -> int:
    """As `_mode`, as far as the listing tells it without a look at the entry itself."""
    try:
        if entry.is_dir():
            return stat.S_IFDIR
        return stat.S_IFREG if entry.is_file() else _mode(Path(entry.path))
    except OSError:
        return 0


def _mode(path: Path, *, follow: bool = True) -> int:
    """The mode behind all links, or of a link itself; 0 if it cannot be told, so that opening tells why."""
    try:
        return path.stat(follow_symlinks=follow).st_mode
    except OSError:
        return 0


def _list_matches(pattern: str) -> Iterator[str | InputError]:
    """Yield what the matches stand for, or an InputError if there is nothing."""
    parts = Path(pattern).parts
    root = Path(parts[0]) if Path(pattern).is_absolute() else Path()
    matches = set(_expand(root, parts[1:] if Path(pattern).is_absolute() else parts))
    found = False
    for path in sorted(matches, key=os.fsencode):
        mode = _mode(path)
        if stat.S_ISDIR(mode):
            listed = iter(()) if _ANY_DEPTH in parts else _walk(path)
        else:
            listed = iter((str(path),)) if stat.S_ISREG(mode) or not mode else iter(())
        for file in listed:
            found = True
            yield file
    if not found:
        yield _refusal("no file matches", pattern)


def _expand(folder: Path, parts: tuple[str, ...]) -> Iterator[Path]:
    """Yield all that matches the parts of a pattern below the folder; a `**` does not follow links to folders."""
    if not parts:
        yield folder
        return
    part, rest = parts[0], parts[1:]
    if part == _ANY_DEPTH:
        while rest and rest[0] == _ANY_DEPTH:
            rest = rest[1:]
        for path in _names_in(folder):
            if stat.S_ISDIR(_mode(path, follow=False)):
                yield from _expand(path, parts)
            elif not rest:
                yield path
        yield from _expand(folder, rest) if rest else ()
    elif _PATTERN.search(part):
        for path in _names_in(folder, hidden=part.startswith(".")):
            if fnmatch.fnmatch(path.name, part) and (not rest or stat.S_ISDIR(_mode(path))):
                yield from _expand(path, rest)
    elif os.path.lexists(folder / part):
        yield from _expand(folder / part, rest)


def _names_in(folder: Path, *, hidden: bool = False) -> list[Path]:
    """The folder's entries; none if it cannot be read, as a shell's pattern does not match there either."""
    try:
        return [path for path in folder.iterdir() if hidden or not path.name.startswith(".")]
    except OSError:
        return []


def _refusal(reason: str, name: str, cause: Exception | None = None) -> InputError:
    error = InputError(reason, source=display_name(name))
    error.__cause__ = cause
    return error
