"""record → events: which kind a document is, and each kind's way into its Struct. Pure.

A document that a kind cannot hold without loss becomes `Other`, whole.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from stream_cb.events.notes import Notes
from stream_cb.events.operation import OPERATIONS
from stream_cb.events.other import Other
from stream_cb.events.shape import Slot, build, fit_mapping, fit_node, is_blank, slots_of
from stream_cb.events.task_finish import TaskFinish
from stream_cb.model import Record

Event = TaskFinish | Other

_ROOT = "Response"


def decode(record: Record, notes: Notes) -> list[Event]:
    """The events of one record, at least one, in document order.

    Raises EventError if the notes are strict and a value does not fit; nothing has been answered by then.
    """
    body = _body(record)
    if body is not None:
        name = body.get("EventName")
        if name in ("TaskFinish", None, "") and "JobsDetail" in body:
            events = _jobs(body, notes)
            if events:
                return events
        elif name == "TaskFinish":
            return [_job({key: body[key] for key in body if key != "EventName"}, notes)]
        elif name == "Other" and body.keys() <= {"EventName", "Root", "Payload"} and "Payload" in body:
            return [Other(root=str(body.get("Root", "")), payload=body["Payload"])]
    return [Other(root=record.name, payload=record.payload)]


def _body(record: Record) -> dict[str, Any] | None:
    """What stands in the Response, or in a JSON document that has no root; None if there is no such object."""
    payload = record.payload
    if not isinstance(payload, dict):
        return None
    if record.name:
        return payload if record.name.rpartition(":")[2] == _ROOT else None
    if len(payload) == 1 and isinstance(payload.get(_ROOT), dict):
        inner: dict[str, Any] = payload[_ROOT]
        return inner
    return payload


def _jobs(body: dict[str, Any], notes: Notes) -> list[Event]:
    """The jobs of a callback: JobsDetail is one object, a list of them, or empty; [] if it is anything else."""
    jobs = body["JobsDetail"]
    listed = jobs if isinstance(jobs, list) and jobs else [jobs]
    listed = [{} if job == [] or is_blank(job) else job for job in listed]
    beside = {name: value for name, value in body.items() if name not in ("EventName", "JobsDetail")}
    around: dict[str, Any] = {} if body.get("EventName") else {"EventNameInferred": True}
    if beside:
        around["Response"] = beside
    if not all(isinstance(job, dict) and not job.keys() & around.keys() for job in listed):
        notes.misfit("JobsDetail", "an object")
        return []
    for name in beside:
        notes.unknown(f"Response.{name}")
    return [_job(around | job if around else job, notes) for job in listed]


def _job(fields: dict[str, Any], notes: Notes) -> TaskFinish:
    tag = fields.get("Tag")
    return build(TaskFinish, fields, "", notes, _slots(tag if isinstance(tag, str) and tag in OPERATIONS else ""))


@lru_cache
def _slots(tag: str) -> dict[str, Slot]:
    """The slots of a TaskFinish whose Operation is of that Tag's type. Bounded by OPERATIONS."""
    kind = OPERATIONS.get(tag)
    operation = Slot("operation", is_text=False, fit=fit_node(kind) if kind else fit_mapping)
    return slots_of(TaskFinish) | {"Operation": operation}


def kind_of(event: Event) -> str:
    """What a report counts the event as: "TaskFinish/StreamExtract", "Other"."""
    return f"TaskFinish/{event.tag}" if isinstance(event, TaskFinish) else event.event_name
