"""events → JSON: one line each, the documented names, fields that no type describes at their own place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, cast

import msgspec

from stream_cb.events.node import EXTRA, EventNode, Node, present_fields
from stream_cb.model import Record

_encoder = msgspec.json.Encoder(decimal_format="number")
_decode = msgspec.json.Decoder(float_hook=Decimal).decode
# What only a level with an `extra` has in msgspec's own output, and hardly any text.
_EXTRA = EXTRA.encode()


def to_lines(events: Sequence[msgspec.Struct | bytes]) -> bytes:
    """As `encode_lines`, where an event may be given as its line."""
    types = set(map(type, events))
    if types == {bytes}:
        return b"".join(cast("Sequence[bytes]", events))
    if bytes not in types:
        return encode_lines(cast("Sequence[msgspec.Struct]", events))
    runs: Any = groupby(events, key=lambda event: type(event) is bytes)
    return b"".join([b"".join(run) if are_lines else encode_lines(list(run)) for are_lines, run in runs])


def encode_lines(events: Sequence[msgspec.Struct]) -> bytes:
    """One JSON line per event or untyped record, each ended by a line feed."""
    if events and isinstance(events[0], Record):
        return b"".join([_encoder.encode(to_document(record)) + b"\n" for record in events])
    lines = _encoder.encode_lines(events)
    if _EXTRA not in lines:
        return lines
    return b"".join([_encode(event) + b"\n" for event in events])


def typed_line(event: msgspec.Struct) -> bytes | None:
    """The line of an event, ended by a line feed, if it says nothing but what its types describe; else None."""
    line = _encoder.encode(event)
    return None if _EXTRA in line else line + b"\n"


def _encode(event: Any) -> bytes:
    line = _encoder.encode(event)
    return _encoder.encode(to_document(event)) if _EXTRA in line else line


def to_document(event: msgspec.Struct) -> dict[str, Any]:
    """The event as builtins under the documented names: what its JSON line says.

    Times are RFC 3339 text, fractions Decimal. Of an untyped record: its payload, under the root's name if it has one.
    """
    if isinstance(event, Record):
        return {event.name: event.payload} if event.name else event.payload
    if not isinstance(event, Node):
        plain: dict[str, Any] = _decode(_encoder.encode(event))
        return plain
    document: dict[str, Any] = {}
    tag_field = event.__struct_config__.tag_field
    if tag_field:
        document[tag_field] = event.__struct_config__.tag
    for name, value in present_fields(event):
        document[name] = _to_builtins(value)
    document.update(event.extra)
    return document


def _to_builtins(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return to_document(value)
    if isinstance(value, (tuple, list)):
        return [_to_builtins(one) for one in value]
    if isinstance(value, datetime):
        return msgspec.to_builtins(value)
    return value


def identity_of(event: msgspec.Struct) -> tuple[str, ...]:
    """What two deliveries of the same event share: its `identity`, or all of it where its type is a user's."""
    return event.identity if isinstance(event, EventNode) else (_encoder.encode(to_document(event)).decode(),)
