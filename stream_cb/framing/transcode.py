"""UTF-16 in, UTF-8 out, with the way back to the original positions.

A lone surrogate passes through (as bytes that no parser accepts), so that it costs its record and not the stream.
"""

from __future__ import annotations

import codecs
from collections import deque

_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_UNMARKED = {start + b"\0": "utf-16-le" for start in (b"<", b"{", b"[")} | {
    b"\0" + start: "utf-16-be" for start in (b"<", b"{", b"[")
}
# Stands for a code unit that the end of the stream cuts off.
_CUT = "\ufffd"


def wide_encoding(head: bytes) -> tuple[str, int] | None:
    """Codec and length of the byte order mark of a stream that begins with `head`; None for one of single bytes."""
    if head[:2] in _MARKS:
        return _MARKS[head[:2]], 2
    return (_UNMARKED[head[:2]], 0) if head[:2] in _UNMARKED else None


class Transcoder:
    """Turns chunks of a wide encoding into UTF-8 and answers where a UTF-8 position lies in the original.

    Holds the chunks that `original` has not passed yet. `mark` is the length of the byte order mark in bytes.
    """

    def __init__(self, encoding: str, mark: int) -> None:
        self.encoding = encoding
        self._skip = mark
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
        self._cut = b""
        self._pending: deque[bytes] = deque()
        self._passed = 0
        self._original = mark

    def feed(self, chunk: bytes, *, final: bool = False) -> bytes:
        """The next chunk as UTF-8. A code unit cut off by the end of the stream becomes U+FFFD."""
        chunk, self._skip = chunk[self._skip :], max(0, self._skip - len(chunk))
        try:
            text = self._decoder.decode(chunk, final)
        except UnicodeDecodeError:
            self._cut = self._decoder.getstate()[0]
            text = _CUT
        utf8 = text.encode("utf-8", "surrogatepass")
        if utf8:
            self._pending.append(utf8)
        return utf8

    def original(self, position: int) -> int:
        """Position in the original bytes of a UTF-8 position that is on a character boundary and never goes back."""
        while self._passed < position and self._pending:
            chunk = self._pending.popleft()
            wanted = position - self._passed
            if len(chunk) > wanted:
                self._pending.appendleft(chunk[wanted:])
                chunk = chunk[:wanted]
            self._passed += len(chunk)
            self._original += len(self.restore(chunk))
        return self._original

    def restore(self, utf8: bytes) -> bytes:
        """The original bytes of a piece of UTF-8 that `feed` gave."""
        if self._cut and utf8.endswith(_CUT.encode()):
            return self.restore(utf8[: -len(_CUT.encode())]) + self._cut
        return utf8.decode("utf-8", "surrogatepass").encode(self.encoding, "surrogatepass")
