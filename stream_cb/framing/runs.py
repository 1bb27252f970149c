"""Records that were taken in one step: how many there are, and where each of them lies; pure."""

from __future__ import annotations

import re

from stream_cb.model import Span

_END_TAG = b"</Response>"
_SPACE = re.compile(rb"[ \t\r\n]*+")


def element_spans(buffer: bytes, start: int, end: int) -> list[Span]:
    """Start and length of each element from `start` to `end`: none holds another one, or an end tag as text."""
    spans = []
    while start < end:
        space = _SPACE.match(buffer, start, end)
        begin = space.end() if space else start
        start = buffer.index(_END_TAG, begin, end) + len(_END_TAG)
        spans.append((begin, start - begin))
    return spans


def value_spans(buffer: bytes, start: int, end: int, gap: bytes, head: bytes) -> list[Span]:
    """Start and length of each object from `start` to `end`, begun by `head`, with `gap` between each two."""
    spans, seam = [], b"}" + gap + head
    while (at := buffer.find(seam, start, end)) >= 0:
        spans.append((start, at + 1 - start))
        start = at + 1 + len(gap)
    spans.append((start, end - start))
    return spans


def line_feeds(region: bytes, seam: bytes) -> int:
    """How many line feeds there are, if each is that of a seam; else, or if a seam has none, -1."""
    before, behind = seam.find(b"\n"), len(seam) - seam.find(b"\n")
    count, at = 0, region.find(b"\n") if before > 0 else 0
    while at >= 0:
        # Many times faster than `count`, where line feeds are rare.
        if region[at - before : at + behind] != seam:
            return -1
        count += 1
        at = region.find(b"\n", at + behind)
    return count
