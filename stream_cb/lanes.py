"""Decoders beside that of a run: one that counts which lane took what, and one that has no lanes.

For those who measure. An ordinary run has neither, and pays nothing for them.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

from stream_cb.events import Notes, PayloadDecoder, kind_of
from stream_cb.model import Decoder
from stream_cb.runs import Run, Runner

# Lane → what it does, the fastest first.
LANES = {
    "plan": "matched inside the buffer, written as a JSON line at once",
    "native JSON": "one JSON text decoded into its events",
    "lxml + decode": "XML parsed by lxml, then decoded",
    "msgspec + decode": "JSON parsed by msgspec, then decoded",
}


class CountedDecoder:
    """Does what another decoder does. records: lane → records taken. kinds: (kind, lane) → events made.

    notes: those of the other decoder, whose counts of lines tell their kinds.
    """

    def __init__(self, decoder: Decoder, notes: Notes) -> None:
        self._decoder = decoder
        self._lines = notes.lines
        self.records: Counter[str] = Counter()
        self.kinds: Counter[tuple[str, str]] = Counter()
        self.run = partial(self._run, decoder.run) if decoder.run else None

    def _run(self, run: Runner, *arguments: Any, **options: Any) -> Run:
        before = Counter(self._lines)
        found = run(*arguments, **options)
        self.records["plan"] += found.records
        for kind, count in (self._lines - before).items():
            self.kinds[kind, "plan"] += count
        self.kinds.update((kind_of(event), "plan") for event in found.results if type(event) is not bytes)
        return found

    def decode(self, name: str, payload: Any, raw: bytes = b"", /) -> list[Any]:
        events = self._decoder.decode(name, payload, raw)
        return self._counted("lxml + decode" if name else "msgspec + decode", 1, events)

    def from_json(self, raw: bytes, /) -> list[Any] | None:
        events = self._decoder.from_json(raw)
        return None if events is None else self._counted("native JSON", 1, events)

    def _counted(self, lane: str, records: int, events: list[Any]) -> list[Any]:
        self.records[lane] += records
        self.kinds.update((kind_of(event), lane) for event in events)
        return events


class PlainDecoder(PayloadDecoder):
    """Does what another decoder does, from payloads alone."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder

    def decode(self, name: str, payload: Any, _raw: bytes = b"", /) -> list[Any]:
        return self._decoder.decode(name, payload)
