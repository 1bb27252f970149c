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
# How a record in JSON begins: its event, and how what is around its fields opens.
JSON_HEAD = lazy_pattern(
    rf'\{{{_S}"EventName"{_S}:{_S}"{_NAME}{_S}"{_S},(?>{_S}"(?:JobsDetail|WorkflowExecution)"{_S}:{_S}([\[{{]))?+{_S}'
)
_JSON_TAG = lazy_pattern(f'"Tag"{_S}:{_S}"{_NAME}"')
_JOB = "TaskFinish"


def subject_at(text: str, at: int, end: int, *, by_line: bool = False) -> bytes:
    """The subject of the record at a place of a text, which ends before `end`; b"" if it tells none.

    by_line: where the record ends with its line, since that end is found in a tenth of the time.
    """
    return (_of_xml if text.startswith("<", at) else _of_json)(text, at, end, by_line=by_line)


def is_xml(subject: bytes) -> bool:
    """Whether records of that subject are XML."""
    return subject.startswith(b"<")


def name_of(subject: bytes) -> str:
    """The Tag or event of its records."""
    return subject[1:].decode()


def _of_xml(text: str, at: int, end: int, *, by_line: bool) -> bytes:
    head = _XML.match(text, at, end)
    if head is None or head[1] != _JOB:
        return f"<{head[1]}".encode() if head else b""
    if by_line:
        stop = text.find("\n", head.end(), end) - len("</Response>")
        stop = stop if stop >= head.end() and text.startswith("</Response>", stop) else -1
    else:
        stop = text.find("</Response>", head.end(), end)
    # The job's own Tag is its last one: some Operations have others.
    place = text.rfind("<Tag>", head.end(), stop) if stop >= 0 else -1
    tag = _XML_TAG.match(text, place, end) if place >= 0 else None
    return f"<{tag[1]}".encode() if tag else b""


def _of_json(text: str, at: int, end: int, *, by_line: bool) -> bytes:
    head = JSON_HEAD.match(text, at, end)
    if head is None:
        return b""
    wrapping = head[2] or '"'
    if head[1] != _JOB:
        return f"{wrapping}{head[1]}".encode()
    place = head.end()
    if head[2]:
        stop = stop_of_json(text, place, end, by_line=by_line)
        place = text.rfind('"Tag"', place, stop) if stop >= 0 else -1
    tag = _JSON_TAG.match(text, place, end) if place >= 0 else None
    return f"{wrapping}{tag[1]}".encode() if tag else b""


def stop_of_json(text: str, at: int, end: int, *, by_line: bool = False) -> int:
    """Where the record ends: with its line (-1: not there), or, at the latest, where another is named or begins."""
    if by_line:
        line = text.find("\n", at, end)
        return line if line > at and text.startswith("}", line - 1) else -1
    stop = text.find('"EventName":', at, end)
    stop = stop if stop >= 0 else end
    begin = text.find("<Response>", at, stop)
    return begin if begin >= 0 else stop
