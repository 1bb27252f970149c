"""record → events: which kind a document is, and each kind's way into its Struct. Pure.

A document that a kind cannot hold without loss becomes `Other`, whole.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from stream_cb.events.node import Node
from stream_cb.events.notes import Notes
from stream_cb.events.operation import OPERATIONS
from stream_cb.events.other import Other
from stream_cb.events.shape import MAPPING, Slot, build, is_blank, node_rule, slots_of
from stream_cb.events.task_finish import TaskFinish

Event = TaskFinish[Any] | Other

_ROOT = "Response"


class Part(NamedTuple):
    """What becomes one event: its type, its fields under their documented names, and the slots that take them."""

    kind: type[Node]
    fields: dict[str, Any]
    slots: dict[str, Slot]


def decode(name: str, payload: Any, notes: Notes) -> list[Event]:
    """The events of one document, at least one, in document order.

    name: the root element's, "" for JSON. Raises EventError if the notes are strict and a value does not fit;
    nothing has been answered by then.
    """
    events: list[Any] = [build(part.kind, part.fields, "", notes, part.slots) for part in route(name, payload)]
    return events


def route(name: str, payload: Any) -> list[Part]:
    """The parts of one document, by its names and by the values of its EventName and Tag, and nothing else."""
    body = _body(name, payload)
    if body is not None:
        event_name = body.get("EventName")
        if event_name in ("TaskFinish", None, "") and "JobsDetail" in body:
            parts = _jobs(body)
            if parts:
                return parts
        elif event_name == "TaskFinish":
            return [_job({key: body[key] for key in body if key != "EventName"})]
        elif event_name == "Other" and body.keys() <= {"EventName", "Root", "Payload"} and "Payload" in body:
            return [_other({key: body[key] for key in body if key != "EventName"})]
    return [_other({"Root": name, "Payload": payload})]


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


def _jobs(body: dict[str, Any]) -> list[Part]:
    """The jobs of a callback: JobsDetail is one object, a list of them, or empty; [] if it is anything else."""
    jobs = body["JobsDetail"]
    listed = jobs if isinstance(jobs, list) and jobs else [jobs]
    listed = [{} if job == [] or is_blank(job) else job for job in listed]
    beside = {name: value for name, value in body.items() if name not in ("EventName", "JobsDetail")}
    around: dict[str, Any] = {} if body.get("EventName") else {"EventNameInferred": True}
    if beside:
        around["Response"] = beside
    taken = around.keys() | {"EventName"}
    if not all(isinstance(job, dict) and not job.keys() & taken for job in listed):
        return []
    return [_job(around | job if around else job) for job in listed]


def _job(fields: dict[str, Any]) -> Part:
    tag = fields.get("Tag")
    return Part(TaskFinish, fields, job_slots(str(tag) if isinstance(tag, str) and tag in OPERATIONS else ""))


@cache
def job_slots(tag: str) -> dict[str, Slot]:
    """The slots of a TaskFinish whose Operation is of that Tag's type. Bounded by OPERATIONS."""
    kind = OPERATIONS.get(tag)
    operation = Slot("operation", is_text=False, rule=node_rule(kind) if kind else MAPPING)
    return slots_of(TaskFinish) | {"Operation": operation}


def _other(fields: dict[str, Any]) -> Part:
    return Part(Other, fields, slots_of(Other))


def kind_of(event: Event) -> str:
    """What a report counts the event as: "TaskFinish/StreamExtract", "Other"."""
    tag = event.tag if isinstance(event, TaskFinish) else ""
    return f"{event.event_name}/{tag}" if tag else event.event_name
