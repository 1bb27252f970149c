"""The values that pass between the layers, and the protocols that readers and sinks fulfil.

Frozen msgspec Structs with next to no behaviour, so that any layer may hold them. Offsets and lengths are bytes of
the decompressed source, counted from 0; an index is an ordinal from 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, Protocol

import msgspec

from stream_cb.limits import Limits
from stream_cb.places import Place
from stream_cb.runs import Runner, Span

Format = Literal["xml", "json"]


class ReadOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a stream is read into records.

    reader: a row of `stream_cb.readers.READERS`.
    format: None finds it by the bytes; "xml" or "json" refuses the other one.
    record_path: names of elements or object keys from the root to the record, outermost first; empty: found.
    chunk_bytes: size of one read, in bytes; 256 KiB is where more stopped paying on the machines measured.
    with_spans: each block tells where the records of its results lie, which takes a few percent longer.
    """

    reader: str = "framed"
    format: Format | None = None
    record_path: tuple[str, ...] = ()
    limits: Limits = Limits()
    chunk_bytes: int = 256 * 1024
    with_spans: bool = False


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One callback, parsed, untyped.

    payload: the document as dicts, lists, str, int, bool, None, and Decimal for fractions (no digit is lost).
        Of XML: an element with children is a dict, a repeated child a list, a leaf its text to the byte; an
        attribute is "@name", text beside children "#text". Names are written as in the document, prefix and all.
    name: the root element's name; "" for JSON, which has none.
    offset, length: where the record lies, in bytes; None from a reader that cannot tell.
    raw: the record's own bytes, for dead letters that later layers find; b"" from a reader that has not kept them.
    """

    payload: Any
    format: Format
    source: str
    index: int
    name: str = ""
    offset: int | None = None
    length: int | None = None
    raw: bytes = b""


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A record that failed: what is wrong with it, where it lies, and its bytes.

    reason: the class of the error ("FramingError", "ParseError", "EventError", "LimitError").
    detail: a sentence for a person.
    raw: the bytes; at most `Limits.max_record_bytes` of them, while `length` is the full length.
    """

    source: str
    index: int
    reason: str
    detail: str
    offset: int | None = None
    length: int | None = None
    raw: bytes = b""

    @property
    def sha256(self) -> str:
        """Hex digest of `raw`."""
        from hashlib import sha256

        return sha256(self.raw).hexdigest()

    def __str__(self) -> str:
        at = "" if self.offset is None else f" at byte {self.offset}"
        return f"{self.source}: record {self.index}{at}: {self.detail}"


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader found in one read, in input order, and how far it has come.

    results: events, or Records where nothing decodes them. dead: the bad records; `places[n]` results stand before
        dead[n].
    records: how many records this block accounts for, bad ones too.
    record_bytes, dead_bytes: what they cover; None where the reader knows no positions.
    begin, end: the source is covered between these bytes: each lies in one of the records, or between them (white
        space, separators, a wrapper's own tags).
    place: where reading can be taken up again behind this block, with `end` as its offset; None: not there.
    spans: for each result, where its record lies; None if the options do not ask, or the reader knows no positions.
    """

    results: list[Any]
    dead: list[DeadLetter]
    places: list[int]
    records: int
    record_bytes: int | None
    dead_bytes: int
    begin: int
    end: int
    place: Place | None = None
    spans: list[Span] | None = None


class ByteStream(Protocol):
    """What a reader reads: `read(n)` gives 1 to n bytes, as soon as some are there, and b"" at the end only."""

    def read(self, size: int, /) -> bytes: ...


class Decoder(Protocol):
    """A record → what the user gets. Pure but for counts it keeps.

    decode: from a root name ("" for JSON) and a payload; raises EventError. raw: the record's bytes, if they mean the
        same on their own, so that the decoder can learn how such a record is written.
    run: what records become that can be had without a parser: what `decode` would answer, or its JSON line. None:
        nothing can be had so.
    from_json: straight from bytes that are one value and that no run takes, or None for "decode a payload instead"; it
        never raises.
    """

    @property
    def run(self) -> Runner | None: ...
    def decode(self, name: str, payload: Any, raw: bytes = b"", /) -> list[Any]: ...
    def from_json(self, raw: bytes, /) -> list[Any] | None: ...


class Reader(Protocol):
    """stream → blocks of Records, or of what a decoder makes of them.

    Never closes the stream. Holds one chunk and one record. Raises only what the stream raises.
    """

    def __call__(
        self, stream: ByteStream, source: str, options: ReadOptions, decoder: Decoder | None = None, /
    ) -> Iterator[Block]: ...


# Paths of documented names, with everything below them: what somebody looks at. The empty path is all there is.
Selection = tuple[tuple[str, ...], ...]
EVERYTHING: Selection = ((),)


class Row(msgspec.Struct, frozen=True):
    """What a line may be in the place of an object: an array, `["text", …, [value], …]` and a line feed.

    cells: paths of single values, each as a text; "" where there is nothing. values: paths of any value, each in a list
    of its own, which is empty where there is nothing, and with no more of it than is selected.
    """

    cells: Selection
    values: Selection


class Output(Protocol):
    """Where a sink's bytes go: a file that appears whole, or stdout.

    is_continued: it holds what an earlier run has written, and this one goes on behind that.
    """

    name: str
    is_continued: bool

    def write(self, chunk: bytes, /) -> None: ...
    def flush(self) -> None: ...
    def commit(self) -> int: ...
    def close(self) -> None: ...
    def abort(self) -> None: ...


class Sink(Protocol):
    """events → bytes. Every method raises SinkError when the output refuses.

    write_batch: take these events, in this order; they may stay in memory until `flush` or `commit`.
    flush: hand on what was taken, so that whoever reads the output sees it (a pipe); no durability.
    commit: all taken events are durable; the answer is the output's position in bytes.
    close: commit, and let the output appear under its own name. A second call does nothing.
    abort: leave nothing of an unfinished file behind. Does nothing after `close`.
    A sink with the attribute `selection` may be given an event as its JSON line, ended by a line feed, and the line
    need have no more than that; see `Selection`. If it has a `row`, too, the line may be such a `Row`. One with an
    `encode` of its own may be given what that answered, by `write_encoded`; see `EncodingSink`.
    """

    name: str

    def write_batch(self, events: Sequence[Any], /) -> None: ...
    def flush(self) -> None: ...
    def commit(self) -> int: ...
    def close(self) -> None: ...
    def abort(self) -> None: ...


class EncodingSink(Sink, Protocol):
    """A sink whose work can be done elsewhere: `write_encoded(encode(events))` is `write_batch(events)`.

    encode: events → bytes. Pure, and can be pickled. If it has a method `pack`, that puts such bytes together, which
        are joined else.
    """

    encode: Callable[[Sequence[Any]], bytes]

    def write_encoded(self, encoded: bytes, /) -> None: ...


class SinkOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a sink may be told. columns and explode are paths of documented names ("Operation.Output.Bucket").

    spreadsheet_safe: a cell of a table that a spreadsheet would take for a formula gets an apostrophe in front.
    partition_by: columns by whose values the rows go into folders, or days of times: "Tag", "date(CreationTime)".
    schema: the type of the events, if it is the user's own; `convert` sets it.
    """

    columns: tuple[str, ...] = ()
    explode: str | None = None
    spreadsheet_safe: bool = False
    partition_by: tuple[str, ...] = ()
    schema: type[msgspec.Struct] | None = None


SinkFactory = Callable[[Output, SinkOptions], Sink]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to every record and every byte of a run; see `problems` for the balance.

    events = written + duplicates. kinds: events by "EventName" or "EventName/Tag".
    unknown_fields, misfits: fields that no type describes, and values that do not fit theirs, by path.
    repeated_keys: of JSON, keys that stood in one object once more, by name; the last one was kept. Counted where the
    reader knows a record's bytes.
    record_bytes + dead_bytes + between_bytes = bytes_read, where between are white space, separators and the
    tags of wrappers. elapsed_seconds is wall time.
    stopped: why the run ended before its inputs did, or "".
    """

    sources: int = 0
    records: int = 0
    events: int = 0
    event_records: int = 0
    dead_letters: int = 0
    duplicates: int = 0
    written: int = 0
    bytes_read: int = 0
    record_bytes: int = 0
    dead_bytes: int = 0
    between_bytes: int = 0
    elapsed_seconds: float = 0.0
    kinds: dict[str, int] = {}
    unknown_fields: dict[str, int] = {}
    misfits: dict[str, int] = {}
    repeated_keys: dict[str, int] = {}
    input_errors: list[str] = []
    outputs: dict[str, int] = {}
    stopped: str = ""

    @property
    def problems(self) -> list[str]:
        """Where the balance fails; empty when nothing went missing. A stopped run owes no bytes."""
        found = []
        if self.records != self.event_records + self.dead_letters:
            found.append(f"{self.records} records are not {self.event_records} + {self.dead_letters} dead letters")
        if self.events != self.written + self.duplicates:
            found.append(f"{self.events} events are not {self.written} written + {self.duplicates} duplicates")
        covered = self.record_bytes + self.dead_bytes + self.between_bytes
        if not self.stopped and covered != self.bytes_read:
            found.append(f"{self.bytes_read} bytes were read, {covered} are covered")
        return found
