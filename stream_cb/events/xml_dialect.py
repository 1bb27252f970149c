"""What plans have to know of XML: the jobs of a body with several, and how a record is learned."""

from __future__ import annotations

from stream_cb.events.dialect import Bodies, Dialect
from stream_cb.events.xml_grammar import Element, merge_xml
from stream_cb.events.xml_layout import write_xml_layout
from stream_cb.patterns import lazy_pattern
from stream_cb.runs import DECLARED

# White space, a declaration, the event.
_HEAD = lazy_pattern(
    rb"[ \t\r\n]*+"
    rb"((?><\?xml version=(?:\"1\.0\"|'1\.0')(?> encoding=(?:\"(?:utf|UTF)-8\"|'(?:utf|UTF)-8'))?+\?>[ \n]*+)?+)"
    rb"<Response>[ \t\n]*+<EventName>TaskFinish</EventName>[ \t\n]*+(?=<JobsDetail>)"
)
# Between two jobs of one body, and behind the last one.
_NEXT_JOB = lazy_pattern(rb"</JobsDetail>[ \t\n]*+(<JobsDetail>|</Response>)")
_BODY = b"<Response><EventName>TaskFinish</EventName>%b</Response>"


def _bodies(buffer: bytes, position: int, end: int, ways: int) -> Bodies | None:
    head = _HEAD.match(buffer, position, end)
    if head is None or (head[1] and not ways & DECLARED):
        return None
    at = head.end()
    parts: list[bytes] = []
    while True:
        seam = _NEXT_JOB.match(buffer, max(at, buffer.find(b"</JobsDetail>", at, end)), end)
        if seam is None or (seam[1] == b"</Response>" and not parts):
            return None
        parts.append(_BODY % buffer[at : seam.start() + len("</JobsDetail>")])
        at = seam.start(1)
        if seam[1] == b"</Response>":
            return Bodies(parts, head.start(1), seam.end())


XML_DIALECT = Dialect(_bodies, Element, merge_xml, write_xml_layout)
