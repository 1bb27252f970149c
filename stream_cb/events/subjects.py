"""The subject of a record: what tells which plan may take it, before any of it is matched.

That is how it is written, `<` for XML, `{` or `[` for JSON whose envelope holds that, `"` for JSON without one, and the
name of its Tag or, if it is no finished job, of its event: b"<StreamExtract", b"[ReviewImage". A subject decides
nothing, since a plan matches all of a record. The compiled matcher has the same in C.
"""

from __future__ import annotations

from stream_cb.patterns import lazy_pattern

_S = r"[ \t\r\n]*+"
_NAME = r"([A-Za-z0-9]{1,64}+)"
_XML = lazy_pattern(rf"(?><\?xml (?>[^?]++|\?(?!>))*+\?>)?+{_S}<Response>{_S}<EventName>{_NAME}</")
_XML_TAG = lazy_pattern(f"<Tag>{_NAME}</")
_JSON = lazy_pattern(
    rf'\{{{_S}"EventName"{_S}:{_S}"{_NAME}{_S}"{_S},(?>{_S}"(?:JobsDetail|WorkflowExecution)"{_S}:{_S}([\[{{]))?+{_S}'
)
_JSON_TAG = lazy_pattern(f'"Tag"{_S}:{_S}"{_NAME}"')
_JOB = "TaskFinish"


def subject_at(text: str, at: int, end: int) -> bytes:
    """The subject of the record at a place of a text, which ends before `end`; b"" if it tells none."""
    return _of_xml(text, at, end) if text.startswith("<", at) else _of_json(text, at, end)


def is_xml(subject: bytes) -> bool:
    """Whether records of that subject are XML."""
    return subject.startswith(b"<")


def name_of(subject: bytes) -> str:
    """The Tag or event of its records."""
    return subject[1:].decode()


def _of_xml(text: str, at: int, end: int) -> bytes:
    head = _XML.match(text, at, end)
    if head is None or head[1] != _JOB:
        return f"<{head[1]}".encode() if head else b""
    # The job's own Tag is its last one: some Operations have others.
    stop = text.find("</Response>", head.end(), end)
    place = text.rfind("<Tag>", head.end(), stop) if stop >= 0 else -1
    tag = _XML_TAG.match(text, place, end) if place >= 0 else None
    return f"<{tag[1]}".encode() if tag else b""


def _of_json(text: str, at: int, end: int) -> bytes:
    head = _JSON.match(text, at, end)
    if head is None:
        return b""
    wrapping = head[2] or '"'
    if head[1] != _JOB:
        return f"{wrapping}{head[1]}".encode()
    place = head.end()
    if head[2]:
        # The record ends where another one is named, or begins in XML, at the latest.
        stop = text.find('"EventName":', place, end)
        stop = stop if stop >= 0 else end
        begin = text.find("<Response>", place, stop)
        place = text.rfind('"Tag"', place, begin if begin >= 0 else stop)
    tag = _JSON_TAG.match(text, place, end) if place >= 0 else None
    return f"{wrapping}{tag[1]}".encode() if tag else b""
