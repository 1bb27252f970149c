"""Where a JSON value begins and ends, by the bytes alone.

In: a buffer and a position. Out: positions. Nothing here decides whether a value is well-formed; a parser does.
"""

from __future__ import annotations

from stream_cb.framing.damaged import MAX_OPEN, Damaged
from stream_cb.framing.scanner import Scanner
from stream_cb.patterns import lazy_pattern

_STRING = rb"\"(?>[^\"\\\n]++|\\[^\n])*+\""
_TO_BRACKET = lazy_pattern(rb"(?>[^\"{}\[\]]++|" + _STRING + rb")*+([{}\[\]])")
_WORD = lazy_pattern(rb"[^\s,\]}\[{\"<]+")
_STRINGS = lazy_pattern(rb"(?>[^\"{}\[\]]++|" + _STRING + rb")*+")
_STRING_BODY = lazy_pattern(rb"(?>[^\"\\\n]++|\\[^\n])*+")
MEMBER = lazy_pattern(rb"\s*(\"(?>[^\"\\\n]++|\\[^\n])*+\")\s*:\s*(?=\S)")
_CUT_MEMBER = lazy_pattern(rb"\s*(?:\"(?:(?>[^\"\\\n]++|\\[^\n])*+(?:\\|\"\s*:?\s*)?)?)?\Z")
_PAIR = {0x5D: 0x5B, 0x7D: 0x7B}


class ValueScanner(Scanner):
    """Finds the exact end of one value by its brackets and strings, in as many steps as the buffer grows.

    Positions are relative to the value's start. However the value is cut, no byte is read more than twice: a step
    goes on where the last one stopped, inside a string if need be. Holds one byte per open bracket. Damage is a bracket
    that closes nothing or opens where no value can stand, and a string that a line end cuts.
    """

    what = "brackets"

    def __init__(self) -> None:
        super().__init__()
        self._open = bytearray()
        self._in_string = False
        self._string_at = 0

    def _scan(self, buffer: bytes, start: int, *, final: bool) -> int | None:
        if not self._done and buffer[start] not in b"{[":
            if buffer[start] != 0x22:
                return _scan_word(buffer, start, final=final)
            self._done, self._in_string = 1, True
        if self._in_string:
            end = self._leave_string(buffer, start)
            if end is None:
                self._stop(buffer, final=final)
                return None
            if not self._open:
                return end
        return self._scan_brackets(buffer, start, final=final)

    def _scan_brackets(self, buffer: bytes, start: int, *, final: bool) -> int | None:
        stack = self._open
        position = start + self._done
        while token := _TO_BRACKET.match(buffer, position):
            position = token.end()
            bracket = buffer[position - 1]
            if bracket in b"{[":
                if (
                    stack
                    and not self._deeper
                    and _before(buffer, position - 1) not in (b":" if stack[-1] == 0x7B else b"[,")
                ):
                    raise Damaged(f"{chr(bracket)!r} where no value can stand", position - 1)
                if len(stack) < MAX_OPEN:
                    stack.append(bracket)
                else:
                    self._deeper += 1
                continue
            if self._deeper:
                self._deeper -= 1
                continue
            if stack.pop() != _PAIR[bracket]:
                raise Damaged(f"{chr(bracket)!r} closes the wrong bracket", position - 1)
            if not stack:
                return position
        self._pause(buffer, start, position, final=final)
        return None

    def _pause(self, buffer: bytes, start: int, position: int, *, final: bool) -> None:
        """No bracket after `position`: keep what is behind whole strings, and whether a string has begun."""
        whole = _STRINGS.match(buffer, position)
        at = whole.end() if whole else position
        self._done = at - start
        if at < len(buffer):
            self._string_at = self._done
            self._done += 1
            self._in_string = True
            self._leave_string(buffer, start)
        self._stop(buffer, final=final)

    def _leave_string(self, buffer: bytes, start: int) -> int | None:
        """Behind the string that was begun; None when the buffer ends inside it."""
        body = _STRING_BODY.match(buffer, start + self._done)
        end = body.end() if body else start + self._done
        self._done = end - start
        if buffer[end : end + 1] == b'"':
            self._in_string = False
            self._done += 1
            return end + 1
        if end < len(buffer) and buffer[end:] != b"\\":
            raise Damaged("a string is not closed on its line", start + self._string_at)
        return None

    def _stop(self, buffer: bytes, *, final: bool) -> None:
        if final:
            what = "a string" if self._in_string else "an object" if self._open[-1] == 0x7B else "an array"
            raise Damaged(f"{what} is never closed", len(buffer))


def _before(buffer: bytes, position: int) -> bytes:
    """The last byte before `position` that is not white space."""
    if buffer[position - 1] > 0x20:
        return buffer[position - 1 : position]
    return buffer[max(0, position - 4096) : position].rstrip()[-1:]


def _scan_word(buffer: bytes, start: int, *, final: bool) -> int | None:
    """End of the number or word at `start`; None when the buffer ends first."""
    word = _WORD.match(buffer, start)
    if word is None:
        raise Damaged("expected a value", start)
    return word.end() if final or word.end() < len(buffer) else None


def next_member(buffer: bytes, position: int, *, final: bool) -> tuple[bytes, int] | None:
    """The key (quotes included) at `position` and where its value starts; None when the buffer ends first."""
    member = MEMBER.match(buffer, position)
    if member:
        return member[1], member.end()
    if not final and _CUT_MEMBER.match(buffer, position):
        return None
    raise Damaged("expected a key", position)
