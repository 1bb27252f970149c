"""Repeated deliveries: which identities have been seen.

In: digests of identities. Out: whether each is new. Holds at most MAX_IN_MEMORY digests; past that they move to an
SQLite file in the folder for temporary files, which is removed at the end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Any

# A set entry of 16 bytes takes about 100, so that this many stay within 20 MB.
MAX_IN_MEMORY = 200_000
_DIGEST_BYTES = 16


class SeenBefore:
    """Remembers identities, which `identity_of` tells. Use as a context manager, or call `close`.

    Two identities are taken for one if their 128-bit BLAKE2b digests are equal, which chance does not bring about.
    """

    def __init__(self, identity_of: Callable[[Any], Sequence[str]], *, max_in_memory: int = MAX_IN_MEMORY) -> None:
        self._identity_of = identity_of
        self._max = max_in_memory
        self._fresh: set[bytes] = set()
        self._stored: Any = None

    def __enter__(self) -> SeenBefore:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def new_ones(self, events: Iterable[Any]) -> list[Any]:
        """The events whose identity comes for the first time, in order; they count as seen from now on."""
        found = []
        for event in events:
            identity = repr(tuple(self._identity_of(event))).encode()
            digest = hashlib.blake2b(identity, digest_size=_DIGEST_BYTES).digest()
            if digest in self._fresh or (self._stored is not None and self._is_stored(digest)):
                continue
            self._fresh.add(digest)
            found.append(event)
            if len(self._fresh) >= self._max:
                self._store()
        return found

    def close(self) -> None:
        """Forget everything and remove the file. A second call does nothing."""
        self._fresh.clear()
        if self._stored is not None:
            self._stored.close()
            self._stored = None

    def _is_stored(self, digest: bytes) -> bool:
        return self._stored.execute("SELECT 1 FROM seen WHERE digest = ?", (digest,)).fetchone() is not None

    def _store(self) -> None:
        """Move what is in memory to the file. The empty name makes SQLite a private file that goes with it."""
        if self._stored is None:
            import sqlite3

            self._stored = sqlite3.connect("")
            self._stored.execute("PRAGMA cache_size = -8192")
            self._stored.execute("CREATE TABLE seen (digest BLOB PRIMARY KEY) WITHOUT ROWID")
        self._stored.executemany("INSERT OR IGNORE INTO seen VALUES (?)", ((digest,) for digest in self._fresh))
        self._stored.commit()
        self._fresh.clear()
