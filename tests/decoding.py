"""What tests that decode share: the events of one document, by way of its payload alone."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import orjson

from stream_cb import DeadLetter, read_events
from stream_cb.events import Event, Notes, TaskFinish, decode, encode_lines
from stream_cb.framing import XmlContext
from stream_cb.limits import Limits
from stream_cb.readers.json_payload import parse_json
from stream_cb.readers.xml_payload import parse_xml


def events_of(document: bytes | dict[str, Any] | list[Any], notes: Notes | None = None) -> list[Event]:
    """The events of XML, of JSON, or of a tree that is written as JSON first."""
    raw = document if isinstance(document, bytes) else orjson.dumps(document)
    if raw.lstrip().startswith(b"<"):
        name, payload = parse_xml(raw, XmlContext(), limits=Limits())
    else:
        name, payload = parse_json(raw, limits=Limits())
    return decode(name, payload, notes or Notes())


def job_of(document: bytes | dict[str, Any], notes: Notes | None = None) -> TaskFinish[Any]:
    """The one event of the document, which must be a TaskFinish."""
    (event,) = events_of(document, notes)
    assert isinstance(event, TaskFinish)
    return event


def callback(**job: Any) -> dict[str, Any]:
    """A TaskFinish callback around one job."""
    return {"EventName": "TaskFinish", "JobsDetail": job}


def read_back(events: Sequence[Event]) -> list[Event]:
    """What the events' own lines read as."""
    return list(read_events(io.BytesIO(encode_lines(events))))


def read_all(raw: bytes, *, strict: bool = False) -> tuple[list[Event], list[DeadLetter]]:
    """The events and the dead letters of a log, through the whole of the library."""
    letters: list[DeadLetter] = []
    return list(read_events(io.BytesIO(raw), strict=strict, on_dead_letter=letters.append)), letters


def line_of(event: Event) -> bytes:
    return encode_lines([event])
