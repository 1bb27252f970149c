"""Records that were taken in one step: how many there are, and where each of them lies; pure."""

from __future__ import annotations

from stream_cb.model import Span
from stream_cb.patterns import lazy_pattern

_END_TAG = b"</Response>"
_SPACE = lazy_pattern(rb"[ \t\r\n]*+")
# A string cannot end before the name, which is no separator, nor hold its quotes; and no object of a job has the name.
_BODY = lazy_pattern(rb'\{[ \t\r\n]*+"EventName"')


def element_spans(buffer: bytes, start: int, end: int) -> list[Span]:
    """Start and length of each element from `start` to `end`: none holds another one, or an end tag as text."""
    spans = []
    while start < end:
        space = _SPACE.match(buffer, start, end)
        begin = space.end() if space else start
        start = buffer.index(_END_TAG, begin, end) + len(_END_TAG)
        spans.append((begin, start - begin))
    return spans


def value_spans(buffer: bytes, start: int, end: int) -> list[Span]:
    """Start and length of each object from `start` to `end`: they begin as nothing inside them does."""
    begins = [begin.start() for begin in _BODY.finditer(buffer, start, end)]
    spans = []
    for begin, stop in zip(begins, [*begins[1:], end], strict=True):
        spans.append((begin, buffer.rindex(b"}", begin, stop) + 1 - begin))
    return spans
