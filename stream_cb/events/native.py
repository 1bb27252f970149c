"""JSON → events in one step of msgspec, where a body is exactly what the Structs describe.

It refuses, and `decode` takes over, whenever there is anything to note: a field that no type describes, a value that
does not fit, an object where a list is typed. What it answers is what `decode` would answer; where msgspec is more
generous than `decode` (null, a key twice, more than microseconds) the bytes or the result are looked at first.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from operator import getitem
from typing import Any, Generic, Literal, TypeVar

import msgspec

from stream_cb.events.kinds import KINDS
from stream_cb.events.node import Node
from stream_cb.events.operations import OPERATIONS
from stream_cb.events.shape import slots_of
from stream_cb.events.task_finish import TaskFinish
from stream_cb.events.workflow_finish import WorkflowFinish
from stream_cb.patterns import lazy_pattern

_JobT = TypeVar("_JobT")
_Lists = dict[str, tuple[bool, Any]]

# Called for our own scalar types; of these only `Whole` can be subscripted, the others refuse.
_hook: Any = getitem
_untyped = msgspec.json.Decoder(float_hook=Decimal)

_TAG = lazy_pattern(rb'"Tag"\s*:\s*"([A-Za-z0-9]{1,64})"')
# How a line of our own begins.
_FLAT = b'{"EventName":"TaskFinish",'
_REFUSALS = (msgspec.MsgspecError, ValueError, TypeError, RecursionError)


class _Callback(msgspec.Struct, Generic[_JobT], forbid_unknown_fields=True, gc=False):
    EventName: Literal["TaskFinish"]
    JobsDetail: _JobT | list[_JobT]


class _Jobs(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A callback whose jobs are of several Tags, each with a type of its own."""

    EventName: Literal["TaskFinish"]
    JobsDetail: list[msgspec.Raw]


_several = msgspec.json.Decoder(_Jobs)


class _Workflow(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    EventName: Literal["WorkflowFinish"]
    WorkflowExecution: WorkflowFinish


class _Decoders(msgspec.Struct, frozen=True, gc=False):
    """For one callback, one line of our own, and an array of lines."""

    nested: msgspec.json.Decoder[Any]
    flat: msgspec.json.Decoder[Any]
    all_flat: msgspec.json.Decoder[Any]


def decode_json(raw: bytes, max_depth: int) -> list[Any] | None:
    """The events of a TaskFinish or WorkflowFinish body or line, or None for "decode its payload". Never raises."""
    tag = _TAG.search(raw, max(0, raw.rfind(b'"Tag"')))
    try:
        if tag is None:
            return _workflow(raw)
        if _may_name_events(raw):
            return None
        if raw.count(b'"Tag"') > 1 and len(set(_TAG.findall(raw))) > 1:
            return _jobs(raw)
        return _job(raw, tag[1].decode(), max_depth)
    except _REFUSALS:
        return None


def _job(raw: bytes, name: str, max_depth: int) -> list[Any] | None:
    is_typed = name in OPERATIONS
    if not is_typed and raw.count(b"{") + raw.count(b"[") > max_depth:
        # Only an Operation that no type describes can be nested without end.
        return None
    decoders = _decoders(name if is_typed else "")
    if b'"JobsDetail"' in raw:
        try:
            jobs = decoders.nested.decode(raw).JobsDetail
        except msgspec.ValidationError as error:
            if not (is_typed and str(error).startswith("Expected `array`")):
                return None
            jobs = _listed_jobs(raw, name)
        listed = jobs if isinstance(jobs, list) else [jobs]
    elif raw.startswith(_FLAT):
        listed = [decoders.flat.decode(raw)]
    else:
        return None
    return listed if listed and _are_exact(listed, name) else None


def _listed_jobs(raw: bytes, name: str) -> Any:
    """The jobs of a body in which a list of one is written as that one, as where it was made of XML.

    Raises one of _REFUSALS.
    """
    payload = _untyped.decode(raw)
    jobs = payload["JobsDetail"]
    lists = _lists(OPERATIONS[name])
    for job in jobs if isinstance(jobs, list) else [jobs]:
        _make_lists(job, _lists(TaskFinish))
        if isinstance(job.get("Operation"), dict):
            _make_lists(job["Operation"], lists)
    kind: Any = OPERATIONS[name]
    return msgspec.convert(payload, _Callback[TaskFinish[kind]], dec_hook=_hook).JobsDetail


def _make_lists(payload: dict[str, Any], lists: _Lists) -> None:
    """Make a list of each value that is to be one."""
    for name, (is_list, inside) in lists.items():
        value = payload.get(name)
        if is_list and value is not None and not isinstance(value, list):
            if value == "":
                del payload[name]
                continue
            payload[name] = value = [value]
        if inside:
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, dict):
                    _make_lists(one, inside)


@cache
def _lists(kind: type[Node]) -> _Lists:
    """The fields of a type that are lists, or hold some: name → whether it is one, and those inside. Bounded."""
    found = {}
    for name, slot in slots_of(kind).items():
        is_list = slot.rule.role == "list"
        rule = slot.rule.part if is_list else slot.rule
        inside = _lists(rule.part) if rule.role == "node" else {}
        if is_list or inside:
            found[name] = (is_list, inside)
    return found


def _jobs(raw: bytes) -> list[Any] | None:
    """The events of a body with several jobs, each decoded by its own Tag."""
    listed = []
    for part in _several.decode(raw).JobsDetail:
        text = bytes(part)
        tag = _TAG.search(text)
        name = tag[1].decode() if tag else ""
        if name not in OPERATIONS:
            return None
        job = _decoders(name).flat.decode(text)
        if not _are_exact([job], name):
            return None
        listed.append(job)
    return listed or None


def _workflow(raw: bytes) -> list[Any] | None:
    if raw.count(b'"WorkflowFinish"') != 1:
        return None
    run = _workflow_decoder().decode(raw).WorkflowExecution
    times = [run.create_time, run.createtime]
    for task in run.tasks:
        times += (task.create_time, task.start_time, task.end_time)
    return None if any(time is not None and time.microsecond for time in times) else [run]


def decode_lines(lines: list[bytes], name: str) -> list[Any]:
    """The events of lines of our own that are all of one Tag, or of another event."""
    decoder = _decoders(name).all_flat if name in OPERATIONS else _decoder_of_lines(name)
    found: list[Any] = decoder.decode(b"[%b]" % b",".join(lines))
    return found


def _may_name_events(raw: bytes) -> bool:
    """Whether a job may have a key "EventName", which msgspec would take for its own.

    Only this value would pass; and only with an escape, which nobody needs for ASCII, can it be written otherwise.
    """
    at = raw.find(b"\\")
    while at >= 0:
        if raw.startswith(b"u00", at + 1):
            return True
        at = raw.find(b"\\", at + 2)
    return raw.count(b'"TaskFinish"') > 1


def _are_exact(jobs: list[Any], tag: str) -> bool:
    """Whether all jobs are of that Tag, and no time has more than seconds: msgspec cuts them to microseconds."""
    for job in jobs:
        if job.tag != tag:
            return False
        for time in (job.creation_time, job.start_time, job.end_time):
            if time is not None and time.microsecond:
                return False
    return True


@cache
def _decoders(tag: str) -> _Decoders:
    """The decoders for bodies and for flat lines with that Tag. Bounded by OPERATIONS."""
    job: Any = TaskFinish[OPERATIONS.get(tag, dict[str, Any])]  # type: ignore[misc]
    kinds: tuple[Any, ...] = (_Callback[job], job, list[job])
    return _Decoders(*[_decoder(kind) for kind in kinds])


@cache
def _decoder_of_lines(event: str) -> msgspec.json.Decoder[Any]:
    """The decoder for an array of lines of an event. Bounded by KINDS."""
    kind: Any = KINDS[event]
    return _decoder(list[kind])


@cache
def _workflow_decoder() -> msgspec.json.Decoder[Any]:
    return _decoder(_Workflow)


def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, dec_hook=_hook, float_hook=Decimal)
