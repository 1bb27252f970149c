"""Where a JSON value begins and ends, by the bytes alone.

In: a buffer and a position. Out: positions. Nothing here decides whether a value is well-formed; a parser does.
"""

from __future__ import annotations

import re

from stream_cb.framing.damaged import Damaged

_STRING = rb"\"(?:[^\"\\\n]++|\\[^\n])*+\""
_TO_BRACKET = re.compile(rb"(?:[^\"{}\[\]]++|" + _STRING + rb")*+([{}\[\]])")
_SCALAR = re.compile(rb"[^\s,\]}\[{\"<]+")
_WHOLE_STRING = re.compile(_STRING)
_CUT_STRING = re.compile(rb"\"(?:[^\"\\\n]++|\\[^\n])*+\\?\Z")
MEMBER = re.compile(rb"\s*(\"(?:[^\"\\\n]++|\\[^\n])*+\")\s*:\s*(?=\S)")
_CUT_MEMBER = re.compile(rb"\s*(?:\"(?:(?:[^\"\\\n]++|\\[^\n])*+(?:\\|\"\s*:?\s*)?)?)?\Z")
_PAIR = {0x5D: 0x5B, 0x7D: 0x7B}


class ValueScanner:
    """Finds the exact end of one value by its brackets and strings, in as many steps as the buffer grows.

    Positions are relative to the value's start. Holds one byte per open bracket.
    """

    def __init__(self) -> None:
        self._open = bytearray()
        self._done = 0

    def scan(self, buffer: bytes, start: int, *, final: bool) -> int | None:
        """End of the value that starts at `start`, or None when the buffer ends first.

        Raises Damaged at a bracket that closes nothing or opens where no value can stand, at a string that a line
        end cuts, or when the final buffer ends inside the value.
        """
        stack = self._open
        if not stack and buffer[start] not in b"{[":
            return _scan_scalar(buffer, start, final=final)
        position = start + self._done
        while True:
            token = _TO_BRACKET.match(buffer, position)
            if token is None:
                self._done = position - start
                self._stopped(buffer, position, final=final)
                return None
            position = token.end()
            bracket = buffer[position - 1]
            if bracket in b"{[":
                if stack and _before(buffer, position - 1) not in (b":" if stack[-1] == 0x7B else b"[,"):
                    raise Damaged(f"{chr(bracket)!r} where no value can stand", position - 1)
                stack.append(bracket)
                continue
            if stack.pop() != _PAIR[bracket]:
                raise Damaged(f"{chr(bracket)!r} closes the wrong bracket", position - 1)
            if not stack:
                return position

    def _stopped(self, buffer: bytes, position: int, *, final: bool) -> None:
        """No bracket after `position`: the buffer is too short, or a string is cut by a line end."""
        at = _skip_strings(buffer, position)
        if at < len(buffer) and not _CUT_STRING.match(buffer, at):
            raise Damaged("a string is not closed on its line", at)
        if final:
            raise Damaged(f"{'an object' if self._open[-1] == 0x7B else 'an array'} is never closed", len(buffer))


def _before(buffer: bytes, position: int) -> bytes:
    """The last byte before `position` that is not white space."""
    if buffer[position - 1] > 0x20:
        return buffer[position - 1 : position]
    return buffer[max(0, position - 4096) : position].rstrip()[-1:]


_STRINGS = re.compile(rb"(?:[^\"{}\[\]]++|" + _STRING + rb")*+")


def _skip_strings(buffer: bytes, position: int) -> int:
    skipped = _STRINGS.match(buffer, position)
    return skipped.end() if skipped else position


def _scan_scalar(buffer: bytes, start: int, *, final: bool) -> int | None:
    """End of the string, number or word at `start`; None when the buffer ends first."""
    if buffer[start] == 0x22:
        string = _WHOLE_STRING.match(buffer, start)
        if string:
            return string.end()
        if not final and _CUT_STRING.match(buffer, start):
            return None
        raise Damaged("a string is not closed on its line", start)
    word = _SCALAR.match(buffer, start)
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
