"""What plans have to know of JSON: how a record begins, where it tells its Tag, and how one is learned."""

from __future__ import annotations

import re
from itertools import pairwise

from stream_cb.events.json_grammar import Member, merge_json
from stream_cb.events.json_layout import write_json_layout
from stream_cb.events.plans import Bodies, Dialect, Subject
from stream_cb.patterns import lazy_pattern

_S = rb"[ \t\r\n]*+"
# White space, the event, and what its job stands in; nothing in a line of our own.
_HEAD = lazy_pattern(
    _S + rb'(\{)%b"EventName"%b:%b"([A-Za-z]{1,32})"%b,%b' % ((_S,) * 5)
    + rb'(?>"(?:JobsDetail|WorkflowExecution)"%b:%b([\[{]))?+' % (_S, _S)
)  # fmt: skip
_TAG = lazy_pattern(rb'"Tag"%b:%b"([A-Za-z0-9]{1,64})"' % (_S, _S))
# How the first of several jobs begins, and what stands between two and behind the last one.
_FIRST_JOB = lazy_pattern(rb'%b(\{%b"[^"\\]{1,64}")' % (_S, _S))
_BETWEEN = lazy_pattern(rb"\}%b,%b\Z" % (_S, _S))
_BEHIND = lazy_pattern(rb"\}%b(\]%b\})" % (_S, _S))
_BODY = b'{"EventName":"TaskFinish","JobsDetail":[%b]}'


def _subject(head: re.Match[bytes], limit: int) -> Subject | None:
    wrapping = (head[3] or b"").decode()
    if head[2] != b"TaskFinish":
        return Subject(head[2].decode(), wrapping)
    buffer, at = head.string, head.end()
    if wrapping:
        # The job's own Tag is its last one: some Operations have others.
        at = buffer.rfind(b'"Tag"', at, _end(head, limit))
    tag = _TAG.match(buffer, at) if at >= 0 else None
    return Subject(tag[1].decode(), wrapping) if tag else None


def _end(head: re.Match[bytes], limit: int) -> int:
    """Where a record ends for certain: where another one is named, or at the limit."""
    end = head.string.find(b'"EventName":', head.end(), limit)
    return end if end >= 0 else limit


def _bodies(head: re.Match[bytes], limit: int, _are_documents: bool) -> Bodies:
    """What only seems to be a job is taken by no plan, which has to take it all; what stands between is seen here."""
    buffer, at = head.string, head.end()
    none = Bodies([], at, at)
    first = _FIRST_JOB.match(buffer, at, limit) if head[3] == b"[" and head[2] == b"TaskFinish" else None
    if first is None:
        return none
    end = _end(head, limit)
    begins = [first.start(1)]
    while (next_one := buffer.find(first[1], begins[-1] + 1, end)) >= 0:
        begins.append(next_one)
    behind = None
    for found in _BEHIND.finditer(buffer, begins[-1], end):
        behind = found
    parts = []
    for start, stop in pairwise(begins):
        seam = _BETWEEN.search(buffer, start, stop)
        if seam is None:
            return none
        parts.append(buffer[start : seam.start() + 1])
    if behind is None or not parts:
        return none
    parts.append(buffer[begins[-1] : behind.start() + 1])
    return Bodies([_BODY % part for part in parts], head.start(1), behind.end(1))


JSON = Dialect(_HEAD, _subject, _bodies, Member, merge_json, write_json_layout)
