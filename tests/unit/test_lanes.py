"""The decoders of those who measure: the same answers, counted, or without lanes."""

from __future__ import annotations

from io import BytesIO

import pytest

from stream_cb.events import EventDecoder, Notes
from stream_cb.events.encode import to_lines
from stream_cb.generate import generate
from stream_cb.lanes import LANES, CountedDecoder, PlainDecoder
from stream_cb.model import EVERYTHING, Decoder, ReadOptions, Selection
from stream_cb.readers.framed import read_framed


def lines_of(log: bytes, decoder: Decoder) -> bytes:
    blocks = read_framed(BytesIO(log), "a.log", ReadOptions(chunk_bytes=4096), decoder)
    return b"".join(to_lines(block.results) for block in blocks)


@pytest.mark.parametrize("selection", [EVERYTHING, (("JobId",),), None], ids=["lines", "narrow lines", "events"])
@pytest.mark.parametrize("layout", ["xml", "xml-batch", "ndjson", "mixed"])
def test_a_counted_decoder_changes_nothing_and_counts_everything(layout: str, selection: Selection | None) -> None:
    log = b"".join(generate(layout=layout, count=300, seed=5))
    expected = lines_of(log, EventDecoder(Notes(), selection=selection))
    notes = Notes()
    counted = CountedDecoder(EventDecoder(notes, selection=selection), notes)
    assert lines_of(log, counted) == expected
    assert sum(counted.records.values()) == 300
    assert sum(counted.kinds.values()) == expected.count(b"\n")
    assert set(counted.records) <= set(LANES)
    assert {lane for _, lane in counted.kinds} == {lane for lane, count in counted.records.items() if count}


def test_a_plain_decoder_gives_the_same_events_by_parsers_alone() -> None:
    log = b"".join(generate(layout="mixed", count=300, seed=6))
    notes = Notes()
    counted = CountedDecoder(PlainDecoder(EventDecoder(notes)), notes)
    assert lines_of(log, counted) == lines_of(log, EventDecoder(Notes()))
    assert set(counted.records) == {"lxml + decode", "msgspec + decode"}
