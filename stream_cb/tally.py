"""The counts of a run that is going on, from which its report is made."""

from __future__ import annotations

from collections import Counter
from time import monotonic
from typing import Any

from stream_cb.events import Event, Notes, kind_of
from stream_cb.model import Block, Record, Report

_NUMBERS = (
    *("sources", "records", "events", "dead_letters", "duplicates"),
    *("bytes_read", "record_bytes", "dead_bytes", "between_bytes"),
)


class Tally:
    """The counts of a run that is going on; `report` freezes them."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.sources = 0
        self.records = 0
        self.events = 0
        self.dead_letters = 0
        self.duplicates = 0
        self.bytes_read = 0
        self.record_bytes = 0
        self.dead_bytes = 0
        self.between_bytes = 0
        self.kinds: Counter[str] = Counter()
        self.input_errors: list[str] = []
        self.stopped = ""
        self._began = monotonic()

    @property
    def covered_bytes(self) -> int:
        """Bytes that lie in records, in dead letters, or between them."""
        return self.record_bytes + self.dead_bytes + self.between_bytes

    def counts(self) -> dict[str, Any]:
        """All that is counted, as builtins that `restore` takes."""
        numbers: dict[str, Any] = {name: getattr(self, name) for name in _NUMBERS}
        return numbers | {
            "kinds": dict(self.kinds),
            "input_errors": list(self.input_errors),
            "unknown_fields": dict(self.notes.unknown_fields),
            "misfits": dict(self.notes.misfits),
            "repeated_keys": dict(self.notes.repeated_keys),
            "lines": dict(self.notes.lines),
        }

    def restore(self, counts: dict[str, Any]) -> None:
        """Go on from those counts."""
        for name in _NUMBERS:
            setattr(self, name, counts[name])
        self.kinds = Counter(counts["kinds"])
        self.input_errors = list(counts["input_errors"])
        for name in ("unknown_fields", "misfits", "repeated_keys", "lines"):
            getattr(self.notes, name).update(counts[name])

    def merge(self, other: Tally) -> None:
        """Add the counts of another part of the run, which comes behind this one."""
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.kinds.update(other.kinds)
        self.input_errors += other.input_errors
        self.notes.merge(other.notes)

    def count_block(self, block: Block) -> None:
        """Account for a block."""
        size = block.end - block.begin
        record_bytes = size if block.record_bytes is None else block.record_bytes
        self.records += block.records
        self.dead_letters += len(block.dead)
        self.record_bytes += record_bytes
        self.dead_bytes += block.dead_bytes
        self.between_bytes += size - record_bytes - block.dead_bytes
        self.events += len(block.results)

    def count_kinds(self, events: list[Event | bytes]) -> None:
        """Count the events by kind; lines have been counted when they were made."""
        self.kinds.update(map(kind_of, [event for event in events if type(event) is not bytes]))

    def count_repeated_keys(self, records: list[Record]) -> None:
        """Count the keys of untyped records that stood in one object once more; of others a decoder does."""
        for record in records:
            if record.format == "json" and record.raw:
                self.notes.look_for_repeated_keys(record.raw)

    def _all_kinds(self) -> Counter[str]:
        return self.kinds + self.notes.lines

    def report(self, outputs: dict[str, int]) -> Report:
        """The frozen counts. `outputs`: name → bytes written."""
        return Report(
            sources=self.sources,
            records=self.records,
            events=self.events,
            event_records=self.records - self.dead_letters,
            dead_letters=self.dead_letters,
            duplicates=self.duplicates,
            written=self.events - self.duplicates,
            bytes_read=self.bytes_read,
            record_bytes=self.record_bytes,
            dead_bytes=self.dead_bytes,
            between_bytes=self.between_bytes,
            elapsed_seconds=round(monotonic() - self._began, 6),
            kinds=dict(self._all_kinds().most_common()),
            unknown_fields=dict(self.notes.unknown_fields.most_common()),
            misfits=dict(self.notes.misfits.most_common()),
            repeated_keys=dict(self.notes.repeated_keys.most_common()),
            input_errors=self.input_errors,
            outputs=outputs,
            stopped=self.stopped,
        )
