"""What decoding notices beside the events: fields that no type describes, and values that do not fit theirs."""

from __future__ import annotations

from collections import Counter

from stream_cb.errors import EventError
from stream_cb.events.repeated_keys import repeated_keys

# Distinct paths that are counted one by one; a log in which every key is different must not fill the memory.
_MAX_PATHS = 1_000
_MORE = "(more paths)"


class Notes:
    """Counts by path ("Operation.NewThing"). With `strict`, the first misfit raises EventError instead.

    count: how often anything was noted but repeated keys, which are counted by name. lines: events that became lines
    without being Structs first, by kind.
    """

    def __init__(self, *, strict: bool = False) -> None:
        self.unknown_fields: Counter[str] = Counter()
        self.misfits: Counter[str] = Counter()
        self.repeated_keys: Counter[str] = Counter()
        self.lines: Counter[str] = Counter()
        self.count = 0
        self._strict = strict
        self._of_event: list[str] = []

    def merge(self, other: Notes) -> None:
        """Add what was noted of events that come behind these."""
        for name in ("unknown_fields", "misfits", "repeated_keys"):
            for path, count in getattr(other, name).items():
                _count(getattr(self, name), path, count)
        self.lines.update(other.lines)

    def clear(self) -> None:
        """Begin to count anew."""
        for counts in (self.unknown_fields, self.misfits, self.repeated_keys, self.lines):
            counts.clear()

    def begin_event(self) -> None:
        """What comes now is of another event."""
        self._of_event.clear()

    def of_event(self) -> tuple[str, ...]:
        """The paths of the misfits of the event at hand, sorted: a line read again meets them in another order."""
        return tuple(sorted(self._of_event))

    def unknown(self, path: str) -> None:
        """A field that its level's type does not have."""
        self.count += 1
        _count(self.unknown_fields, path)

    def look_for_repeated_keys(self, raw: bytes) -> None:
        """Count the keys that stand once more in an object of a JSON text, of which a parser has kept the last."""
        for key in repeated_keys(raw):
            _count(self.repeated_keys, key)

    def misfit(self, path: str, expected: str) -> None:
        """A value that is not what the type of its path promises. Raises EventError in strict mode."""
        if self._strict:
            raise EventError(f"expected {expected} at $.{path}")
        self.count += 1
        self._of_event.append(path)
        _count(self.misfits, path)


def _count(counts: Counter[str], path: str, count: int = 1) -> None:
    counts[path if path in counts or len(counts) < _MAX_PATHS else _MORE] += count
