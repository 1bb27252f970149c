"""The outermost level: documents of XML and JSON in one stream, in any order and any layout."""

from __future__ import annotations

from stream_cb.framing.damaged import Damaged
from stream_cb.framing.elements import Elements
from stream_cb.framing.framer import Framer
from stream_cb.framing.frames import XmlContext
from stream_cb.framing.json_syntax import MEMBER, ValueScanner
from stream_cb.framing.resync import after_json, after_junk
from stream_cb.framing.values import Values
from stream_cb.framing.wrappers import enter
from stream_cb.patterns import lazy_pattern
from stream_cb.runs import DECLARED, JSON, XML

# White space, byte order marks, and the record separator of RFC 7464.
_BETWEEN = lazy_pattern(rb"(?>[ \t\r\n\x1e]++|\xef\xbb\xbf)*+")
_CUT_MARK = lazy_pattern(rb"\xef\xbb?\Z")

# Keys that a callback has at its top and a wrapping object has not.
_CALLBACK_KEYS = (b"EventName", b"JobsDetail", b"WorkflowExecution", b"code", b"message", b"data")
_CALLBACK = lazy_pattern(rb"\{\s*\"(?:" + b"|".join(_CALLBACK_KEYS) + rb")\"\s*:")
# An array that only callbacks begin like; any list of errors has objects with a "code".
_CALLBACKS = lazy_pattern(
    rb"\[\s*\{\s*\"(?:(?:EventName|JobsDetail|WorkflowExecution)\"\s*:"
    rb"|code\"\s*:\s*-?[0-9]+\s*,\s*\"(?:data\"\s*:\s*\{|message\"\s*:\s*\"[^\"\\\n]*+\"\s*,\s*\"data\"\s*:\s*\{))"
)
_COMMA = lazy_pattern(rb"\s*,")
# What an object's last byte is followed by, if anything is to come of what follows.
_END = lazy_pattern(rb"\}\s*+(?:[^,\]}]|\Z)")
# How far into an object its array of callbacks may begin.
_LOOKAHEAD_BYTES = 64 * 1024


class Documents:
    """See the module. `format` refuses documents of the other one; `path` names where in a document records are."""

    def __init__(self, format: str | None, path: tuple[bytes, ...], encoding: str = "") -> None:
        self._format = format
        self._path = path
        self._elements = Elements(path, XmlContext(encoding))
        self._values = Values()
        self._gap = b""
        self._is_mixed = format is None and not path and not encoding

    def state(self) -> None:
        return None

    def step(self, framer: Framer) -> bool:
        """Frame or enter the document at the framer's position."""
        if self._is_mixed:
            self._take(framer)
        buffer = framer.buffer
        between = _BETWEEN.match(buffer, framer.position)
        position = between.end() if between else framer.position
        if position > framer.position:
            self._gap = buffer[framer.position : position]
            framer.skip_to(position)
        if position == len(buffer) or (not framer.final and _CUT_MARK.match(buffer, position)):
            return False
        byte = buffer[position]
        if byte == 0x3C and self._format != "json":
            return self._elements.step(framer)
        if byte in b"{[" and self._format != "xml":
            return self._value(framer)
        expected = {"xml": "XML", "json": "JSON"}.get(self._format or "", "XML or JSON")
        return framer.lost(Damaged(f"expected {expected}", position), after_junk, "")

    def _take(self, framer: Framer) -> None:
        """Take the documents of both formats that can be had in one step from the framer's position on."""
        buffer, end = framer.buffer, framer.position
        while between := _BETWEEN.match(buffer, end):
            stop = framer.take_run(between.end(), XML | DECLARED | JSON)
            if stop == between.end():
                break
            end = stop
        if end > framer.position:
            self._gap = b""
            framer.skip_to(end)

    def _value(self, framer: Framer) -> bool:
        buffer, position = framer.buffer, framer.position
        if buffer[position] == 0x5B or self._path:
            return enter(framer, position, self._path)
        is_new = framer.scanner is None or len(buffer) - position <= _LOOKAHEAD_BYTES
        if is_new and not _CALLBACK.match(buffer, position):
            key = wrapping_key(buffer, position)
            if key:
                return enter(framer, position, (key,))
        if self._is_cut(framer):
            return False
        gap, self._gap = self._gap, b""
        moved = self._values.frame(framer, gap, lambda: after_json(buffer[position : position + 512]))
        if framer.position == position:
            self._gap = gap
        return moved

    @staticmethod
    def _is_cut(framer: Framer) -> bool:
        """Whether the object at the framer's position goes on behind the buffer, for certain.

        Its brackets need not be counted then. To count them costs as much as a plan needs for ten records.
        """
        buffer, position = framer.buffer, framer.position
        size = len(buffer) - position
        is_open = size <= min(_LOOKAHEAD_BYTES, framer.max_record_bytes) and not framer.final
        return is_open and _END.search(buffer, position) is None


def wrapping_key(buffer: bytes, start: int) -> bytes | None:
    """The key of the array of callbacks in the object at `start`; None if it has none, as far as the buffer shows."""
    if MEMBER.match(buffer, start + 1) is None:
        return None
    found = _CALLBACKS.search(buffer, start, _end_of_search(buffer, start))
    position = start + 1
    while found and position <= found.start():
        member = MEMBER.match(buffer, position)
        if member is None or member[1][1:-1] in _CALLBACK_KEYS:
            return None
        if member.end() == found.start():
            return member[1][1:-1]
        comma = _COMMA.match(buffer, _end_of_value(buffer, member.end()))
        if comma is None:
            return None
        position = comma.end()
    return None


def _end_of_search(buffer: bytes, start: int) -> int:
    """How far an object at `start` needs to be searched: it ends with its line, or where the next one begins."""
    limit = start + _LOOKAHEAD_BYTES
    line = buffer.find(b"\n", start, limit)
    if line > start and buffer[start:line].rstrip().endswith((b"}", b"]")):
        return line
    seam = buffer.find(b"}{", start, limit)
    return seam + 1 if seam >= 0 and _end_of_value(buffer, start) == seam + 1 else limit


def _end_of_value(buffer: bytes, start: int) -> int:
    """End of the value at `start`; the buffer's, if it is damaged or cut off."""
    try:
        end = ValueScanner().scan(buffer, start, final=False)
    except Damaged:
        end = None
    return len(buffer) if end is None else end
