"""The address of an object, a folder or a pattern in object storage → the addresses of objects.

In: one address. Out: addresses in the order of their keys, with their sizes, and an InputError in the place of what
cannot be listed. Holds a page of a listing for each level of folders, however many objects there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from stream_cb.errors import InputError
from stream_cb.inputs.raw_file import reason_of
from stream_cb.patterns import lazy_pattern
from stream_cb.storage import Entry, Store, open_store

_PATTERN = lazy_pattern(r"[*?[]")
_ANY_DEPTH = "**"


class Listed(NamedTuple):
    """A file that was found. size: in bytes, where the listing has told it."""

    path: str
    size: int | None = None


def list_objects(address: str) -> Iterator[Listed | InputError]:
    """Yield the objects that an address stands for.

    Args:
        address: of an object; of a folder: all objects whose keys begin with it and a slash, those left out that have
            a dot in front of their name, or of a folder's; or a pattern as in `list_files`, if no object has that
            very key. An object comes before a folder of the same name.
    """
    is_empty = True
    try:
        store, root, key = open_store(address)
        for entry in _find(store, key):
            is_empty = False
            yield Listed(root + entry.key, entry.size)
    except OSError as error:
        refusal = InputError(reason_of(error), source=address)
        refusal.__cause__ = error
        yield refusal
        return
    if is_empty:
        what = "no object matches" if _PATTERN.search(key) else "there is no such object, and no folder of that name"
        yield InputError(what, source=address)


def _find(store: Store, key: str) -> Iterator[Entry]:
    if not _PATTERN.search(key):
        yield from _named(store, key)
    elif not key.endswith("/") and (size := store.size_of(key)) is not None:
        yield Entry(key, size)
    else:
        yield from _matches(store, "", key.split("/"))


def _named(store: Store, key: str) -> Iterator[Entry]:
    """The object of this key, or else what is in the folder of this name."""
    is_folder = not key or key.endswith("/")
    size = None if is_folder else store.size_of(key)
    yield from _walk(store, key if is_folder else key + "/") if size is None else (Entry(key, size),)


def _walk(store: Store, folder: str) -> Iterator[Entry]:
    """The objects below a folder that are not hidden."""
    for entry in store.walk(folder):
        if "/." not in "/" + entry.key[len(folder) :]:
            yield entry


def _matches(store: Store, folder: str, parts: Sequence[str]) -> Iterator[Entry]:
    """The objects below the folder that all the parts of a pattern match."""
    part, rest = parts[0], parts[1:]
    if _ANY_DEPTH in parts and not _PATTERN.search(part):
        yield from _matches(store, f"{folder}{part}/", rest)
    elif part == _ANY_DEPTH:
        for entry in _walk(store, folder):
            if _fits(entry.key[len(folder) :].split("/"), parts):
                yield entry
    elif not _PATTERN.search(part):
        yield from _matches(store, f"{folder}{part}/", rest) if rest else _named(store, folder + part)
    else:
        start = part[: _PATTERN.search(part).start()]  # type: ignore[union-attr]  # it was found above
        for entry in store.level(folder, start):
            name = entry.key[len(folder) :].rstrip("/")
            if not fnmatchcase(name, part) or (name.startswith(".") and not part.startswith(".")):
                continue
            if rest and entry.is_folder:
                yield from _matches(store, entry.key, rest)
            elif not rest:
                yield from _walk(store, entry.key) if entry.is_folder else (entry,)


def _fits(names: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether the names of folders and of an object match the parts of a pattern, from the first to the last."""
    if not parts or not names:
        return not parts and not names
    if parts[0] == _ANY_DEPTH:
        return len(parts) == 1 or any(_fits(names[begin:], parts[1:]) for begin in range(len(names)))
    return fnmatchcase(names[0], parts[0]) and _fits(names[1:], parts[1:])
