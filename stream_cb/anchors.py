"""Any place of a plain file → the next one where a record begins for certain.

In: a file that can be read here and there, as bytes. Out: places. That a reading from the file's beginning would stand
there is proved, never guessed; where nothing can be proved there is no anchor, and whoever reads goes on to the next.
Holds `reach` bytes on both sides of a place, and one look.

The proof. A record that holds the beginning of another one (in a CDATA section, a comment, a string, or as a child) is
given up unless it ends within PATIENCE_BYTES and one chunk: that is `reach`. A damaged region ends where a document
begins, at the latest. So a reading that comes from before stands exactly at the beginning of a document, if nothing
that began within `reach` before it can hold it:

- an XML declaration with its quotes: no element and no string can hold it, so only a section, a comment, an
  instruction or a DOCTYPE that is still open. It ends all wrappers.
- `{"EventName":"TaskFinish"` at the start of a line, and another one behind a sound value: no string has a line feed,
  and where the byte before it ends a value, no array or object can go on with it. It may lie in the text of an element
  or a section, so there must be none open. The first of the two ends most wrappers, the second one all.
- `<Response>`, as the first thing on its line, or on a line without quotes: no string then holds it, and there must be
  no element or section open. It tells nothing of the wrappers: those of the file's head are around it, if no byte
  between can have changed that, for which these bytes are searched. It is looked for only in files whose head has
  neither of the other two.

What is in an array of JSON is proved by nothing but its beginning: an array is read where it begins.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

from stream_cb.framing import CALLBACK, NAME, OVERLAP, PATIENCE_BYTES, QUOTED, RECORD_ELEMENT
from stream_cb.heads import Head
from stream_cb.inputs import Ranges, read_whole
from stream_cb.model import ReadOptions
from stream_cb.patterns import lazy_pattern
from stream_cb.places import Place

_LOOK_BYTES = 256 * 1024
# What a tag, or a '<' that is none, needs to be recognised; a longer one makes its neighbourhood uncertain.
_TAIL_BYTES = 128 * 1024
# Fewer than the brackets past which scanning stops to look for damage.
_MAX_OPEN_BRACKETS = 900

_TOKEN = lazy_pattern(
    rb"<(?:/(?P<ended>" + NAME + rb")\s*+>"
    rb"|(?P<begun>" + NAME + rb")(?P<attributes>[^<>\"']*+(?>" + QUOTED + rb"[^<>\"']*+)*+)>"
    rb"|\?xml\s++(?P<declared>[^<>?]*+)\?>"
    rb"|(?P<section>[!?])"
    rb"|(?P<broken>[^<>]*+(?=<)))"
    rb"|\n(?P<callback>)(?=" + CALLBACK + rb")"
    rb"|<"
)
_VERSION = lazy_pattern(rb"version\s*=\s*\"1\.\d\"")
_ENDED = lazy_pattern(rb"</(" + NAME + rb")")
_DECLARATION = lazy_pattern(rb"<\?xml\s++" + _VERSION.pattern + rb"[^<>?]*+\?>")
_SECTIONS = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}
_OTHER_SECTION = lazy_pattern(rb"<!(?!--|\[CDATA\[)")
_RECORD = b"<" + RECORD_ELEMENT + b">"
_CHAIN = lazy_pattern(
    rb"(?>\s*+"
    + _RECORD
    + rb"(?>[^<]++|<(?!/?"
    + RECORD_ELEMENT
    + rb"[\s/>]|[!?]))*+</"
    + RECORD_ELEMENT
    + rb">)*+\s*+"
)
_CALLBACK_LINE = lazy_pattern(rb"\n" + CALLBACK)


class Anchor(NamedTuple):
    """A place where a record begins. is_presumed: its wrappers are not proved."""

    place: Place
    is_presumed: bool = False


class Anchors:
    """The anchors of one file. The same question has the same answer, however the file grows.

    size: what is behind is not looked at. options: with which it is read. known: the place whose wrappers are presumed.
    """

    def __init__(self, file: Ranges, size: int, options: ReadOptions, *, head: Head, known: Place) -> None:
        self._file = file
        self._size = size
        self.reach = PATIENCE_BYTES + options.chunk_bytes + 2 * OVERLAP
        self._levels = known.levels
        has_others = b"<?xml" in head.raw[5:] or _CALLBACK_LINE.search(head.raw) is not None
        is_element = len(self._levels) == 1 and self._levels[0].kind == "element"
        self._has_elements = head.place is not None and (is_element or (not self._levels and not has_others))

    def first(self, begin: int, end: int) -> Anchor | None:
        """An anchor from `begin` on and before `end`; the first, as far as it is easily found. Raises OSError."""
        base = max(0, begin - self.reach - _TAIL_BYTES)
        # At once, since of an object each read is a request.
        near = self.read(base, begin + _LOOK_BYTES + self.reach - base)
        return (
            self._declared(near, base, begin, end)
            or self._chained(near, base, begin, end)
            or self._searched(near, base, begin, end)
        )

    def read(self, offset: int, length: int) -> bytes:
        return read_whole(self._file, offset, min(length, self._size - offset))

    def is_held(self, buffer: bytes, at: int) -> bool:
        """Whether a section that began within reach may still be open."""
        begin = max(0, at - self.reach)
        if _OTHER_SECTION.search(buffer, begin, at):
            return True
        for opener, closer in _SECTIONS.items():
            opened = buffer.rfind(opener, begin, at)
            if opened >= 0 and buffer.find(closer, opened + len(opener), at) < 0:
                return True
        return False

    def _declared(self, near: bytes, base: int, begin: int, end: int) -> Anchor | None:
        for found in _DECLARATION.finditer(near, begin - base, end - base):
            if not self.is_held(near, found.start()):
                return Anchor(Place(offset=base + found.start()))
        return None

    def _chained(self, near: bytes, base: int, begin: int, end: int) -> Anchor | None:
        """An element, if all within reach before it is in such elements, none of which holds anything uncommon."""
        at = near.find(_RECORD, begin - base, end - base) if self._has_elements else -1
        start = near.find(_RECORD, 0, max(0, at - self.reach) + len(_RECORD)) if at >= 0 and base else -1
        if start < 0 or _CHAIN.fullmatch(near, start, at) is None or b'"' in near[near.rfind(b"\n", 0, at) + 1 : at]:
            return None
        return self.element_at(base + at)

    def _searched(self, near: bytes, base: int, begin: int, end: int) -> Anchor | None:
        """The first anchor of any kind."""
        search, chunk = _Search(self, base, begin), near
        while True:
            found = search.look(chunk)
            if found is not None:
                return found if found.place.offset < end else None
            if not chunk or search.base + search.at >= end:
                return None
            chunk = self.read(search.base + len(search.buffer), self.reach)

    def element_at(self, offset: int) -> Anchor | None:
        """What an element that begins for certain is."""
        return Anchor(Place(offset=offset, levels=self._levels), is_presumed=True) if self._has_elements else None


class _Search:
    """One pass over the bytes from `base` on: what is open, up to where nothing is certain, and the first anchor."""

    def __init__(self, anchors: Anchors, base: int, begin: int) -> None:
        self._anchors = anchors
        self._begin = begin
        self.buffer = b""
        self.base = base
        self.at = 0
        self._uncertain = base + anchors.reach if base else 0
        self._open: list[tuple[bytes, int]] = []
        self._callback: tuple[int, set[bytes] | None] | None = None

    def look(self, chunk: bytes) -> Anchor | None:
        """Take more bytes, b"" at the end; the first anchor, if it lies in what was taken so far."""
        cut = max(0, self.at - self._anchors.reach - _TAIL_BYTES)
        self.buffer = self.buffer[cut:] + chunk
        self.base += cut
        self.at -= cut
        self._open = [one for one in self._open if one[1] >= self.base]
        limit = len(self.buffer) - (self._anchors.reach if chunk else 0)
        for token in _TOKEN.finditer(self.buffer, self.at):
            if token.start() >= limit:
                break
            self.at = token.end()
            found = self._take(token)
            if found:
                return found
        self.at = max(self.at, limit, 0)
        return None

    def _take(self, token: re.Match[bytes]) -> Anchor | None:
        position = self.base + token.start()
        if token.end() - token.start() > _TAIL_BYTES:
            self._doubt(position)
            return None
        match token.lastgroup:
            case "ended":
                if self._open and self._open[-1][0] == token["ended"]:
                    self._open.pop()
                else:
                    self._open.clear()  # whatever holds this is not well-formed
            case "attributes":
                return self._begun(token, position)
            case "declared":
                self._open.clear()
                is_held = self._anchors.is_held(self.buffer, token.start())
                if position >= self._begin and not is_held and _VERSION.match(token["declared"]):
                    return Anchor(Place(offset=position))
            case "callback":
                return self._called(position + 1)
            case "broken":
                self._open.clear()
            case _:
                self._doubt(position)
        return None

    def _begun(self, token: re.Match[bytes], position: int) -> Anchor | None:
        name = token["begun"]
        if name == RECORD_ELEMENT and position >= self._begin and self._is_free(position, self._young(position)):
            before = self.buffer[max(0, token.start() - self._anchors.reach) : token.start()]
            # Behind a declaration, the element is not where its document begins.
            is_first = b'"' not in before.rpartition(b"\n")[2] and before[-OVERLAP:].strip()[-2:] not in (b"", b"?>")
            found = self._anchors.element_at(position) if is_first else None
            if found:
                return found
        if not token["attributes"].endswith(b"/"):
            self._open.append((name, position))
        return None

    def _called(self, position: int) -> Anchor | None:
        """A callback of JSON at the start of a line: an anchor, if another one stands before it, and is sound."""
        first, self._callback = self._callback, (position, self._young(position))
        if first is None or position - first[0] > self._anchors.reach or position < self._begin:
            return None
        is_sound = self._is_free(*first) and is_sound_callback(
            self.buffer, first[0] - self.base, position - self.base, self._anchors.reach
        )
        return Anchor(Place(offset=position)) if is_sound else None

    def _young(self, position: int) -> set[bytes] | None:
        """The names of the open elements that began within reach; None if there may be others."""
        if position < self._uncertain:
            return None
        begin = position - self._anchors.reach
        return {name for name, opened in reversed(self._open) if opened >= begin}

    def _is_free(self, position: int, names: set[bytes] | None) -> bool:
        """Whether none of the elements that are open at a position ends within reach, and no section is open."""
        if not names:
            return names is not None
        at = position - self.base
        return names.isdisjoint(_ENDED.findall(self.buffer, at, at + self._anchors.reach))

    def _doubt(self, position: int) -> None:
        """A section, an instruction, a DOCTYPE, or what cannot be told: it may be where it seems to be, or a text."""
        self._uncertain = position + self._anchors.reach


def is_sound_callback(buffer: bytes, start: int, end: int, reach: int) -> bool:
    """Whether the value between two positions is sound, and no array, object or cut-off value before it can hold it."""
    before = buffer[max(0, start - OVERLAP) : start].rstrip()[-1:]
    if before in (b"[", b"{", b",", b":") or (not before and start >= OVERLAP):
        return False
    window = buffer[max(0, start - reach) : start]
    if window.count(b"{") + window.count(b"[") - window.count(b"}") - window.count(b"]") > _MAX_OPEN_BRACKETS:
        return False
    try:
        msgspec.json.decode(buffer[start:end])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True
