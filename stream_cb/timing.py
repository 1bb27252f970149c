"""One way of reading inputs, run once and timed: by which lanes, what it took, and the most memory it needed.

In: inputs that can be read again. Out: a `Timing`. What is timed is the loop from the first byte to the last, learning
included; the start of Python and the imports are not. A run stops once it has read so many bytes.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from time import perf_counter, process_time
from typing import Literal, NamedTuple

import msgspec

from stream_cb.errors import InputError
from stream_cb.events import EventDecoder, Notes
from stream_cb.inputs import Source, open_sources
from stream_cb.lanes import CountedDecoder, PlainDecoder
from stream_cb.model import EVERYTHING, DeadLetter, Decoder, ReadOptions, SinkOptions
from stream_cb.pipeline import Loop, RunOptions
from stream_cb.sinks import open_sink
from stream_cb.tally import Tally
from stream_cb.tap import Tap


class Way(NamedTuple):
    """How records are taken: by which reader, and what becomes of each."""

    meaning: str
    reader: str = "framed"
    becomes: Literal["line", "event", "plain event", "payload", "nothing"] = "plain event"


# All but the last write JSON Lines, to nowhere.
WAYS = {
    "convert": Way("as `convert` does it: every lane", becomes="line"),
    "events": Way("every lane that makes events, as for a table or read_events", becomes="event"),
    "parsers": Way("no lane: lxml or msgspec reads each record, then it is decoded"),
    "untyped": Way("a parser reads each record, nothing is decoded", becomes="payload"),
    "iterparse": Way("--reader iterparse: lxml reads it all as one document", "iterparse"),
    "ijson": Way("--reader ijson: ijson reads it all", "ijson"),
    "read": Way("bytes read and inflated, nothing else", becomes="nothing"),
}


class KindCount(msgspec.Struct, frozen=True):
    """How many events of a kind a lane has made."""

    kind: str
    lane: str
    events: int


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """One run of one way. seconds: by the clock; cpu_seconds: of its process. bytes: decompressed.

    is_whole: they are all that the inputs hold. refusal: why a reader of single documents could not go on; what it had
    read by then is of no interest.
    """

    seconds: float
    cpu_seconds: float
    bytes: int
    peak_rss_bytes: int
    is_whole: bool = True
    records: int = 0
    events: int = 0
    dead_letters: int = 0
    input_errors: list[str] = []
    refusal: str = ""
    lane_records: dict[str, int] = {}
    kinds: list[KindCount] = []


def time_once(name: str, inputs: Sequence[str], max_bytes: int, *, is_counted: bool = False) -> Timing:
    """One run of a way, in this process. is_counted: count what each lane takes, which costs time of its own."""
    way = WAYS[name]
    sources = open_sources(inputs, limits=ReadOptions().limits)
    if way.becomes == "nothing":
        return _read_only(sources, max_bytes)
    notes = Notes()
    decoder = _decoder(way, notes)
    counted = CountedDecoder(decoder, notes) if decoder and is_counted else None
    tally = Tally(notes)
    stopper = _Stopper(max_bytes, is_single=way.reader != "framed")
    sink = open_sink(os.devnull, to="jsonl", options=SinkOptions())
    loop = Loop([sink], RunOptions(read=ReadOptions(reader=way.reader)), counted or decoder, tally)
    loop.observer = stopper
    began, cpu_began = perf_counter(), process_time()
    loop.read_all(sources)
    sink.close()
    return Timing(
        seconds=perf_counter() - began,
        cpu_seconds=process_time() - cpu_began,
        bytes=tally.covered_bytes,
        peak_rss_bytes=_peak_rss_bytes(),
        is_whole=not (tally.stopped or tally.input_errors),
        records=tally.records,
        events=tally.events,
        dead_letters=tally.dead_letters,
        input_errors=tally.input_errors,
        refusal=stopper.refusal,
        lane_records=dict(counted.records) if counted else {},
        kinds=[KindCount(*key, count) for key, count in counted.kinds.most_common()] if counted else [],
    )


def _decoder(way: Way, notes: Notes) -> Decoder | None:
    if way.becomes == "payload":
        return None
    decoder = EventDecoder(notes, selection=EVERYTHING if way.becomes == "line" else None)
    return PlainDecoder(decoder) if way.becomes == "plain event" else decoder


def _read_only(sources: Iterable[Source | InputError], max_bytes: int) -> Timing:
    size = 0
    began, cpu_began = perf_counter(), process_time()
    for source in sources:
        if isinstance(source, Source):
            tap = Tap(source.stream)
            while size + tap.position < max_bytes and tap.read(ReadOptions().chunk_bytes):
                pass
            size += tap.position
    return Timing(
        seconds=perf_counter() - began,
        cpu_seconds=process_time() - cpu_began,
        bytes=size,
        peak_rss_bytes=_peak_rss_bytes(),
    )


class _Stopper:
    """Ends a run that has read enough, or whose reader of single documents has met something else.

    A record that is merely no event ends nothing.
    """

    def __init__(self, max_bytes: int, *, is_single: bool) -> None:
        self._max_bytes = max_bytes
        self._is_single = is_single
        self.refusal = ""

    def dead_letter(self, letter: DeadLetter, /) -> None:
        if self._is_single and letter.reason != "EventError":
            self.refusal = self.refusal or letter.detail

    def input_error(self, error: InputError, /) -> None: ...

    def progress(self, _source: Source, tally: Tally, /) -> None:
        if self.refusal or tally.covered_bytes >= self._max_bytes:
            tally.stopped = "enough was read"


def _peak_rss_bytes() -> int:
    """Of this process. What getrusage tells on Linux counts in the process that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
