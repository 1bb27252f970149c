"""Where reading can go on after damaged bytes: the next place that can only be the start of a record.

A damaged region ends at the first of these, so that it never swallows a good neighbour; nested elements and objects
do not look like any of them, so that it never invents a record. `Resync.find` searches a growing buffer.
"""

from __future__ import annotations

import re
from functools import lru_cache

from stream_cb.patterns import lazy_pattern
from stream_cb.places import LevelState

# More than any pattern below needs to be recognised; what lies before the last OVERLAP bytes was searched for good.
OVERLAP = 512

# Names of events that open a callback; the same words open nothing inside one.
_EVENT = rb"\{\s{0,64}\"EventName\"\s{0,8}:\s{0,8}\"(?:TaskFinish|WorkflowFinish|Review[A-Z])"
_JOBS = rb"\{\s{0,64}\"(?:JobsDetail|WorkflowExecution)\"\s{0,8}:\s{0,8}[\[{]"
CALLBACK = rb"(?:" + _EVENT + rb"|" + _JOBS + rb")"
_DECLARATION = rb"<(?:\?xml|!DOCTYPE)\s"
_RESPONSE = rb"<Response[\s/>]"
_DOCUMENTS = (_DECLARATION, _RESPONSE, CALLBACK, rb"\x1e")
# What can only begin a new document, whatever is open around it.
DOCUMENT_START = lazy_pattern(b"|".join((rb"<\?xml\s", _RESPONSE, rb"\x1e", rb"(?<=\n)" + CALLBACK)))
# What may follow the last byte of a document: its end, or a byte that begins another one.
_NEXT_DOCUMENT = rb"\s{0,400}(?:\Z|[{\[\x1e\xef]|<[^/\s])"
# What may still become the beginning or the end of an element.
_CUT = lazy_pattern(rb"\s*(?:</?[^<>]*)?")
_SPACE = lazy_pattern(rb"[ \t\r\n]+\Z")
_COMMA = lazy_pattern(rb"(?:[ \t\r\n]*,[ \t\r\n]*|[ \t\r\n]+)\Z")


class Resync:
    """A pattern for the places to go on: where it matches, or behind its group `here` if it has one.

    separator: what may stand between the damaged region and that place, and belongs to neither.
    """

    def __init__(self, *alternatives: bytes, separator: re.Pattern[bytes] = _SPACE) -> None:
        self.separator = separator
        self._search = re.compile(b"|".join(b"(?:" + part + b")" for part in alternatives)).search

    def find(self, buffer: bytes, position: int, *, final: bool) -> tuple[int | None, int]:
        """Where to go on at or after `position` (or None), and how far the buffer is searched for good."""
        match = self._search(buffer, position)
        if match is None:
            return None, len(buffer) if final else max(position, len(buffer) - OVERLAP)
        behind = buffer[match.end() : match.end() + OVERLAP]
        if not final and len(behind) < OVERLAP and _CUT.fullmatch(behind):
            # What follows may decide whether this is the end of a document.
            return None, match.start()
        return (match.end("here") if match.lastgroup else match.start()), match.end()


# As much of an element of an array as others of it begin with.
FIRST_KEY = lazy_pattern(rb"\{\s*\"[^\"\\\n]{1,200}\"")


def _behind(before: bytes, first: bytes) -> bytes:
    """The pattern of `first` behind `before`, one byte each.

    Said in this order, because where all alternatives begin with a byte, the search passes over all others at once, in
    a third of the time.
    """
    return first + rb"(?<=" + before + first + rb")"


# JSON that begins a line.
_LINES = (_behind(rb"\n", rb"\{") + rb"\s{0,64}\"", _behind(rb"\n", rb"\[") + rb"\s{0,64}[\[{]")


def record_starts(level: LevelState | None, name: bytes) -> Resync | None:
    """Where records seem to begin in a wrapper (None: in none), the elements among them called `name`.

    A guess, since the same bytes may stand in a text; None where there is no telling.
    """
    own = (_again(re.escape(name)),) if name else ()
    if level is None:
        return Resync(*own, *_DOCUMENTS, *_LINES)
    if level.kind == "element":
        return Resync(*own, *_DOCUMENTS)
    return after_element(*level.good) if level.kind == "array" and level.good else None


def after_junk() -> Resync:
    """Between documents, where no document is open."""
    return Resync(*_DOCUMENTS, *_LINES, _behind(rb"\n", rb"<") + rb"[A-Za-z_][^<>]{0,200}>")


@lru_cache(maxsize=64)
def after_xml(name: bytes, wrapper: bytes | None) -> Resync:
    """Inside an element called `name`; `wrapper` is the name of the element around it, if any."""
    own = re.escape(name)
    if wrapper is None:
        return Resync(rb"</" + own + rb"\s{0,8}>(?P<here>)(?=" + _NEXT_DOCUMENT + rb")", _again(own), *_DOCUMENTS)
    closing = rb"</" + re.escape(wrapper) + rb"\s{0,8}>"
    following = rb"(?=\s{0,400}(?:\Z|<[^/\s]|" + closing + rb"))"
    return Resync(rb"</" + own + rb"\s{0,8}>(?P<here>)" + following, _again(own), closing, *_DOCUMENTS)


def after_json(head: bytes) -> Resync:
    """Inside a top-level JSON document that begins with `head`."""
    opening = re.match(rb"([{\[])([ \t\r]*)(\n?)", head)
    bracket, newline = (re.escape(opening[1]), opening[3]) if opening else (rb"[{\[]", b"")
    same = _behind(rb"\n", bracket) + (rb"[ \t\r]{0,64}\n" if newline else rb"[ \t]{0,64}[\"{\[]")
    return Resync(_behind(rb"[}\]]", rb"\{") + rb"\s{0,64}\"", same, *_DOCUMENTS)


def after_element(head: bytes, gap: bytes) -> Resync:
    """Inside an element of an array that begins with `head`; `gap`: the comma and the white space before it."""
    key = FIRST_KEY.match(head)
    if key is None:
        return Resync(*_DOCUMENTS, separator=_COMMA)
    start = rb"(?<=,)" + re.escape(gap.removeprefix(b",")[:200]) + rb"(?P<here>)" + re.escape(key[0]) + rb"\s{0,8}:"
    ending = rb"(?<=[\s}])\](?=\s{0,400}\Z|[ \t\r]{0,64}\n\s{0,400}[{\[<])"
    return Resync(start, ending, *_DOCUMENTS, separator=_COMMA)


def _again(own: bytes) -> bytes:
    return rb"<" + own + rb"[\s/>]"


def after_documents() -> Resync:
    """Inside a wrapper whose own members are damaged: only another document can follow."""
    return Resync(*_DOCUMENTS, _behind(rb"\n", rb"[{\[]") + rb"[ \t]{0,64}[\"{\n]")
