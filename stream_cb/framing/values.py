"""JSON: one value as a record, or many at one go."""

from __future__ import annotations

from collections.abc import Callable

from stream_cb.framing.damaged import Damaged
from stream_cb.framing.framer import Framer, ResyncMaker
from stream_cb.framing.json_syntax import ValueScanner
from stream_cb.patterns import lazy_pattern
from stream_cb.runs import COMMAS, JSON

# How far a guess looks for a record's last bytes; past it the value is scanned bracket by bracket.
_REACH_BYTES = 64 * 1024

# Where a value ends that begins at a position, given what stands before it; -1 where the guess finds nothing.
Guess = Callable[[bytes, int, bytes], int]

# Where this many values in a row were guessed wrong, only every so many-th is guessed at all.
_MAX_MISSES = 32

_HEAD = lazy_pattern(rb"[{\[]\s*(?:\"[^\"\\\n]{0,64}\")?")


class Values:
    """How values are framed at one level.

    A value's end is guessed in the way that was right last time: `_line` (it ends where its line ends), `_closing`
    (a line that is its closing bracket, indented as its first line is), `_seam` (the bytes that ended it begin the
    next one as this one began). The parser verifies; where no guess is right, the brackets are counted.
    """

    def __init__(self) -> None:
        self._guesses = [self._line, self._closing, self._seam]
        self._misses = 0

    def frame(self, framer: Framer, gap: bytes, resync: ResyncMaker) -> bool:
        """Frame the value at the framer's position; `gap` is what stands between it and the value before."""
        buffer, start = framer.buffer, framer.position
        taken = framer.take_run(start, _ways(gap))
        if taken > start:
            return framer.skip_to(taken)
        if framer.scanner is None:
            if buffer[start] in b"{[" and self._guess(framer, gap):
                return True
            framer.scanner = ValueScanner()
        return self._scan(framer, resync)

    def _scan(self, framer: Framer, resync: ResyncMaker) -> bool:
        """Frame the value by its brackets."""
        buffer, start = framer.buffer, framer.position
        try:
            end = framer.scanner.scan(buffer, start, final=framer.final)
        except Damaged as damaged:
            return framer.lost(damaged, resync, "json")
        if end is None:
            return framer.be_patient(resync, "json", start + 1)
        try:
            name, payload = framer.parsers.json(buffer[start:end])
        except framer.parsers.error as error:
            # The zero byte stands for whatever follows, which may not be there yet.
            found, _ = resync().find(buffer[start:end] + b"\0", 1, final=True)
            is_word = buffer[start] not in b"{[" and not isinstance(error, framer.parsers.refusal)
            if is_word or found is not None:
                return framer.lost(Damaged(str(error), start), resync, "json")
            return framer.reject(end, "json", type(error).__name__, str(error))
        return framer.emit(end, "json", name, payload)

    def _guess(self, framer: Framer, gap: bytes) -> bool:
        buffer, start = framer.buffer, framer.position
        self._misses += 1
        if self._misses > _MAX_MISSES and self._misses % _MAX_MISSES:
            return False
        for rank, guess in enumerate(self._guesses):
            end = guess(buffer, start, gap)
            if end < 0:
                continue
            try:
                name, payload = framer.parsers.json(buffer[start:end])
            except framer.parsers.error:
                continue
            self._misses = 0
            if rank:
                self._guesses.insert(0, self._guesses.pop(rank))
            framer.emit(end, "json", name, payload)
            return self._run(framer, guess, gap, _head(buffer, start))
        return False

    def _run(self, framer: Framer, guess: Guess, gap: bytes, head: bytes) -> bool:
        """Frame the values that follow as this one did, behind `gap`, as long as they begin like it and parse."""
        buffer, end = framer.buffer, framer.position
        opening = gap + head
        parse = framer.parsers.json
        ways = _ways(gap)
        while buffer.startswith(opening, end):
            start = end + len(gap)
            stop = framer.take_run(start, ways)
            if stop > start:
                end = stop
                continue
            stop = guess(buffer, start, gap)
            if stop < 0:
                break
            try:
                name, payload = parse(buffer[start:stop])
            except framer.parsers.error:
                break
            if not framer.take(start, stop, "json", name, payload):
                break
            end = stop
        return framer.skip_to(end)

    @staticmethod
    def _line(buffer: bytes, start: int, gap: bytes) -> int:  # noqa: ARG004  (one signature for all guesses)
        end = buffer.find(b"\n", start)
        if end < 0:
            return -1
        while buffer[end - 1] in b" \t\r,":
            end -= 1
        return end if end - start > 1 and buffer[end - 1] in b"}]" else -1

    @staticmethod
    def _closing(buffer: bytes, start: int, gap: bytes) -> int:
        first = buffer.find(b"\n", start)
        if first < 0 or buffer[first - 1] in b"}]":
            return -1
        line = b"\n" + gap.rpartition(b"\n")[2] + (b"}" if buffer[start] == 0x7B else b"]")
        at = buffer.find(line, start, start + _REACH_BYTES)
        return at + len(line) if at >= 0 else -1

    @staticmethod
    def _seam(buffer: bytes, start: int, gap: bytes) -> int:
        at = buffer.find(b"}" + gap + _head(buffer, start), start, start + _REACH_BYTES)
        return at + 1 if at >= 0 else -1


def _ways(gap: bytes) -> int:
    return JSON | COMMAS if b"," in gap else JSON


def _head(buffer: bytes, start: int) -> bytes:
    """How the object or array at `start` begins: its bracket, and its first key or text if that is short."""
    head = _HEAD.match(buffer, start)
    return head[0] if head else b""
