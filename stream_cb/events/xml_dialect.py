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
_BLANKS = b" \t\n"
_BODY = b"<Response><EventName>TaskFinish</EventName>%b</JobsDetail></Response>"


def _bodies(buffer: bytes, position: int, end: int, ways: int) -> Bodies | None:
    """What only seems to be a job is taken by no plan, which has to take it all."""
    head = _HEAD.match(buffer, position, end)
    if head is None or (head[1] and not ways & DECLARED):
        return None
    stop = buffer.find(b"</Response>", head.end(), end)
    *jobs, rest = buffer[head.end() : max(stop, head.end())].split(b"</JobsDetail>")
    if len(jobs) < 2 or rest.strip(_BLANKS):
        return None
    return Bodies([_BODY % job.lstrip(_BLANKS) for job in jobs], head.start(1), stop + len(b"</Response>"))


XML_DIALECT = Dialect(_bodies, Element, merge_xml, write_xml_layout)
