"""record → events: which kind a document is, and each kind's way into its Struct. Pure.

A document that a kind cannot hold without loss becomes `Other`, whole.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from stream_cb.events.fits import is_blank
from stream_cb.events.kinds import ENVELOPES, KINDS, Event
from stream_cb.events.node import MISFITS, EventNode
from stream_cb.events.notes import Notes
from stream_cb.events.operations import OPERATIONS
from stream_cb.events.other import Other
from stream_cb.events.shape import MAPPING, Slot, build, node_rule, slots_of
from stream_cb.events.task_finish import TaskFinish

_ROOT = "Response"
# What the console's test body says, by which it is told from a review.
_PROBE_MESSAGE = "Test request when setting callback url"
_PROBE_TRACE_ID = "test_trace_id"
# Members of our lines that are worked out; a body that has them where its own fields stand is kept whole.
_OURS = frozenset(("EventName", "EventNameInferred", MISFITS, "Response"))


class Part(msgspec.Struct, frozen=True, gc=False):
    """What becomes one event: its type, its fields under their documented names, and the slots that take them."""

    kind: type[EventNode]
    fields: dict[str, Any]
    slots: dict[str, Slot]


def decode(name: str, payload: Any, notes: Notes) -> list[Event]:
    """The events of one document, at least one, in document order.

    name: the root element's, "" for JSON. Raises EventError if the notes are strict and a value does not fit;
    nothing has been answered by then.
    """
    events: list[Any] = []
    for part in route(name, payload, notes):
        notes.begin_event()
        event = build(part.kind, part.fields, "", notes, part.slots)
        events.append(msgspec.structs.replace(event, misfits=notes.of_event()) if notes.of_event() else event)
    return events


def route(name: str, payload: Any, notes: Notes) -> list[Part]:
    """The parts of one document, by its names and by the values of its EventName, Tag and data.event."""
    body = _body(name, payload)
    parts = [] if body is None else _of_body(body, notes, is_xml=name != "")
    return parts or [Part(Other, {"Root": name, "Payload": payload}, slots_of(Other))]


def _of_body(body: dict[str, Any], notes: Notes, *, is_xml: bool) -> list[Part]:
    """The parts of what may be a callback or a line of ours; [] if it is no kind, or one that would lose some of it."""
    named = body.get("EventName", "")
    if not isinstance(named, str):
        return []
    kind = named or _inferred(body)
    envelope = ENVELOPES.get(kind, "")
    if envelope and envelope in body:
        return _unwrapped(kind, envelope, body, notes)
    if named:
        is_line = kind in KINDS and _are_paths(body.get(MISFITS, [])) and (kind != "Other" or "Payload" in body)
        fields = {key: value for key, value in body.items() if key not in ("EventName", MISFITS)}
        return [_part(kind, fields)] if is_line else []
    return [_simple(body)] if not is_xml and _is_simple(body) else []


def _body(name: str, payload: Any) -> dict[str, Any] | None:
    """What stands in the Response, or in a JSON document that has no root; None if there is no such object."""
    if not isinstance(payload, dict):
        return None
    if name:
        return payload if name.rpartition(":")[2] == _ROOT else None
    if len(payload) == 1 and isinstance(payload.get(_ROOT), dict):
        inner: dict[str, Any] = payload[_ROOT]
        return inner
    return payload


def _inferred(body: dict[str, Any]) -> str:
    """The kind of a body without EventName, as they were before 2022, by what it holds; "" if that is no kind."""
    return next((kind for kind in ("TaskFinish", "WorkflowFinish") if ENVELOPES[kind] in body), "")


def _unwrapped(kind: str, envelope: str, body: dict[str, Any], notes: Notes) -> list[Part]:
    """The parts in an envelope, which is one object, a list of them, or empty; [] if it is anything else."""
    inside = body[envelope]
    listed = inside if isinstance(inside, list) and inside else [inside]
    listed = [{} if one == [] or is_blank(one) else one for one in listed]
    beside = {name: value for name, value in body.items() if name not in ("EventName", envelope)}
    around: dict[str, Any] = {} if body.get("EventName") else {"EventNameInferred": True}
    if beside:
        around["Response"] = beside
    if not all(isinstance(one, dict) for one in listed):
        notes.misfit(envelope, "an object")
        return []
    taken = _OURS | {envelope}
    if any(one.keys() & taken for one in listed):
        return []
    for name in beside:
        notes.unknown(f"Response.{name}")
    return [_part(kind, around | one if around else one) for one in listed]


def _are_paths(value: Any) -> bool:
    """Whether a member "Misfits" is one that we have written, which is worked out anew."""
    return isinstance(value, list) and all(isinstance(path, str) for path in value)


def _is_simple(body: dict[str, Any]) -> bool:
    has_its_members = "code" in body and "message" in body and isinstance(body.get("data"), dict)
    return has_its_members and not body.keys() & _OURS


def _simple(body: dict[str, Any]) -> Part:
    """A Simple body: a review, the console's probe, or a review that does not say of what."""
    named = body["data"].get("event")
    kind = named if isinstance(named, str) and named in ENVELOPES and named.startswith("Review") else "ReviewSimple"
    if body["message"] == _PROBE_MESSAGE and body["data"].get("trace_id") == _PROBE_TRACE_ID:
        kind = "Probe"
    return _part(kind, {"EventNameInferred": True} | body)


def _part(kind: str, fields: dict[str, Any]) -> Part:
    if kind != "TaskFinish":
        return Part(KINDS[kind], fields, slots_of(KINDS[kind]))
    tag = fields.get("Tag")
    return Part(TaskFinish, fields, job_slots(str(tag) if isinstance(tag, str) and tag in OPERATIONS else ""))


@cache
def job_slots(tag: str) -> dict[str, Slot]:
    """The slots of a TaskFinish whose Operation is of that Tag's type. Bounded by OPERATIONS."""
    kind = OPERATIONS.get(tag)
    operation = Slot("operation", is_text=False, rule=node_rule(kind) if kind else MAPPING)
    return slots_of(TaskFinish) | {"Operation": operation}


def kind_of(event: Any) -> str:
    """What a report counts the event as: "TaskFinish/StreamExtract", "Other"."""
    if isinstance(event, TaskFinish):
        return f"TaskFinish/{event.tag}" if event.tag else "TaskFinish"
    return event.event_name if isinstance(event, EventNode) else type(event).__name__
