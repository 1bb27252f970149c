"""The decoder of a run: `decode`, and the lanes beside it that answer the same, faster, or refuse."""

from __future__ import annotations

from typing import Any

from stream_cb.events.decode import decode
from stream_cb.events.kinds import Event
from stream_cb.events.native import decode_json
from stream_cb.events.notes import Notes
from stream_cb.events.plans import XmlPlans


class EventDecoder:
    """Decodes the records of one run; counts what it notices in `notes`. See `stream_cb.model.Decoder`.

    max_depth: deeper values are left to the parser, which refuses them.
    """

    def __init__(self, notes: Notes, *, max_depth: int) -> None:
        self._notes = notes
        self._max_depth = max_depth
        self._plans = XmlPlans()

    def decode(self, name: str, payload: Any, raw: bytes = b"", /) -> list[Event]:
        events = decode(name, payload, self._notes)
        if raw:
            self._plans.learn(raw, events)
        return events

    def from_xml(self, raw: bytes, /) -> list[Event] | None:
        return self._plans.events(raw)

    def from_json(self, raw: bytes, /) -> list[Event] | None:
        return decode_json(raw, self._max_depth)
