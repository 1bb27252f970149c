"""A folder of objects as an output: numbered ones, none of which can be seen before all are at the storage.

The bytes of a file go to the storage as they come; of each file only its upload is held, a kilobyte or so, until a
request for each lets them appear. Then the empty object `_SUCCESS` appears, as Hadoop and Spark have it: whoever waits
for it never reads half of an output. Readers of columns pass over it.
Positions are as in `output_folders`: how many bytes the files up to the last one have together.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence

from stream_cb.errors import UsageError
from stream_cb.sinks.buffering import translated
from stream_cb.sinks.object_output import ObjectOutput
from stream_cb.sinks.part_names import MARKER, is_unfinished, part_name, part_number
from stream_cb.storage import Entry, Store, open_store


def objects_in(store: Store, folder: str) -> list[tuple[int, Entry]]:
    """The files of an output in a folder (a key that ends in a slash), by their numbers. Raises OSError."""
    return _numbered(store.walk(folder))


def _numbered(entries: Iterable[Entry]) -> list[tuple[int, Entry]]:
    found = ((part_number(_name(entry)), entry) for entry in entries)
    return sorted((number, entry) for number, entry in found if number is not None)


def folder_key(key: str) -> str:
    """The key of a folder, with its slash; "" for all of a bucket."""
    key = key.rstrip("/")
    return key and key + "/"


def is_taken(address: str) -> bool:
    """Whether there is anything in a folder of objects. Raises SinkError if that cannot be told."""
    with translated(address):
        store, _, key = open_store(address)
        return any(True for _ in store.walk(folder_key(key)))


def _name(entry: Entry) -> str:
    return entry.key.rpartition("/")[2]


class ObjectFolder:
    """The folder of one output in object storage. Holds the place of each upload, and with `force` the keys there were.

    Args:
        address: of the folder; its text is the output's name in messages.
        format: the suffix of the files.
        force: replace a folder that exists, if it holds nothing but such files: the new ones take the places of the
            old ones when all are at the storage, one after the other, and while that lasts there is no `_SUCCESS`.
        keep: let files appear at each commit, after the folder was cut back to that position; 0 begins anew.

    Raises:
        UsageError: an object has that very name, or the folder exists and `force` is not given, or it holds other
            objects; or a package or a setting is missing. Nothing was done.
        SinkError: the storage does not let us write.
    """

    def __init__(self, address: str, format: str, *, force: bool = False, keep: int | None = None) -> None:
        self.name = address
        self.position = 0
        self._format = format
        self._number = 0
        self._is_continued = keep is not None
        self._is_closed = False
        self._waiting: list[tuple[str, ObjectOutput]] = []  # at the storage, and not to be seen yet, by their keys
        self._placed: list[str] = []  # keys of what has appeared since the last commit
        with translated(self.name):
            self._store, self._root, key = open_store(address)
            self._key = folder_key(key)
            found = self._what_is_there(force=force or self._is_continued)
            self._old = [entry.key for entry in found] if keep is None else []
            if keep is not None:
                self._cut(found, keep)
        # Begun at once, so that a bucket that is not ours to write is told before anything is read.
        self._marker = self._open(MARKER)

    def _what_is_there(self, *, force: bool) -> list[Entry]:
        """What is in the folder, which is of an output."""
        if self._key and self._store.size_of(self._key[:-1]) is not None:
            raise UsageError(f"{self.name} is no folder")
        found = []
        for entry in self._store.walk(self._key):
            if not force:
                raise UsageError(f"{self.name} exists; --force overwrites it")
            name = _name(entry)
            if not (name == MARKER or part_number(name) is not None or is_unfinished(name)):
                raise UsageError(f"{self.name} is not overwritten, since {entry.key} is no part of an output")
            found.append(entry)
        return found

    def _cut(self, found: Sequence[Entry], position: int) -> None:
        """Remove all files behind a position, and what was never completed, and what says that it was."""
        kept = set()
        for number, entry in _numbered(found):
            if self.position < position:
                self.position += entry.size
                self._number = number + 1
                kept.add(entry.key)
        self._remove([entry.key for entry in found if entry.key not in kept])

    def _remove(self, keys: Sequence[str]) -> None:
        for key in keys:
            self._store.remove(key)

    def _open(self, place: str) -> ObjectOutput:
        return ObjectOutput(self._root + self._key + place, force=self._is_continued or bool(self._old))

    def open_part(self, folder: str = "") -> ObjectOutput:
        """The next file, in a folder below this one. Raises SinkError."""
        place = f"{folder}/{part_name(self._number, self._format)}".lstrip("/")
        self._number += 1
        self._waiting.append((self._key + place, self._open(place)))
        return self._waiting[-1][1]

    def close_part(self) -> None:
        """The file that was opened last is at the storage, and counts."""
        _, part = self._waiting[-1]
        part.send()
        self.position += part.position

    @property
    def is_empty(self) -> bool:
        """Whether no file was begun yet."""
        return self._number == 0

    def commit(self) -> int:
        """All files that were closed are at the storage, and with `keep` they appear. Answers the position."""
        if self._is_continued:
            self._place()
            self._placed = []
        return self.position

    def _place(self) -> None:
        """Let all files appear that were closed."""
        while self._waiting:
            key, part = self._waiting[0]
            part.close()
            self._placed.append(key)
            del self._waiting[0]

    def close(self) -> None:
        """Let all files appear, and then `_SUCCESS`. A second call does nothing."""
        if self._is_closed:
            return
        marker = self._key + MARKER
        with translated(self.name):
            self._remove([key for key in self._old if key == marker])
            self._place()
            self._remove(sorted({*self._old} - {*self._placed, marker}))
        self._marker.close()
        self._is_closed = True

    def abort(self) -> None:
        """Leave nothing behind of what cannot be seen yet, and of what can be seen only what was committed with `keep`.

        Files that have replaced others before a `close` was refused stay. Does nothing after `close`.

        Raises SinkError if the storage refuses that, too; all else was done then.
        """
        if self._is_closed:
            return
        self._is_closed = True
        with contextlib.ExitStack() as stack:  # each is tried, whatever the others raise
            for key in () if self._old else self._placed:
                stack.callback(self._take_back, key)
            for upload in (self._marker, *(part for _, part in self._waiting)):
                stack.callback(upload.abort)

    def _take_back(self, key: str) -> None:
        with translated(self.name):
            self._store.remove(key)
