"""JSON: the levels inside a wrapping array or object."""

from __future__ import annotations

from functools import partial
from typing import Literal

from stream_cb.framing.damaged import Damaged
from stream_cb.framing.framer import Framer, Level, ResyncMaker
from stream_cb.framing.json_syntax import ValueScanner, next_member
from stream_cb.framing.resync import DOCUMENT_START, FIRST_KEY, OVERLAP, after_documents, after_element
from stream_cb.framing.values import Values
from stream_cb.patterns import lazy_pattern
from stream_cb.places import LevelState

_SPACE = lazy_pattern(rb"[ \t\r\n]*+")


def _skip_value(framer: Framer, position: int) -> int | None:
    """End of the value at `position`, which is no record; None when the buffer ends first."""
    if framer.scanner is None:
        framer.scanner = ValueScanner()
    end: int | None = framer.scanner.scan(framer.buffer, position, final=framer.final)
    if end is not None:
        framer.scanner = None
    return end


def enter(framer: Framer, position: int, path: tuple[bytes, ...]) -> bool:
    """Go inside the array or object at `position`; `path` is what is left of the path to the records."""
    opened_at = framer.where(position)
    inside: Level = ObjectLevel(path, opened_at) if framer.buffer[position] == 0x7B else ArrayLevel(path, opened_at)
    return framer.push(inside, position + 1)


class _Wrapper:
    """What an array and an object that wrap records share: white space, commas, and their end."""

    kind: Literal["array", "object"]
    closing = b""
    # A document that begins its line ends the wrapper, if this is what it expects.
    over_at_documents: tuple[str, ...] = ("after",)

    def __init__(self, path: tuple[bytes, ...], opened_at: int) -> None:
        self._path = path
        self._opened_at = opened_at
        self._gap = b""
        self._expects = "first"
        self._good: tuple[bytes, bytes] | None = None

    def state(self) -> LevelState:
        return LevelState(
            kind=self.kind,
            opened_at=self._opened_at,
            path=self._path,
            gap=self._gap,
            expects=self._expects,
            good=self._good,
        )

    def resume(self, state: LevelState) -> None:
        """Stand where that state was taken."""
        self._gap, self._expects, self._good = state.gap, state.expects, state.good

    def step(self, framer: Framer) -> bool:
        space = _SPACE.match(framer.buffer, framer.position)
        position = space.end() if space else framer.position
        if position > framer.position and self._expects != "after":
            self._gap += framer.buffer[framer.position : position]
        if position > framer.position:
            framer.skip_to(position)
        if position == len(framer.buffer):
            return self._unclosed(framer) if framer.final else False
        byte = framer.buffer[position : position + 1]
        if byte == self.closing:
            return self._close(framer, position)
        is_over = self._expects in self.over_at_documents and DOCUMENT_START.match(framer.buffer, position)
        if byte in b"<\x1e" or is_over:
            return self._unclosed(framer)
        if self._expects in ("after", "resumed") and byte == b",":
            self._expects, self._gap = "value", b","
            return framer.skip_to(position + 1)
        return self._missed(framer, position) if self._expects == "after" else self._inside(framer, position)

    def _missed(self, framer: Framer, position: int) -> bool:
        """No comma stands where one should."""
        byte = framer.buffer[position : position + 1]
        if byte == b"{" and not framer.final and len(framer.buffer) - position < OVERLAP:
            return False  # the next bytes tell whether another document begins here
        if byte not in b'{["':
            self._expects = "resumed"
            return framer.lost(Damaged(f"expected ',' or {self.closing!r}", position), self._resync(framer), "json")
        framer.reject(position, "json", "FramingError", "expected ',' before the next value")
        self._expects = "value"
        return self._inside(framer, position)

    def _inside(self, framer: Framer, position: int) -> bool:
        raise NotImplementedError

    def _resync(self, framer: Framer) -> ResyncMaker:  # noqa: ARG002  (arrays look at the bytes)
        return after_documents

    def _close(self, framer: Framer, position: int) -> bool:
        if self._expects == "value":
            framer.reject(position, "json", "FramingError", f"a comma before the end of an {self.kind}")
        return framer.pop(position + 1)

    def _unclosed(self, framer: Framer) -> bool:
        return framer.pop_unclosed(f"the {self.kind} of byte {self._opened_at} is never closed", "json")


class ArrayLevel(_Wrapper):
    """Inside an array whose elements are records, or lead to them by `path`."""

    kind = "array"
    closing = b"]"

    def __init__(self, path: tuple[bytes, ...], opened_at: int) -> None:
        super().__init__(path, opened_at)
        self._values = Values()

    def _resync(self, framer: Framer) -> ResyncMaker:
        return partial(after_element, *(self._good or (_head(framer), self._gap)))

    def _inside(self, framer: Framer, position: int) -> bool:
        if self._path and framer.buffer[position] in b"{[":
            self._expects = "after"
            return enter(framer, position, self._path)
        before, head = framer.position, _head(framer)
        # A run of elements goes on behind commas only, whatever stood before its first one.
        gap = self._gap if self._gap.startswith(b",") else b"," + self._gap
        moved = self._values.frame(framer, gap, self._resync(framer))
        if framer.position > before:
            self._expects = "after"
            self._good = head, self._gap
        elif framer.is_lost:
            self._expects = "resumed"
        return moved


class ObjectLevel(_Wrapper):
    """Inside an object in which the key path[0] holds the records, or leads to them by the rest of the path."""

    kind = "object"
    closing = b"}"
    over_at_documents = ("after", "resumed")

    def _inside(self, framer: Framer, position: int) -> bool:
        if self._expects == "resumed" and framer.buffer[position] in b"{[":
            return self._unclosed(framer)  # a member begins with a key, so this is the next document
        try:
            member = next_member(framer.buffer, position, final=framer.final)
            if member is None:
                return framer.be_patient(after_documents, "json", position + 1)
            key, at = member
            if key != b'"%s"' % self._path[0]:
                return self._skip(framer, at)
        except Damaged as damaged:
            self._expects = "resumed"
            return framer.lost(damaged, after_documents, "json")
        self._expects = "after"
        rest = self._path[1:]
        if framer.buffer[at] == 0x5B or (rest and framer.buffer[at] == 0x7B):
            return enter(framer, at, rest)
        framer.push(ValueLevel(), at)
        return True

    def _skip(self, framer: Framer, at: int) -> bool:
        end = _skip_value(framer, at)
        if end is None:
            return framer.be_patient(after_documents, "json", at)
        self._expects = "after"
        return framer.skip_to(end)


def _head(framer: Framer) -> bytes:
    """How the value at the framer's position begins, as far as `after_element` looks at it."""
    head = FIRST_KEY.match(framer.buffer, framer.position)
    return head[0] if head else b""


class ValueLevel:
    """One value that is itself the record, at the end of a path."""

    def state(self) -> None:
        return None

    def step(self, framer: Framer) -> bool:
        before = framer.position
        moved = Values().frame(framer, b"", after_documents)
        if framer.position > before:
            framer.levels.remove(self)
        return moved
