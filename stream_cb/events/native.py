"""JSON → events in one step of msgspec, where a body is exactly what the Structs describe.

It refuses, and `decode` takes over, whenever there is anything to note: a field that no type describes, a value that
does not fit, an object where a list is typed. What it answers is what `decode` would answer; where msgspec is more
generous than `decode` (null, a key twice, more than microseconds) the bytes or the result are looked at first.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from operator import getitem
from typing import Any, Generic, Literal, TypeVar

import msgspec

from stream_cb.events.operations import OPERATIONS
from stream_cb.events.task_finish import TaskFinish

_JobT = TypeVar("_JobT")

_TAG = re.compile(rb'"Tag"\s*:\s*"([A-Za-z0-9]{1,64})"')
# How a line of our own begins.
_FLAT = b'{"EventName":"TaskFinish",'
_EVENT_NAME = re.compile(rb'"EventName"\s*:')


class _Callback(msgspec.Struct, Generic[_JobT], forbid_unknown_fields=True):
    EventName: Literal["TaskFinish"]
    JobsDetail: _JobT | list[_JobT]


def decode_json(raw: bytes, max_depth: int) -> list[Any] | None:  # noqa: PLR0911  (each refusal is a way out)
    """The events of a TaskFinish body or line, or None for "decode its payload instead". Never raises."""
    tag = _TAG.search(raw, max(0, raw.rfind(b'"Tag"')))
    if tag is None:
        return None
    if raw.count(b'"EventName"') > 1 and len(_EVENT_NAME.findall(raw)) > 1:
        return None
    name = tag[1].decode()
    is_typed = name in OPERATIONS
    if not is_typed and raw.count(b"{") + raw.count(b"[") > max_depth:
        # Only an Operation that no type describes can be nested without end.
        return None
    nested, flat = _decoders(name if is_typed else "")
    try:
        if b'"JobsDetail"' in raw:
            jobs = nested.decode(raw).JobsDetail
            listed = jobs if isinstance(jobs, list) else [jobs]
        elif raw.startswith(_FLAT):
            listed = [flat.decode(raw)]
        else:
            return None
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError):
        return None
    for job in listed:
        if job.tag != name:
            return None
        for time in (job.creation_time, job.start_time, job.end_time):
            # msgspec cuts times to microseconds, `decode` does not.
            if time is not None and time.microsecond:
                return None
    return listed or None


@cache
def _decoders(tag: str) -> tuple[msgspec.json.Decoder[Any], msgspec.json.Decoder[Any]]:
    """The decoders for a body and for a flat line with that Tag. Bounded by OPERATIONS.

    The hook is called for our own scalar types; of these only `Whole` can be subscripted, the others refuse the body.
    """
    job: Any = TaskFinish[OPERATIONS.get(tag, dict[str, Any])]  # type: ignore[misc]
    hook: Any = getitem
    nested, flat = (msgspec.json.Decoder(kind, dec_hook=hook, float_hook=Decimal) for kind in (_Callback[job], job))
    return nested, flat
