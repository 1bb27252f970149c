"""The decoder of a run: `decode`, and the lanes beside it that answer the same, faster, or refuse."""

from __future__ import annotations

from typing import Any

import msgspec

from stream_cb.errors import EventError
from stream_cb.events.decode import decode
from stream_cb.events.fits import is_blank
from stream_cb.events.kinds import Event
from stream_cb.events.native import decode_json
from stream_cb.events.notes import Notes
from stream_cb.events.plans import Plans
from stream_cb.events.shape import build
from stream_cb.limits import MAX_LANE_BYTES, Limits
from stream_cb.model import Row, Selection

_USUAL = Limits()


class EventDecoder:
    """Decodes the records of one run; counts what it notices in `notes`. See `stream_cb.model.Decoder`.

    limits: where they are not ample, everything is left to the parsers, which know them. selection: an event may be
    given as its JSON line, where that is faster, and the line need have no more than this; None: no lines. row: the
    line may be such a row, too.
    """

    def __init__(
        self, notes: Notes, *, limits: Limits = _USUAL, selection: Selection | None = None, row: Row | None = None
    ) -> None:
        self._notes = notes
        self._max_depth = limits.max_depth
        self._has_lanes = limits.are_ample
        self._plans = Plans(notes.lines, selection, row)
        self.run = self._plans.run if self._has_lanes else None

    def decode(self, name: str, payload: Any, raw: bytes = b"", /) -> list[Event]:
        before = self._notes.count
        events = decode(name, payload, self._notes)
        if raw and not name:
            self._notes.look_for_repeated_keys(raw)
        # What no type describes would only keep a plan from being made.
        if raw and self._has_lanes and self._notes.count == before:
            self._plans.learn(raw, events)
        return events

    def from_json(self, raw: bytes, /) -> list[Event] | None:
        if not self._has_lanes or len(raw) > MAX_LANE_BYTES:
            return None
        events = decode_json(raw, self._max_depth)
        if events:
            self._notes.look_for_repeated_keys(raw)
            self._plans.learn(raw, events)
        return events


class PayloadDecoder:
    """What a decoder is that has no lanes: a parser reads every record. A subclass has `decode`."""

    run = None

    def from_json(self, _raw: bytes, /) -> None:
        return None


class SchemaDecoder(PayloadDecoder):
    """Decodes any XML or JSON record into a Struct of the user's own, by the same path table as events.

    kind: a subclass of `Node` keeps unknown fields and values that do not fit in its `extra`; any other msgspec Struct
    refuses them, which makes their record a dead letter. A root's name does not matter; its attributes are "@name".
    """

    def __init__(self, kind: type[msgspec.Struct], notes: Notes) -> None:
        self._kind = kind
        self._notes = notes

    def decode(self, name: str, payload: Any, raw: bytes = b"", /) -> list[Any]:
        if raw and not name:
            self._notes.look_for_repeated_keys(raw)
        if is_blank(payload):
            payload = {}
        if not isinstance(payload, dict):
            raise EventError(f"expected an object for {self._kind.__name__}")
        config = self._kind.__struct_config__
        if config.tag_field and payload.get(config.tag_field) == config.tag:
            payload = {name: value for name, value in payload.items() if name != config.tag_field}
        return [build(self._kind, payload, "", self._notes)]
