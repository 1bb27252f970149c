"""What plans have to know of JSON: the jobs of a body with several, and how a record is learned."""

from __future__ import annotations

from itertools import pairwise

from stream_cb.events.dialect import Bodies, Dialect
from stream_cb.events.json_grammar import Member, merge_json
from stream_cb.events.json_layout import write_json_layout
from stream_cb.patterns import lazy_pattern

_S = rb"[ \t\r\n]*+"
# White space, the event, and the list that its jobs stand in.
_HEAD = lazy_pattern(_S + rb'(\{)%b"EventName"%b:%b"TaskFinish"%b,%b"JobsDetail"%b:%b\[' % ((_S,) * 7))
# How the first of several jobs begins, and what stands between two and behind the last one.
_FIRST_JOB = lazy_pattern(rb'%b(\{%b"[^"\\]{1,64}")' % (_S, _S))
_BETWEEN = lazy_pattern(rb"\}%b,%b\Z" % (_S, _S))
_BEHIND = lazy_pattern(rb"\}%b(\]%b\})" % (_S, _S))
_BODY = b'{"EventName":"TaskFinish","JobsDetail":[%b]}'


def _bodies(buffer: bytes, position: int, limit: int, _ways: int) -> Bodies | None:
    """What only seems to be a job is taken by no plan, which has to take it all; what stands between is seen here."""
    head = _HEAD.match(buffer, position, limit)
    first = _FIRST_JOB.match(buffer, head.end(), limit) if head else None
    if head is None or first is None:
        return None
    # Where a record ends at the latest: where another one is named, or begins in XML.
    end = limit
    for sign in (b'"EventName":', b"<Response>"):
        found_at = buffer.find(sign, head.end(), end)
        end = found_at if found_at >= 0 else end
    begins = [first.start(1)]
    while (next_one := buffer.find(first[1], begins[-1] + 1, end)) >= 0:
        begins.append(next_one)
    if len(begins) == 1:
        return None
    behind = None
    for found in _BEHIND.finditer(buffer, begins[-1], end):
        behind = found
    parts = []
    for start, stop in pairwise(begins):
        seam = _BETWEEN.search(buffer, start, stop)
        if seam is None:
            return None
        parts.append(buffer[start : seam.start() + 1])
    if behind is None:
        return None
    parts.append(buffer[begins[-1] : behind.start() + 1])
    return Bodies([_BODY % part for part in parts], head.start(1), behind.end(1))


JSON_DIALECT = Dialect(_bodies, Member, merge_json, write_json_layout)
