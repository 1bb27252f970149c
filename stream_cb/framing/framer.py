"""chunks → frames: the buffer, the levels of nesting around records, and what happens to damaged bytes.

In: chunks, cut anywhere. Out: frames in input order, each with its parsed payload or with what is wrong with it.
Every byte fed lies in exactly one frame or between frames (white space, separators, tags of wrappers).
A record's end is guessed with one search, and the parser verifies the guess: an element or object is never a proper
prefix of another one, so a guess that parses is the record, and one that does not costs time but no record.
Holds one record (up to `Limits.max_record_bytes`) and one chunk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from stream_cb.framing.damaged import PATIENCE_BYTES, Damaged, TooDeep
from stream_cb.framing.frames import Frame, Parsers, Stretch
from stream_cb.framing.resync import OVERLAP, Resync
from stream_cb.places import LevelState
from stream_cb.runs import Span

# Made when damage is met, since most records need none.
ResyncMaker = Callable[[], Resync]


class Level(Protocol):
    """What surrounds the records at this point: the stream itself, a wrapper element, an array, an object."""

    def step(self, framer: Framer) -> bool:
        """Use the bytes at the framer's position; False when there are too few, or none left."""

    def state(self) -> LevelState | None:
        """What `open_framer` makes this level of again; None for the outermost one, and where that cannot be."""


class _Damage:
    """A damaged region that is being left: where it began, why, and the bytes kept of it."""

    def __init__(self, offset: int, reason: str, detail: str, resync: Resync, format: str) -> None:
        self.offset = offset
        self.reason = reason
        self.detail = detail
        self.resync = resync
        self.format = format
        self.kept = bytearray()
        self.length = 0
        self.searched = 1
        self._tail = b""

    def keep(self, region: bytes, limit: int) -> None:
        """Count more bytes, and keep them up to the limit."""
        self.kept += region[: max(0, limit - len(self.kept))]
        self.length += len(region)
        self._tail = (self._tail + region)[-OVERLAP:]

    def trim(self) -> None:
        """Leave off what stands between this region and the record behind it."""
        behind = self.resync.separator.search(self._tail)
        if behind:
            self.length -= len(self._tail) - behind.start()
            del self.kept[self.length :]


class Framer:
    """See the module. `feed` and `close` answer the frames that became complete; `covered` is how far they reach.

    buffer, position, final: what the levels work on. hint and scanner: their progress inside an unfinished record.
    with_spans: see `Parsers`; may be changed between chunks.
    """

    def __init__(self, levels: list[Level], parsers: Parsers, *, max_record_bytes: int) -> None:
        self.buffer = b""
        self.position = 0
        self.final = False
        self.parsers = parsers
        self.with_spans = parsers.with_spans
        self.levels = levels
        self.hint = 0
        self.scanner: Any = None
        self._searched = 0
        # Where no plan has taken anything, nor would before there is more in the buffer.
        self._refused = -1
        self._base = 0
        self.max_record_bytes = max_record_bytes
        self._damage: _Damage | None = None
        self._frames: list[Frame | Stretch] = []

    @property
    def covered(self) -> int:
        """Position in the stream up to which every byte lies in or between the frames answered so far."""
        return self._damage.offset if self._damage else self._base + self.position

    def states(self) -> tuple[LevelState, ...] | None:
        """The wrappers around the place up to which everything is covered; None where they cannot be told."""
        found = [level.state() for level in self.levels[1:]]
        if self._damage or None in found:
            return None
        return tuple(state for state in found if state)

    @property
    def is_lost(self) -> bool:
        """Whether a damaged region is being left."""
        return self._damage is not None

    def begin_at(self, offset: int, before: bytes) -> None:
        """What is fed first stands at `offset` of the stream, behind the bytes `before`."""
        self._base, self.buffer, self.position = offset - len(before), before, len(before)

    def feed(self, chunk: bytes) -> list[Frame | Stretch]:
        """Take the next bytes of the stream; the frames they complete."""
        # One byte is kept before the position: patterns look at what a record follows.
        cut = max(0, self.position - 1)
        self.buffer = self.buffer[cut:] + chunk
        self._base += cut
        self.position -= cut
        self._refused = -1
        return self._run()

    def close(self) -> list[Frame | Stretch]:
        """The stream has ended; the remaining frames."""
        self.final = True
        return self._run()

    def _run(self) -> list[Frame | Stretch]:
        while self._resync() if self._damage else self.levels[-1].step(self):
            pass
        frames, self._frames = self._frames, []
        return frames

    def skip_to(self, position: int) -> bool:
        """The bytes up to `position` lie between records."""
        self.position = position
        self.hint = 0
        self.scanner = None
        self._searched = 0
        return True

    def emit(self, end: int, format: str, name: str, payload: Any) -> bool:
        """The bytes from the framer's position to `end` are a sound record."""
        start = self.position
        if end - start > self.max_record_bytes:
            return self.reject(end, format, "LimitError", self._limit_detail())
        frame = Frame(self.buffer[start:end], self._base + start, end - start, format, name, payload, "", "")
        self._frames.append(frame)
        return self.skip_to(end)

    def take(self, start: int, end: int, format: str, name: str, payload: Any) -> bool:
        """As `emit`, for one of a run of records; `skip_to` follows behind the last. False if it is too long."""
        if end - start > self.max_record_bytes:
            return False
        if self.parsers.gives_lists:
            spans = [(start, end - start)] * len(payload) if self.with_spans else []
            self._stretch(payload, 1, end - start, spans)
        else:
            raw = self.buffer[start:end]
            self._frames.append(Frame(raw, self._base + start, end - start, format, name, payload, "", ""))
        return True

    def take_run(self, start: int, ways: int) -> int:
        """Take the records that can be had in one step from `start` on; where they end. ways: see `runs`."""
        run = self.parsers.run if start != self._refused else None
        found = run(self.buffer, start, self.max_record_bytes, ways, with_spans=self.with_spans) if run else None
        if found is None or not found.results:
            self._refused = start
            return start
        self._stretch(found.results, found.records, found.record_bytes, found.spans)
        return found.end

    def _stretch(self, payloads: list[Any], records: int, length: int, spans: list[Span]) -> None:
        spans = [(self._base + start, size) for start, size in spans]
        last = self._frames[-1] if self._frames else None
        if isinstance(last, Stretch):
            last.payloads += payloads
            last.spans += spans
            last.records += records
            last.length += length
        else:
            self._frames.append(Stretch(list(payloads), records, length, spans))

    def reject(self, end: int, format: str, reason: str, detail: str) -> bool:
        """The bytes from the framer's position to `end` are a bad record that ends where it should."""
        start = self.position
        raw = self.buffer[start : min(end, start + self.max_record_bytes)]
        self._frames.append(Frame(raw, self._base + start, end - start, format, "", None, reason, detail))
        return self.skip_to(end)

    def _limit_detail(self) -> str:
        return f"record is longer than max_record_bytes ({self.max_record_bytes})"

    def lost(self, damaged: Damaged, resync: ResyncMaker, format: str, head: int = 0) -> bool:
        """The record at the framer's position is damaged and its end unknown: go on where `resync` says.

        head: where in the buffer the record's own beginning ends, so that it is not taken for another one's.
        """
        start = self._base + self.position
        is_too_deep = isinstance(damaged, TooDeep)
        if is_too_deep:
            head = damaged.at
        detail = damaged.detail
        if damaged.at != self.position:
            detail += f" (byte {self._base + damaged.at})"
        self._damage = _Damage(start, "LimitError" if is_too_deep else "FramingError", detail, resync(), format)
        self._damage.searched = max(1, head - self.position)
        return True

    def wait(self, resync: ResyncMaker, format: str) -> bool:
        """More bytes are needed; past the limit on a record the search for the next one begins instead."""
        if self.final or len(self.buffer) - self.position <= self.max_record_bytes:
            return False
        start = self._base + self.position
        self._damage = _Damage(start, "LimitError", self._limit_detail(), resync(), format)
        return True

    def be_patient(self, resync: ResyncMaker, format: str, head: int) -> bool:
        """As `wait`, but past PATIENCE_BYTES not if another record seems to begin inside, behind `head`."""
        if len(self.buffer) - self.position > PATIENCE_BYTES:
            found, searched = resync().find(self.buffer, max(head, self.position + self._searched), final=False)
            if found is not None:
                return self.lost(Damaged("not closed before the next record begins", found), resync, format, head)
            self._searched = searched - self.position
        return self.wait(resync, format)

    def push(self, level: Level, position: int) -> bool:
        """What follows `position` is inside a wrapper."""
        self.levels.append(level)
        return self.skip_to(position)

    def pop(self, position: int) -> bool:
        """The innermost wrapper ends at `position`."""
        self.levels.pop()
        return self.skip_to(position)

    def pop_unclosed(self, detail: str, format: str) -> bool:
        """The innermost wrapper was never closed: an empty dead letter says so, and reading goes on around it."""
        self.reject(self.position, format, "FramingError", detail)
        return self.pop(self.position)

    def _resync(self) -> bool:
        damage = self._damage
        assert damage is not None
        found, searched = damage.resync.find(self.buffer, self.position + damage.searched, final=self.final)
        end = searched if found is None else found
        if found is None and not self.final and end - self.position <= self.max_record_bytes:
            damage.searched = end - self.position
            return False
        region = self.buffer[self.position : end]
        self.skip_to(end)
        damage.searched = 0
        if found is None and not self.final:
            damage.keep(region, self.max_record_bytes)
            return False
        damage.keep(region, self.max_record_bytes)
        damage.trim()
        self._damage = None
        length = damage.length
        raw = bytes(damage.kept)
        self._frames.append(Frame(raw, damage.offset, length, damage.format, "", None, damage.reason, damage.detail))
        return True

    def where(self, position: int) -> int:
        """Byte position in the stream of a position in the buffer."""
        return self._base + position
