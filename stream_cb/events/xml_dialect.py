"""What plans have to know of XML: how a record begins, where it tells its Tag, and how one is learned."""

from __future__ import annotations

import re

from stream_cb.events.plans import Bodies, Dialect, Subject
from stream_cb.events.xml_grammar import Element, merge_xml
from stream_cb.events.xml_layout import write_xml_layout
from stream_cb.patterns import lazy_pattern

# White space, a declaration, the event.
_HEAD = lazy_pattern(
    rb"[ \t\r\n]*+"
    rb"((?><\?xml version=(?:\"1\.0\"|'1\.0')(?> encoding=(?:\"(?:utf|UTF)-8\"|'(?:utf|UTF)-8'))?+\?>[ \n]*+)?+)"
    rb"<Response>[ \t\n]*+<EventName>([A-Za-z]{1,32})</EventName>[ \t\n]*+"
)
_TAG = lazy_pattern(rb"<Tag>([A-Za-z0-9]{1,64})</Tag>")
# Between two jobs of one body, and behind the last one.
_NEXT_JOB = lazy_pattern(rb"</JobsDetail>[ \t\n]*+(<JobsDetail>|</Response>)")
_BODY = b"<Response><EventName>TaskFinish</EventName>%b</Response>"


def _subject(head: re.Match[bytes], limit: int) -> Subject | None:
    if head[2] != b"TaskFinish":
        return Subject(head[2].decode())
    # The job's own Tag is its last one: some Operations have others.
    buffer = head.string
    end = buffer.find(b"</Response>", head.end(), limit)
    tag = _TAG.match(buffer, max(head.end(), buffer.rfind(b"<Tag>", head.end(), max(end, 0))))
    return Subject(tag[1].decode()) if tag else None


def _bodies(head: re.Match[bytes], limit: int, are_documents: bool) -> Bodies:
    buffer, at = head.string, head.end()
    none = Bodies([], at, at)
    if head[2] != b"TaskFinish" or (head[1] and not are_documents) or not buffer.startswith(b"<JobsDetail>", at):
        return none
    parts: list[bytes] = []
    while True:
        seam = _NEXT_JOB.match(buffer, max(at, buffer.find(b"</JobsDetail>", at, limit)), limit)
        if seam is None or (seam[1] == b"</Response>" and not parts):
            return none
        parts.append(_BODY % buffer[at : seam.start() + len("</JobsDetail>")])
        at = seam.start(1)
        if seam[1] == b"</Response>":
            return Bodies(parts, head.start(1), seam.end())


XML = Dialect(_HEAD, _subject, _bodies, Element, merge_xml, write_xml_layout)
