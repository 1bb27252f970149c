"""The steps of a conversion, one by one and in this process: `pytest benchmarks --benchmark-enable`.

Each is given what the step before it made of the same 500 records, so that their times add up to nearly a whole run.
"""

from __future__ import annotations

import io
from functools import partial
from typing import Any

import msgspec
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from stream_cb import generate
from stream_cb.errors import EventError, RecordError
from stream_cb.events import Event, EventDecoder, Notes, TaskFinish, encode_lines
from stream_cb.events.matchers import PURE, chosen_matcher
from stream_cb.framing import Frame, Parsers, Stretch, XmlContext, open_framer
from stream_cb.limits import Limits
from stream_cb.model import EVERYTHING, ReadOptions, Record
from stream_cb.readers.framed import read_framed
from stream_cb.readers.json_payload import parse_json
from stream_cb.readers.xml_payload import parse_xml
from stream_cb.runs import DECLARED, JSON, XML

RECORDS = 500
OPTIONS = ReadOptions()
FRAMED = ("xml", "xml-batch", "ndjson", "json-array", "pretty")
PARSED = ("xml", "ndjson")


def log_of(layout: str) -> bytes:
    return b"".join(generate.generate(layout=layout, count=RECORDS, tags=("StreamExtract",)))


def records_of(layout: str) -> list[Record]:
    blocks = read_framed(io.BytesIO(log_of(layout)), layout, OPTIONS)
    return [result for block in blocks for result in block.results if isinstance(result, Record)]


def decoder_of_a_run() -> EventDecoder:
    return EventDecoder(Notes(strict=False))


def decode_all(records: list[Record]) -> list[Event]:
    decode = decoder_of_a_run().decode
    return [event for record in records for event in decode(record.name, record.payload)]


@pytest.mark.parametrize("layout", FRAMED)
def test_framing(benchmark: BenchmarkFixture, layout: str) -> None:
    """Finding the records, with parsers that agree to every guess; right for sound logs of one kind of record."""
    parsers = Parsers(
        xml=lambda _raw, _context: ("", None),
        json=lambda _raw: ("", None),
        error=RecordError,
        refusal=EventError,
    )
    log = log_of(layout)

    def frame() -> list[Frame | Stretch]:
        framer = open_framer(parsers, max_record_bytes=OPTIONS.limits.max_record_bytes)
        size = OPTIONS.chunk_bytes
        found = [frame for start in range(0, len(log), size) for frame in framer.feed(log[start : start + size])]
        return found + framer.close()

    assert len(benchmark(frame)) == RECORDS


@pytest.mark.parametrize("layout", PARSED)
def test_parsing(benchmark: BenchmarkFixture, layout: str) -> None:
    """Bytes of one record to dicts, lists and text."""
    raws = [record.raw for record in records_of(layout)]
    context = XmlContext()
    parse: Any = partial(parse_json, limits=Limits())
    if layout == "xml":
        parse = partial(parse_xml, context=context, limits=Limits())
    assert len(benchmark(lambda: [parse(raw) for raw in raws])) == RECORDS


@pytest.mark.parametrize("layout", PARSED)
def test_decoding(benchmark: BenchmarkFixture, layout: str) -> None:
    """Payloads to typed events."""
    records = records_of(layout)
    assert len(benchmark(decode_all, records)) == RECORDS


def test_decoding_bytes(benchmark: BenchmarkFixture) -> None:
    """Bytes of one JSON record straight to typed events, where no plan takes it."""
    raws = [record.raw for record in records_of("json")]
    decode = decoder_of_a_run().from_json
    assert len(benchmark(lambda: [decode(raw) for raw in raws])) == RECORDS


@pytest.mark.parametrize("layout", PARSED)
def test_encoding(benchmark: BenchmarkFixture, layout: str) -> None:
    """Typed events to JSON Lines."""
    events = decode_all(records_of(layout))
    assert benchmark(encode_lines, events).count(b"\n") == RECORDS


@pytest.mark.parametrize("layout", FRAMED)
def test_reading(benchmark: BenchmarkFixture, layout: str) -> None:
    """Bytes of a log to typed events, all that a run does but for writing."""
    log = log_of(layout)

    def read() -> int:
        decoder = decoder_of_a_run()
        return sum(len(block.results) for block in read_framed(io.BytesIO(log), layout, OPTIONS, decoder))

    assert benchmark(read) == RECORDS


@pytest.mark.parametrize("layout", ["xml", "json"])
@pytest.mark.parametrize("matcher", ["compiled", "pure"])
def test_lines(benchmark: BenchmarkFixture, layout: str, matcher: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records straight to their lines, by either matcher, once the plan is there."""
    monkeypatch.setenv(PURE, "" if matcher == "compiled" else "1")
    if matcher == "compiled" and not chosen_matcher().is_compiled:
        pytest.skip("the compiled matcher was not built")
    log = log_of(layout)
    decoder = EventDecoder(Notes(strict=False), selection=EVERYTHING)
    list(read_framed(io.BytesIO(log), layout, OPTIONS, decoder))
    run, ways = decoder.run, XML | DECLARED if layout == "xml" else JSON
    assert run is not None

    def lines() -> int:
        return len(run(log, 0, OPTIONS.limits.max_record_bytes, ways).results)

    assert benchmark(lines) == RECORDS


@pytest.mark.parametrize("kind", ["jobs", "TaskFinish/StreamExtract"])
@pytest.mark.parametrize("way", ["block", "fitted", "dicts"])
def test_batches(benchmark: BenchmarkFixture, kind: str, way: str) -> None:
    """Lines to Arrow columns: as a block by Arrow's parser, each made to fit before, and as a peer by way of dicts."""
    pa = pytest.importorskip("pyarrow")
    from stream_cb.arrow import Batcher, schema_of, table_of
    from stream_cb.arrow.blocks import BlockParser

    schema, table = schema_of(kind), table_of(kind)
    events = decode_all(records_of("ndjson"))
    jobs = [event for event in events if isinstance(event, TaskFinish)]
    lines = encode_lines(events).splitlines(keepends=True)
    batcher = Batcher(schema, table, max_rows=RECORDS, max_bytes=1 << 30)

    def by_block() -> int:
        return int((batcher.add(lines) + batcher.flush())[0].num_rows)

    def by_fitting() -> int:
        fitted = BlockParser(schema, table)
        for line in lines:
            batcher.add_line(*fitted.fitted(msgspec.json.decode(line)))
        return int(batcher.flush()[0].num_rows)

    def by_dicts() -> int:
        # The times of an event are its own; pyarrow takes no text for one.
        rows = [msgspec.json.decode(line) for line in lines]
        for row, event in zip(rows, jobs, strict=True):
            row |= {"CreationTime": event.creation_time, "StartTime": event.start_time, "EndTime": event.end_time}
        return len(pa.array(rows, table))

    assert benchmark({"block": by_block, "fitted": by_fitting, "dicts": by_dicts}[way]) == RECORDS
